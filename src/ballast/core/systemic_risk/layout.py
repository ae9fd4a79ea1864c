"""A trade network as the loops of systemic risk walk it: busiest firms first, links packed for both directions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, Ints
from ballast.core.systemic_risk.trade_network import TradeNetwork

__all__ = ["DOWN", "UP", "Layout", "Spares"]

T = TypeVar("T")

# One link on its way down: loss of the slot per loss of the supplier, the slot, and its buyer.
DOWN = np.dtype([("share", "f8"), ("slot", "i4"), ("firm", "i4")])
# One link on its way up, or the same link from its supplier's side.
UP = np.dtype([("share", "f8"), ("firm", "i4")])


@dataclass(frozen=True, eq=False)
class Layout:
    """Firms in order of their number of links, so that what is touched most stands together in the cache.

    Ties keep the order of the firms. Arrays are by this order; `place` [n] leads from a firm of the network to it.
    """

    network: TradeNetwork

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """[n] the firm of the network at each place."""
        n = self.network.firms
        degree = np.bincount(self.network.supplier, minlength=n) + np.bincount(self.network.buyer, minlength=n)
        return np.argsort(-degree, kind="stable")

    @cached_property
    def place(self) -> Ints:
        """[n] the place of each firm of the network."""
        place = np.empty(self.network.firms, dtype=np.int32)
        place[self.order] = np.arange(self.network.firms, dtype=np.int32)
        return place

    @cached_property
    def market(self) -> Ints:
        """[n]."""
        return self.network.market[self.order]

    @cached_property
    def share(self) -> Floats:
        """[n] of the market."""
        return self.network.market_share[self.order]

    @cached_property
    def weight(self) -> Floats:
        """[n]."""
        return self.network.weight[self.order]

    @cached_property
    def down(self) -> tuple[Ints, NDArray[np.void]]:
        """Links by supplier that fill a slot: where those of each firm begin [n + 1], and the links."""
        net = self.network
        used = np.flatnonzero((net.slot >= 0) & (net.input_share > 0.0))
        sells, slots = self.place[net.supplier[used]], self._slot_place[net.slot[used]]
        by = np.lexsort((slots, sells))
        links = np.empty(used.size, dtype=DOWN)
        links["share"] = net.input_share[used][by]
        links["slot"] = slots[by]
        links["firm"] = self.place[net.buyer[used]][by]
        return _starts(sells, net.firms), links

    @cached_property
    def fill(self) -> tuple[Ints, NDArray[np.void]]:
        """The same links by slot, to their suppliers: where those of each slot begin [s + 1], and the links."""
        start, links = self.down
        supplier = np.repeat(np.arange(self.network.firms, dtype=np.int32), np.diff(start))
        by = np.argsort(links["slot"], kind="stable")
        filling = np.empty(links.size, dtype=UP)
        filling["share"] = links["share"][by]
        filling["firm"] = supplier[by]
        return _starts(links["slot"], self.network.slots), filling

    @cached_property
    def slots(self) -> Ints:
        """[n + 1] where the slots of each firm begin."""
        return _starts(self.place[self.network.slot_buyer], self.network.firms)

    @cached_property
    def up(self) -> tuple[Ints, NDArray[np.void]]:
        """Links by buyer, to its suppliers: where those of each firm begin [n + 1], and the links."""
        return self._packed(self.network.buyer, self.network.supplier)

    @cached_property
    def sales(self) -> tuple[Ints, NDArray[np.void]]:
        """The same links by supplier, to its buyers."""
        return self._packed(self.network.supplier, self.network.buyer)

    @cached_property
    def members(self) -> tuple[Ints, Ints]:
        """Where the firms of each market begin [markets + 1], and the firms [n]."""
        return _starts(self.market, self.network.markets), np.argsort(self.market, kind="stable").astype(np.int32)

    @cached_property
    def _slot_place(self) -> Ints:
        """[s] place of each slot of the network: by buyer, in the order of the firms here."""
        buyers = self.place[self.network.slot_buyer]
        place = np.empty(buyers.size, dtype=np.int32)
        place[np.argsort(buyers, kind="stable")] = np.arange(buyers.size, dtype=np.int32)
        return place

    def _packed(self, near: Ints, far: Ints) -> tuple[Ints, NDArray[np.void]]:
        sells = self.network.sales_share > 0.0
        here, there = self.place[near[sells]], self.place[far[sells]]
        by = np.lexsort((there, here))
        links = np.empty(by.size, dtype=UP)
        links["share"] = self.network.sales_share[sells][by]
        links["firm"] = there[by]
        return _starts(here, self.network.firms), links


@dataclass(frozen=True, eq=False)
class Spares(Generic[T]):
    """Work arrays that a thread borrows and gives back as clean as it found them."""

    make: Callable[[], T]
    idle: list[T] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[T]:
        """Arrays for one thread; after an error they are not used again."""
        try:
            work = self.idle.pop()
        except IndexError:
            work = self.make()
        yield work
        self.idle.append(work)


def _starts(rows: Ints, count: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count)))).astype(np.int32)
