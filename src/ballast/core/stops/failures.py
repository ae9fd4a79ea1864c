"""The failure of each site alone (N-1), by stop times."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.network.network import Floats, Network
from ballast.core.parallel import Arrays, Executor, Threads, in_pieces, joined
from ballast.core.stops.times import checked_horizon, supply_of, work_of_thread

__all__ = ["Sweep", "rows_at_once", "single_failures"]

_PIECE = 512


@dataclass(frozen=True, eq=False)
class Sweep:
    """The failure of each site alone."""

    network: Network
    horizon: float
    stops: NDArray[np.int64]  # [n] sites that stop, the failed one among them
    lost_output: Floats  # [n] money within the horizon; sites of unknown value count 0


@dataclass(frozen=True)
class Alone:
    """Site k fails alone in row k of the question (core/parallel.py)."""

    horizon: float

    def ready(self, network: Network) -> Callable[[int, int], Arrays]:
        """Sites that stop, and money lost."""
        from ballast.core.kernels import stops as kernel

        supply, work = supply_of(network), work_of_thread(network)
        return lambda first, last: kernel.sweep(supply, work(), first, last, self.horizon)


def single_failures(
    network: Network,
    *,
    horizon: float = 90.0,
    threads: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sweep:
    """What the failure of each site alone stops and loses within `horizon` days (N-1).

    Computed by `executor`, or else by `threads` threads here.
    """
    horizon = checked_horizon(horizon)
    found = in_pieces(
        Alone(horizon), network, network.sites, size=rows_at_once(network),
        executor=executor or Threads(threads), progress=progress,
    )  # fmt: skip
    return Sweep(network, horizon, joined(found, 0, np.int64), joined(found, 1, np.float64))


def rows_at_once(network: Network) -> int:
    """Sites of one piece of a sweep over all sites."""
    return max(_PIECE, network.sites // 64)
