"""The event that a case is about: made when it is filed, ended when it is confirmed, held again when it is not."""

from typing import TYPE_CHECKING, Any

from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.registry.models import Event
from ballast.areas.registry.services import create_events, end_event, upsert_event

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from ballast.areas.audit.services import Act
    from ballast.areas.cases.models import Case

__all__ = ["hold", "hold_again", "hold_all", "hold_as_before", "release", "set_capacity_left"]

# An enterprise's word ends what holds one site or one lane; a closed region is lifted by officers only.
_ENDED_BY_CASE = (Event.Kind.SITE, Event.Kind.LANE)


def hold(case: "Case", *, start: "dt.date", capacity_left: float) -> Event | None:
    """The new event of a case that was just filed; None for kinds that hold nothing until an officer says what."""
    terms = _terms(case, start, capacity_left)
    return upsert_event(**terms) if terms else None


def hold_all(cases: "Sequence[Case]", *, start: "dt.date", capacity_left: "Sequence[float]") -> "dict[str, Act]":
    """Give each of the new cases its event, all at once; by the case's number the act that this is for the audit."""
    given = {case.number: _terms(case, start, left) for case, left in zip(cases, capacity_left, strict=True)}
    terms = {number: found for number, found in given.items() if found}
    wanted = [found["event_id"] for found in terms.values()]
    # An identifier of that form may have come with a table.
    known = set(Event.objects.filter(event_id__in=wanted).values_list("event_id", flat=True))
    fresh = [found for found in terms.values() if found["event_id"] not in known]
    made = {event.case_id: (event, act) for event, act in create_events(fresh)}
    for case in cases:
        if case.number in made:
            case.event = made[case.number][0]
        elif case.number in terms:
            case.event = upsert_event(**terms[case.number])
    return {number: act for number, (_event, act) in made.items()}


def _terms(case: "Case", start: "dt.date", capacity_left: float) -> "dict[str, Any] | None":
    """What the event of a new case says."""
    holds = kinds()[case.kind].holds
    if holds == "none":
        return None
    site = case.site.site_id
    kind, subject = (Event.Kind.SITE, site) if holds == "site" else (Event.Kind.LANE, f"{case.place_id}>{site}")
    return {
        "event_id": f"CASE-{case.number}", "acting_user": f"case {case.number}", "kind": kind, "subject": subject,
        "start": start, "capacity_left": capacity_left, "name": case.blocked, "case_id": case.number,
    }  # fmt: skip


def release(case: "Case") -> bool:
    """End the case's event, unless it is a region's or product's or another open case is about it too."""
    event = case.event
    if event is None or event.kind not in _ENDED_BY_CASE:
        return False
    if event.cases.filter(state__in=OPEN).exclude(pk=case.pk).exists():
        return False
    end_event(event, acting_user=f"case {case.number}", withdraw=True)
    return True


def hold_again(case: "Case") -> None:
    """Let the case's event count again after a dispute or a reopening; nothing happens when it still does."""
    if case.event is not None and case.event.withdrawn_at is not None:
        _save(case.event, case, capacity_left=case.event.capacity_left)


def hold_as_before(case: "Case") -> None:
    """Let the case's event count again after a merge is undone, if it is of a kind that ends with a case."""
    if case.event is not None and case.event.kind in _ENDED_BY_CASE:
        hold_again(case)


def set_capacity_left(case: "Case", capacity_left: float) -> None:
    """Correct what the event leaves of the capacity, from 0 to 1; only for the case's own event."""
    if case.event is not None and case.event.case_id == case.number:
        _save(case.event, case, capacity_left=capacity_left)


def _save(event: Event, case: "Case", *, capacity_left: float) -> None:
    case.event = upsert_event(
        event.event_id,
        acting_user=f"case {case.number}",
        kind=event.kind,
        subject=event.subject,
        start=event.start,
        end=event.end,
        capacity_left=capacity_left,
        name=event.name,
        name_zh=event.name_zh,
        case_id=event.case_id,
    )
