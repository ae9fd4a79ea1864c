"""What a measure says of each period: a score, or why there is none. A missing score is never a number."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats

__all__ = ["Scores", "Verdict", "only_scored", "unscored"]


class Verdict(IntEnum):
    """Why a period has a score or none."""

    SCORED = 0
    MISSING = 1  # the period has no value
    TOO_SHORT = 2  # not enough values before it
    NO_VERDICT = 3  # the values do not move, as contract prices do: nothing to compare with


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of n periods, nan wherever the verdict is not SCORED."""

    score: Floats  # [n]
    verdict: NDArray[np.int8]  # [n] of Verdict

    @property
    def last(self) -> tuple[float, Verdict]:
        """Score and verdict of the last period; (nan, TOO_SHORT) without any period."""
        if not self.score.size:
            return float("nan"), Verdict.TOO_SHORT
        return float(self.score[-1]), Verdict(int(self.verdict[-1]))


def unscored(values: Floats) -> Scores:
    """Nothing scored yet: MISSING where there is no value, TOO_SHORT elsewhere. Writable."""
    verdict = np.where(np.isnan(values), Verdict.MISSING, Verdict.TOO_SHORT).astype(np.int8)
    return Scores(np.full(values.size, np.nan), verdict)


def only_scored(values: Floats, score: Floats) -> Scores:
    """Scores from a column in which nan says that there is none."""
    found = unscored(values)
    known = ~np.isnan(score)
    found.score[known], found.verdict[known] = score[known], Verdict.SCORED
    return found
