"""Writes of the code lists and of the authority itself."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.reference import loading
from ballast.areas.reference.models import Authority, CalendarDay, Industry, Region, Unit

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["load_reference", "set_authority"]

CALENDARS = ("plain", "cn")


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Load the data packs that ship with Ballast; the number of rows that were new or changed, a table each.

    Rows that are as shipped stay untouched and nothing is deleted, so loading again changes nothing. Rows
    that only the operator has stay.
    """
    days = loading.calendar_days()
    counts = {
        "regions": _upsert(Region, loading.regions()),
        "industries": _upsert(Industry, loading.industries()),
        "units": _upsert(Unit, loading.units()),
    }
    known = set(CalendarDay.objects.filter(calendar="cn").values_list("date", "is_off", "name"))
    changed = [day for day in days if (day.date, day.is_off, day.name) not in known]
    CalendarDay.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["calendar", "date"], update_fields=["is_off", "name"]
    )
    counts["calendar_days"] = len(changed)
    if any(counts.values()):
        record("reference.loaded", "reference data", subject_type="reference", subject_id="packs", detail=counts)
    return counts


def _upsert(model: type[models.Model], rows: list[Any]) -> int:
    """Write the rows that are new or differ, in the order given; how many."""
    fields = [field.attname for field in model._meta.concrete_fields]
    values = {tuple(row) for row in model._default_manager.values_list(*fields)}
    changed = [row for row in rows if tuple(getattr(row, name) for name in fields) not in values]
    model._default_manager.bulk_create(
        changed,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[name for name in (f.name for f in model._meta.concrete_fields) if name != "code"],
    )
    return len(changed)


@transaction.atomic
def set_authority(actor: "User | str", **fields: object) -> Authority:
    """Make or change the one authority; ValidationError names a field that is wrong or unknown.

    `actor` is an administrator, or the name of a process that the operator runs.
    """
    if not isinstance(actor, str):
        require(actor, "manage_users")
    row = Authority.objects.first() or Authority()
    for name, value in fields.items():
        if name == "id" or name not in {f.name for f in Authority._meta.concrete_fields}:
            raise ValidationError({name: _("An authority has no field {value}.").format(value=name)})
        setattr(row, name, value)
    if row.time_zone not in available_timezones():
        raise ValidationError({"time_zone": _("Unknown time zone {value}.").format(value=row.time_zone)})
    if row.calendar not in CALENDARS:
        message = _("Unknown calendar {value}: use plain or cn.").format(value=row.calendar)
        raise ValidationError({"calendar": message})
    row.full_clean()
    row.save()
    detail = {name: getattr(row, name) for name in fields}
    record("authority.set", actor, subject_type="authority", subject_id=str(row.pk), detail=detail)
    return row
