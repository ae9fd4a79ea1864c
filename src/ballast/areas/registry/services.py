"""Every change of the register: events and their ends; stocks and operating states as `reports` hands them over."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import Act, record, record_read
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import now
from ballast.areas.registry.event_scope import lane_ends, may_manage
from ballast.areas.registry.models import Enterprise, Event, Need, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ballast.areas.accounts.models import User

__all__ = [
    "change_event",
    "create_events",
    "end_event",
    "note_export",
    "record_event",
    "restore_event",
    "set_operation",
    "set_stock",
    "upsert_event",
]

_EVENT_FIELDS = ("kind", "subject", "start", "end", "capacity_left", "name", "name_zh", "case_id")
_STOCK_FIELDS = ["stock", "blocked_stock", "in_transit", "daily_use", "reported_at"]


@transaction.atomic
def upsert_event(
    event_id: str,
    *,
    acting_user: "User | str",
    kind: str,
    subject: str,
    start: dt.date,
    end: dt.date | None = None,
    capacity_left: float = 0.0,
    name: str = "",
    name_zh: str = "",
    case_id: str = "",
) -> Event:
    """The event as it now stands; the same values again change nothing.

    `acting_user` is a person with "manage_events" whose scope covers the subject, or the name of a process.
    Raises ValidationError for an unknown kind or subject, an end before the start, or a capacity outside 0 to 1.
    """
    values: dict[str, Any] = {
        "kind": kind, "subject": subject, "start": start, "end": end, "capacity_left": capacity_left,
        "name": name, "name_zh": name_zh, "case_id": case_id,
    }  # fmt: skip
    _may_touch(acting_user, kind, subject)
    _check_event(event_id, values)
    event = Event.objects.select_for_update().filter(event_id=event_id).first()
    if event is not None:
        _may_touch(acting_user, event.kind, event.subject)
    before = {key: getattr(event, key) for key in values} if event else {}
    if event is not None and before == values and event.withdrawn_at is None:
        return event
    event, _created = Event.objects.update_or_create(event_id=event_id, defaults={**values, "withdrawn_at": None})
    changes = {key: [before.get(key), value] for key, value in values.items() if before.get(key) != value}
    record("event.saved", acting_user, subject_type="event", subject_id=event_id, detail=changes)
    return event


@transaction.atomic
def create_events(rows: "Sequence[Mapping[str, Any]]") -> list[tuple[Event, Act]]:
    """New events of a process with the act that each of them is, for whoever records it beside its own.

    A row has what `upsert_event` takes; subjects have to be known and identifiers new.
    """
    events = [Event(**{name: value for name, value in row.items() if name != "acting_user"}) for row in rows]
    Event.objects.bulk_create(events, batch_size=500)
    found = []
    for event, row in zip(events, rows, strict=True):
        values = {name: getattr(event, name) for name in _EVENT_FIELDS}
        changes = {name: [None, value] for name, value in values.items() if value is not None}
        found.append((event, Act("event.saved", row["acting_user"], "event", event.event_id, detail=changes)))
    return found


@transaction.atomic
def end_event(
    event: Event, *, acting_user: "User | str", last_day: dt.date | None = None, withdraw: bool = False
) -> Event:
    """The event with its last day set, or withdrawn so that no forecast counts it any more.

    Exactly one of `last_day` and `withdraw` is given. Raises ValidationError when the last day is before the start.
    """
    if (last_day is None) == (not withdraw):
        msg = "Give either last_day or withdraw."
        raise TypeError(msg)
    event = Event.objects.select_for_update().get(pk=event.pk)
    _may_touch(acting_user, event.kind, event.subject)
    if last_day is not None and last_day < event.start:
        message = _("The last day {last} is before the first day {first}.")
        raise ValidationError({"end": message.format(last=last_day, first=event.start)})
    if (withdraw and event.withdrawn_at) or (last_day is not None and event.end == last_day):
        return event
    detail: dict[str, Any] = {"end": [event.end, last_day]} if last_day else {"withdrawn": True}
    if withdraw:
        event.withdrawn_at = now()
    else:
        event.end = last_day
    event.save(update_fields=["end", "withdrawn_at"])
    record("event.ended", acting_user, subject_type="event", subject_id=event.event_id, detail=detail)
    return event


@transaction.atomic
def record_event(
    user: "User",
    event_id: str,
    *,
    kind: str,
    subject: str,
    start: dt.date,
    end: dt.date | None,
    capacity_left: float,
    reason: str,
) -> Event:
    """The new event, as an officer records it; the same form sent twice records it once.

    Raises as `upsert_event`, and ValidationError for an empty reason or an identifier that is another event's.
    """
    values = {
        "kind": kind, "subject": subject, "start": start, "end": end, "capacity_left": capacity_left,
        "name": _reason(reason),
    }  # fmt: skip
    _may_touch(user, kind, subject)
    before = Event.objects.filter(event_id=event_id).first()
    if before is None:
        return upsert_event(event_id, acting_user=user, **values)  # type: ignore[arg-type]
    if before.withdrawn_at is None and all(getattr(before, key) == value for key, value in values.items()):
        return before
    raise ValidationError(_("This form was sent before and the event is recorded. Open a new form for another one."))


@transaction.atomic
def change_event(
    user: "User", event: Event, *, start: dt.date, end: dt.date | None, capacity_left: float, reason: str
) -> Event:
    """The event with other days, capacity or reason; a new reason stands in both languages.

    Raises as `upsert_event`, and ValidationError for an empty reason or an event that was withdrawn.
    """
    event = Event.objects.select_for_update().get(pk=event.pk)
    _may_touch(user, event.kind, event.subject)
    if event.withdrawn_at is not None:
        raise ValidationError(_("The event was withdrawn. Let it count again before you change it."))
    reason = _reason(reason)
    names = (event.name, event.name_zh) if reason == event.label else (reason, "")
    return upsert_event(
        event.event_id, acting_user=user, kind=event.kind, subject=event.subject, start=start, end=end,
        capacity_left=capacity_left, name=names[0], name_zh=names[1], case_id=event.case_id,
    )  # fmt: skip


def _reason(text: str) -> str:
    if not text.strip():
        raise ValidationError({"reason": _("Fill in this field.")})
    return text.strip()


@transaction.atomic
def restore_event(user: "User", event: Event) -> Event:
    """The event, which counts in forecasts again after it was withdrawn; one that counts stays as it is."""
    event = Event.objects.select_for_update().get(pk=event.pk)
    _may_touch(user, event.kind, event.subject)
    if event.withdrawn_at is None:
        return event
    event.withdrawn_at = None
    event.save(update_fields=["withdrawn_at"])
    record("event.restored", user, subject_type="event", subject_id=event.event_id)
    return event


def set_stock(needs: "Iterable[Need]") -> None:
    """Write the stock figures and report times that the given needs carry; only `reports` calls this."""
    written = list(needs)
    Need.objects.bulk_update(written, _STOCK_FIELDS, batch_size=500)
    Site.objects.filter(pk__in={need.site_id for need in written}).count_inputs()


def set_operation(enterprise: Enterprise, *, operation: str, reported_at: dt.datetime | None) -> None:
    """Write the operating state of an enterprise; only `reports` calls this."""
    enterprise.operation = operation
    enterprise.operation_reported_at = reported_at
    enterprise.save(update_fields=["operation", "operation_reported_at"])


@transaction.atomic
def note_export(user: "User", enterprise_ids: "Iterable[str]", what: str) -> None:
    """Refuse people who may not export; note the export of a list, and each enterprise whose data it holds."""
    require(user, "export")
    found = sorted(set(enterprise_ids))
    record("list.exported", user, subject_type="list", subject_id=what, detail={"enterprises": len(found)})
    record_read(user, found, "export")


def _check_event(event_id: str, values: dict[str, Any]) -> None:
    """Raise ValidationError with every fault of the event, by field."""
    faults: dict[str, str] = {}
    if not event_id.strip():
        faults["event_id"] = _("Give the event an identifier.")
    if values["kind"] not in Event.Kind.values:
        faults["kind"] = _("“{kind}” is not one of {kinds}.").format(
            kind=values["kind"], kinds=", ".join(Event.Kind.values)
        )
    elif not _subject_exists(values["kind"], values["subject"]):
        faults["subject"] = _("“{subject}” is not known; give the code of a {kind} of the register.").format(
            subject=values["subject"], kind=Event.Kind(values["kind"]).label
        )
    if values["end"] is not None and values["end"] < values["start"]:
        faults["end"] = _("The last day {last} is before the first day {first}.").format(
            last=values["end"], first=values["start"]
        )
    if not 0 <= values["capacity_left"] <= 1:
        faults["capacity_left"] = _("The capacity that is left is {value}; give a share from 0 to 1.").format(
            value=values["capacity_left"]
        )
    if faults:
        raise ValidationError(faults)


def _subject_exists(kind: str, subject: str) -> bool:
    if kind == Event.Kind.SITE:
        return Site.objects.filter(site_id=subject).exists()
    if kind == Event.Kind.REGION:
        return Region.objects.filter(code=subject).exists()
    if kind == Event.Kind.PRODUCT:
        return Product.objects.filter(code=subject).exists()
    if subject.count(">") != 1:
        return False
    known = Region.objects.filter
    return all(known(code=s).exists() or Site.objects.filter(site_id=s).exists() for s in lane_ends(subject))


def _may_touch(acting_user: "User | str", kind: str, subject: str) -> None:
    """Raise NotAllowedError unless the person manages events where this one is; a process may."""
    if isinstance(acting_user, str):
        return
    require(acting_user, "manage_events")
    if not may_manage(acting_user, kind, subject):
        raise NotAllowedError(subject)
