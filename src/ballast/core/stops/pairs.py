"""The pairs of sites whose common failure loses most (N-2), exactly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.network.network import Floats, Network, NetworkError
from ballast.core.parallel import Arrays, Executor, Question, Threads, in_pieces, joined
from ballast.core.stops.failures import Sweep, rows_at_once, single_failures
from ballast.core.stops.times import checked_horizon, supply_of, work_of_thread
from ballast.core.sums import offsets

if TYPE_CHECKING:
    from ballast.core.kernels.stops import Touches

__all__ = ["Pairs", "worst_pairs"]

# Pairs of a piece; pairs computed before the bar is looked at again, at first and at most.
_PIECE, _ROUND, _ROUND_MOST = 256, 4096, 1 << 18


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of sites whose common failure loses most, the worst first."""

    network: Network
    horizon: float
    first: NDArray[np.int64]  # [k]
    second: NDArray[np.int64]  # [k] after `first` in the network
    stops: NDArray[np.int64]  # [k]
    lost_output: Floats  # [k]
    beyond: Floats  # [k] what the pair loses beyond the larger one alone
    together: Floats  # [k] beyond the sum of both alone; above 0 the two hold something up together
    evaluated: int  # pairs that were computed; all others are bounded below the last one here


@dataclass(frozen=True, eq=False)
class Together:
    """Pair k fails in row k of the question (core/parallel.py)."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    horizon: float

    def ready(self, network: Network) -> Callable[[int, int], Arrays]:
        """Sites that stop, and money lost."""
        from ballast.core.kernels import stops as kernel

        supply, work = supply_of(network), work_of_thread(network)
        return lambda a, b: kernel.pairs(supply, work(), self.first, self.second, a, b, self.horizon)


@dataclass(frozen=True)
class Touched:
    """Slots from which the failure of site k takes something, in row k."""

    horizon: float

    def ready(self, network: Network) -> Callable[[int, int], Arrays]:
        """Where the slots of each row end, from 0 on, the slots, the share that each loses, its link if one."""
        from ballast.core.kernels import stops as kernel

        supply, work = supply_of(network), work_of_thread(network)
        return lambda first, last: kernel.touched_slots(supply, work(), first, last, self.horizon)


@dataclass(frozen=True)
class Downstream:
    """Value of a day of all that stands downstream of site k over essential links, itself among it, in row k."""

    def ready(self, network: Network) -> Callable[[int, int], Arrays]:
        """The values."""
        from ballast.core.kernels import stops as kernel

        supply = supply_of(network)
        return lambda first, last: (kernel.downstream(supply, first, last),)


def worst_pairs(
    network: Network,
    *,
    top: int = 20,
    horizon: float = 90.0,
    threads: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pairs:
    """The `top` pairs of sites whose common failure loses most (N-2), exactly.

    Two failures act upon each other only through slots that both take something from: without such a slot every site
    stops at the earlier of its two times, and the pair loses at most the sum of both. Pairs are computed in the
    order of their bounds until no bound left exceeds the last of the best; the bound of a pair with common slots adds
    all that stands downstream of those slots' sites. `progress` is told how much is done, and of how much at most.
    """
    if top < 1:
        msg = f"top is {top}; ask for at least one pair."
        raise NetworkError(msg)
    run = _Run(network, checked_horizon(horizon), executor or Threads(threads), progress)
    alone = single_failures(network, horizon=horizon, executor=run.executor, progress=run.told)
    run.done = network.sites
    search = _Search(run, alone, top)
    search.take(*_best_sums(alone.lost_output, top))
    search.without_common_slots()
    search.with_common_slots()
    return search.answer()


@dataclass(eq=False)
class _Run:
    """What computes the parts of a search, and what is told of it."""

    network: Network
    horizon: float
    executor: Executor
    progress: Callable[[int, int], None] | None
    done: int = field(default=0, init=False)

    def sweep(self, question: Question[Network]) -> list[Arrays]:
        """The pieces of a question about every site."""
        network, size = self.network, rows_at_once(self.network)
        found = in_pieces(question, network, network.sites, size=size, executor=self.executor, progress=self.told)
        self.done += network.sites
        return found

    def told(self, rows: int, left: int = 0) -> None:
        """Tell of three sweeps over the sites, and of pairs."""
        if self.progress is not None:
            self.progress(self.done + rows, max(3 * self.network.sites, self.done + rows + left))


class _Search:
    """Pairs that were computed, the best kept."""

    def __init__(self, run: _Run, alone: Sweep, top: int) -> None:
        self.run, self.alone, self.top = run, alone, top
        self.network, self.horizon = run.network, run.horizon
        self.codes = np.empty(0, dtype=np.int64)
        self.stops, self.lost = np.empty(0, dtype=np.int64), np.empty(0)
        self.computed = np.empty(0, dtype=np.int64)

    @property
    def bar(self) -> float:
        """What a pair has to exceed."""
        return float(self.lost[-1]) if len(self.lost) >= self.top else -1.0

    @property
    def at_once(self) -> int:
        """Pairs of the next round: a quarter of what was computed, so that little of it is in vain."""
        return min(_ROUND_MOST, max(_ROUND, self.computed.size // 4))

    def take(self, ones: NDArray[np.int64], others: NDArray[np.int64]) -> None:
        """Compute these pairs and keep the best."""
        codes = np.unique(np.minimum(ones, others) * self.network.sites + np.maximum(ones, others))
        codes = np.setdiff1d(codes, self.computed, assume_unique=True)
        self.computed = np.union1d(self.computed, codes)
        first, second = np.divmod(codes, max(1, self.network.sites))
        question = Together(first, second, self.horizon)
        found = in_pieces(question, self.network, codes.size, size=_PIECE, executor=self.run.executor)
        stops = np.concatenate([self.stops, joined(found, 0, np.int64)])
        lost = np.concatenate([self.lost, joined(found, 1, np.float64)])
        codes = np.concatenate([self.codes, codes])
        best = np.lexsort((codes, -lost))[: self.top]
        self.codes, self.stops, self.lost = codes[best], stops[best], lost[best]

    def without_common_slots(self) -> None:
        """All pairs whose sum alone exceeds the bar; these bounds hold for pairs without common slots."""
        value = self.alone.lost_output
        order = np.lexsort((np.arange(value.size), -value)).astype(np.int64)
        ranked = value[order]
        waiting: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        held = 0
        for place in range(order.size - 1):
            count = int(np.searchsorted(-ranked[place + 1 :], ranked[place] - self.bar, side="left"))
            if count == 0 and ranked[place] * 2 <= self.bar:
                break
            if count:
                waiting.append((np.full(count, order[place]), order[place + 1 : place + 1 + count]))
                held += count
            if held >= self.at_once:
                self._take_all(waiting)
                waiting, held = [], 0
        self._take_all(waiting)

    def _take_all(self, waiting: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
        if waiting:
            self.take(np.concatenate([ones for ones, _others in waiting]), np.concatenate([o for _ones, o in waiting]))

    def with_common_slots(self) -> None:
        """Pairs with common slots whose bound exceeds the bar, by bound."""
        codes, most = self._bounds()
        first, second = np.divmod(codes, max(1, self.network.sites))
        order = np.lexsort((codes, -most))
        falling = -most[order]
        start, size = 0, self.at_once
        while start < (end := int(np.searchsorted(falling, -self.bar, side="left"))):
            part = order[start : min(end, start + size)]
            self.run.told(start, end - start)
            self.take(first[part], second[part])
            start, size = start + part.size, self.at_once
        self.run.told(start)

    def _bounds(self) -> tuple[NDArray[np.int64], Floats]:
        """Pairs that can do more together than each alone, and what each loses at most."""
        from ballast.core.kernels import stops as kernel

        below = joined(self.run.sweep(Downstream()), 0, np.float64) * self.horizon
        touches = _touches(self.run.sweep(Touched(self.horizon)), self.network)
        supply, alone = supply_of(self.network), self.alone.lost_output
        return kernel.bounded_pairs(supply, touches, alone, below, self.bar, 0, self.network.sites)  # type: ignore[no-any-return]

    def answer(self) -> Pairs:
        """The best pairs."""
        first, second = np.divmod(self.codes, max(1, self.network.sites))
        one, other = self.alone.lost_output[first], self.alone.lost_output[second]
        return Pairs(
            self.network, self.horizon, first, second, self.stops, self.lost,
            self.lost - np.maximum(one, other), self.lost - (one + other), self.computed.size,
        )  # fmt: skip


def _best_sums(value: Floats, top: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs among the few sites that lose most alone."""
    few = np.argsort(-value, kind="stable")[: int(np.sqrt(2 * top)) + 2].astype(np.int64)
    ones, others = np.triu_indices(few.size, 1)
    return few[ones], few[others]


def _touches(parts: list[Arrays], network: Network) -> "Touches":
    """What single failures take, by site and by slot."""
    from ballast.core.kernels.stops import Touches

    counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part[0]) for part in parts)])
    slot, lost, link = joined(parts, 1, np.int32), joined(parts, 2, np.float64), joined(parts, 3, np.int64)
    order = np.lexsort((-lost, slot))
    site = np.repeat(np.arange(network.sites, dtype=np.int32), counts)[order]
    start = np.append(0, np.cumsum(counts)).astype(np.int64)
    return Touches(start, slot, lost, link, offsets(slot, network.slots), site, lost[order], link[order])
