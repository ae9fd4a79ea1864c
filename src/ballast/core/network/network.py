"""The network that every analysis reads: sites, their input slots and the links that fill them, as frozen arrays.

A slot is one input of one site. Slots are sorted by site and product, links by slot and supplier id, so
that sums run in the same order whatever the order of the rows that they came from (docs/explanation/network.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Bools, Floats, Ints, NetworkError, frozen, ranges, refuse
from ballast.core.network.rows import Rows, supply
from ballast.core.network.seal import sealed
from ballast.core.texts import CodedTexts, TextIndex, Texts

__all__ = ["DEFAULT_MINIMUM_RATE", "Bools", "Floats", "Ints", "Network", "NetworkError", "build_network", "ranges"]

DEFAULT_MINIMUM_RATE = 0.05


@dataclass(frozen=True, eq=False)
class Network:
    """Who makes what from what. n sites, s slots, m links; all arrays are read-only.

    Shares and covers count in days of a slot's normal use, so the forecast knows no units but money; models that
    set one customer of a supplier against another take `link_quantity`.
    """

    site_ids: Texts
    site_region: CodedTexts
    site_product: CodedTexts
    output_value: Floats  # [n] value of a normal day; nan unknown
    minimum_rate: Floats  # [n] below this rate the site counts as stopped
    recovery_days: Floats  # [n] from the end of a stop to full output; nan unknown
    slot_site: Ints  # [s]
    slot_product: CodedTexts
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
    def site_index(self) -> Mapping[str, int]:
        """Position of each site id."""
        return TextIndex(self.site_ids)

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
        return frozen(self.slot_site[self.link_slot])

    @cached_property
    def links_by_supplier(self) -> Ints:
        """[m] links sorted by supplier; those of site i stand between supplier_links[i] and [i + 1]."""
        return frozen(np.argsort(self.link_supplier, kind="stable").astype(np.int32))

    @cached_property
    def supplier_links(self) -> NDArray[np.int64]:
        """[n + 1] where each supplier's links begin in links_by_supplier."""
        return _offsets(self.link_supplier, self.sites)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides an answer, in hexadecimal; the same whatever the order of the sites."""
        return sealed(self)

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
    rows = Rows(site_ids, slot_site, slot_product, link_supplier, link_slot)
    if rows.alike:
        rows.sort_alike(link_lead, link_share, link_quantity, link_inferred)
    slots = rows.place[rows.slot[rows.by_link]]
    share, outside, base = _supplied(rows, slots, link_share, slot_outside)
    return Network(
        site_ids=rows.ids,
        site_region=rows.site_texts("site_region", site_region),
        site_product=rows.site_texts("site_product", site_product),
        output_value=rows.site_figures("output_value", output_value),
        minimum_rate=rows.site_figures("minimum_rate", minimum_rate, DEFAULT_MINIMUM_RATE, upper=1.0),
        recovery_days=rows.site_figures("recovery_days", recovery_days),
        slot_site=frozen(rows.customer[rows.by_slot]),
        slot_product=rows.products.arranged(rows.by_slot),
        slot_use=rows.slot_figures("slot_use", slot_use),
        slot_essential=rows.slot_flags("slot_essential", slot_essential, default=True),
        slot_weight=rows.slot_figures("slot_weight", slot_weight, rows.equal_weights(), upper=1.0),
        slot_cover=rows.slot_figures("slot_cover", slot_cover),
        slot_cover_upper=rows.slot_figures("slot_cover_upper", slot_cover_upper, np.inf),
        slot_target=rows.slot_figures("slot_target", slot_target),
        slot_outside=frozen(outside),
        slot_base=frozen(base),
        link_supplier=frozen(rows.supplier[rows.by_link]),
        link_slot=frozen(slots),
        link_share=frozen(share),
        link_quantity=rows.link_figures("link_quantity", link_quantity),
        link_lead=rows.link_days("link_lead", link_lead),
        link_inferred=rows.link_flags("link_inferred", link_inferred, default=False),
    )


def _supplied(
    rows: Rows, slots: Ints, link_share: ArrayLike | None, slot_outside: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Share of each link, outside share of each slot, and what that receives in normal times; never without end."""
    given, outside = rows.link_figures("link_share", link_share), rows.slot_figures("slot_outside", slot_outside)
    share, outside, base = supply(given, slots, outside)
    for slot in np.flatnonzero(np.isinf(base))[:1]:
        name = rows.slot_name(rows.by_slot[slot])
        refuse(
            "slot (site / product)", name, "receives more than can be counted", "Correct the quantities of its links"
        )
    return share, outside, base


def _offsets(rows: Ints, count: int) -> NDArray[np.int64]:
    return frozen(np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count)[:count]))).astype(np.int64))
