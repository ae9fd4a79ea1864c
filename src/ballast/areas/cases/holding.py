"""The event that a case is about: made when it is filed, ended when it is confirmed, held again when it is not."""

from typing import TYPE_CHECKING

from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.pack import kinds
from ballast.areas.registry.models import Event
from ballast.areas.registry.services import end_event, upsert_event

if TYPE_CHECKING:
    import datetime as dt

    from ballast.areas.cases.models import Case

__all__ = ["hold", "hold_again", "hold_as_before", "release", "set_capacity_left"]

# An enterprise's word ends what holds one site or one lane; a closed region is lifted by officers only.
_ENDED_BY_CASE = (Event.Kind.SITE, Event.Kind.LANE)


def hold(case: "Case", *, start: "dt.date", capacity_left: float) -> Event | None:
    """The new event of a case that was just filed; None for kinds that hold nothing until an officer says what."""
    holds = kinds()[case.kind].holds
    if holds == "none":
        return None
    site = case.site.site_id
    kind, subject = (Event.Kind.SITE, site) if holds == "site" else (Event.Kind.LANE, f"{case.place_id}>{site}")
    return upsert_event(
        f"CASE-{case.number}",
        acting_user=f"case {case.number}",
        kind=kind,
        subject=subject,
        start=start,
        capacity_left=capacity_left,
        name=case.blocked,
        case_id=case.number,
    )


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
