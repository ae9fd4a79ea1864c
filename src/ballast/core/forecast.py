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
from numpy.typing import NDArray

from ballast.core.causes import Causes
from ballast.core.dayloop import SLOW, Diary, Prepared, Trace
from ballast.core.deadlocks import Deadlock, find_deadlocks
from ballast.core.events import Event, Holds, Match, match_events, resolve
from ballast.core.explain import CausePath, explain
from ballast.core.network import Bools, Floats, Ints, Network, NetworkError
from ballast.core.without import Rerun, holds_without, rerun

__all__ = ["SLOW", "Forecast", "Run", "forecast", "output_at_risk"]

MAX_HORIZON = 3660
# Runs without some events of which the days are kept; the oldest goes first.
_KEPT_RUNS = 256


@dataclass(frozen=True, eq=False)
class Run:
    """One run of the days, with every stock known. Day columns are -1 where the thing never happens in the horizon."""

    shortfall: Floats  # [days, n] 1 - rate
    stop_day: Ints  # [n] first day below the site's minimum rate
    slow_day: Ints  # [n] first day below full
    recovery_day: Ints  # [n] first day back at full after the last short day; -1 when not back, or never short
    red_day: Ints  # [n] first day that begins with less than 3 days of cover of an essential input
    lost_days: Floats  # [n] sum of shortfalls, in days of normal output
    lost_output: Floats  # [n] in money; nan where output is lost whose value is unknown
    slot_end: Floats  # [s] cover at the end of the horizon, days
    slot_refused: Floats  # [s] material that the ceiling refused, days

    @cached_property
    def rate(self) -> Floats:
        """[days, n] output as a part of normal, 0..1."""
        return 1.0 - self.shortfall

    @cached_property
    def total_lost_output(self) -> float:
        """Money lost by all sites whose value is known, exactly rounded."""
        return _total(self.lost_output)


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
    _days_without: dict[tuple[frozenset[str], bool], tuple[Ints, Ints]] = field(default_factory=dict, repr=False)
    _totals: dict[frozenset[str], float] = field(default_factory=dict, repr=False)

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
    def prepared(self) -> Prepared:
        """The day loop over this network."""
        return Prepared(self.network, self.horizon)

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
        ids = {event.event_id for event in self.events}
        return {name: full - self._total_without(ids.intersection(group)) for name, group in groups.items()}

    def _total_without(self, gone: Collection[str]) -> float:
        """Lost output of the low run had these events not been; kept by set of events."""
        key = frozenset(gone)
        if key not in self._totals:
            self.days_without(key, certain=False)
        return self._totals[key]

    def causes(self, *, certain: bool) -> Causes:
        """Tracing of the high run when `certain`, else of the low one; kept, so a second question is cheap."""
        if certain and self.high is not self.low:
            return self._high_causes
        return self._low_causes

    @cached_property
    def _low_causes(self) -> Causes:
        return Causes(self.prepared, self.matches, self.holds, self._low_diary, self.low.shortfall, self._cover(False))

    @cached_property
    def _high_causes(self) -> Causes:
        return Causes(self.prepared, self.matches, self.holds, self._high_diary, self.high.shortfall, self._cover(True))

    def days_without(self, gone: frozenset[str], *, certain: bool) -> tuple[Ints, Ints]:
        """Stop days and slow days of all sites had these events not been; the last few are kept."""
        high = certain and self.high is not self.low
        key = (gone, high)
        if key not in self._days_without:
            run, rest = self.high if high else self.low, self.without(gone, certain=certain)[1]
            stop, slow, lost = run.stop_day.copy(), run.slow_day.copy(), run.lost_days.copy()
            stop[rest.sites], slow[rest.sites], lost[rest.sites] = rest.stop_day, rest.slow_day, rest.lost_days
            if len(self._days_without) >= _KEPT_RUNS:
                self._days_without.pop(next(iter(self._days_without)))
            self._days_without[key] = (stop, slow)
            if not high:
                self._totals[gone] = _total(_lost_output(self.network, lost))
        return self._days_without[key]

    def freed_without(self, site: int, gone: Collection[str]) -> bool:
        """Whether the site would not stop within the horizon had these events not been (low run)."""
        return bool(self.days_without(frozenset(gone), certain=False)[0][site] < 0)

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

    def causes_without(self, gone: frozenset[str], *, certain: bool) -> Causes:
        """Tracing of the run had these events not been."""
        holds, rest = self.without(gone, certain=certain)
        left = [match for match in self.matches if match.event.event_id not in gone]
        diary = self.prepared.diary(holds, self._cover(certain))
        return Causes(self.prepared, left, holds, diary, rest.shortfall, self._cover(certain))

    def without(self, gone: Collection[str], *, certain: bool = False) -> tuple[Holds, Rerun]:
        """The run had these events not been; only what comes out differently is computed anew."""
        high = certain and self.high is not self.low
        removed = [match for match in self.matches if match.event.event_id in gone]
        holds = holds_without(self.holds, self.matches, removed, self.prepared)
        run, diary = (self.high, self._high_diary) if high else (self.low, self._low_diary)
        return holds, rerun(self.prepared, removed, holds, self._cover(high), run.shortfall, diary)

    @cached_property
    def _low_diary(self) -> Diary:
        return self.prepared.diary(self.holds, self._cover(False))

    @cached_property
    def _high_diary(self) -> Diary:
        return self.prepared.diary(self.holds, self._cover(True))

    def _cover(self, high: bool) -> Floats:
        return unknown_high(self.network) if high else unknown_low(self.network)


def forecast(network: Network, events: Iterable[Event], *, horizon: int = 30) -> Forecast:
    """What the events do to every site over `horizon` days from day 0. NetworkError for impossible input."""
    if not 1 <= horizon <= MAX_HORIZON:
        msg = f"horizon is {horizon}; give a number of days from 1 to {MAX_HORIZON}."
        raise NetworkError(msg)
    matches = tuple(match_events(network, events))
    prepared, holds = Prepared(network, horizon), resolve(matches, horizon)
    low = _run(network, prepared.run(holds, unknown_low(network)))
    known = not np.isnan(network.slot_cover).any()
    high = low if known else _run(network, prepared.run(holds, unknown_high(network)))
    result = Forecast(network, tuple(m.event for m in matches), horizon, low, high, matches)
    result.__dict__.update(prepared=prepared, holds=holds)
    return result


def output_at_risk(
    network: Network, events: Iterable[Event], groups: Mapping[str, Collection[str]], *, horizon: int = 30
) -> dict[str, float]:
    """Money that each group of events costs: lost output with all events minus without that group (low run).

    Equals the difference of two forecasts' `low.total_lost_output` to the last digit, but re-computes only
    what the group's events reach. An event id that is not among the events counts nothing.
    """
    return forecast(network, events, horizon=horizon).output_at_risk(groups)


def unknown_low(network: Network) -> Floats:
    """Cover at day 0 with unknown stocks empty, days."""
    return np.where(np.isnan(network.slot_cover), 0.0, network.slot_cover)


def unknown_high(network: Network) -> Floats:
    """Cover at day 0 with unknown stocks at their upper bound, days."""
    return np.where(np.isnan(network.slot_cover), network.slot_cover_upper, network.slot_cover)


def _run(network: Network, trace: Trace) -> Run:
    last = trace.last_short
    back = np.where((last >= 0) & (last + 1 < len(trace.shortfall)), last + 1, -1).astype(np.int32)
    return Run(
        shortfall=trace.shortfall,
        stop_day=trace.stop_day,
        slow_day=trace.slow_day,
        recovery_day=back,
        red_day=trace.red_day,
        lost_days=trace.lost_days,
        lost_output=_lost_output(network, trace.lost_days),
        slot_end=trace.cover,
        slot_refused=trace.refused,
    )


def _lost_output(network: Network, lost_days: NDArray[np.float64]) -> Floats:
    """Nothing lost is 0 even where the value is unknown."""
    return np.where(lost_days == 0.0, 0.0, network.output_value * lost_days)


def _total(lost_output: Floats) -> float:
    return math.fsum(lost_output[~np.isnan(lost_output)].tolist())
