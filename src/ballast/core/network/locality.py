"""Sites in an order in which those that trade with each other stand close together in memory.

A cascade then finds what it touches next in the cache. Answers stay the same bits site by site, because the
sums of a slot run by supplier id and not by position; docs/explanation/network.md says what it gains.
"""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Ints, frozen, ranges
from ballast.core.network.network import Network
from ballast.core.texts import CodedTexts, Texts

__all__ = ["arranged", "near_order"]


def near_order(network: Network) -> Ints:
    """[n] the sites breadth first over their links, from the site with most links on; O(sites + links)."""
    from ballast.core.kernels.locality import breadth_first

    links = np.diff(network.supplier_links) + np.diff(network.slot_links[network.site_slots])
    starts = np.argsort(-links, kind="stable")
    order: Ints = breadth_first(
        starts,
        network.site_slots,
        network.slot_links,
        network.link_supplier,
        network.supplier_links,
        network.links_by_supplier,
        network.link_customer,
    )
    return order


def arranged(network: Network, order: NDArray[np.integer]) -> Network:
    """The same network, with the same digest, in which site k is site order[k] of this one."""
    place = np.empty(network.sites, dtype=np.int32)
    place[order] = np.arange(network.sites, dtype=np.int32)
    slots = ranges(network.site_slots, order)
    slot_place = np.empty(network.slots, dtype=np.int32)
    slot_place[slots] = np.arange(network.slots, dtype=np.int32)
    rows = {"slot": slots, "link": ranges(network.slot_links, slots)}
    columns: dict[str, Any] = {}
    for field in fields(network):
        values, taken = getattr(network, field.name), rows.get(field.name.partition("_")[0], order)
        columns[field.name] = (
            values.arranged(taken) if isinstance(values, Texts | CodedTexts) else frozen(values[taken])
        )
    for name, moved in (("slot_site", place), ("link_supplier", place), ("link_slot", slot_place)):
        columns[name] = frozen(moved[columns[name]])
    return Network(**columns)
