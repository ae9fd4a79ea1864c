"""Outbreak detection on counts: problem reports of a kind and region per day or week (EARS C1-C3; EWMA; CUSUM)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Bools, Floats

__all__ = ["Alarms", "Control", "count_column", "cusum", "ears", "ears_c3", "ewma"]

# Days just before the one that is judged that C2 and C3 leave out, so that an outbreak does not hide itself.
_GUARD: Final = 2
# Beyond it a floating number no longer tells one count from the next, and squares would overflow.
_LARGEST: Final = 1e15


@dataclass(frozen=True, eq=False)
class Alarms:
    """Per period: what was expected, the bound, how far above it stands, and whether that is an alarm.

    nan and no alarm where the history is too short or the count itself is missing.
    """

    expected: Floats  # [n] counts
    bound: Floats  # [n] counts
    score: Floats  # [n] EARS: standard deviations; Farrington: 1 at the bound
    alarm: Bools  # [n]


@dataclass(frozen=True, eq=False)
class Control:
    """A control chart: the statistic, its limit, and where it is beyond it."""

    statistic: Floats  # [n]
    limit: float
    alarm: Bools  # [n]


def count_column(counts: ArrayLike) -> Floats:
    """The counts as a column; nan is missing. ValueError names one below 0 or above 1e15."""
    column = np.asarray(counts, dtype=np.float64)
    for bad in np.flatnonzero((column < 0.0) | (column > _LARGEST))[:1]:
        wrong = "not from 0 up" if column[bad] < 0.0 else f"more than {_LARGEST:g}"
        msg = f"count {column[bad]:g} at place {bad + 1} is {wrong}. Leave it empty when it is unknown."
        raise ValueError(msg)
    return column


def ears(
    counts: ArrayLike, *, gap: int = 0, baseline: int = 7, limit: float = 3.0, least_deviation: float = 0.0
) -> Alarms:
    """Early Aberration Reporting System: a count against mean and sd of the `baseline` periods before it.

    C1 judges t by t-7..t-1 (gap 0), C2 by t-9..t-3: it leaves out the two periods just before (gap 2). Bound = mean +
    limit x sd (n - 1); alarm above it. A missing count in the baseline gives no score. With a baseline that does not
    vary the sd is 0, so that any higher count is an alarm, at a score without end: `least_deviation` sets a floor.
    Source: Hutwagner et al. 2003; CDC uses the limit 3, R's surveillance 3.09 (alpha 0.001).
    ValueError for a baseline below 3.
    """
    if baseline < 3:
        msg = f"baseline is {baseline}: a spread needs at least 3 periods."
        raise ValueError(msg)
    column = count_column(counts)
    expected, bound, score = (np.full(column.size, np.nan) for _ in range(3))
    if column.size > baseline + gap:
        windows = np.lib.stride_tricks.sliding_window_view(column, baseline)[: column.size - baseline - gap]
        here = slice(baseline + gap, None)
        mean, spread = windows.mean(axis=1), np.maximum(windows.std(axis=1, ddof=1), least_deviation)
        expected[here], bound[here] = mean, mean + limit * spread
        over = column[here] - mean
        with np.errstate(divide="ignore", invalid="ignore"):
            score[here] = np.where(over == 0.0, 0.0, over / spread)
    with np.errstate(invalid="ignore"):
        return Alarms(expected, bound, score, column > bound)


def ears_c3(counts: ArrayLike, *, baseline: int = 7, limit: float = 2.0, least_deviation: float = 0.0) -> Alarms:
    """EARS C3: what C2 stood above one standard deviation, summed over the last three periods; alarm above `limit`.

    C3(t) = sum of max(0, C2(i) - 1) over i = t-2..t. It sees slow rises that no single period shows. The bound is the
    count from which period t alone, beside the two before it, passes the limit; when those two passed it already, t is
    an alarm below it too. Source: Hutwagner et al. 2003; limit 2 as CDC's (R's surveillance: 1.96). Errors as `ears`.
    """
    second = ears(counts, gap=_GUARD, baseline=baseline, least_deviation=least_deviation)
    excess = np.maximum(second.score - 1.0, 0.0)
    spread = (second.bound - second.expected) / 3.0
    before, score = np.full(excess.size, np.nan), np.full(excess.size, np.nan)
    before[2:] = excess[1:-1] + excess[:-2]
    score[2:] = before[2:] + excess[2:]
    with np.errstate(invalid="ignore"):
        # Where earlier periods are beyond every limit, or nothing varies, no count is the one that decides.
        bound = np.where(spread > 0.0, second.expected + spread * (limit + 1.0 - before), second.expected)
        bound = np.maximum(bound, 0.0)
        return Alarms(np.where(np.isnan(score), np.nan, second.expected), bound, score, score > limit)


def ewma(residuals: ArrayLike, *, weight: float = 0.2, limit: float = 3.0) -> Control:
    """Exponentially weighted mean of standardised residuals, s = weight x + (1 - weight) s from 0.

    Its limit is that of the long run, limit x sqrt(weight / (2 - weight)). Source: Roberts 1959. A missing residual
    leaves the statistic as it was.
    """
    column = np.asarray(residuals, dtype=np.float64)
    statistic, last = np.zeros(column.size), 0.0
    for k, x in enumerate(column.tolist()):
        last = last if np.isnan(x) else weight * x + (1.0 - weight) * last
        statistic[k] = last
    bound = limit * float(np.sqrt(weight / (2.0 - weight)))
    return Control(statistic, bound, statistic > bound)


def cusum(residuals: ArrayLike, *, slack: float = 0.5, limit: float = 4.0) -> Control:
    """Cumulative sum of standardised residuals, S = max(0, S + x - slack); alarm above the limit. Source: Page 1954.

    A missing residual leaves the sum as it was.
    """
    column = np.asarray(residuals, dtype=np.float64)
    statistic, last = np.zeros(column.size), 0.0
    for k, x in enumerate(column.tolist()):
        last = last if np.isnan(x) else max(0.0, last + x - slack)
        statistic[k] = last
    return Control(statistic, limit, statistic > limit)
