"""What will stop, when, and how much output is lost: daily flows downstream from the events.

On day d a site works at x = min(what events leave of it, cover + arrivals of each essential slot, the
generalised Leontief term of the others). Everything is computed in shortfalls 1 - x, so that a normal
site is exactly 1. docs/explanation/forecast.md gives the equations and an example worked by hand.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ballast.core.forecast.causes import Causes
from ballast.core.forecast.dayloop import LAST, RED, SLOW, SLOW_DAY, STOP, Days, resting, run_days
from ballast.core.forecast.deadlocks import Deadlock, find_deadlocks
from ballast.core.forecast.events import Event, Holds, Match, match_events, resolve
from ballast.core.forecast.explain import CausePath, explain
from ballast.core.forecast.without import Releases, Rerun, rerun
from ballast.core.network.network import Bools, Floats, Ints, Network, NetworkError

__all__ = [
    "MAX_HORIZON",
    "SLOW",
    "Forecast",
    "Run",
    "forecast",
    "forecast_of",
    "lost_output",
    "low_forecast",
    "output_at_risk",
]

MAX_HORIZON = 3660
# Runs without some events that are kept; the oldest goes first.
_KEPT_RUNS = 256


@dataclass(frozen=True, eq=False)
class Run:
    """One run of the days, with every stock known. Day columns are -1 where the thing never happens in the horizon."""

    network: Network
    days: Days

    @cached_property
    def touched(self) -> Ints:
        """Sites that were visited, ascending; all others ran in full and their stocks stood still."""
        return np.sort(self.days.sites)

    @cached_property
    def shortfall(self) -> Floats:
        """[days, n] 1 - rate."""
        found = np.zeros((self.days.horizon, self.network.sites))
        short = self.days.sites[self.days.row_of[self.days.sites] > 0]
        found[:, short] = self.days.rows[self.days.row_of[short]].T
        return found

    @cached_property
    def rate(self) -> Floats:
        """[days, n] output as a part of normal, 0..1."""
        return 1.0 - self.shortfall

    def standing_still(self, day: int) -> Bools:
        """[n] whether a site runs below its minimum rate that day."""
        still = np.zeros(self.network.sites, dtype=bool)
        rate = 1.0 - self.days.rows[self.days.row_of[self.days.sites], day]
        still[self.days.sites] = rate < self.network.minimum_rate[self.days.sites] - SLOW
        return still

    @cached_property
    def stop_day(self) -> Ints:
        """[n] first day below the site's minimum rate."""
        return self.days.column(STOP)

    @cached_property
    def slow_day(self) -> Ints:
        """[n] first day below full."""
        return self.days.column(SLOW_DAY)

    @cached_property
    def recovery_day(self) -> Ints:
        """[n] first day back at full output after the last short day; -1 when not back, or never short."""
        last = self.days.column(LAST)
        return np.where((last >= 0) & (last + 1 < self.days.horizon), last + 1, -1).astype(np.int32)

    @cached_property
    def red_day(self) -> Ints:
        """[n] first day that begins with less than 3 days of cover of an essential input."""
        return self.days.column(RED)

    @cached_property
    def lost_days(self) -> Floats:
        """[n] sum of shortfalls, in days of normal output."""
        return self.days.spread(self.days.lost)

    @cached_property
    def lost_output(self) -> Floats:
        """[n] in money; nan where output is lost whose value is unknown."""
        return self.days.spread(lost_output(self.network, self.days.sites, self.days.lost))

    @cached_property
    def slot_end(self) -> Floats:
        """[s] cover at the end of the horizon, days."""
        found = self.days.resting.cover.copy()
        found[self.days.touched_slots] = self.days.cover
        return found

    @cached_property
    def slot_refused(self) -> Floats:
        """[s] material that the ceiling refused, days."""
        found = np.zeros(self.network.slots)
        found[self.days.touched_slots] = self.days.refused
        return found

    @cached_property
    def total_lost_output(self) -> float:
        """Money lost by all sites whose value is known, exactly rounded."""
        return math.fsum(self.exact_total)

    @cached_property
    def exact_total(self) -> tuple[float, ...]:
        """Numbers that add up to the money lost without any rounding."""
        lost = lost_output(self.network, self.days.sites, self.days.lost)
        rest, found = _known(lost), []
        while (part := math.fsum(rest)) != 0.0:
            found.append(part)
            rest.append(-part)
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Two runs that enclose the truth: `low` takes unknown stocks as empty, `high` at their upper bound.

    With every stock known they are the same object. Columns have one entry a site.
    """

    network: Network
    events: tuple[Event, ...]
    horizon: int
    low: Run
    high: Run
    matches: tuple[Match, ...] = field(repr=False)
    _reruns: dict[tuple[frozenset[str], bool], Rerun] = field(default_factory=dict, repr=False)

    @property
    def certain(self) -> Bools:
        """[n] whether the site stops whatever the unknown stocks are."""
        return self.high.stop_day >= 0

    @property
    def rows_unknown(self) -> int:
        """Number of slots whose stock nobody knows."""
        return int(np.isnan(self.network.slot_cover).sum())

    @property
    def values_unknown(self) -> int:
        """Number of sites that lose output of unknown value; they count 0 in totals."""
        return int(np.isnan(self.low.lost_output).sum())

    @cached_property
    def inferred_share(self) -> float:
        """Part of the flow (in days of use) that runs over inferred links, 0..1."""
        flow = math.fsum(self.network.link_share)
        return math.fsum(self.network.link_share[self.network.link_inferred]) / flow if flow else 0.0

    @property
    def unmatched_events(self) -> tuple[str, ...]:
        """Events that hold no site and no link of this network."""
        return tuple(match.event.event_id for match in self.matches if match.empty)

    @cached_property
    def holds(self) -> Holds:
        """Capacity that the events take, by day."""
        return resolve(self.matches, self.horizon)

    @cached_property
    def releases(self) -> Releases:
        """What is left of the holds when events go."""
        return Releases(self.network, self.matches, self.holds)

    def explain(self, site: int, *, certain: bool = False, checked: bool = True) -> CausePath:
        """Why the site falls short: the graph from root events to it, and the joint set of events.

        The low run is explained unless `certain`. `checked` tries the joint set out (docs/explanation/forecast.md).
        """
        return explain(self, site, certain=certain, checked=checked)

    @cached_property
    def deadlocks(self) -> tuple[Deadlock, ...]:
        """Loops of sites at rate 0 at the end of the horizon that only starve one another."""
        return find_deadlocks(self)

    def output_at_risk(self, groups: Mapping[str, Collection[str]]) -> dict[str, float]:
        """Money that each group of events costs in the low run; see the function of the same name."""
        full = self.low.total_lost_output
        return {name: full - self.total_without(group) for name, group in groups.items()}

    def total_without(self, gone: Collection[str]) -> float:
        """Lost output of the low run had these events not been, money, exactly rounded."""
        _sites, terms = self.parts_without(gone)
        return math.fsum([*self.low.exact_total, *terms])

    def parts_without(self, gone: Collection[str]) -> tuple[Ints, tuple[float, ...]]:
        """Sites that run otherwise had these events not been, and what that adds to the total of the low run."""
        rest, days = self.without(gone), self.low.days
        here = days.local[rest.sites]
        before = np.where(here >= 0, days.lost[here], 0.0)
        other = rest.lost_days != before
        sites = rest.sites[other]
        gained = _known(-lost_output(self.network, sites, before[other]))
        return rest.sites, (*gained, *_known(lost_output(self.network, sites, rest.lost_days[other])))

    def causes(self, *, certain: bool) -> Causes:
        """Tracing of the high run when `certain`, else of the low one; kept, so a second question is cheap."""
        return self._high_causes if self._is_high(certain) else self._low_causes

    @cached_property
    def _low_causes(self) -> Causes:
        return Causes(self._low_log, self.matches, self.holds)

    @cached_property
    def _high_causes(self) -> Causes:
        return Causes(self._high_log, self.matches, self.holds)

    def days_without(self, gone: Collection[str], *, certain: bool) -> tuple[Ints, Ints]:
        """[n] stop days and [n] slow days of all sites had these events not been."""
        run = self.high if self._is_high(certain) else self.low
        rest = self.without(gone, certain=certain)
        stop, slow = run.stop_day.copy(), run.slow_day.copy()
        stop[rest.sites], slow[rest.sites] = rest.stop_day, rest.slow_day
        return stop, slow

    def day_without(self, site: int, gone: Collection[str], *, certain: bool) -> tuple[int, int]:
        """Stop day and slow day of one site had these events not been."""
        run = self.high if self._is_high(certain) else self.low
        rest = self.without(gone, certain=certain)
        found = np.flatnonzero(rest.sites == site)
        if found.size:
            return int(rest.stop_day[found[0]]), int(rest.slow_day[found[0]])
        return int(run.stop_day[site]), int(run.slow_day[site])

    def freed_without(self, site: int, gone: Collection[str]) -> bool:
        """Whether the site would not stop within the horizon had these events not been (low run)."""
        return self.day_without(site, gone, certain=False)[0] < 0

    def needed(self, site: int, events: Sequence[str]) -> tuple[str, ...]:
        """The events of `events` that all have to go so that the site does not stop; none of them can be left out.

        One event when it frees the site by itself. Empty when not even all of them together free it. Of several
        such sets the one with the earliest events is given. At most len(events) runs of the reached sites.
        """
        for event in events:
            if self.freed_without(site, [event]):
                return (event,)
        kept = list(events)
        if not self.freed_without(site, kept):
            return ()
        for event in reversed(events):
            rest = [other for other in kept if other != event]
            if self.freed_without(site, rest):
                kept = rest
        return tuple(kept)

    def causes_without(self, gone: Collection[str], *, certain: bool) -> Causes:
        """Tracing of the run had these events not been."""
        holds = self.releases.holds_without(gone)
        left = [match for match in self.matches if match.event.event_id not in gone]
        start = resting(self.network, high=self._is_high(certain))
        return Causes(run_days(start, holds, self.horizon, keep=True), left, holds)

    def without(self, gone: Collection[str], *, certain: bool = False) -> Rerun:
        """What differs had these events not been; only that is computed anew. The last few are kept."""
        high = self._is_high(certain)
        key = (frozenset(gone), high)
        if key not in self._reruns:
            if len(self._reruns) >= _KEPT_RUNS:
                self._reruns.pop(next(iter(self._reruns)))
            log = self._high_log if high else self._low_log
            self._reruns[key] = rerun(log, self.releases.taken, self.releases.of(key[0]))
        return self._reruns[key]

    @cached_property
    def _low_log(self) -> Days:
        """The low run again with its log; a forecast without questions keeps none."""
        return run_days(self.low.days.resting, self.holds, self.horizon, keep=True)

    @cached_property
    def _high_log(self) -> Days:
        return run_days(self.high.days.resting, self.holds, self.horizon, keep=True)

    def _is_high(self, certain: bool) -> bool:
        return certain and self.high is not self.low


def forecast(network: Network, events: Iterable[Event], *, horizon: int = 30) -> Forecast:
    """What the events do to every site over `horizon` days from day 0. NetworkError for impossible input."""
    return forecast_of(network, match_events(network, events), horizon=horizon)


def forecast_of(network: Network, found: Iterable[Match], *, horizon: int) -> Forecast:
    """The forecast under events whose places are known already."""
    matches = tuple(found)
    holds = resolve(matches, _checked(horizon))
    low = Run(network, run_days(resting(network, high=False), holds, horizon))
    known = not np.isnan(network.slot_cover).any()
    high = low if known else Run(network, run_days(resting(network, high=True), holds, horizon))
    result = Forecast(network, tuple(m.event for m in matches), horizon, low, high, matches)
    result.__dict__["holds"] = holds
    return result


def _checked(horizon: int) -> int:
    if not 1 <= horizon <= MAX_HORIZON:
        msg = f"horizon is {horizon}; give a number of days from 1 to {MAX_HORIZON}."
        raise NetworkError(msg)
    return horizon


def output_at_risk(
    network: Network, events: Iterable[Event], groups: Mapping[str, Collection[str]], *, horizon: int = 30
) -> dict[str, float]:
    """Money that each group of events costs: lost output with all events minus without that group (low run).

    Equals the difference of two forecasts' `low.total_lost_output` to the last digit, but re-computes only
    what the group's events reach. An event id that is not among the events counts nothing.
    """
    return low_forecast(network, events, horizon=horizon).output_at_risk(groups)


def low_forecast(network: Network, events: Iterable[Event], *, horizon: int) -> Forecast:
    """The forecast for questions about its low run only; of the high run it knows nothing."""
    matches = tuple(match_events(network, events))
    holds = resolve(matches, _checked(horizon))
    # The log is kept at once instead of by a second run.
    low = Run(network, run_days(resting(network, high=False), holds, horizon, keep=True))
    result = Forecast(network, tuple(match.event for match in matches), horizon, low, low, matches)
    result.__dict__.update(holds=holds, _low_log=low.days)
    return result


def lost_output(network: Network, sites: Ints, lost_days: Floats) -> Floats:
    """Money that the sites lose; nothing lost is 0 even where the value is unknown."""
    return np.where(lost_days == 0.0, 0.0, network.output_value[sites] * lost_days)


def _known(lost_output: Floats) -> list[float]:
    """What is lost and of known value."""
    known: list[float] = lost_output[~np.isnan(lost_output) & (lost_output != 0.0)].tolist()
    return known
