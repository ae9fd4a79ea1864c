"""Where one loss cuts all supply: sites, enterprises, regions or countries without which a plant gets none.

Two readings, both exact and both strict (a supplier that still ships a little is a supplier):

- product: on the links of one product. A slot is supplied when any supplier is (OR), so a site cuts it when every
  way from a source of the product leads through that site: it dominates the slot in the flow graph (Lengauer and
  Tarjan 1979). The dominator tree is found by the iteration of Cooper, Harvey and Kennedy (2001).
- chain: through all inputs. A site runs when every essential slot (AND) has any supplier that runs (OR); what stops
  with a group is the closure of that rule. There is no tree here: two suppliers may fall for the same reason.

Stocks play no part: this is the structure, the forecast says when. See docs/explanation/dependence.md.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Bools, Floats, Ints, refuse
from ballast.core.dependence.foreign import NOTHING
from ballast.core.network.network import Network
from ballast.core.parallel import spread
from ballast.core.sums import offsets

if TYPE_CHECKING:
    from ballast.core.kernels.chokepoints import Graph
    from ballast.core.kernels.losses import Chain

__all__ = ["Chokepoints", "Dominators"]

GROUPS = 2_048


@dataclass(frozen=True, eq=False)
class Dominators:
    """The dominator tree of the supply of each product. Nodes 0..s-1 are the slots, the others sources of a product."""

    site: Ints  # [v] the site that stands at the node
    parent: NDArray[np.int64]  # [v] the nearest node that all supply of the node passes; -1 where there is none
    supplied: Bools  # [v] whether any supply reaches the node

    def passes(self, slot: int) -> list[int]:
        """Other sites that all supply of the slot passes, nearest first."""
        found, node = [], int(self.parent[slot])
        while node >= 0:
            found.append(int(self.site[node]))
            node = int(self.parent[node])
        return [site for site in found if site != self.site[slot]]

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], Ints]:
        """(slot, site) of every other site that all supply of a slot passes; of one slot the nearest first."""
        slots, nodes = np.arange(self.slots), self.parent[: self.slots]
        found: list[tuple[NDArray[np.int64], Ints]] = []
        while (some := nodes >= 0).any():
            slots, nodes = slots[some], nodes[some]
            found.append((slots, self.site[nodes]))
            nodes = self.parent[nodes]
        if not found:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
        slot, site = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.argsort(slot, kind="stable")
        order = order[self.site[slot[order]] != site[order]]
        return slot[order], site[order]

    slots: int


class Chokepoints:
    """Questions of loss to one network; n sites, s slots, m links. `unknown` [m] links may ship something."""

    def __init__(self, network: Network, *, product: ArrayLike, unknown: ArrayLike | None = None) -> None:
        """`product` [s] is a code for the product of each slot."""
        self.network = network
        self.product = np.asarray(product, dtype=np.int64)
        ships = network.link_share > 0.0
        self.live = np.flatnonzero(ships if unknown is None else ships | np.asarray(unknown, dtype=bool))

    @cached_property
    def open(self) -> Bools:
        """[s] slots that something from outside the tables supplies too."""
        return self.network.slot_outside > NOTHING

    @cached_property
    def via(self) -> Ints:
        """[live] the essential slot of the link's product at its supplier; -1 where the supplier is a source of it."""
        network, products = self.network, int(self.product.max(initial=0)) + 1
        keys = network.slot_site * products + self.product
        sought = network.link_supplier[self.live] * np.int64(products) + self.product[network.link_slot[self.live]]
        order = np.argsort(keys, kind="stable")
        at = np.minimum(np.searchsorted(keys[order], sought), max(0, network.slots - 1))
        slot = order[at] if network.slots else at
        found = keys[slot] == sought if network.slots else np.zeros(0, dtype=bool)
        return np.where(found & network.slot_essential[slot], slot, -1).astype(np.int32)

    @cached_property
    def graph(self) -> "Graph":
        """The live links sorted by supplier."""
        from ballast.core.kernels.chokepoints import Graph

        network = self.network
        order = np.argsort(network.link_supplier[self.live], kind="stable")
        slot = network.link_slot[self.live]
        return Graph(
            out=offsets(network.link_supplier[self.live], network.sites),
            slot=slot[order],
            via=self.via[order],
            into=offsets(slot, network.slots),
            supplier=network.link_supplier[self.live],
            into_via=self.via,
            supplied=self.dominators.supplied[: network.slots],
            open=self.open,
            site=network.slot_site,
            essential=network.slot_essential,
        )

    @cached_property
    def dominators(self) -> Dominators:
        """The dominator tree of every product at once. O(links) in practice."""
        from ballast.core.kernels.chokepoints import dominators

        network, s = self.network, self.network.slots
        products = int(self.product.max(initial=0)) + 1
        slot, supplier = network.link_slot[self.live].astype(np.int64), network.link_supplier[self.live]
        first = self.via < 0
        made = supplier[first] * np.int64(products) + self.product[slot[first]]
        sources, place = np.unique(made, return_inverse=True)
        tail = self.via.astype(np.int64)
        tail[first] = s + place
        root = s + sources.size
        inlets = np.concatenate([np.flatnonzero(self.open), np.arange(s, root)])
        tails = np.concatenate([tail, np.full(inlets.size, root)])
        heads = np.concatenate([slot, inlets])
        by_tail, by_head = np.argsort(tails, kind="stable"), np.argsort(heads, kind="stable")
        parent = dominators(root, offsets(tails, root + 1), heads[by_tail], offsets(heads, root + 1), tails[by_head])
        return Dominators(
            site=np.concatenate([network.slot_site, (sources // products).astype(np.int32)]),
            parent=np.where(parent == root, -1, parent)[:root],
            supplied=parent[:root] >= 0,
            slots=s,
        )

    def cut_by(self, group: ArrayLike, groups: int, *, threads: int = 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(group, slot) of the slots that lose all supply of their product with a group: the product reading.

        `group` [n] numbers the group of each site from 0. Slots of the group's own sites are left out.
        """
        from ballast.core.kernels.chokepoints import cut

        members, first = self._members(group, groups)
        graph = self.graph
        parts = spread(lambda a, b: cut(graph, members, first, a, b), groups, size=GROUPS, threads=threads)
        none = np.empty((2, 0), dtype=np.int64)
        codes, slots = np.concatenate([none, *(pairs[:, :found] for pairs, found in parts)], axis=1)
        return codes, slots

    def stopped_by(self, group: ArrayLike, groups: int) -> Floats:
        """[groups, 2] (other sites that stop, their value of output a day) with each group: the chain reading.

        A site that is some other's only supplier of an essential input stops it and all that stops with it, so losses
        contain one another. Each is worked out on top of the largest that it contains: O(what stops besides). Sites
        are gone through in the order of their ids, so that sums do not depend on the order of rows.
        """
        from ballast.core.kernels.losses import components, largest_within, stopped

        members, first = self._members(group, groups)
        chain, value = self._chain
        starts, heads = self._only_suppliers(chain)
        label, count = components(starts, heads)
        most = np.bincount(label, minlength=count)
        within = largest_within(label, np.argsort(label, kind="stable"), most, starts, heads)
        within[within < 0] = count
        inner = np.argsort(within, kind="stable")
        ids = self.network.site_ids
        members = ids.rank[members].astype(np.int64)
        by_group = np.repeat(np.arange(groups), np.diff(first))
        # Sites of one group in the order of their ids, the one with the largest loss of its own first.
        members = members[np.lexsort((members, -most[label[members]], by_group))]
        full = np.diff(first) > 0
        held_by = np.full(groups, count)
        held_by[full] = label[members[first[:-1][full]]]
        found: Floats = stopped(
            chain,
            value,
            np.unique(label, return_index=True)[1],
            inner,
            offsets(within, count + 1),
            members,
            first,
            np.argsort(held_by, kind="stable"),
            offsets(held_by, count + 1),
        )
        return found

    @cached_property
    def _chain(self) -> tuple["Chain", Floats]:
        """(essential slots and the links into them, value of output), sites numbered in the order of their ids."""
        from ballast.core.kernels.losses import Chain

        network, rank = self.network, self.network.site_ids.rank
        site = rank[network.slot_site]
        counts = network.slot_essential & ~self.open
        live = self.live[counts[network.link_slot[self.live]]]
        slot, supplier = network.link_slot[live], rank[network.link_supplier[live]]
        order = np.lexsort((self.product[slot], site[slot], supplier))
        suppliers = np.bincount(slot, minlength=network.slots)[: network.slots].astype(np.int32)
        chain = Chain(offsets(supplier, network.sites), slot[order], site, suppliers)
        return chain, np.nan_to_num(network.output_value)[network.site_ids.order]

    def _only_suppliers(self, chain: "Chain") -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """(where each site's begin, sites that it alone supplies with some essential input)."""
        n = self.network.sites
        supplier = np.repeat(np.arange(n), np.diff(chain.out))
        low, high = np.full(chain.site.size, n), np.full(chain.site.size, -1)
        np.minimum.at(low, chain.slot, supplier)
        np.maximum.at(high, chain.slot, supplier)
        only = low[chain.slot] == high[chain.slot]
        return offsets(supplier[only], n), chain.site[chain.slot[only]]

    def _members(self, group: ArrayLike, groups: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        codes = np.asarray(group)
        if codes.shape != (self.network.sites,):
            refuse("group", f"{codes.size} numbers", f"where {self.network.sites} sites stand", "Number every site")
        for bad in np.flatnonzero((codes < 0) | (codes >= groups))[:1]:
            refuse("group", str(codes[bad]), f"is not within 0..{groups - 1}", "Number the groups from 0")
        return np.argsort(codes, kind="stable"), offsets(codes, groups)
