"""What if an event ends, changes or begins: the forecast as it stands against the one with that; nothing is stored."""

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.accounts.models import User
from ballast.areas.chains.models import ForecastRun
from ballast.areas.chains.selectors import current_run
from ballast.areas.reference.selectors import today
from ballast.areas.registry.event_scope import get_told_event
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import get_site, visible_sites

if TYPE_CHECKING:
    from ballast.core.forecast import Event as Held
    from ballast.core.forecast import Forecast

    _Change = Callable[[list[Held]], list[Held]]

__all__ = ["WITHIN", "Answer", "Effect", "Ended", "Planned", "end_event_on", "end_events", "try_event"]

# Days within which a preview counts the plants that would stop.
WITHIN = 14
# Events that may be ended together in one question: each is a forecast more.
_TOGETHER = 12


@dataclass(frozen=True)
class Answer:
    """Difference that the end makes to the visible sites; days count from the run's day, None is never."""

    site: Site
    event: Event
    last_day: dt.date
    stop_day: int | None
    stop_day_then: int | None
    stops_on_then: dt.date | None
    freed: list[Site]  # plants that no longer stop within the horizon
    freed_total: int
    output_gained: float


@dataclass(frozen=True)
class Ended:
    """What the end of several events together gives the visible sites."""

    events: list[Event]
    last_day: dt.date
    freed: list[tuple[Site, dt.date]]  # plants that no longer stop within the horizon, and the day on which they would
    freed_total: int
    later_total: int  # plants that stop later
    output_gained: float
    alone: list[tuple[Event, int, float]]  # plants freed and output gained if that event ended and no other

    @property
    def together_only(self) -> bool:
        """Whether the events give more together than the sum of each alone: they hold plants jointly."""
        return bool(self.alone) and self.output_gained > math.fsum(gained for *_rest, gained in self.alone) * (1 + 1e-9)


@dataclass(frozen=True)
class Planned:
    """An event as a form has it; `event_id` is that of the event it changes, or of the new one."""

    event_id: str
    kind: str
    subject: str
    start: dt.date
    end: dt.date | None
    capacity_left: float


@dataclass(frozen=True)
class Effect:
    """What a planned event would do. Plants are those in the person's scope, money is of the whole register."""

    horizon: int
    kind: str
    sites: int  # that it holds; of a lane, that are supplied over it
    stops: list[tuple[Site, dt.date]]  # plants that would newly stop within WITHIN days, the first of them
    stops_total: int
    freed_total: int  # plants that would no longer stop within WITHIN days; only a change frees some
    output_at_risk: float
    output_now: float | None  # what the event as it stands puts at risk; None for a new one


@dataclass(frozen=True)
class _Compared:
    """Two forecasts from the same day; `seen` are the places in the network of the sites that the person may see."""

    now: "Forecast"
    then: "Forecast"
    seen: list[int]

    def stopping(self, *, then: bool, within: int) -> dict[str, int]:
        """Stop day by site id of the visible sites that stop until day `within`."""
        found = self.then if then else self.now
        days, ids = found.low.stop_day, found.network.site_ids
        return {ids[i]: int(days[i]) for i in self.seen if 0 <= days[i] <= within}

    def freed(self, within: int) -> int:
        """Visible sites that no longer stop until day `within`."""
        after = self.stopping(then=True, within=within)
        return sum(site not in after for site in self.stopping(then=False, within=within))

    @property
    def gained(self) -> float:
        """Output of the visible sites that is no longer lost, as far as its value is known."""
        now, then = self.now.low.lost_output, self.then.low.lost_output
        return math.fsum(g for g in (float(now[i] - then[i]) for i in self.seen) if not math.isnan(g))


def _compare(user: User, day: dt.date, horizon: int, *changes: "_Change") -> list[_Compared]:
    """The forecast of the whole register from `day` beside the same with its events changed, for each change."""
    # The engine is large; only who asks needs it.
    from ballast.areas.chains.services import compute
    from ballast.core.forecast import forecast

    now, _tables = compute(day, horizon)
    visible = set(visible_sites(user).values_list("site_id", flat=True))
    seen = [i for i, site in enumerate(now.network.site_ids) if site in visible]
    changed = (forecast(now.network, change(list(now.events)), horizon=horizon) for change in changes)
    return [_Compared(now, then, seen) for then in changed]


def _ending(run: ForecastRun, last_day: dt.date) -> "Callable[[Collection[str]], _Change]":
    """Makes of event ids the change that lets these hold until `last_day` and no longer.

    Raises ValidationError for a day before the forecast's day less one.
    """
    end = (last_day - run.day).days
    if end < -1:
        message = _("{day} is before the forecast's first day {first}; give a later day.")
        raise ValidationError(message.format(day=last_day, first=run.day))

    def of(ids: Collection[str]) -> "_Change":
        def ended(events: "list[Held]") -> "list[Held]":
            changed = [_ended(e, end) if e.event_id in ids else e for e in events]
            return [e for e in changed if e is not None]

        return ended

    return of


def _last_run() -> ForecastRun:
    run = current_run()
    if run is None:
        raise ValidationError(_("There is no forecast yet."))
    return run


def end_event_on(user: User, site_id: str, *, event_id: str, last_day: dt.date, shown: int = 12) -> Answer:
    """What changes for the visible sites if the event holds for the last time on `last_day`; nothing is stored.

    Raises DoesNotExist for a site or event out of scope, ValidationError for a day before the forecast's day less one.
    """
    require(user, "run_forecast")
    site, event, run = get_site(user, site_id), get_told_event(user, event_id), _last_run()
    [found] = _compare(user, run.day, run.horizon, _ending(run, last_day)([event.event_id]))
    before, after = (found.stopping(then=which, within=run.horizon) for which in (False, True))
    freed = [site for site in before if site not in after]
    stop_day = after.get(site.site_id)
    return Answer(
        site=site, event=event, last_day=last_day, stop_day=before.get(site.site_id), stop_day_then=stop_day,
        stops_on_then=None if stop_day is None else run.day + dt.timedelta(days=stop_day),
        freed=list(Site.objects.filter(site_id__in=freed[:500]).select_related("enterprise")[:shown]),
        freed_total=len(freed), output_gained=found.gained,
    )  # fmt: skip


def end_events(user: User, event_ids: Sequence[str], *, last_day: dt.date, shown: int = 24) -> Ended:
    """What the visible sites gain if these events hold for the last time on `last_day`, together and each alone.

    Nothing is stored. Raises Event.DoesNotExist for an event out of scope, ValidationError for no event, too many, or a
    day before the forecast's day less one.
    """
    require(user, "run_forecast")
    ids = list(dict.fromkeys(event_ids))
    if not ids:
        raise ValidationError(_("Choose at least one event."))
    if len(ids) > _TOGETHER:
        message = _("{count} events were chosen; choose at most {limit}.")
        raise ValidationError(message.format(count=len(ids), limit=_TOGETHER))
    events, run = [get_told_event(user, event_id) for event_id in ids], _last_run()
    ending = _ending(run, last_day)
    single = [[event_id] for event_id in ids] if len(ids) > 1 else []
    together, *each = _compare(user, run.day, run.horizon, *(ending(chosen) for chosen in [ids, *single]))
    before, after = (together.stopping(then=which, within=run.horizon) for which in (False, True))
    freed = sorted((day, site) for site, day in before.items() if site not in after)
    sites = Site.objects.select_related("enterprise").in_bulk([s for _d, s in freed[:shown]], field_name="site_id")
    return Ended(
        events=events, last_day=last_day,
        freed=[(sites[site], run.day + dt.timedelta(days=day)) for day, site in freed[:shown]],
        freed_total=len(freed), later_total=sum(after[site] > day for site, day in before.items() if site in after),
        output_gained=together.gained,
        alone=[(event, found.freed(run.horizon), found.gained) for event, found in zip(events, each, strict=False)],
    )  # fmt: skip


def try_event(user: User, planned: Planned, *, shown: int = 12) -> Effect:
    """What the planned event would do if it were recorded, or the change made, now.

    Raises NotAllowedError for those who manage no events; that the subject is theirs the caller has checked.
    """
    require(user, "manage_events")
    from ballast.areas.chains.services import sites_held
    from ballast.core.forecast import Event as Held

    day, horizon = today(), settings.FORECAST_HORIZON
    start, end = (None if d is None else (d - day).days for d in (planned.start, planned.end))
    held = Held(planned.event_id, planned.kind, planned.subject, start or 0, end, planned.capacity_left)  # type: ignore[arg-type]

    def with_it(events: "list[Held]") -> "list[Held]":
        return [*(e for e in events if e.event_id != planned.event_id), held]

    [found] = _compare(user, day, horizon, with_it)
    before, after = (found.stopping(then=which, within=WITHIN) for which in (False, True))
    new = sorted((day_, site) for site, day_ in after.items() if site not in before)
    sites = Site.objects.select_related("enterprise").in_bulk(
        [site for _day, site in new[:shown]], field_name="site_id"
    )
    known = any(e.event_id == planned.event_id for e in found.now.events)
    group = {planned.event_id: [planned.event_id]}
    match = next(m for m in found.then.matches if m.event is held)
    return Effect(
        horizon=horizon, kind=planned.kind, sites=sites_held(match, found.then.network),
        stops=[(sites[site], day + dt.timedelta(days=day_)) for day_, site in new[:shown]],
        stops_total=len(new), freed_total=sum(site not in after for site in before),
        output_at_risk=found.then.output_at_risk(group)[planned.event_id],
        output_now=found.now.output_at_risk(group)[planned.event_id] if known else None,
    )  # fmt: skip


def _ended(event: "Held", end: int) -> "Held | None":
    """The engine's event with an earlier last day; None when it then never holds."""
    last = end if event.end is None else min(event.end, end)
    return None if last < max(event.start, 0) else dataclasses.replace(event, end=last)
