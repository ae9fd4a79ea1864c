"""Measures on stocks and reports: days of cover, gap against the month's need, share of reporters that are short."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Floats
from ballast.core.series.verdicts import Scores, Verdict, unscored

__all__ = ["cover_days", "share_short", "supply_gap"]

# No quantity in any unit is larger, and no use that is one is smaller.
_LARGEST: Final = 1e100
_LEAST_RATE: Final = 1e-100


def cover_days(
    stock: ArrayLike, use: ArrayLike, *, plan: ArrayLike | None = None, blocked: ArrayLike = 0.0, days: int = 7
) -> Scores:
    """Days that each day's usable stock lasts: over the larger of the planned use and the mean of the last `days`.

    `stock`, `use` and `plan` are quantities per day, of one unit. Days without a known use are left out of the mean.
    Nothing known of the use, or no use at all: no verdict. ValueError when a figure is below 0.
    """
    have, used = _quantities("stock", stock), _quantities("use", use)
    planned = np.full(have.size, np.nan) if plan is None else _quantities("plan", plan)
    usable = np.maximum(have - np.asarray(blocked, dtype=np.float64), 0.0)
    found = unscored(have)
    for day in np.flatnonzero(~np.isnan(have)).tolist():
        last = used[max(0, day - days + 1) : day + 1]
        last = last[~np.isnan(last)]
        rates = [*([float(last.mean())] if last.size else []), *([] if np.isnan(planned[day]) else [planned[day]])]
        rate = max(rates, default=0.0)
        if rate > _LEAST_RATE:
            found.score[day], found.verdict[day] = usable[day] / rate, Verdict.SCORED
        else:
            found.verdict[day] = Verdict.NO_VERDICT
    return found


def supply_gap(need: ArrayLike, supply: ArrayLike, *, stock: ArrayLike = 0.0) -> Scores:
    """Part of a month's need that its supply and the usable stock do not cover: 0 when all is, 1 when nothing is.

    All in one unit. A month without need has no verdict. ValueError when a figure is below 0.
    """
    needed, come = _quantities("need", need), _quantities("supply", supply)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.maximum(needed - come - np.asarray(stock, dtype=np.float64), 0.0) / needed
    found = unscored(needed + come)
    found.verdict[needed == 0.0] = Verdict.NO_VERDICT
    scored = ~np.isnan(gap)
    found.score[scored], found.verdict[scored] = gap[scored], Verdict.SCORED
    return found


def share_short(short: ArrayLike, reporters: ArrayLike, *, least: int = 5) -> Scores:
    """Share of those who reported that are short, 0..1; too short with fewer than `least` who reported.

    Who did not report counts neither way: read it beside the share of who did. ValueError when more are short than
    reported.
    """
    lacking, said = _quantities("short", short), _quantities("reporters", reporters)
    for bad in np.flatnonzero(lacking > said)[:1]:
        msg = f"{lacking[bad]:g} are short of {said[bad]:g} who reported, at place {bad + 1}. Correct one of the two."
        raise ValueError(msg)
    found = unscored(lacking + said)
    enough = (said >= max(least, 1)) & ~np.isnan(lacking)
    found.score[enough], found.verdict[enough] = lacking[enough] / said[enough], Verdict.SCORED
    return found


def _quantities(name: str, values: ArrayLike) -> Floats:
    column = np.asarray(values, dtype=np.float64)
    for bad in np.flatnonzero((column < 0.0) | (column > _LARGEST))[:1]:
        wrong = "not from 0 up" if column[bad] < 0.0 else f"more than {_LARGEST:g}"
        msg = f"{name} {column[bad]:g} at place {bad + 1} is {wrong}. Leave it empty when it is unknown."
        raise ValueError(msg)
    return column
