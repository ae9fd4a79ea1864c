"""A series with its publications: what was known of it at a time, and measures replayed as they were then."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Floats
from ballast.core.series.verdicts import Scores, Verdict

__all__ = ["LookAhead", "Replay", "Vintages", "replay", "vintages"]


class LookAhead(ValueError):
    """A question that could only be answered with what was not yet known; says which value, and the way out."""


@dataclass(frozen=True, eq=False)
class Vintages:
    """Publications of one series, by time of publication and then period. Times are days since 1970-01-01."""

    period: NDArray[np.int64]  # [k] number of the period: years, quarters, months or days since 1970 began
    published: Floats  # [k]
    value: Floats  # [k] nan: published as not available

    @property
    def first(self) -> int:
        """The earliest period."""
        return int(self.period.min())

    @property
    def periods(self) -> int:
        """Periods from the earliest to the latest, gaps counted."""
        return int(self.period.max()) - self.first + 1

    def known_at(self, time: float) -> Floats:
        """[up to the latest period known] values as known at a time; the latest publication counts, gaps are nan."""
        seen = self.published <= time
        if not seen.any():
            return np.zeros(0)
        period = self.period[seen] - self.first
        column = np.full(int(period.max()) + 1, np.nan)
        # Publications stand in the order of their times: of several for one period the last is written last.
        column[period] = self.value[seen]
        return column

    @property
    def latest(self) -> Floats:
        """[periods] the values as they stand today."""
        return self.known_at(np.inf)

    @property
    def first_published(self) -> Floats:
        """[periods] when a value of each period was first known; nan for a gap."""
        times = np.full(self.periods, np.nan)
        for place in range(self.period.size - 1, -1, -1):
            if not np.isnan(self.value[place]):
                times[self.period[place] - self.first] = self.published[place]
        return times


@dataclass(frozen=True, eq=False)
class Replay:
    """Scores of a series as they would have stood when each period was first published."""

    scores: Scores  # [periods]
    published: Floats  # [periods] days since 1970-01-01; nan for a gap
    values: Floats  # [periods] as first known


def vintages(period: ArrayLike, published: ArrayLike, value: ArrayLike, *, ends: ArrayLike) -> Vintages:
    """The publications, put in order. `ends` is the last day of each row's period, as days since 1970-01-01.

    LookAhead when a value stands as published before its period ended: nobody knew it then.
    """
    number, time = np.asarray(period, dtype=np.int64), np.asarray(published, dtype=np.float64)
    figures, last = np.asarray(value, dtype=np.float64), np.asarray(ends, dtype=np.float64)
    for bad in np.flatnonzero(time < last)[:1]:
        day = np.datetime64("1970-01-01") + np.timedelta64(int(np.floor(time[bad])), "D")
        end = np.datetime64("1970-01-01") + np.timedelta64(int(last[bad]), "D")
        msg = (
            f"a value published on {day} stands for a period that ends on {end}. Nobody knew it then: correct the date."
        )
        raise LookAhead(msg)
    order = np.lexsort((number, time))
    return Vintages(number[order], time[order], figures[order])


def replay(series: Vintages, measure: Callable[[Floats], Scores]) -> Replay:
    """Score each period with what was published when the period itself first was.

    `measure` takes the values of all periods so far and scores them; only the last is used of each. Where nothing was
    revised or late before a period, the known values are the first ones of the whole, and one pass gives the same.
    """
    times, n = series.first_published, series.periods
    values, score = np.full(n, np.nan), np.full(n, np.nan)
    verdict = np.full(n, Verdict.MISSING, dtype=np.int8)
    plain = _plain(series, times)
    whole = measure(series.latest) if plain else None
    latest = series.latest
    for t in np.flatnonzero(~np.isnan(times)).tolist():
        if whole is not None:
            score[t], verdict[t], values[t] = whole.score[t], whole.verdict[t], latest[t]
            continue
        known = series.known_at(times[t])[: t + 1]
        last, why = measure(known).last
        score[t], verdict[t], values[t] = last, why, known[-1]
    return Replay(Scores(score, verdict), times, values)


def _plain(series: Vintages, times: Floats) -> bool:
    """Whether each period was published once, one after the other."""
    once = np.unique(series.period).size == series.period.size
    known = times[~np.isnan(times)]
    return once and bool((np.diff(known) >= 0.0).all())
