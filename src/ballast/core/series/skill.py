"""How good a warning was: the table of signals and events, and whether scores rank what came before what did not.

Table A (signal, event followed), B (signal, none), C (no signal, event), D (neither). Sources: Kaminsky, Lizondo and
Reinhart 1998 (noise-to-signal), Alessi and Detken 2011 (usefulness), Hanley and McNeil 1982 (area under the curve).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Bools, Floats

__all__ = ["Hits", "auroc", "auroc_interval", "brier", "hits"]

# Cells of a table of draws that is held at once.
_CELLS = 2_000_000


@dataclass(frozen=True)
class Hits:
    """Counts of periods; a ratio without anything below the line is None."""

    a: int
    b: int
    c: int
    d: int

    @property
    def precision(self) -> float | None:
        """Of the signals, the part that an event followed."""
        return _ratio(self.a, self.a + self.b)

    @property
    def recall(self) -> float | None:
        """Of the periods before events, the part with a signal."""
        return _ratio(self.a, self.a + self.c)

    @property
    def false_positive_rate(self) -> float | None:
        """Of the periods that no event followed, the part with a signal."""
        return _ratio(self.b, self.b + self.d)

    @property
    def base_rate(self) -> float | None:
        """The part of all periods that an event followed."""
        return _ratio(self.a + self.c, self.a + self.b + self.c + self.d)

    @property
    def lift(self) -> float | None:
        """Precision over base rate: how much likelier an event is after a signal."""
        return None if self.precision is None or not self.base_rate else self.precision / self.base_rate

    @property
    def noise_to_signal(self) -> float | None:
        """False positive rate over recall; useful below 1."""
        return None if self.false_positive_rate is None or not self.recall else self.false_positive_rate / self.recall

    def usefulness(self, preference: float = 0.5) -> float | None:
        """What signals are worth over none to one who weighs missed events by `preference` 0..1; useful above 0."""
        if self.recall is None or self.false_positive_rate is None:
            return None
        missed = preference * (1.0 - self.recall)
        return min(preference, 1.0 - preference) - missed - (1.0 - preference) * self.false_positive_rate


def hits(signals: ArrayLike, events: ArrayLike) -> Hits:
    """The table of periods with a signal (bool) and with an event to follow (bool), of one length."""
    on, due = np.asarray(signals, dtype=np.bool_), np.asarray(events, dtype=np.bool_)
    return Hits(int((on & due).sum()), int((on & ~due).sum()), int((~on & due).sum()), int((~on & ~due).sum()))


def auroc(scores: ArrayLike, events: ArrayLike) -> float | None:
    """Chance that a period before an event scores higher than one before none, ties counting half.

    None when either kind is missing. 0.5 is a coin. By the ranks of Mann and Whitney, O(n log n).
    """
    due = np.asarray(events, dtype=np.bool_)
    return _float(_areas(np.asarray(scores, dtype=np.float64), due, np.ones((1, due.size)))[0])


def auroc_interval(
    scores: ArrayLike, events: ArrayLike, blocks: ArrayLike, *, level: float = 0.9, draws: int = 500, seed: int = 1
) -> tuple[float, float] | None:
    """Interval of `auroc` by drawing whole blocks (years) with replacement: events cluster, single periods would lie.

    `blocks` [n] labels the block of each period. None with fewer than five blocks, or when one draw in ten lacks either
    kind of period. The same seed gives the same interval.
    """
    figures, due = np.asarray(scores, dtype=np.float64), np.asarray(events, dtype=np.bool_)
    names, block = np.unique(np.asarray(blocks), return_inverse=True)
    if names.size < 5:
        return None
    drawn = np.random.default_rng(seed).multinomial(names.size, np.full(names.size, 1.0 / names.size), draws)
    at_once = max(1, _CELLS // max(due.size, 1))
    parts = [_areas(figures, due, drawn[k : k + at_once, block]) for k in range(0, draws, at_once)]
    found = np.concatenate(parts)
    found = found[~np.isnan(found)]
    if found.size < 0.9 * draws:
        return None
    low, high = np.quantile(found, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)


def brier(chances: ArrayLike, events: ArrayLike) -> float | None:
    """Mean squared distance of stated chances 0..1 from what came; 0 is perfect. None without periods."""
    said, came = np.asarray(chances, dtype=np.float64), np.asarray(events, dtype=np.float64)
    return float(((said - came) ** 2).mean()) if said.size else None


def _areas(figures: Floats, due: Bools, weights: ArrayLike) -> Floats:
    """[draws] area under the curve, nan without either kind; weights [draws, n] say how often a period was drawn."""
    if not figures.size:
        return np.full(np.shape(weights)[0], np.nan)
    order = np.argsort(figures, kind="stable")
    # Compared and not subtracted: scores without end, which a baseline that does not vary gives, tie as any others do.
    ties = np.append(0, np.flatnonzero(figures[order][1:] != figures[order][:-1]) + 1)
    drawn, came = np.asarray(weights, dtype=np.float64)[:, order], due[order]
    positives = np.add.reduceat(drawn * came, ties, axis=1)
    negatives = np.add.reduceat(drawn * ~came, ties, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        area = (positives * below).sum(axis=1) / (positives.sum(axis=1) * negatives.sum(axis=1))
    return np.asarray(area, dtype=np.float64)


def _float(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
