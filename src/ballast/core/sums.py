"""Sums by group: where the rows of each group begin, and what they add up to."""

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats

__all__ = ["offsets", "totals"]


def totals(rows: NDArray[np.integer], values: Floats, count: int) -> Floats:
    """[count] the sum of the values of each row, added in the order in which they stand.

    >>> totals(np.array([0, 2, 0]), np.array([1.0, 2.0, 3.0]), 3).tolist()
    [4.0, 0.0, 2.0]
    """
    return np.bincount(rows, weights=values, minlength=count)[:count].astype(np.float64, copy=False)


def offsets(rows: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """[count + 1] where the entries of each row begin once they are sorted by row.

    >>> offsets(np.array([0, 2, 0]), 3).tolist()
    [0, 2, 2, 3]
    """
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count)[:count]))).astype(np.int64)
