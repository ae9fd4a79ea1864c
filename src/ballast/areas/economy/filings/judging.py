"""What the rules on counts say of one column of filings by day, the last day perhaps not over yet; no database."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.areas.alerts.models import Level
from ballast.core.columns import Floats
from ballast.core.series.counts import ears
from ballast.core.series.measures import LEAST_SPREAD, SERIES_MEASURES
from ballast.core.warning import Rule, States, feed

__all__ = [
    "SHOWN_DAYS", "Expected", "Signal", "expected", "judged", "judged_all", "rules_on_counts", "scores_of",
    "takes_counts", "weeks_of", "worst",
]  # fmt: skip

# Days that a page shows and over which a state is followed; no rule holds or keeps for nearly as long.
SHOWN_DAYS = 56
_WEEK = 7
# What Farrington's rule looks back to for one week: five years and half a window before.
_WEEKS = 5 * 52 + 3
# A score without end, where an authority's own rule sets no least spread, is shown as this.
_MOST = 1e6
_SEVERITY = {str(level): rank for rank, level in enumerate(Level.values)}


@dataclass(frozen=True)
class Signal:
    """What one rule says: its level, since which day, the last score (None without one), and how much history it had.

    `had` and `needs` are periods of the rule; with fewer than it needs there is no score, and no level.
    """

    rule: Rule
    level: str
    since: dt.date | None
    score: float | None
    had: int
    needs: int

    @property
    def too_short(self) -> bool:
        """Whether there is no score because the history is too short."""
        return self.had < self.needs


@dataclass(frozen=True)
class Expected:
    """Mean of the seven days that C2 compares with, and the count above which it raises an alarm."""

    mean: float
    bound: float


def rules_on_counts(rules: Sequence[Rule], day: dt.date) -> list[Rule]:
    """The rules in force on a day that speak of regions and can be judged from counts."""
    return [one for one in rules if one.subjects.kind == "region" and one.in_force(day) and takes_counts(one)]


def takes_counts(rule: Rule) -> bool:
    """Whether the rule's measure is one of counts, in its period."""
    measure = SERIES_MEASURES.get(rule.measure)
    counted = rule.measure.startswith(("filings_", "count_"))
    return counted and measure is not None and rule.period in measure.by


def judged(rule: Rule, counts: Floats, last: dt.date) -> Signal:
    """One rule on one column; see `judged_all`."""
    return judged_all(rule, [counts], last)[0]


def judged_all(rule: Rule, columns: Sequence[Floats], last: dt.date) -> list[Signal]:
    """One rule on many columns [n] of filings by day, the last of each on `last`.

    Days and weeks that are over are judged; the last day can only raise a level: what has not come yet may still come.
    Weeks are of seven days and end with the day before the last. All columns go through the states of the rule
    together: a step of many costs as much as a step of one.
    """
    if not columns:
        return []
    if rule.period == "week":
        return _judged_weeks(rule, [one[:-1] for one in columns], last - dt.timedelta(days=1))
    needs = _days_needed(rule)
    scores = np.column_stack([scores_of(rule, one) for one in columns])
    shown = scores[:-1][-SHOWN_DAYS:]
    levels, since = _states(rule, shown)
    first = last - dt.timedelta(days=len(shown))
    now = rule.ranks(scores[-1])
    found = []
    for place, column in enumerate(columns):
        level, day = int(levels[place]), first + dt.timedelta(days=int(since[place]))
        score = None if np.isnan(scores[-1, place]) else float(scores[-1, place])
        if now[place] > level and not _held(rule, int(now[place])):
            level, day = int(now[place]), last
        found.append(Signal(rule, _named(rule, level), day if level else None, score, column.size - 1, needs))
    return found


def expected(counts: Floats) -> Expected | None:
    """What C2 expects of the last day; None while the history is too short."""
    found = ears(counts, gap=2, least_deviation=LEAST_SPREAD)
    if not counts.size or np.isnan(found.bound[-1]):
        return None
    return Expected(float(found.expected[-1]), float(found.bound[-1]))


def weeks_of(days: Floats) -> Floats:
    """Sums of the weeks that end with the last day; days before the first whole week are left out."""
    whole = days.size // _WEEK
    return days[days.size - whole * _WEEK :].reshape(whole, _WEEK).sum(axis=1) if whole else np.zeros(0)


def scores_of(rule: Rule, values: Floats) -> Floats:
    """[n] scores of the rule's measure, nan where there is none."""
    score = SERIES_MEASURES[rule.measure].by[rule.period](values, 1).score
    return np.clip(score, -_MOST, _MOST)


def worst(signals: Sequence[Signal]) -> tuple[str, dt.date | None]:
    """The worst level of the signals and since when; no data when none has a score."""
    known = [one for one in signals if not one.too_short]
    if not known:
        return Level.NO_DATA, None
    first = min(known, key=lambda one: (_SEVERITY[one.level], one.since or dt.date.max))
    return first.level, first.since


def _judged_weeks(rule: Rule, columns: Sequence[Floats], last: dt.date) -> list[Signal]:
    weeks = [weeks_of(one) for one in columns]
    had, needs = weeks[0].size, _WEEKS + 1 if rule.measure.startswith("count_exceedance") else 12
    if had < needs:
        return [Signal(rule, Level.NORMAL, None, None, had, needs) for _one in columns]
    # One week is judged by what it needs and nothing more: a fit for each week of years would take seconds.
    scores = np.column_stack([scores_of(rule, one if rule.counts else one[-needs:]) for one in weeks])
    shown = scores[-(SHOWN_DAYS // _WEEK) :] if rule.counts else scores[-1:]
    levels, since = _states(rule, shown)
    found = []
    for place in range(len(columns)):
        back = _WEEK * (len(shown) - 1 - max(int(since[place]), 0)) + _WEEK - 1
        day = last - dt.timedelta(days=back) if levels[place] else None
        found.append(Signal(rule, _named(rule, int(levels[place])), day, float(scores[-1, place]), had, needs))
    return found


def _days_needed(rule: Rule) -> int:
    """Days before the one that is judged."""
    return {"c1": 7, "c2": 9, "c3": 11}.get(rule.measure.rsplit("_", 1)[-1], 7)


def _states(rule: Rule, values: Floats) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Rank of each column [T, n] after all of its values, and the place since which it stands at it."""
    states = States.start(rule, values.shape[1])
    for after in feed(rule, states, 0, values):
        states = after
    return states.level, states.level_since


def _held(rule: Rule, rank: int) -> bool:
    limit = rule.limit_of(rank)
    return limit is not None and limit.hold > 0


def _named(rule: Rule, rank: int) -> str:
    name = rule.scheme.name_of(rank)
    return name if name in _SEVERITY else Level.NO_DATA
