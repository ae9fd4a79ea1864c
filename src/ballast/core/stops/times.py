"""Stop times: the yes/no shadow of the forecast for sweeps over every site and every pair of sites.

A failed site delivers nothing from time 0 on. What it does not send is missing `lead` days later. An essential slot
drains at the share that it has lost; when it is empty and less than the site's minimum rate still arrives, the site
stops and delivers nothing either. A site that only slows counts as running, so the shadow says less than the
forecast where supply is partial; it answers for all sites in the time that the forecast takes for a few.

Times are exact on the AND/OR graph, taken from a queue in the order of time (Dijkstra 1959; Knuth 1977 for
superior functions): leads are at least a day, so a stop never precedes what caused it. Costs what a failure touches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.dayloop import unknown_low
from ballast.core.network.network import Floats, Ints, Network, NetworkError
from ballast.core.parallel import spread

if TYPE_CHECKING:
    from ballast.core.kernels.stops import Supply

__all__ = ["Pairs", "Stops", "Sweep", "single_failures", "stop_times", "worst_pairs"]

MAX_HORIZON = 3660.0
_PIECE, _PAIRS, _AT_ONCE = 512, 4096, 4_000_000


@dataclass(frozen=True, eq=False)
class Stops:
    """What stops when some sites fail at time 0."""

    network: Network
    horizon: float
    stop_time: Floats  # [n] days; inf for a site that does not stop
    stopped_by: Ints  # [n] the slot that ran empty; -1 for a failed site and for one that does not stop
    lost_output: float  # money within the horizon; sites of unknown value count 0

    @cached_property
    def sites(self) -> NDArray[np.intp]:
        """Sites that stop, in the order of time, then of their place."""
        found = np.flatnonzero(np.isfinite(self.stop_time))
        return found[np.lexsort((found, self.stop_time[found]))]


@dataclass(frozen=True, eq=False)
class Sweep:
    """The failure of each site alone."""

    network: Network
    horizon: float
    stops: NDArray[np.int64]  # [n] sites that stop, the failed one among them
    lost_output: Floats  # [n] money within the horizon; sites of unknown value count 0


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


_SUPPLY: "WeakKeyDictionary[Network, Supply]" = WeakKeyDictionary()


def stop_times(network: Network, failed: Sequence[int], *, horizon: float = 90.0) -> Stops:
    """What stops within `horizon` days when the sites at these places fail. Unknown stocks count as empty."""
    from ballast.core.kernels import stops as kernel

    _check(horizon)
    wrong = [place for place in failed if not 0 <= place < network.sites]
    if wrong or not failed:
        msg = f"failed: {wrong or 'no site'}; give places of sites, 0 to {network.sites - 1}."
        raise NetworkError(msg)
    supply = _supply(network)
    work = kernel.work(supply)
    stopped, _touched = kernel.stop_times(supply, work, np.array(failed, dtype=np.int64), horizon)
    lost = float(kernel.damage(supply, work, stopped, horizon))
    return Stops(network, horizon, work.stop, work.by, lost)


def single_failures(
    network: Network,
    *,
    horizon: float = 90.0,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Sweep:
    """What the failure of each site alone stops and loses within `horizon` days (N-1)."""
    from ballast.core.kernels import stops as kernel

    _check(horizon)
    supply = _supply(network)
    found = spread(
        lambda first, last: kernel.sweep(supply, first, last, horizon),
        network.sites,
        size=max(_PIECE, network.sites // 64),
        threads=threads,
        progress=progress,
    )
    counts = np.concatenate([np.empty(0, np.int64), *(part[0] for part in found)])
    return Sweep(network, horizon, counts, np.concatenate([np.empty(0), *(part[1] for part in found)]))


def worst_pairs(network: Network, *, top: int = 20, horizon: float = 90.0, threads: int = 1) -> Pairs:
    """The `top` pairs of sites whose common failure loses most (N-2), exactly.

    Two failures act upon each other only through slots that both take something from: without such a slot every site
    stops at the earlier of its two times, and the pair loses at most the sum of both. Pairs are computed in the
    order of their bounds until no bound left exceeds the last of the best; the bound of a pair with common slots adds
    all that stands downstream of those slots' sites.
    """
    if top < 1:
        msg = f"top is {top}; ask for at least one pair."
        raise NetworkError(msg)
    alone = single_failures(network, horizon=horizon, threads=threads)
    search = _Search(network, alone, top, horizon, threads)
    search.take(*_best_sums(alone.lost_output, top))
    search.without_common_slots()
    search.with_common_slots()
    return search.answer()


class _Search:
    """Pairs that were computed, the best kept."""

    def __init__(self, network: Network, alone: Sweep, top: int, horizon: float, threads: int) -> None:
        self.network, self.alone, self.top, self.horizon, self.threads = network, alone, top, horizon, threads
        self.supply = _supply(network)
        self.codes = np.empty(0, dtype=np.int64)
        self.stops, self.lost = np.empty(0, dtype=np.int64), np.empty(0)
        self.evaluated = 0
        self.done: set[int] = set()

    @property
    def bar(self) -> float:
        """What a pair has to exceed."""
        return float(self.lost[-1]) if len(self.lost) >= self.top else -1.0

    def take(self, ones: NDArray[np.int64], others: NDArray[np.int64]) -> None:
        """Compute these pairs and keep the best."""
        from ballast.core.kernels import stops as kernel

        codes = np.unique(np.minimum(ones, others) * self.network.sites + np.maximum(ones, others))
        codes = np.array([code for code in codes.tolist() if code not in self.done], dtype=np.int64)
        self.done.update(codes.tolist())
        self.evaluated += codes.size
        first, second = np.divmod(codes, max(1, self.network.sites))
        found = spread(
            lambda a, b: kernel.pairs(self.supply, first, second, a, b, self.horizon),
            codes.size,
            size=_PAIRS,
            threads=self.threads,
        )
        stops = np.concatenate([self.stops, *(part[0] for part in found)])
        lost = np.concatenate([self.lost, *(part[1] for part in found)])
        codes = np.concatenate([self.codes, codes])
        best = np.lexsort((codes, -lost))[: self.top]
        self.codes, self.stops, self.lost = codes[best], stops[best], lost[best]

    def without_common_slots(self) -> None:
        """All pairs whose sum alone exceeds the bar; these bounds hold for pairs without common slots."""
        value = self.alone.lost_output
        order = np.lexsort((np.arange(value.size), -value)).astype(np.int64)
        ranked = value[order]
        for place in range(order.size - 1):
            count = int(np.searchsorted(-ranked[place + 1 :], ranked[place] - self.bar, side="left"))
            if count == 0 and ranked[place] * 2 <= self.bar:
                break
            if count:
                self.take(np.full(count, order[place]), order[place + 1 : place + 1 + count])

    def with_common_slots(self) -> None:
        """Pairs with common slots whose bound exceeds the bar, by bound."""
        codes, most = self._bounds()
        first, second = np.divmod(codes, max(1, self.network.sites))
        most = most + self.alone.lost_output[first] + self.alone.lost_output[second]
        order = np.lexsort((codes, -most))
        for start in range(0, order.size, _PAIRS):
            part = order[start : start + _PAIRS]
            part = part[most[part] > self.bar]
            if not part.size:
                break
            self.take(first[part], second[part])

    def _bounds(self) -> tuple[NDArray[np.int64], Floats]:
        """Pairs with common slots, and what stands downstream of the sites of those slots."""
        below = _downstream_value(self.supply, self.horizon, self.threads)
        codes, most = np.empty(0, dtype=np.int64), np.empty(0)
        waiting: list[tuple[NDArray[np.int64], float]] = []
        for slot, sites in _touching(self.supply, self.network, self.horizon, self.threads):
            ones, others = np.triu_indices(sites.size, 1)
            waiting.append((sites[ones] * self.network.sites + sites[others], float(below[self.supply.site[slot]])))
            if sum(part.size for part, _more in waiting) > _AT_ONCE:
                codes, most = _added(codes, most, waiting)
                waiting = []
        return _added(codes, most, waiting)

    def answer(self) -> Pairs:
        """The best pairs."""
        first, second = np.divmod(self.codes, max(1, self.network.sites))
        one, other = self.alone.lost_output[first], self.alone.lost_output[second]
        return Pairs(
            self.network, self.horizon, first, second, self.stops, self.lost,
            self.lost - np.maximum(one, other), self.lost - (one + other), self.evaluated,
        )  # fmt: skip


def _best_sums(value: Floats, top: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs among the few sites that lose most alone."""
    few = np.argsort(-value, kind="stable")[: int(np.sqrt(2 * top)) + 2].astype(np.int64)
    ones, others = np.triu_indices(few.size, 1)
    return few[ones], few[others]


def _touching(supply: "Supply", network: Network, horizon: float, threads: int) -> list[tuple[int, NDArray[np.int64]]]:
    """(slot, sites whose failure takes something from it) of the slots that at least two sites touch."""
    from ballast.core.kernels import stops as kernel

    size = max(_PIECE, network.sites // 64)
    parts = spread(
        lambda first, last: kernel.touched_slots(supply, first, last, horizon),
        network.sites, size=size, threads=threads,
    )  # fmt: skip
    counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part[0]) for part in parts)])
    slots = np.concatenate([np.empty(0, np.int32), *(part[1] for part in parts)])
    sites = np.repeat(np.arange(network.sites, dtype=np.int64), counts)
    order = np.lexsort((sites, slots))
    slots, sites = slots[order], sites[order]
    starts = np.flatnonzero(np.diff(slots, prepend=-1))
    ends = np.append(starts, slots.size)[1:]
    return [(int(slots[a]), sites[a:b]) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if b - a > 1]


def _added(
    codes: NDArray[np.int64], most: Floats, parts: list[tuple[NDArray[np.int64], float]]
) -> tuple[NDArray[np.int64], Floats]:
    """Each code once, with the sum of what was said of it."""
    all_codes = np.concatenate([codes, *(part for part, _more in parts)])
    weights = np.concatenate([most, *(np.full(part.size, more) for part, more in parts)])
    unique, place = np.unique(all_codes, return_inverse=True)
    return unique, np.bincount(place, weights, minlength=unique.size).astype(np.float64, copy=False)


def _downstream_value(supply: "Supply", horizon: float, threads: int) -> Floats:
    """[n] value of all that stands downstream of a site over essential links, itself among it, over the horizon."""
    from ballast.core.kernels import stops as kernel

    n = supply.limit.size
    parts = spread(
        lambda first, last: kernel.downstream(supply, first, last), n, size=max(_PIECE, n // 64), threads=threads
    )
    return np.concatenate([np.empty(0), *parts]) * horizon


def _supply(network: Network) -> "Supply":
    """The network as the loops read it; kept as long as the network is."""
    if network not in _SUPPLY:
        from ballast.core.kernels.stops import Supply

        out = network.links_by_supplier
        _SUPPLY[network] = Supply(
            out=network.supplier_links,
            slot=network.link_slot[out],
            share=network.link_share[out],
            lead=network.link_lead[out].astype(np.float64),
            essential=network.slot_essential,
            site=network.slot_site,
            base=network.slot_base,
            cover=unknown_low(network),
            limit=network.minimum_rate,
            value=np.nan_to_num(network.output_value, nan=0.0),
        )
    return _SUPPLY[network]


def _check(horizon: float) -> None:
    if not 0.0 < horizon <= MAX_HORIZON:
        msg = f"horizon is {horizon}; give days above 0, at most {MAX_HORIZON:.0f}."
        raise NetworkError(msg)
