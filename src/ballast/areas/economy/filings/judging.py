"""What the rules on counts say of one column of filings by day, the last day perhaps not over yet; no database."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ballast.areas.alerts.models import Level
from ballast.core.columns import Floats
from ballast.core.series.counts import ears
from ballast.core.series.measures import LEAST_SPREAD, SERIES_MEASURES
from ballast.core.warning import Rule, States, feed

__all__ = [
    "SHOWN_DAYS", "Expected", "Signal", "expected", "judged", "rules_on_counts", "scores_of", "takes_counts",
    "weeks_of", "worst",
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


def judged(rule: Rule, counts: Floats, last: dt.date, *, over: bool = False) -> Signal:
    """One rule on filings by day [n], the last of them on `last`.

    Days and weeks that are over are judged; the last day, unless it is `over`, can only raise a level: what has not
    come yet may still come. Weeks are of seven days and end with the last day that is over.
    """
    done = counts if over else counts[:-1]
    if rule.period == "week":
        return _judged_weeks(rule, done, last if over else last - dt.timedelta(days=1))
    needs = _days_needed(rule)
    values = scores_of(rule, counts)
    closed = values if over else values[:-1]
    shown = closed[-SHOWN_DAYS:]
    first = last - dt.timedelta(days=shown.size - (1 if over else 0))
    level, since = _state(rule, shown, first)
    if not over and values.size and not np.isnan(values[-1]):
        rank = int(rule.ranks(values[-1:])[0])
        if rank > level and not _held(rule, rank):
            level, since = rank, last
    score = float(values[-1]) if values.size and not np.isnan(values[-1]) else None
    return Signal(rule, _named(rule, level), since, score, done.size, needs)


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


def _judged_weeks(rule: Rule, done: Floats, last: dt.date) -> Signal:
    weeks = weeks_of(done)
    needs = _WEEKS + 1 if rule.measure.startswith("count_exceedance") else 12
    if weeks.size < needs:
        return Signal(rule, Level.NORMAL, None, None, weeks.size, needs)
    # One week is judged by what it needs and nothing more: a fit for each week of years would take seconds.
    score = scores_of(rule, weeks[-needs:] if not rule.counts else weeks)
    shown = score[-1:] if not rule.counts else score[-SHOWN_DAYS // _WEEK :]
    rank, place = 0, shown.size - 1
    for states in feed(rule, States.start(rule, 1), 0, shown[:, None]):
        rank, place = int(states.level[0]), int(states.level_since[0])
    back = _WEEK * (shown.size - 1 - max(place, 0)) + _WEEK - 1
    since = last - dt.timedelta(days=back) if rank else None
    return Signal(rule, _named(rule, rank), since, float(score[-1]), weeks.size, needs)


def _days_needed(rule: Rule) -> int:
    """Days before the one that is judged."""
    return {"c1": 7, "c2": 9, "c3": 11}.get(rule.measure.rsplit("_", 1)[-1], 7)


def _state(rule: Rule, values: Floats, first: dt.date) -> tuple[int, dt.date | None]:
    """Rank and since when, after all of the values."""
    rank, since = 0, -1
    for states in feed(rule, States.start(rule, 1), 0, values[:, None]):
        rank, since = int(states.level[0]), int(states.level_since[0])
    return rank, first + dt.timedelta(days=since) if rank and since >= 0 else None


def _held(rule: Rule, rank: int) -> bool:
    limit = rule.limit_of(rank)
    return limit is not None and limit.hold > 0


def _named(rule: Rule, rank: int) -> str:
    name = rule.scheme.name_of(rank)
    return name if name in _SEVERITY else Level.NO_DATA
