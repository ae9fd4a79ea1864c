"""The list of events: which a person sees, by kind, place and time, with what the current forecast says of each."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import pgettext

from ballast.areas.accounts.models import User
from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.chains.models import EventForecast
from ballast.areas.chains.selectors import visible_forecasts
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import subtree
from ballast.areas.registry.event_scope import visible_events
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import in_region
from ballast.areas.registry.subjects import Subject, name_subjects
from ballast.areas.searching import holding, matching

__all__ = ["SORTS", "STATES", "EventRow", "as_rows", "counts", "filtered", "state_of", "with_forecast"]

SORTS = {
    "risk": ("output_at_risk", "event_id"),
    "stops": ("stops", "event_id"),
    "sites": ("sites", "event_id"),
    "kind": ("kind", "event_id"),
    "start": ("start", "event_id"),
    "end": ("end", "event_id"),
    "capacity": ("capacity_left", "event_id"),
    "name": ("name", "event_id"),
}
STATES = ("now", "upcoming", "ended", "withdrawn")


@dataclass(frozen=True)
class EventRow:
    """One line of the list."""

    event: Event
    subject: Subject
    state: str  # one of STATES
    sites: int | None  # None while no forecast has counted the event
    output_at_risk: float | None
    cases: int  # open ones that the person may see
    stops: int  # visible plants that stop with this event as their leading cause

    @property
    def state_label(self) -> str:
        """The state in the language of the page."""
        words = {
            "now": pgettext("state of an event", "holds"),
            "upcoming": pgettext("state of an event", "upcoming"),
            "ended": pgettext("state of an event", "ended"),
            "withdrawn": pgettext("state of an event", "withdrawn"),
        }
        return words[self.state]


def _in_state(state: str, day: dt.date) -> Q:
    """Condition of a state on a day; "" is what holds or will hold, "all" everything."""
    counts, over = Q(withdrawn_at__isnull=True), Q(end__lt=day)
    return {
        "": counts & ~over,
        "all": Q(),
        "now": counts & ~over & Q(start__lte=day),
        "upcoming": counts & Q(start__gt=day),
        "ended": counts & over,
        "withdrawn": ~counts,
    }.get(state, Q(pk__in=[]))


def state_of(event: Event, day: dt.date) -> str:
    """Where the event stands on the day: "now", "upcoming", "ended" or "withdrawn"."""
    if event.withdrawn_at is not None:
        return "withdrawn"
    if event.start > day:
        return "upcoming"
    return "ended" if event.end is not None and event.end < day else "now"


def filtered(user: User, given: Mapping[str, str], *, day: dt.date) -> QuerySet[Event]:
    """Visible events by the filters kind, region (its subtree), q and state (default: hold now or will hold)."""
    return _of_any_state(user, given).filter(_in_state(given.get("state", ""), day))


def counts(user: User, given: Mapping[str, str], *, day: dt.date) -> dict[str, int]:
    """How many of the events that fit the other filters are in each state."""
    words: dict[str, Any] = {state: Count("pk", filter=_in_state(state, day)) for state in STATES}
    found: dict[str, int] = _of_any_state(user, given).order_by().aggregate(**words)
    return found


def _of_any_state(user: User, given: Mapping[str, str]) -> QuerySet[Event]:
    rows = visible_events(user)
    if kind := given.get("kind"):
        rows = rows.filter(kind=kind)
    if region := given.get("region"):
        rows = rows.filter(_naming(in_region(region), Q(pk__in=subtree(region).order_by())))
    if words := given.get("q"):
        named = matching(words, "name", "name_zh")
        product = Q(subject__in=Product.objects.filter(named).order_by().values("code"))
        rows = rows.filter(holding(words) | _naming(holding(words), named) | (Q(kind=Event.Kind.PRODUCT) & product))
    return rows


def _naming(site: Q, region: Q) -> Q:
    """Condition: the event names a site or a region of which that holds."""
    # Read once each, not once for every event: a desk has tens of thousands of events that are over.
    sites = Site.objects.filter(site).order_by().values("site_id")
    regions = Region.objects.filter(region).order_by().values("code")
    found = Q(pk__in=[])
    for side in ("side_from", "side_to"):
        found |= Q(kind__in=[Event.Kind.SITE, Event.Kind.LANE]) & Q(**{f"{side}__in": sites})
        found |= Q(kind__in=[Event.Kind.REGION, Event.Kind.LANE]) & Q(**{f"{side}__in": regions})
    return found


def with_forecast(user: User, events: QuerySet[Event]) -> QuerySet[Event]:
    """The events with `sites`, `output_at_risk` and `stops` of the current forecast, to show and sort by."""
    counted = EventForecast.objects.filter(run__is_current=True, event=OuterRef("pk"))
    led = visible_forecasts(user).filter(stop_day__isnull=False, lead_event=OuterRef("pk")).order_by()
    return events.annotate(
        sites=Subquery(counted.values("sites")[:1]),
        output_at_risk=Subquery(counted.values("output_at_risk")[:1]),
        stops=Subquery(led.values("lead_event").annotate(n=Count("pk")).values("n")),
    )


def as_rows(user: User, events: list[Event], *, day: dt.date) -> list[EventRow]:
    """Lines of events that come from `with_forecast`."""
    names = name_subjects(user, events)
    cases = visible_cases(user).filter(event__in=events, state__in=OPEN).order_by()
    about = dict(cases.values_list("event").annotate(Count("pk")))
    return [
        EventRow(
            event=event, subject=names[event.event_id], state=state_of(event, day),
            sites=event.sites, output_at_risk=event.output_at_risk,  # type: ignore[attr-defined]
            cases=about.get(event.pk, 0), stops=event.stops or 0,  # type: ignore[attr-defined]
        )
        for event in events
    ]  # fmt: skip
