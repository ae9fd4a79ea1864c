"""Back-test of a measure: its scores as they stood at the time, against what came after.

Times are days since 1970-01-01; places are periods of the series from 0. A score counts from the day on which its
period was published, never before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ballast.core.columns import Bools, Floats
from ballast.core.series.skill import Hits, hits
from ballast.core.series.vintages import Replay

__all__ = ["Alert", "Onset", "Outcome", "Record", "Side", "judge", "named_events", "rises", "strength"]

Side = Literal["high", "low", "both"]


@dataclass(frozen=True)
class Onset:
    """An event: when it set in, and the places it covers, both included."""

    name: str
    day: float
    place: int
    until: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came: per place 1 where an event set in within the horizon, 0 where none did, nan where nobody can say."""

    due: Floats  # [n]
    onsets: tuple[Onset, ...]


@dataclass(frozen=True)
class Alert:
    """One unbroken run of signals: first and last place, first day it was known, whether an event followed."""

    first: int
    last: int
    day: float
    score: float  # the first one at the limit
    in_vain: bool


@dataclass(frozen=True, eq=False)
class Record:
    """How a limit did on one series."""

    hits: Hits
    alerts: tuple[Alert, ...]
    days: float  # from the first score to the last
    fired: tuple[float | None, ...]  # [onsets] day of the first signal of the run up to the onset, or in the event

    @property
    def alerts_per_day(self) -> float | None:
        """Alerts raised in a day on average; None when the scores span no time."""
        return len(self.alerts) / self.days if self.days > 0.0 else None

    @property
    def in_vain(self) -> int:
        """Alerts that no event followed."""
        return sum(alert.in_vain for alert in self.alerts)


def strength(score: Floats, side: Side) -> Floats:
    """Scores turned so that more is worse: as they are, with the sign changed, or without sign."""
    return {"high": score, "low": -score, "both": np.abs(score)}[side]


def rises(values: Floats, times: Floats, *, change: float, within: int, side: Side = "high") -> Outcome:
    """Events made of the series itself: a value `change` above (below, or either) that of a place within the horizon.

    0.2 is 20 %; from a value of 0 no change can be told. The last `within` places cannot be judged, nor places without
    a value, nor those first published when the answer was known as well: a history that was loaded at once warned
    nobody. An onset is the first place at which the change since some place of the horizon before is reached; until no
    place is due any more.
    """
    n = values.size
    due = np.full(n, np.nan)
    reach = np.full(n, -1)
    for t in np.flatnonzero(~np.isnan(values) & (values != 0.0)).tolist():
        ahead = strength(values[t + 1 : t + 1 + within] / values[t] - 1.0, side)
        reached = np.flatnonzero(ahead >= change)
        answered = t + 1 + int(reached[0]) if reached.size else min(t + within, n - 1)
        if times[answered] <= times[t]:
            continue
        if reached.size:
            due[t], reach[t] = 1.0, t + 1 + int(reached[0])
        elif t + within < n and not np.isnan(ahead).all():
            due[t] = 0.0
    onsets: list[Onset] = []
    for t in np.flatnonzero(due == 1.0).tolist():
        place = int(reach[t])
        if onsets and t <= onsets[-1].until:
            onsets[-1] = Onset(onsets[-1].name, onsets[-1].day, onsets[-1].place, max(onsets[-1].until, place))
        else:
            onsets.append(Onset(f"{side} {len(onsets) + 1}", float(times[place]), place, place))
    return Outcome(due, tuple(onsets))


def named_events(onsets: Sequence[Onset], times: Floats, *, within: int) -> Outcome:
    """Events given by name. Places while one lasts are not judged, nor those first published after it had set in.

    Events that set in before the series or after the period that follows its last are left out.
    """
    onsets = [one for one in onsets if 0 <= one.place <= times.size]
    due = np.where(np.isnan(times), np.nan, 0.0)
    for one in onsets:
        before = slice(max(0, one.place - within), max(0, one.place))
        due[before] = np.where(times[before] < one.day, 1.0, np.nan)
    for one in onsets:
        due[max(0, one.place) : one.until + 1] = np.nan
    return Outcome(due, tuple(onsets))


def judge(replayed: Replay, outcome: Outcome, signal: Bools, *, within: int) -> Record:
    """How signals [n] did. Places without a score take no part and break no run of signals."""
    score = replayed.scores.score
    scored = ~np.isnan(score)
    signal = signal & scored
    judged = scored & ~np.isnan(outcome.due)
    times = replayed.published
    known = times[scored]
    runs = _runs(signal, scored)
    alerts = tuple(
        Alert(first, last, float(times[first]), float(score[first]), _in_vain(first, last, outcome, within))
        for first, last in runs
    )
    fired = tuple(_fired(one, runs, times, scored) for one in outcome.onsets)
    span = float(known.max() - known.min()) if known.size else 0.0
    return Record(hits(signal[judged], outcome.due[judged] == 1.0), alerts, span, fired)


def _runs(signal: Bools, scored: Bools) -> list[tuple[int, int]]:
    """First and last place of every run of signals; what has no score neither makes nor ends one."""
    places = np.flatnonzero(scored)
    on = signal[places].astype(np.int8)
    edges = np.diff(np.concatenate([[0], on, [0]]))
    begins, ends = places[np.flatnonzero(edges == 1)], places[np.flatnonzero(edges == -1) - 1]
    return [(int(a), int(b)) for a, b in zip(begins, ends, strict=True)]


def _in_vain(first: int, last: int, outcome: Outcome, within: int) -> bool:
    """Whether no event set in while the run lasted or within the horizon after it, nor was one under way."""
    return not any(one.until >= first and one.place <= last + within for one in outcome.onsets)


def _fired(one: Onset, runs: Sequence[tuple[int, int]], times: Floats, scored: Bools) -> float | None:
    """Day of the first signal of the run that stood when the event set in; else of the first one while it lasted."""
    before = np.flatnonzero(scored & (times < one.day))
    standing = int(before[-1]) if before.size else -1
    for first, last in runs:
        if first <= standing <= last:
            return float(times[first])
    later = [float(times[first]) for first, _ in runs if times[first] >= one.day and first <= one.until]
    return min(later, default=None)
