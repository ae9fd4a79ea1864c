"""Outbreak detection on weekly counts after Noufaily and others 2013: Farrington's method with all weeks of past years.

Beside the weeks around the one that is judged the model sees every week of the past years, in ten seasons; the last
half year is left out, so that an outbreak does not hide itself; only residuals above 2.58 are weighted down; the trend
stays whether or not it is significant; the bound is a quantile of the negative binomial. Far fewer false alarms for it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Floats
from ballast.core.series.counts import Alarms, count_column
from ballast.core.series.farrington import fit_twice

__all__ = ["negative_binomial_bound", "noufaily", "seasons_of"]


def noufaily(
    counts: ArrayLike,
    *,
    years: int = 5,
    half_window: int = 3,
    alpha: float = 0.01,
    period: int = 52,
    seasons: int = 10,
    left_out: int = 26,
    limit: float = 2.58,
    least_cases: int = 5,
    in_periods: int = 4,
) -> Alarms:
    """Expected count, bound and exceedance of each week that has `years` full years and half a window before it.

    Weeks are grouped by `seasons_of`; the last `left_out` before the one that is judged take no part, nor do missing
    ones; nan where none of the weeks around it is known in any year. The trend is dropped only when it predicts above
    all that was seen, or with fewer than three years. Score = (y - mu) / (U - mu), alarm above 1; silent as
    Farrington's. ValueError for a window, seasons or weeks left out that do not fit.
    Source: Noufaily and others 2013; the order of its steps is that of R's surveillance (farringtonFlexible).
    """
    if years < 1 or seasons < 2 or period < 2 * half_window + seasons:
        msg = f"{seasons} seasons with {half_window} weeks on either side do not fit {years} years of {period} weeks."
        raise ValueError(msg)
    if left_out < 0:
        msg = f"{left_out} weeks left out: the weeks after the one that is judged say nothing about it."
        raise ValueError(msg)
    column = count_column(counts)
    expected, bound, score = (np.full(column.size, np.nan) for _ in range(3))
    for now in range(years * period + half_window, column.size):
        first = now - years * period - half_window
        weeks = np.arange(first, now - left_out)
        weeks = weeks[~np.isnan(column[weeks])]
        groups = seasons_of(weeks - now, half_window=half_window, period=period, seasons=seasons)
        # Without a week of its own season nothing says how high that one lies.
        if np.isnan(column[now]) or weeks.size <= seasons + 2 or groups.min() > 0:
            continue
        mean, dispersion = _expected(column[weeks], weeks - now, groups, trend=years >= 3, limit=limit)
        expected[now], bound[now] = mean, negative_binomial_bound(mean, dispersion, alpha=alpha)
        enough = np.nansum(column[max(0, now - in_periods + 1) : now + 1]) >= least_cases
        score[now] = (column[now] - mean) / max(bound[now] - mean, _LEAST_STEP) if enough else 0.0
    with np.errstate(invalid="ignore"):
        return Alarms(expected, bound, score, score > 1.0)


# The bound is a whole number and may equal the expected one.
_LEAST_STEP = 1e-9


def seasons_of(weeks: NDArray[np.int64], *, half_window: int, period: int, seasons: int) -> NDArray[np.int64]:
    """Season of each week, counted back from the one that is judged (0): 0 is the window around it in every year.

    What lies between two windows is shared out among the other seasons as evenly as whole weeks allow, the first ones
    taking what is left over.
    """
    place = (weeks + half_window) % period
    between = period - 2 * half_window - 1
    length, rest = divmod(between, seasons - 1)
    ends = np.cumsum([length + (k < rest) for k in range(seasons - 1)])
    found = np.searchsorted(ends, place - 2 * half_window - 1, side="right") + 1
    return np.asarray(np.where(place <= 2 * half_window, 0, found), dtype=np.int64)


def negative_binomial_bound(mean: float, dispersion: float, *, alpha: float = 0.01) -> float:
    """The count that the next one passes with a chance of at most `alpha`: negative binomial, Poisson at dispersion 1.

    Of mean `mean` and variance `dispersion` x mean.
    """
    from scipy.stats import nbinom, poisson  # type: ignore[import-untyped]

    if dispersion > 1.0:
        return float(nbinom.ppf(1.0 - alpha, mean / (dispersion - 1.0), 1.0 / dispersion))
    return float(poisson.ppf(1.0 - alpha, mean))


def _expected(
    seen: Floats, weeks: NDArray[np.int64], groups: NDArray[np.int64], *, trend: bool, limit: float
) -> tuple[float, float]:
    """Expected count of the week that is judged, from weeks in their seasons; and the dispersion (at least 1)."""
    # Season 0 is that of the week judged, and its week is 0: its row of the design is (1, 0, ..., 0).
    factors = (groups[:, None] == np.unique(groups[groups > 0])[None, :]).astype(np.float64)
    level = np.column_stack([np.ones(seen.size), factors])
    if trend:
        sloped = np.column_stack([np.ones(seen.size), weeks, factors])
        fit, dispersion = fit_twice(sloped, seen, limit=limit)
        mean = float(np.exp(fit.coefficients[0]))
        if fit.converged and mean <= seen.max():
            return mean, dispersion
    fit, dispersion = fit_twice(level, seen, limit=limit)
    return float(np.exp(fit.coefficients[0])), dispersion
