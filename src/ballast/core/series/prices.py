"""Measures on prices: level against trend and season (ALPS), growth against its own history (IFPA), moves, distance.

Each takes the periods in order, without a gap (nan where nothing was published), and each score at t uses values up
to t only: cutting the series off after t changes nothing. Prices are money per unit, above 0; scores have no unit.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Bools, Floats
from ballast.core.series.verdicts import Scores, Verdict, only_scored, unscored

__all__ = [
    "IFPA_SHARE",
    "alps",
    "alps_looking_ahead",
    "ifpa",
    "ifpa_looking_ahead",
    "ifpa_parts",
    "mean_distance",
    "move",
    "standard_move",
]

IFPA_SHARE: Final = 0.4  # of the three-month growth; the rest is the twelve-month growth (FAO, SDG indicator 2.c.1)
# Spread below this part of the level is rounding: the price did not move.
_STILL: Final = 1e-9
# No price in any currency; its square would leave what a floating number holds.
_LARGEST: Final = 1e100
_YEAR: Final = 12
_LEAST_MONTHS: Final = 36
_LEAST_PRESENT: Final = 0.7
_FRESH_MONTHS: Final = 6


def _price_column(prices: ArrayLike) -> Floats:
    """The prices as a column; ValueError names one that is not above 0, or above 1e100."""
    column = np.asarray(prices, dtype=np.float64)
    for bad in np.flatnonzero((column <= 0.0) | (column > _LARGEST))[:1]:
        wrong = f"more than {_LARGEST:g}" if column[bad] > 0.0 else "not above 0, and no growth can be told from it"
        msg = f"price {column[bad]:g} at place {bad + 1} is {wrong}. Leave it empty."
        raise ValueError(msg)
    return column


def alps(prices: ArrayLike, *, first_month: int, window: int | None = 60, logarithm: bool = False) -> Scores:
    """Alert for price spikes: distance of a month's price from trend and season of the months before it.

    P = sum of month effects + b t by ordinary least squares over the `window` months before t (None: all before it);
    score = (P_t - fitted) / sd of the residuals with n - k degrees of freedom. Stress from 0.25, alert 1, crisis 2.
    Source: World Food Programme, technical guidance on ALPS, 2014; the rolling window, fitted without the month that
    is judged, is ours. `first_month` is the calendar month 1-12 of the first price.
    Needs 36 months before, 70 % of them with a price, one in the last six, the calendar month among them.
    ValueError for a month that is none.
    """
    if not 1 <= first_month <= _YEAR:
        msg = f"first month is {first_month}: give 1 (January) to 12 (December)."
        raise ValueError(msg)
    column = _price_column(prices)
    values = np.log(column) if logarithm else column
    found, months = unscored(values), (first_month - 1 + np.arange(values.size)) % _YEAR
    known = ~np.isnan(values)
    for t in np.flatnonzero(known).tolist():
        begin = 0 if window is None else max(0, t - window)
        begin += int(np.argmax(known[begin : t + 1]))
        if not _enough(known[begin:t]):
            continue
        rows = np.flatnonzero(known[begin:t]) + begin
        fitted = _trend_and_season(rows, months[rows], values[rows], t, int(months[t]))
        if fitted is None:
            continue
        level, spread = fitted
        if spread <= _STILL * float(np.abs(values[rows]).max()):
            found.verdict[t] = Verdict.NO_VERDICT
        else:
            found.score[t], found.verdict[t] = (values[t] - level) / spread, Verdict.SCORED
    return found


def alps_looking_ahead(prices: ArrayLike, *, first_month: int) -> Scores:
    """ALPS fitted once on the whole series: uses prices of the future, and stands here only to show what that does."""
    values = _price_column(prices)
    found, rows = unscored(values), np.flatnonzero(~np.isnan(values))
    months = (first_month - 1 + np.arange(values.size)) % _YEAR
    if rows.size < _LEAST_MONTHS:
        return found
    design = _design(rows, months[rows])
    coefficients = np.linalg.lstsq(design, values[rows], rcond=None)[0]
    errors = values[rows] - design @ coefficients
    spread = float(np.sqrt((errors**2).sum() / (rows.size - design.shape[1])))
    if spread <= _STILL * float(values[rows].max()):
        found.verdict[rows] = Verdict.NO_VERDICT
        return found
    found.score[rows], found.verdict[rows] = errors / spread, Verdict.SCORED
    return found


def ifpa(prices: ArrayLike, *, share: float = IFPA_SHARE) -> Scores:
    """Indicator of price anomalies: growth over three and twelve months against the same calendar month before.

    zQ of (P_t / P_t-3)^(1/3) - 1 and zA of (P_t / P_t-12)^(1/12) - 1, each against its weighted mean and sd over the
    strictly earlier years, weights 1..k rising to the latest; score = share zQ + (1 - share) zA. Moderately high from
    0.5, abnormally high from 1. Source: FAO, SDG indicator 2.c.1 (Baquedano 2015) as FAO's web tool computes it.
    """
    column = _price_column(prices)
    quarter, year = _seasonal_z(_growth(column, 3)), _seasonal_z(_growth(column, _YEAR))
    found = unscored(column)
    both = np.maximum(quarter.verdict, year.verdict)
    scored = (quarter.verdict == Verdict.SCORED) & (year.verdict == Verdict.SCORED)
    found.verdict[(both == Verdict.NO_VERDICT) & ~np.isnan(column)] = Verdict.NO_VERDICT
    found.score[scored] = share * quarter.score[scored] + (1.0 - share) * year.score[scored]
    found.verdict[scored] = Verdict.SCORED
    return found


def ifpa_parts(prices: ArrayLike) -> tuple[Scores, Scores]:
    """zQ and zA of `ifpa`, for the page that explains a lamp."""
    column = _price_column(prices)
    return _seasonal_z(_growth(column, 3)), _seasonal_z(_growth(column, _YEAR))


def ifpa_looking_ahead(prices: ArrayLike, *, share: float = IFPA_SHARE) -> Scores:
    """IFPA against mean and sd of all years, later ones too: it stands here only to show what that does."""
    column = _price_column(prices)
    parts: list[Floats] = []
    for growth in (_growth(column, 3), _growth(column, _YEAR)):
        z = np.full(column.size, np.nan)
        for month in range(min(_YEAR, column.size)):
            same = growth[month::_YEAR]
            known = same[~np.isnan(same)]
            spread = known.std(ddof=1) if known.size > 2 else 0.0
            if spread > _STILL:
                z[month::_YEAR] = (same - known.mean()) / spread
        parts.append(z)
    return only_scored(column, share * parts[0] + (1.0 - share) * parts[1])


def move(prices: ArrayLike, *, periods: int, slack: int = 0) -> Scores:
    """Change over so many periods as a part of the earlier price: 0.2 is 20 % up.

    With `slack`, an earlier price that is missing is replaced by the last one known up to so many periods before it,
    as for the Friday before a Sunday.
    """
    values = _price_column(prices)
    change, base = np.full(values.size, np.nan), values.copy()
    for back in range(1, slack + 1):
        shifted = np.concatenate([np.full(min(back, values.size), np.nan), values[: max(values.size - back, 0)]])
        base = np.where(np.isnan(base), shifted, base)
    change[periods:] = values[periods:] / base[: max(values.size - periods, 0)] - 1.0
    return only_scored(values, change)


def mean_distance(prices: ArrayLike, *, periods: int = 20) -> Scores:
    """Distance of a price from the mean of the `periods` prices before it, as a part of that mean.

    Periods without a price (days without trade) are passed over and do not count.
    """
    values = _price_column(prices)
    rows = np.flatnonzero(~np.isnan(values))
    distance = np.full(values.size, np.nan)
    if rows.size > periods:
        known = values[rows]
        mean = np.lib.stride_tricks.sliding_window_view(known, periods)[:-1].mean(axis=1)
        distance[rows[periods:]] = known[periods:] / mean - 1.0
    return only_scored(values, distance)


def standard_move(prices: ArrayLike, *, memory: float = 0.94, least: int = 12) -> Scores:
    """The last relative change over the volatility known before it: exponentially weighted, memory 0.94.

    Volatility starts as the root mean square of the first `least` changes (logarithms). Source: RiskMetrics, 1996.
    """
    values = _price_column(prices)
    found = unscored(values)
    rows = np.flatnonzero(~np.isnan(values))
    changes = np.diff(np.log(values[rows]))
    if changes.size <= least:
        return found
    variance = float((changes[:least] ** 2).mean())
    for k in range(least, changes.size):
        t = int(rows[k + 1])
        if variance <= _STILL**2:
            found.verdict[t] = Verdict.NO_VERDICT
        else:
            found.score[t], found.verdict[t] = changes[k] / np.sqrt(variance), Verdict.SCORED
        variance = memory * variance + (1.0 - memory) * float(changes[k]) ** 2
    return found


def _enough(known: Bools) -> bool:
    long = known.size >= _LEAST_MONTHS and bool(known[-_FRESH_MONTHS:].any())
    return long and float(known.mean()) >= _LEAST_PRESENT


def _design(rows: NDArray[np.int64], months: NDArray[np.int64]) -> Floats:
    design = np.zeros((rows.size, _YEAR + 1))
    design[np.arange(rows.size), months] = 1.0
    design[:, _YEAR] = rows
    return design


def _trend_and_season(
    rows: NDArray[np.int64],
    months: NDArray[np.int64],
    values: Floats,
    t: int,
    month: int,
) -> tuple[float, float] | None:
    """Fitted value at t and sd of the residuals; None when the month was never seen or no freedom is left.

    The fit within months is done by hand: the slope from deviations from month means, then the month's own level.
    """
    count = np.bincount(months, minlength=_YEAR)
    freedom = rows.size - int((count > 0).sum()) - 1
    if not count[month] or freedom < 1:
        return None
    divisor = np.maximum(count, 1)
    mean_t = np.bincount(months, weights=rows, minlength=_YEAR) / divisor
    mean_v = np.bincount(months, weights=values, minlength=_YEAR) / divisor
    dt, dv = rows - mean_t[months], values - mean_v[months]
    slope = float(dt @ dv / (dt @ dt)) if (dt @ dt) > 0.0 else 0.0
    errors = dv - slope * dt
    return float(mean_v[month] + slope * (t - mean_t[month])), float(np.sqrt(errors @ errors / freedom))


def _growth(values: Floats, periods: int) -> Floats:
    """Compound growth per period over `periods`; nan where either end is unknown."""
    growth = np.full(values.size, np.nan)
    growth[periods:] = (values[periods:] / values[: max(values.size - periods, 0)]) ** (1.0 / periods) - 1.0
    return growth


def _seasonal_z(growth: Floats) -> Scores:
    """Distance from the weighted mean of the same calendar month's earlier growth, in its weighted sd."""
    found = unscored(growth)
    for t in np.flatnonzero(~np.isnan(growth)).tolist():
        earlier = growth[t % _YEAR : t : _YEAR]
        earlier = earlier[~np.isnan(earlier)]
        k = earlier.size
        if k < 2:
            continue
        weights = np.arange(1.0, k + 1.0)
        mean = float(weights @ earlier / weights.sum())
        spread = float(np.sqrt(weights @ (earlier - mean) ** 2 / (weights.sum() * (k - 1) / k)))
        if spread <= _STILL:
            found.verdict[t] = Verdict.NO_VERDICT
        else:
            found.score[t], found.verdict[t] = (growth[t] - mean) / spread, Verdict.SCORED
    return found
