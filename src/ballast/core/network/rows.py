"""The rows from which a network is built: who they are, how errors name them, and the order in which they are kept."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Bools, Floats, Ints, column, flags, frozen, index, refuse, refuse_size
from ballast.core.texts import CodedTexts, Texts

__all__ = ["Rows", "supply"]

# Shares that add up to 1 within this are 1: 0.7 + 0.2 + 0.1 is not, in binary arithmetic.
SHARE_TOLERANCE = 1e-9


class Rows:
    """n sites, s slots and m links as they came in. Slots are kept by site and product, links by slot and supplier id.

    Its columns are checked in the order in which they came, and given back in the order in which they are kept.
    NetworkError for a site or slot that stands twice and for a link from a site to itself.
    """

    def __init__(
        self,
        site_ids: Sequence[str],
        slot_site: ArrayLike,
        slot_product: Sequence[str],
        link_supplier: ArrayLike,
        link_slot: ArrayLike,
    ) -> None:
        self.n, self.s, self.m = len(site_ids), len(slot_product), np.size(link_slot)
        self.ids = Texts.of(site_ids, "site")
        for row in self.ids.again[:1]:
            refuse("site", self.ids[row], "stands twice", "Keep one of them")
        self.products = CodedTexts.of(slot_product, "slot_product")
        self.customer = index("slot_site", slot_site, self.s, self.n)
        self.slot = index("link_slot", link_slot, self.m, self.s)
        self.supplier = index("link_supplier", link_supplier, self.m, self.n)
        for row in np.flatnonzero(self.supplier == self.customer[self.slot])[:1]:
            refuse("link", self.link_name(row), "links a site to itself", "Remove it, or name another supplier")
        self.by_slot = self._sorted_slots()
        self.by_link, self.alike = self._sorted_links()

    def slot_name(self, row: int) -> str:
        """How an error names a slot."""
        return f"{self.ids[self.customer[row]]} / {self.products[row]}"

    def link_name(self, row: int) -> str:
        """How an error names a link."""
        return f"{self.ids[self.supplier[row]]} > {self.slot_name(self.slot[row])}"

    def _sorted_slots(self) -> Ints:
        key = self.customer.astype(np.int64) * len(self.products.vocabulary) + self.products.codes
        if (key[1:] > key[:-1]).all():
            return np.arange(self.s, dtype=np.int32)
        by = np.argsort(key, kind="stable").astype(np.int32)
        same = key[by[1:]] == key[by[:-1]]
        if same.any():
            twice = self.slot_name(by[1:][same].min())
            refuse("slot (site / product)", twice, "stands twice", "Keep one of them")
        return by

    @cached_property
    def place(self) -> Ints:
        """[s] where each slot is kept."""
        place = np.empty(self.s, dtype=np.int32)
        place[self.by_slot] = np.arange(self.s, dtype=np.int32)
        return place

    def _sorted_links(self) -> tuple[Ints, bool]:
        """[m] the links by slot and supplier id, and whether a slot has two links of one supplier."""
        key = self.place[self.slot].astype(np.int64) * self.n + self.ids.rank[self.supplier]
        by = np.argsort(key).astype(np.int32)
        key = key[by]
        return by, bool((key[1:] == key[:-1]).any())

    def sort_alike(
        self, lead: ArrayLike | None, share: ArrayLike | None, quantity: ArrayLike | None, inferred: ArrayLike | None
    ) -> None:
        """Put two links of one supplier into one slot in the order of their figures."""
        figures = [
            column(name, values, self.m, self.link_name, default=default)
            for name, values, default in (
                ("link_quantity", quantity, np.nan),
                ("link_share", share, np.nan),
                ("link_lead", lead, 1.0),
            )
        ]
        last = flags("link_inferred", inferred, self.m, default=False)
        self.by_link = np.lexsort((last, *figures, self.ids.rank[self.supplier], self.place[self.slot])).astype(
            np.int32
        )

    def site_figures(
        self, name: str, values: ArrayLike | None, default: float = np.nan, upper: float = np.inf
    ) -> Floats:
        """[n] a column of the sites."""
        return frozen(column(name, values, self.n, self.ids.__getitem__, default=default, upper=upper))

    def slot_figures(
        self, name: str, values: ArrayLike | None, default: float | Floats = np.nan, upper: float = np.inf
    ) -> Floats:
        """[s] a column of the slots."""
        return frozen(column(name, values, self.s, self.slot_name, default=default, upper=upper)[self.by_slot])

    def site_texts(self, name: str, values: Sequence[str] | None) -> CodedTexts:
        """[n] texts of the sites, empty for what is missing."""
        if values is None:
            return CodedTexts.of([""] * self.n)
        refuse_size(name, len(values), self.n)
        return CodedTexts.of(values, name)

    def link_figures(self, name: str, values: ArrayLike | None, default: float = np.nan) -> Floats:
        """[m] a column of the links."""
        return frozen(column(name, values, self.m, self.link_name, default=default)[self.by_link])

    def link_days(self, name: str, values: ArrayLike | None) -> Ints:
        """[m] days of the links, to the nearest whole day (half up) and at least 1; 1 where unknown."""
        days = column(name, values, self.m, self.link_name, default=1.0)
        days += 0.5
        np.floor(days, out=days)
        np.clip(days, 1.0, np.iinfo(np.int32).max, out=days)
        return frozen(days.astype(np.int32)[self.by_link])

    def slot_flags(self, name: str, values: ArrayLike | None, *, default: bool) -> Bools:
        """[s] yes or no for each slot."""
        return frozen(flags(name, values, self.s, default=default)[self.by_slot])

    def link_flags(self, name: str, values: ArrayLike | None, *, default: bool) -> Bools:
        """[m] yes or no for each link."""
        return frozen(flags(name, values, self.m, default=default)[self.by_link])

    def equal_weights(self) -> Floats:
        """[s] 1 / number of slots of the same site, in the order in which the slots came in."""
        return 1.0 / np.maximum(1, np.bincount(self.customer, minlength=max(self.n, 1)))[self.customer]


def supply(share: Floats, slots: Ints, outside: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares, outside shares and normal arrivals with every gap filled, summed in the order of the links."""
    s, unknown = len(outside), np.isnan(share)
    known = np.bincount(slots, np.where(unknown, 0.0, share), minlength=s)[:s]
    left = np.maximum(0.0, 1.0 - known - np.where(np.isnan(outside), 0.0, outside))
    open_links = np.maximum(1, np.bincount(slots[unknown], minlength=s)[:s])
    filled = share.copy()
    filled[unknown] = (left / open_links)[slots[unknown]]
    total = np.bincount(slots, filled, minlength=s)[:s]
    outside = np.where(np.isnan(outside), np.maximum(0.0, 1.0 - total), outside)
    base = total + outside
    return filled, outside, np.where(np.abs(base - 1.0) <= SHARE_TOLERANCE, 1.0, base)
