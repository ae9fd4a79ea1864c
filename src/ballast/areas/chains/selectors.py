"""What the current forecast says to a person: stops, causes, what to decide first; never beyond their scope."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import scope_of
from ballast.areas.accounts.models import User
from ballast.areas.chains.drawing import Segment, Tick, segments, ticks
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.reference.models import Product
from ballast.areas.reference.selectors import today
from ballast.areas.registry.event_scope import openings
from ballast.areas.registry.listing import first_of
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import in_chain, in_region, scope_filter
from ballast.areas.registry.subjects import site_of, with_site_names
from ballast.areas.searching import matching

__all__ = [
    "Outlook", "Stop", "Stops", "causes", "current_run", "own_outlook", "sees_all", "stop_counts", "stops",
    "visible_forecasts", "with_sites",
]  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """One plant that stops or slows, as a row of the timeline; days count from the run's day."""

    forecast: SiteForecast
    cause: str
    bar: list[Segment]
    stops_on: dt.date | None
    cause_id: str = ""  # id of the event that leads, when the person may open its page

    @property
    def site(self) -> Site:
        """The plant."""
        return self.forecast.site


@dataclass(frozen=True)
class Stops:
    """Rows of the timeline with their axis; iterates over the rows."""

    rows: list[Stop]
    day: dt.date
    horizon: int
    total: int
    ticks: list[Tick] = field(default_factory=list)

    @property
    def step(self) -> int:
        """Days between two marks of the axis."""
        return self.ticks[1].day if len(self.ticks) > 1 else self.horizon

    def __iter__(self) -> Iterator[Stop]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Stop:
        return self.rows[place]


def current_run() -> ForecastRun | None:
    """The newest finished run; None before the first."""
    return ForecastRun.objects.filter(is_current=True).order_by("-pk").first()


def visible_forecasts(user: User, *, run: ForecastRun | None = None) -> QuerySet[SiteForecast]:
    """Rows of a run (the current one by default) about the sites in the user's scope."""
    rows = SiteForecast.objects.filter(scope_filter(scope_of(user), "site__enterprise__"))
    return rows.filter(run=run) if run else rows.filter(run__is_current=True)


def filtered(
    user: User, *, days: int | None = None, filters: Mapping[str, str] | None = None
) -> QuerySet[SiteForecast]:
    """Visible sites that stop within `days` (slow ones too with the filter slow), soonest and dearest first.

    Filters: chain, region, certain ("1" only certain, "0" only possible), event (lead event's id), q, slow, sort;
    `days` counts those that are still to stop within so many days of today, "0" those that stand already, and
    `within` both together.
    """
    given = {key: value for key, value in (filters or {}).items() if value}
    rows = visible_forecasts(user).filter(_stopping(days, given, _passed()))
    if chain := given.get("chain"):
        rows = rows.filter(in_chain(chain, "site__enterprise__"))
    if region := given.get("region"):
        rows = rows.filter(in_region(region, "site__"))
    if certain := given.get("certain"):
        rows = rows.filter(certain=certain == "1")
    if event := given.get("event"):
        rows = rows.filter(lead_event__event_id=event)
    if words := given.get("q"):
        rows = rows.filter(matching(words, *_SEARCHED))
    return _sorted(rows, given.get("sort", "day"))


def _passed() -> int:
    """Days since the run's day: those of a run made earlier than today have partly passed."""
    run = current_run()
    return (today() - run.day).days if run else 0


def _stopping(span: int | None, given: Mapping[str, str], passed: int) -> Q:
    """Condition on the stop day, of which `passed` days are over."""
    if (within := _whole(given.get("within"))) is not None:
        return Q(stop_day__lte=within + passed)
    if (ahead := _whole(given.get("days"))) is not None:
        return Q(stop_day__gt=passed, stop_day__lte=ahead + passed) if ahead else Q(stop_day__lte=passed)
    last = Q(stop_day__lt=span) if span else Q(stop_day__isnull=False)
    return last | Q(stop_day__isnull=True) if given.get("slow") else last


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 5 else None


_SEARCHED = ("site__name", "site__name_zh", "site__site_id", "site__enterprise__name", "site__enterprise__name_zh")
_SORTS = {"day": "stop_day", "lost": "lost_output", "site": "site__name", "recovery": "recovery_day"}


def _sorted(rows: QuerySet[SiteForecast], sort: str) -> QuerySet[SiteForecast]:
    key = F(_SORTS.get(sort.removeprefix("-"), "stop_day"))
    first = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    dearest = F("lost_output").desc(nulls_last=True)
    return with_sites(rows.order_by(first, dearest, "site__site_id"))


def with_sites(rows: QuerySet[SiteForecast]) -> QuerySet[SiteForecast]:
    """The rows with all that a list shows of them."""
    return rows.select_related("site__enterprise", "site__region", "site__product", "lead_event").defer("path")


def event_label(event: Event | None, seen: Collection[str]) -> str:
    """What an event is called before a person: its name, or only its kind when it is not theirs to see."""
    if event is None:
        return _("no single event")
    if event.event_id in seen:
        return str(event.label) or event.subject
    return _("an event at a site outside your scope")


def as_stops(user: User, forecasts: list[SiteForecast], *, days: int, total: int, run: ForecastRun | None) -> Stops:
    """Rows of the timeline with bars over `days` days."""
    day = run.day if run else dt.date.min
    wanted = {row.lead_event_id for row in forecasts if row.lead_event_id}
    told = openings(user, pk__in=wanted) if wanted else {}
    rows = [
        Stop(
            forecast=row,
            cause=event_label(row.lead_event, told),
            bar=segments(
                days, stop=row.stop_day, stop_latest=row.stop_day_latest, slow=row.slow_day, recovery=row.recovery_day
            ),
            stops_on=day + dt.timedelta(days=row.stop_day) if row.stop_day is not None else None,
            cause_id=row.lead_event.event_id if row.lead_event and told.get(row.lead_event.event_id) else "",
        )
        for row in forecasts
    ]
    return Stops(rows, day, days, total, ticks(day, days) if run else [])


def stops(
    user: User, *, days: int | None = None, limit: int | None = None, filters: Mapping[str, str] | None = None
) -> Stops:
    """The timeline of the visible sites that stop within `days` (default the run's horizon); `total` before `limit`."""
    run = current_run()
    span = min(days or settings.FORECAST_HORIZON, run.horizon if run else settings.FORECAST_HORIZON)
    rows = filtered(user, days=span, filters=filters)
    found = first_of(rows, limit, with_sites) if limit else list(rows)
    total = rows.count() if limit and len(found) == limit else len(found)
    return as_stops(user, found, days=span, total=total, run=run)


def stop_counts(user: User, limits: tuple[int, ...] = (3, 7, 14)) -> dict[int, int]:
    """How many visible sites that still run today stop within each number of days."""
    passed = _passed()
    words = {f"in_{days}": Count("pk", filter=_stopping(None, {"days": str(days)}, passed)) for days in limits}
    found = visible_forecasts(user).order_by().aggregate(**words)
    return {days: found[f"in_{days}"] for days in limits}


@dataclass(frozen=True)
class Cause:
    """A lead event: how many visible plants it stops within the days asked for and what that costs."""

    event: Event | None
    label: str
    plants: int
    lost_output: float | None
    told: bool  # whether the person may name the event
    site: str = ""  # the site that it holds, where it holds one that the person may name


def causes(user: User, *, days: int | None = None, limit: int = 5) -> list[Cause]:
    """Lead events of the visible stops, those that stop most plants first."""
    rows = visible_forecasts(user).filter(stop_day__isnull=False)
    rows = rows.filter(stop_day__lt=days) if days else rows
    found = list(
        rows.order_by().values("lead_event").annotate(plants=Count("pk"), lost=Sum("lost_output"))
        .order_by("-plants", F("lost").desc(nulls_last=True), "lead_event")[:limit]
    )  # fmt: skip
    events = with_site_names(Event.objects.all()).in_bulk([row["lead_event"] for row in found if row["lead_event"]])
    told = openings(user, pk__in=list(events))
    return [_cause(events.get(row["lead_event"]), told, row) for row in found]


def _cause(event: Event | None, told: Collection[str], row: Mapping[str, Any]) -> Cause:
    known = event is not None and event.event_id in told
    site = site_of(event) if event is not None and known else ""
    return Cause(event, event_label(event, told), row["plants"], row["lost"], known, site)


@dataclass(frozen=True)
class Outlook:
    """What an enterprise may know of one of its sites: when, through which own input, how far upstream; no names."""

    site: Site
    stop_day: int | None
    stops_on: dt.date | None
    certain: bool
    tier: int | None  # links between the site and the root of the trouble; 0 its own
    product: str  # own input through which the trouble comes; "" when it is the site's own
    lost_output: float | None


def own_outlook(user: User) -> list[Outlook]:
    """Sites of the person's own enterprises that stop or slow, soonest first; empty when all run on."""
    run = current_run()
    if run is None:
        return []
    own = scope_of(user, "view_portal").enterprises
    rows = SiteForecast.objects.filter(run=run, site__enterprise__enterprise_id__in=own)
    found = list(rows.select_related("site").order_by(F("stop_day").asc(nulls_last=True), "site__site_id"))
    steps = {row.pk: _trouble(row.path) for row in found}
    products = {p.code: p.label for p in Product.objects.filter(code__in=[code for _, code in steps.values() if code])}
    return [
        Outlook(
            site=row.site,
            stop_day=row.stop_day,
            stops_on=run.day + dt.timedelta(days=row.stop_day) if row.stop_day is not None else None,
            certain=row.certain,
            tier=steps[row.pk][0],
            product=products.get(steps[row.pk][1], ""),
            lost_output=row.lost_output,
        )
        for row in found
    ]


def _trouble(path: Mapping[str, Any]) -> tuple[int | None, str]:
    """Tier of the last site before the root cause, and the product of the plant's own input that falls short."""
    trail = path.get("path", [])
    if len(trail) < 2:
        return None, ""
    kinds = {node["id"]: node["kind"] for node in path["nodes"]}
    sites = [node for node in trail if kinds.get(node) == "site"]
    into = [e for e in path["edges"] if e["from"] == trail[-2] and e["to"] == trail[-1]]
    lane = kinds.get(trail[0]) == "event" and any(e["from"] == trail[0] and e["product"] for e in path["edges"])
    return len(sites) - 1 + int(lane), into[0]["product"] if into else ""


def sees_all(user: User) -> bool:
    """Whether the person's scope is the whole register."""
    return scope_of(user, "view_desk").everything
