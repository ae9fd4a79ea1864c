"""Writes of the code lists and of the authority itself."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.reference import loading
from ballast.areas.reference.calendars import calendar_names, calendars, read_calendar
from ballast.areas.reference.events import calendar_loaded
from ballast.areas.reference.models import Authority, Industry, Region, Unit, WorkingCalendar
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["load_calendar", "load_reference", "set_authority"]


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Load the data packs that ship with Ballast; the number of rows that were new or changed, a table each.

    Rows that are as shipped stay untouched and nothing is deleted, so loading again changes nothing. Rows
    that only the operator has stay.
    """
    counts = {
        "regions": _upsert(Region, loading.regions()),
        "industries": _upsert(Industry, loading.industries()),
        "units": _upsert(Unit, loading.units()),
    }
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
    if row.calendar not in (known := calendar_names()):
        message = _("There is no calendar “{value}”; use one of {known}, or load your own first.").format(
            value=row.calendar, known=", ".join(known)
        )
        raise ValidationError({"calendar": message})
    row.full_clean()
    row.save()
    detail = {name: getattr(row, name) for name in fields}
    record("authority.set", actor, subject_type="authority", subject_id=str(row.pk), detail=detail)
    return row


@transaction.atomic
def load_calendar(actor: "User | str", text: str) -> WorkingCalendar | None:
    """Keep a version of a working calendar, from TOML, and take it for every case that is not over.

    The same file again changes nothing and gives None. Raises ValidationError with every fault of the file, and for a
    version that is there with other contents. `actor` is an administrator, or the name of a process of the operator.
    """
    if not isinstance(actor, str):
        require(actor, "load_tables")
    name, version, content = read_calendar(text)
    for known in (calendars().get(name), WorkingCalendar.objects.filter(name=name, version=version).first()):
        if known is None or known.version != version:
            continue
        if known.content == content:
            return None
        message = _(
            "Calendar {name} has a version “{version}” already, with other contents; give this one a new version."
        )
        raise ValidationError({"calendar": message.format(name=name, version=version)})
    row = WorkingCalendar.objects.create(name=name, version=version, since=now(), content=content)
    record(
        "calendar.loaded", actor, subject_type="calendar", subject_id=f"{name} {version}", detail={"content": content}
    )
    calendar_loaded.send(WorkingCalendar, name=name)
    return row
