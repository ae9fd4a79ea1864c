"""The network that every analysis reads: sites, their input slots and the links that fill them, as frozen arrays.

A slot is one input of one site. Slots are sorted by site and product, links by slot and supplier id, so
that sums run in the same order whatever the order of the rows that they came from.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import (
    Bools,
    Floats,
    Ints,
    NetworkError,
    column,
    flags,
    frozen,
    index,
    refuse,
    refuse_duplicates,
    texts,
)

__all__ = ["DEFAULT_MINIMUM_RATE", "Bools", "Floats", "Ints", "Network", "NetworkError", "build_network"]

DEFAULT_MINIMUM_RATE = 0.05
# Shares that add up to 1 within this are 1: 0.7 + 0.2 + 0.1 is not, in binary arithmetic.
SHARE_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Network:
    """Who makes what from what. n sites, s slots, m links; all arrays are read-only.

    Shares and covers count in days of a slot's normal use, so the forecast knows no units but money; models that
    set one customer of a supplier against another take `link_quantity`.
    """

    site_ids: tuple[str, ...]
    site_region: tuple[str, ...]
    site_product: tuple[str, ...]
    output_value: Floats  # [n] value of a normal day; nan unknown
    minimum_rate: Floats  # [n] below this rate the site counts as stopped
    recovery_days: Floats  # [n] from the end of a stop to full output; nan unknown
    slot_site: Ints  # [s]
    slot_product: tuple[str, ...]
    slot_use: Floats  # [s] normal use a day, in the unit of the product; nan unknown
    slot_essential: Bools  # [s]
    slot_weight: Floats  # [s] output lost when a non-essential slot is quite empty
    slot_cover: Floats  # [s] days at day 0; nan unknown
    slot_cover_upper: Floats  # [s] largest plausible when unknown; inf when nothing is known
    slot_target: Floats  # [s] ceiling in days; nan means the larger of cover and 1
    slot_outside: Floats  # [s] share of use that comes from outside
    slot_base: Floats  # [s] normal arrivals a day: links and outside; 1 unless the tables say otherwise
    link_supplier: Ints  # [m]
    link_slot: Ints  # [m] ascending
    link_share: Floats  # [m] of the slot's normal use
    link_quantity: Floats  # [m] normal quantity a day, in the unit of the product; nan unknown
    link_lead: Ints  # [m] whole days, at least 1
    link_inferred: Bools  # [m]

    @property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.site_ids)

    @property
    def slots(self) -> int:
        """Number of slots."""
        return len(self.slot_product)

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.link_slot)

    @cached_property
    def site_index(self) -> dict[str, int]:
        """Position of each site id."""
        return {site_id: position for position, site_id in enumerate(self.site_ids)}

    @cached_property
    def site_slots(self) -> NDArray[np.int64]:
        """[n + 1] slots of site i are site_slots[i] up to site_slots[i + 1]."""
        return _offsets(self.slot_site, self.sites)

    @cached_property
    def slot_links(self) -> NDArray[np.int64]:
        """[s + 1] links into slot k are slot_links[k] up to slot_links[k + 1]."""
        return _offsets(self.link_slot, self.slots)

    @cached_property
    def link_customer(self) -> Ints:
        """[m] the site that receives."""
        return self.slot_site[self.link_slot]

    @cached_property
    def links_by_supplier(self) -> NDArray[np.int64]:
        """[m] links sorted by supplier; those of site i stand between supplier_links[i] and [i + 1]."""
        return np.argsort(self.link_supplier, kind="stable")

    @cached_property
    def supplier_links(self) -> NDArray[np.int64]:
        """[n + 1] where each supplier's links begin in links_by_supplier."""
        return _offsets(self.link_supplier, self.sites)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides an answer, in hexadecimal."""
        seal = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            raw = "\x1f".join(value).encode() if isinstance(value, tuple) else value.tobytes()
            seal.update(f"{field.name}:{len(raw)}:".encode())
            seal.update(raw)
        return seal.hexdigest()

    def reach(self, seeds: NDArray[np.intp] | Sequence[int]) -> Bools:
        """[n] whether a site is one of the seeds or lies downstream of one; costs what it reaches."""
        reached = np.zeros(self.sites, dtype=bool)
        frontier = np.unique(np.asarray(seeds, dtype=np.intp))
        while frontier.size:
            reached[frontier] = True
            out = self.links_by_supplier[ranges(self.supplier_links, frontier)]
            customers = np.unique(self.link_customer[out])
            frontier = customers[~reached[customers]].astype(np.intp)
        return reached


def ranges(offsets: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """Positions offsets[r] .. offsets[r + 1] of every row r, one after the other."""
    starts = offsets[rows]
    counts = offsets[rows + 1] - starts
    total = int(counts.sum())
    shift = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) if total else 0
    return np.arange(total, dtype=np.int64) + shift


def build_network(
    *,
    site_ids: Sequence[str],
    site_region: Sequence[str] | None = None,
    site_product: Sequence[str] | None = None,
    output_value: ArrayLike | None = None,
    minimum_rate: ArrayLike | None = None,
    recovery_days: ArrayLike | None = None,
    slot_site: ArrayLike = (),
    slot_product: Sequence[str] = (),
    slot_use: ArrayLike | None = None,
    slot_essential: ArrayLike | None = None,
    slot_weight: ArrayLike | None = None,
    slot_cover: ArrayLike | None = None,
    slot_cover_upper: ArrayLike | None = None,
    slot_target: ArrayLike | None = None,
    slot_outside: ArrayLike | None = None,
    link_supplier: ArrayLike = (),
    link_slot: ArrayLike = (),
    link_share: ArrayLike | None = None,
    link_quantity: ArrayLike | None = None,
    link_lead: ArrayLike | None = None,
    link_inferred: ArrayLike | None = None,
) -> Network:
    """Network from plain columns; nan means unknown or "use the default". NetworkError names the bad value.

    Defaults: minimum rate 0.05; slots essential; cover unknown; upper bound inf; outside what the links
    leave of 1; a link without a share takes an equal part of what the known links (and a given outside
    share) leave; lead 1 day, rounded to the nearest whole day (half up) and at least 1; the weight of a
    non-essential slot 1 / number of the site's slots.
    """
    n, s, m = len(site_ids), len(slot_product), np.size(link_slot)
    ids = tuple(map(str, site_ids))
    refuse_duplicates(ids, "site")
    sites = index("slot_site", slot_site, s, n)
    slots = index("link_slot", link_slot, m, s)
    suppliers = index("link_supplier", link_supplier, m, n)
    products = tuple(map(str, slot_product))
    slot_names = [f"{ids[i]} / {p}" for i, p in zip(sites, products, strict=True)]
    refuse_duplicates(slot_names, "slot (site / product)")
    link_names = [f"{ids[a]} > {slot_names[k]}" for a, k in zip(suppliers, slots, strict=True)]
    for k in np.flatnonzero(suppliers == sites[slots])[:1]:
        refuse("link", link_names[k], "links a site to itself", "Remove it, or name another supplier")

    share = column("link_share", link_share, m, np.nan, link_names)
    lead = column("link_lead", link_lead, m, 1.0, link_names)
    outside_given = column("slot_outside", slot_outside, s, np.nan, slot_names)
    share, outside, base = _supply(share, outside_given, slots, s)
    lead = np.maximum(1.0, np.floor(np.where(np.isnan(lead), 1.0, lead) + 0.5))
    minimum = column("minimum_rate", minimum_rate, n, np.nan, ids, upper=1.0)
    weight = column("slot_weight", slot_weight, s, np.nan, slot_names, upper=1.0)
    in_use = np.bincount(sites, minlength=max(n, 1))
    by_slot, by_link = _order(ids, sites, products, suppliers, slots, lead, share)
    place = np.empty(s, dtype=np.int32)
    place[by_slot] = np.arange(s, dtype=np.int32)
    upper = column("slot_cover_upper", slot_cover_upper, s, np.inf, slot_names)
    return Network(
        site_ids=ids,
        site_region=texts("site_region", site_region, n),
        site_product=texts("site_product", site_product, n),
        output_value=frozen(column("output_value", output_value, n, np.nan, ids)),
        minimum_rate=frozen(np.where(np.isnan(minimum), DEFAULT_MINIMUM_RATE, minimum)),
        recovery_days=frozen(column("recovery_days", recovery_days, n, np.nan, ids)),
        slot_site=frozen(sites[by_slot]),
        slot_product=tuple(products[k] for k in by_slot),
        slot_use=frozen(column("slot_use", slot_use, s, np.nan, slot_names)[by_slot]),
        slot_essential=frozen(flags("slot_essential", slot_essential, s, default=True)[by_slot]),
        slot_weight=frozen(np.where(np.isnan(weight), 1.0 / np.maximum(1, in_use[sites]), weight)[by_slot]),
        slot_cover=frozen(column("slot_cover", slot_cover, s, np.nan, slot_names)[by_slot]),
        slot_cover_upper=frozen(np.where(np.isnan(upper), np.inf, upper)[by_slot]),
        slot_target=frozen(column("slot_target", slot_target, s, np.nan, slot_names)[by_slot]),
        slot_outside=frozen(outside[by_slot]),
        slot_base=frozen(base[by_slot]),
        link_supplier=frozen(suppliers[by_link]),
        link_slot=frozen(place[slots[by_link]]),
        link_share=frozen(share[by_link]),
        link_quantity=frozen(column("link_quantity", link_quantity, m, np.nan, link_names)[by_link]),
        link_lead=frozen(np.minimum(lead, np.iinfo(np.int32).max).astype(np.int32)[by_link]),
        link_inferred=frozen(flags("link_inferred", link_inferred, m, default=False)[by_link]),
    )


def _supply(share: Floats, outside: Floats, slots: Ints, s: int) -> tuple[Floats, Floats, Floats]:
    """Shares, outside shares and normal arrivals with every gap filled."""
    unknown = np.isnan(share)
    known = np.bincount(slots[~unknown], weights=share[~unknown], minlength=s)[:s]
    left = np.maximum(0.0, 1.0 - known - np.where(np.isnan(outside), 0.0, outside))
    open_links = np.maximum(1, np.bincount(slots[unknown], minlength=s)[:s])
    filled = np.where(unknown, (left / open_links)[slots], share) if share.size else share
    total = np.bincount(slots, weights=filled, minlength=s)[:s]
    outside = np.where(np.isnan(outside), np.maximum(0.0, 1.0 - total), outside)
    base = total + outside
    return filled, outside, np.where(np.abs(base - 1.0) <= SHARE_TOLERANCE, 1.0, base)


def _order(
    ids: tuple[str, ...],
    sites: Ints,
    products: tuple[str, ...],
    suppliers: Ints,
    slots: Ints,
    lead: Floats,
    share: Floats,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Slots by site and product; links by slot, supplier id, lead and share."""
    by_slot = np.lexsort((_ranks(products), sites)) if products else np.empty(0, dtype=np.intp)
    place = np.empty(len(products), dtype=np.intp)
    place[by_slot] = np.arange(len(products))
    return by_slot, np.lexsort((share, lead, _ranks(ids)[suppliers], place[slots]))


def _ranks(texts: Sequence[str]) -> NDArray[np.intp]:
    rank = {text: position for position, text in enumerate(sorted(set(texts)))}
    return np.fromiter((rank[text] for text in texts), dtype=np.intp, count=len(texts))


def _offsets(rows: Ints, count: int) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count)[:count]))).astype(np.int64)
