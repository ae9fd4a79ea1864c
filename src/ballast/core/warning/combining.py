"""One lamp from several signals: the worst of them, and one level worse when two stand at the same level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Combined", "combined"]


@dataclass(frozen=True)
class Combined:
    """A lamp made from rules of the same pack; `step_up`: one level worse when two stand at the same level."""

    name: str
    title: str
    title_zh: str
    of: tuple[str, ...]
    step_up: bool = False


def combined(ranks: NDArray[np.int8], worst: int, *, step_up: bool) -> NDArray[np.int8]:
    """Rank of n subjects from m signals; `ranks` [m, n], 0 for normal and for a signal that is not known.

    With `step_up` it is one worse, up to `worst`, when two signals stand at the same level above normal.

    >>> combined(np.array([[1, 0, 3], [1, 2, 3]], np.int8), 3, step_up=True).tolist()
    [2, 2, 3]
    """
    found: NDArray[np.int8] = ranks.max(axis=0)
    if not step_up:
        return found
    twice = np.zeros(ranks.shape[1], np.bool_)
    for rank in range(1, worst + 1):
        twice |= (ranks == rank).sum(axis=0) > 1
    found = np.minimum(found + twice, worst).astype(np.int8)
    return found
