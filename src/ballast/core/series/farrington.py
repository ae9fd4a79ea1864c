"""Outbreak detection on weekly counts against the same weeks of past years (Farrington and others 1996).

A log-linear model with over-dispersion is fitted to the reference weeks, fitted again with past outbreaks weighted
down, and gives the bound that a count must pass. The fit follows R's glm, so that the figures of R's surveillance
package come out, and its edge cases with them.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Floats
from ballast.core.series.counts import Alarms, count_column

__all__ = ["anscombe_residuals", "farrington", "fit_twice", "outbreak_weights", "upper_bound"]

_CONVERGED = 1e-8
# R's log link keeps a mean at the smallest step of a floating number; above the other no number is left.
_LEAST_MEAN, _MOST_ETA = float(np.finfo(np.float64).eps), 700.0
_ROUNDS = 25
_SIGNIFICANT = 0.05
# Fewer reference weeks leave no freedom beside level and trend.
_LEAST_WEEKS = 3
# What is left of a week's own weight in its fit where it alone decides it; its residual is then 0.
_LEAST_SLACK = 1e-12


@dataclass(frozen=True, eq=False)
class _Fit:
    """A fitted model: coefficients on the centred design, and what its spread is made of."""

    design: Floats  # [n, p]
    coefficients: Floats  # [p]
    mean: Floats  # [n]
    unscaled: Floats  # [p, p] covariance of the coefficients before the dispersion
    hat: Floats  # [n]
    dispersion: float
    converged: bool


def farrington(
    counts: ArrayLike,
    *,
    years: int = 5,
    half_window: int = 3,
    alpha: float = 0.01,
    period: int = 52,
    trend: bool = True,
    reweight: bool = True,
    least_cases: int = 5,
    in_periods: int = 4,
    partial: bool = False,
) -> Alarms:
    """Bound and exceedance of each week's count against the weeks +- `half_window` of the `years` before.

    `period` is the number of counts in a year. A trend is kept when it is significant at 5 %, rests on three years and
    does not predict above all that was seen. Residuals above 1 are weighted down by their inverse square. Bound
    U = mu (1 + 2/3 z sqrt(tau / mu))^(3/2), z of 1 - alpha / 2, tau = phi + var(mu) / mu. Score = (y - mu) / (U - mu),
    alarm above 1. Silent (score 0, no alarm) with fewer than `least_cases` in the last `in_periods`, this one included.
    nan where a reference week lies before the series or is missing; with `partial` those weeks are left out instead,
    as R does it, from the first week that has half a window in its earliest year.
    ValueError when `years` and `half_window` leave fewer than three reference weeks.
    """
    if years < 1 or half_window < 0 or years * (2 * half_window + 1) < _LEAST_WEEKS:
        msg = f"{years} years with {half_window} weeks on either side: a fit needs at least {_LEAST_WEEKS} weeks."
        raise ValueError(msg)
    column = count_column(counts)
    expected, bound, score = (np.full(column.size, np.nan) for _ in range(3))
    around = np.arange(-half_window, half_window + 1)
    first = years * period - half_window - 1 if partial else years * period + half_window
    for now in range(first, column.size):
        weeks = np.concatenate([now - period * back + around for back in range(years, 0, -1)])
        weeks = weeks[weeks >= 0]
        weeks = weeks[~np.isnan(column[weeks])] if partial else weeks
        seen = column[weeks]
        if seen.size < _LEAST_WEEKS or np.isnan(seen).any() or np.isnan(column[now]):
            continue
        fit, dispersion = _model(seen, weeks - now, trend=trend, years=years, reweight=reweight)
        # Weeks count from the one that is judged, so that its own row of the design is (1, 0).
        mean = float(np.exp(fit.coefficients[0]))
        expected[now] = mean
        bound[now] = upper_bound(mean, dispersion, mean * mean * fit.unscaled[0, 0] * dispersion, alpha=alpha)
        enough = np.nansum(column[max(0, now - in_periods + 1) : now + 1]) >= least_cases
        score[now] = (column[now] - mean) / (bound[now] - mean) if enough else 0.0
    with np.errstate(invalid="ignore"):
        return Alarms(expected, bound, score, score > 1.0)


def upper_bound(mean: float, dispersion: float, variance: float, *, alpha: float = 0.01) -> float:
    """Bound of a single count on the scale of power 2/3, from the expected count, its variance and the dispersion."""
    tau = dispersion + variance / mean
    step = NormalDist().inv_cdf(1.0 - alpha / 2.0) * (2.0 / 3.0) * float(np.sqrt(tau / mean))
    return float(mean * (1.0 + step) ** 1.5)


def anscombe_residuals(counts: Floats, mean: Floats, hat: Floats, dispersion: float) -> Floats:
    """Residuals of counts that are nearly normal: 3/2 (y^(2/3) mu^(-1/6) - mu^(1/2)), standardised."""
    raw = 1.5 * (counts ** (2.0 / 3.0) * mean ** (-1.0 / 6.0) - np.sqrt(mean))
    return np.asarray(raw / np.sqrt(dispersion * np.maximum(1.0 - hat, _LEAST_SLACK)), dtype=np.float64)


def outbreak_weights(residuals: Floats, *, limit: float = 1.0) -> Floats:
    """Weights of the second fit: inverse square above the limit, equal below, n in sum."""
    high = residuals > limit
    inverse = np.ones(residuals.size)
    inverse[high] = residuals[high] ** -2.0
    return np.asarray(inverse * (residuals.size / inverse.sum()), dtype=np.float64)


def _model(seen: Floats, weeks: NDArray[np.int64], *, trend: bool, years: int, reweight: bool) -> tuple[_Fit, float]:
    """The model that is kept, with its dispersion (at least 1)."""
    if trend:
        fit, dispersion, sloped = _fit_twice(seen, weeks, trend=True, reweight=reweight)
        if sloped and years >= 3 and _significant(fit) and np.exp(fit.coefficients[0]) <= seen.max():
            return fit, dispersion
    fit, dispersion, _ = _fit_twice(seen, weeks, trend=False, reweight=reweight)
    return fit, dispersion


def fit_twice(design: Floats, seen: Floats, *, limit: float = 1.0) -> tuple["_Fit", float]:
    """A model [n, p] of the counts, fitted anew with residuals above the limit weighted down; its dispersion (>= 1)."""
    fit = _fit(design, seen, np.ones(seen.size))
    weights = outbreak_weights(anscombe_residuals(seen, fit.mean, fit.hat, max(fit.dispersion, 1.0)), limit=limit)
    fit = _fit(design, seen, weights)
    return fit, max(fit.dispersion, 1.0)


def _fit_twice(seen: Floats, weeks: NDArray[np.int64], *, trend: bool, reweight: bool) -> tuple[_Fit, float, bool]:
    design = np.column_stack([np.ones(seen.size), weeks]) if trend else np.ones((seen.size, 1))
    fit = _fit(design, seen, np.ones(seen.size))
    if trend and not fit.converged:
        design, trend = design[:, :1], False
        fit = _fit(design, seen, np.ones(seen.size))
    dispersion = max(fit.dispersion, 1.0)
    if reweight:
        weights = outbreak_weights(anscombe_residuals(seen, fit.mean, fit.hat, dispersion))
        fit = _fit(design, seen, weights)
        dispersion = max(fit.dispersion, 1.0)
    return fit, dispersion, trend


def _significant(fit: _Fit) -> bool:
    """Whether the trend differs from 0 at 5 %, by Student's t with the estimated dispersion."""
    error = float(np.sqrt(fit.dispersion * fit.unscaled[1, 1]))
    if error == 0.0:
        return bool(fit.coefficients[1] != 0.0)
    from scipy.special import stdtr  # type: ignore[import-untyped]

    return bool(2.0 * stdtr(fit.mean.size - 2, -abs(fit.coefficients[1]) / error) < _SIGNIFICANT)


def _fit(design: Floats, seen: Floats, weights: Floats) -> _Fit:
    """Quasi-Poisson regression with the log link by iteratively reweighted least squares, from mu = y + 0.1."""
    eta: Floats = np.asarray(np.log(seen + 0.1), dtype=np.float64)
    mean: Floats = np.asarray(np.exp(eta), dtype=np.float64)
    before, converged = _deviance(seen, mean, weights), False
    coefficients: Floats = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        root = np.sqrt(weights * mean)
        target = eta + (seen - mean) / mean
        solved = np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0]
        coefficients = np.asarray(solved, dtype=np.float64)
        last_mean = mean
        eta = np.asarray(design @ coefficients, dtype=np.float64)
        mean = np.maximum(np.exp(np.minimum(eta, _MOST_ETA)), _LEAST_MEAN)
        now = _deviance(seen, mean, weights)
        if abs(now - before) / (abs(now) + 0.1) < _CONVERGED:
            converged = True
            break
        before = now
    # As in R, spread and residual weights are those of the last round's working weights.
    root = np.sqrt(weights * last_mean)
    scaled = design * root[:, None]
    unscaled = np.asarray(np.linalg.pinv(scaled.T @ scaled), dtype=np.float64)
    hat: Floats = np.einsum("ij,jk,ik->i", scaled, unscaled, scaled)
    residual = (seen - mean) / mean
    dispersion = float((root**2 * residual**2).sum() / (seen.size - design.shape[1]))
    return _Fit(design, coefficients, mean, unscaled, hat, dispersion, converged)


def _deviance(seen: Floats, mean: Floats, weights: Floats) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(seen > 0.0, seen * np.log(seen / mean), 0.0)
    return float(2.0 * (weights * (part - (seen - mean))).sum())
