"""How concentrated supply is: largest share, Herfindahl-Hirschman index, effective suppliers; bounds where unknown.

Source: Herfindahl (1950), Hirschman (1964): the sum of squared shares. The bounds are ours
(docs/explanation/dependence.md): every way of dividing what is unknown gives a value between them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Bools, Floats, Ints, index, refuse
from ballast.core.sums import totals

__all__ = ["WHOLE", "Concentration", "concentration"]

# A share this near to 1 is all: 0.7 + 0.2 + 0.1 is not 1 in binary arithmetic.
WHOLE = 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class Concentration:
    """One row for each of n subjects; shares and indices 0..1, nan where nothing is supplied at all."""

    sources: Ints  # [n] named sources, those with an unknown part included
    unknown: Floats  # [n] share of which the source, or the part of each source, is unknown
    largest: Ints  # [n] named source with the largest known share, the first of equals; -1 when none is known
    largest_low: Floats  # [n] the largest share is at least this
    largest_high: Floats  # [n] and at most this
    hhi_low: Floats  # [n]
    hhi_high: Floats  # [n]

    @property
    def effective_low(self) -> Floats:
        """[n] 1 / HHI at its upper bound: as many equal suppliers would be as concentrated."""
        return 1.0 / self.hhi_high

    @property
    def effective_high(self) -> Floats:
        """[n] 1 / HHI at its lower bound; inf when quite unknown shares may be spread over any number."""
        return np.divide(1.0, self.hhi_low, out=np.full_like(self.hhi_low, np.inf), where=self.hhi_low != 0.0)

    @property
    def single(self) -> Bools:
        """[n] whether one source supplies all for certain."""
        return self.largest_low >= WHOLE

    @property
    def possibly_single(self) -> Bools:
        """[n] whether one source may supply all, as far as is known."""
        return self.largest_high >= WHOLE


def concentration(
    subject: ArrayLike,
    source: ArrayLike,
    amount: ArrayLike,
    *,
    subjects: int,
    sources: int,
    rest: ArrayLike | None = None,
    open_: ArrayLike | None = None,
    outsiders: bool = False,
) -> Concentration:
    """Concentration of the rows (subject, source, amount); rows of one subject and source add up.

    An amount of nan is unknown: all such sources of a subject share its `rest` [subjects] in an unknown way.
    `open_` [subjects] comes from sources that are not named at all: any one of them, or very many; with `outsiders`
    none of those that are named. A rest for which no source is named is open. O(rows log rows). NetworkError for
    what is negative or not finite.
    """
    amounts = np.asarray(amount, dtype=np.float64)
    for bad in np.flatnonzero((amounts < 0.0) | np.isinf(amounts))[:1]:
        refuse("amount", f"{amounts[bad]} (row {bad})", "is no finite amount from 0 up", "Use nan for an unknown one")
    rests, opens = _per_subject("rest", rest, subjects), _per_subject("open_", open_, subjects)
    pair = index("subject", subject, amounts.size, subjects).astype(np.int64) * max(1, sources)
    pair += index("source", source, amounts.size, sources)
    pairs, place = np.unique(pair, return_inverse=True)
    unknown = np.bincount(place[np.isnan(amounts)], minlength=pairs.size) > 0
    known = totals(place, np.nan_to_num(amounts), pairs.size)
    of = pairs // max(1, sources)
    named = np.bincount(of[unknown], minlength=subjects)[:subjects] > 0
    rests, opens = np.where(named, rests, 0.0), opens + np.where(named, 0.0, rests)
    total = totals(of, known, subjects) + rests + opens
    scale = np.divide(1.0, total, out=np.full(subjects, np.nan), where=total > 0.0)
    shares = known * scale[of]
    level = _water_level(shares, of, unknown, rests * scale)
    filled = np.where(unknown, np.maximum(shares, level[of]), shares)
    top, code = _largest(shares, of, pairs % max(1, sources), subjects)
    low = np.fmax(top, _peak(filled, of, subjects)) + 0.0 * scale
    supplied = (known > 0.0) | unknown
    return Concentration(
        sources=np.bincount(of[supplied], minlength=subjects)[:subjects].astype(np.int32),
        unknown=(rests + opens) * scale,
        largest=code,
        largest_low=low,
        hhi_low=totals(of, filled * filled, subjects) + 0.0 * scale,
        **_upper(shares, of, unknown, top, rests * scale, opens * scale, outsiders=outsiders),
    )


def _upper(
    shares: Floats, of: NDArray[np.int64], unknown: Bools, top: Floats, rest: Floats, open_: Floats, *, outsiders: bool
) -> dict[str, Floats]:
    """Largest share and index when all that is unknown goes to one source, the largest that may have it.

    The sum of squares is convex, so its maximum stands in a corner; of the corners the largest target wins, and it
    makes the next target larger too.
    """
    n = top.size
    target = _peak(np.where(unknown, shares, -np.inf), of, n)
    gets = np.where(np.isfinite(target), target, 0.0)
    squares = totals(of, shares * shares, n) + rest * (2.0 * gets + rest)
    peak = np.fmax(top, gets + rest)
    if outsiders:
        return {"largest_high": np.fmax(peak, open_) + 0.0 * rest, "hhi_high": squares + open_ * open_}
    return {
        "largest_high": np.minimum(1.0, peak + open_),
        "hhi_high": np.minimum(1.0, squares + open_ * (2.0 * peak + open_)),
    }


def _water_level(shares: Floats, of: NDArray[np.int64], unknown: Bools, rest: Floats) -> Floats:
    """[n] the level to which `rest` fills the unknown sources of each subject, lowest first: the least squares.

    The level is the smallest of (rest + sum of the j lowest shares) / j.
    """
    level = np.full(rest.size, -np.inf)
    rows = np.flatnonzero(unknown)
    rows = rows[np.lexsort((shares[rows], of[rows]))]
    if not rows.size:
        return level
    mine = of[rows]
    start = np.flatnonzero(np.append(True, mine[1:] != mine[:-1]))
    size = np.diff(np.append(start, rows.size))
    running = np.cumsum(shares[rows])
    before = np.repeat(running[start] - shares[rows][start], size)
    rank = np.arange(rows.size) - np.repeat(start, size) + 1
    level[mine[start]] = np.minimum.reduceat((rest[mine] + running - before) / rank, start)
    return level


def _largest(shares: Floats, of: NDArray[np.int64], code: NDArray[np.int64], n: int) -> tuple[Floats, Ints]:
    """(largest known share, its source) of each subject; 0 and -1 where no share is known."""
    top = np.fmax(_peak(shares, of, n), 0.0)
    best = np.full(n, -1, dtype=np.int32)
    rows = np.flatnonzero((shares == top[of]) & (shares > 0.0))[::-1]
    best[of[rows]] = code[rows]
    return top, best


def _peak(values: Floats, of: NDArray[np.int64], n: int) -> Floats:
    """[n] the largest value of each subject; rows stand by subject. -inf where a subject has none."""
    peak = np.full(n, -np.inf)
    if values.size:
        start = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
        peak[of[start]] = np.maximum.reduceat(np.nan_to_num(values, nan=-np.inf, neginf=-np.inf), start)
    return peak


def _per_subject(name: str, values: ArrayLike | None, n: int) -> Floats:
    given = np.zeros(n) if values is None else np.asarray(values, dtype=np.float64)
    if given.shape != (n,) or not np.all(np.isfinite(given)) or np.any(given < 0):
        refuse(name, str(given), "is not one finite amount from 0 up for each subject", "Give 0 where all is known")
    return given
