"""Certain, possible, impossible: what a lamp can be while reports are missing, and whom to ask first.

A missing report is an interval, not a value. A level is certain when every completion within the intervals is at it or
worse, impossible when none is, else possible. All measures here rise with each of their parts, so the ends of the
intervals give the ends of the measure.
"""

from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.warning.rule import TOLERANCE, Rule

__all__ = ["Ask", "Join", "Range", "ask_first", "range_of", "ranks_between", "said_of"]

# How parts make a measure: the least of them (the worst input of a plant), the greatest, or their sum. A share of
# reporters is the sum of 0 or 1 over their number, and the cover of a region the sum of stocks over the use of all.
Join = Literal["least", "greatest", "sum"]
_EDGE: Final = 4 * TOLERANCE


class Range(NamedTuple):
    """The least and the greatest that a measure can be."""

    low: float
    high: float


class Ask(NamedTuple):
    """A missing report: its place among the parts, and in which share of its interval its value would settle the lamp.

    `width` is the length of its interval, in the unit of the measure.
    """

    part: int
    settles: float
    width: float


def ranks_between(
    rule: Rule, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Ranks of the mildest and of the worst level that a value between `low` and `high` [n] can be at.

    Exact also for limits on both sides, where the mildest stands in the middle. ValueError when an interval ends before
    it begins.
    """
    if (low > high).any() or np.isnan(low).any() or np.isnan(high).any():
        place = int(np.flatnonzero(~(low <= high))[0])
        msg = f"part {place} lies between {low[place]} and {high[place]}; give the smaller number first."
        raise ValueError(msg)
    mildest, worst = rule.ranks(low), rule.ranks(low)
    for edge in _edges(rule):
        for value in (edge - _EDGE, edge, edge + _EDGE, np.inf):
            ranks = rule.ranks(np.clip(value, low, high))
            mildest, worst = np.minimum(mildest, ranks), np.maximum(worst, ranks)
    return mildest, worst


def said_of(rule: Rule, mildest: int, worst: int) -> dict[str, str]:
    """Level -> certain, possible or impossible, each for "at this level or worse"; worst level first."""
    ranks = {grade.name: rule.scheme.rank(grade.name) for grade in rule.scheme.levels}
    return {
        level: "certain" if mildest >= rank else "possible" if worst >= rank else "impossible"
        for level, rank in ranks.items()
    }


def range_of(join: Join, low: NDArray[np.float64], high: NDArray[np.float64]) -> Range:
    """What a measure of the parts can be; `low` and `high` [n] are equal for a part that is known.

    ValueError without parts.
    """
    if not len(low):
        msg = "a measure without parts has no range."
        raise ValueError(msg)
    if join == "sum":
        return Range(float(low.sum()), float(high.sum()))
    if join == "least":
        return Range(float(low.min()), float(high.min()))
    return Range(float(low.max()), float(high.max()))


def ask_first(rule: Rule, join: Join, low: NDArray[np.float64], high: NDArray[np.float64]) -> list[Ask]:
    """The missing reports, that first whose arrival settles the lamp in the largest share of what it may say.

    Empty when the lamp is settled already. Within an interval every value counts alike; the share is exact, from the
    values at which an end of the measure crosses a limit. ValueError for an interval without an end.
    """
    if not np.isfinite(low).all() or not np.isfinite(high).all():
        msg = "an interval without an end cannot be shared out; give the largest value that is plausible."
        raise ValueError(msg)
    if _settled(rule, *range_of(join, low, high)):
        return []
    asks = []
    for part in np.flatnonzero(low < high).tolist():
        others = np.delete(low, part), np.delete(high, part)
        asks.append(Ask(part, _share(rule, join, others, low[part], high[part]), float(high[part] - low[part])))
    return sorted(asks, key=lambda ask: (-ask.settles, -ask.width, ask.part))


def _edges(rule: Rule) -> list[float]:
    return sorted({side for limit in rule.limits for side in (limit.lower, limit.upper) if side is not None})


def _settled(rule: Rule, low: float, high: float) -> bool:
    mildest, worst = ranks_between(rule, np.array([low]), np.array([high]))
    return bool(mildest[0] == worst[0])


def _share(
    rule: Rule, join: Join, others: tuple[NDArray[np.float64], NDArray[np.float64]], low: float, high: float
) -> float:
    """The share of the values of one part with which the lamp is settled."""
    rest = range_of(join, *others) if len(others[0]) else None
    cuts = {low, high}
    for edge in _edges(rule):
        cuts |= {edge} if join != "sum" or rest is None else {edge - rest.low, edge - rest.high}
    if rest is not None and join != "sum":
        cuts |= {rest.low, rest.high}
    inside = np.array(sorted(cut for cut in cuts if low <= cut <= high))
    middles = (inside[:-1] + inside[1:]) / 2
    mildest, worst = ranks_between(rule, *_with(join, rest, middles))
    return float(np.diff(inside)[mildest == worst].sum() / (high - low))


def _with(
    join: Join, rest: Range | None, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of the measure for each value of one part, beside the rest."""
    if rest is None:
        return values, values
    if join == "sum":
        return rest.low + values, rest.high + values
    made = np.minimum if join == "least" else np.maximum
    return made(rest.low, values), made(rest.high, values)
