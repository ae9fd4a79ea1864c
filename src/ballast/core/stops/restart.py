"""Which sites have to run for one site to run: sets that supply one another, as small as can be.

A set of sites is closed when every essential input of each member gets enough from members and from outside. A site
runs for good just when some closed set holds it; loops are allowed, they have to restart together. What is left when
members are taken away in turn, as long as the target still runs, has no smaller closed set in it; the fewest sites are
found by a mixed-integer program. docs/explanation/restart.md has the definition, an example and the limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats, refuse
from ballast.core.forecast.events import Event, Match, match_events
from ballast.core.network.network import Network
from ballast.core.stops.smallest import smallest

if TYPE_CHECKING:
    from ballast.core.kernels.restart import Supplied

__all__ = ["Blocked", "RestartSet", "restart_set"]

_TOLERANCE = 1e-9

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Blocked:
    """A site that cannot run, whatever else restarts."""

    site: int
    slot: int  # that cannot be served; -1 when events themselves hold the site
    need: float  # part of its use that has to come in; 0 without a slot
    most: float  # part of its use that can come in
    without: tuple[int, ...]  # suppliers that cannot run
    events: tuple[str, ...]  # that hold the site, or lanes into the slot


@dataclass(frozen=True, eq=False)
class RestartSet:
    """A smallest set found, k sites; none when the target cannot run."""

    network: Network
    target: int
    sites: Places  # [k] ascending
    indispensable: Bools  # [k] in every set with which the target runs
    tier: Places  # [k] steps upstream of the target
    step: Places  # [k] from 1: sites of one step can restart once all before run
    loop: Places  # [k] number of the loop that has to restart together, from 1; 0 for none
    weight: float  # of the set: the sites in it, or what the caller weighs them by
    bound: float  # no set with which the target runs weighs less
    candidates: int  # sites that can run and on which the target may stand
    blocked: tuple[Blocked, ...]  # why the target cannot run, from the target up; empty when it can
    need: Floats  # [s] part of each slot's use that its suppliers have to bring
    amount: Floats  # [m] part of the slot's use that a link brings while its supplier runs

    @property
    def proven(self) -> bool:
        """Whether no set weighs less."""
        return self.weight - self.bound <= _TOLERANCE * max(1.0, self.weight)


def restart_set(
    network: Network,
    target: int,
    events: Sequence[Event] = (),
    *,
    day: int = 0,
    share: float | None = None,
    weight: Floats | None = None,
    seconds: float = 60.0,
) -> RestartSet:
    """The sites, `target` among them, that together can run for good under the events of the day, as few as can be.

    An essential input is served when outside and running suppliers bring at least `share` of its use (default the
    minimum rate of its site), or all that the tables give it where that is less. A site is closed when events leave it
    less than its minimum rate. With `weight` [n], at least 0, the set of least weight is sought instead of the fewest
    sites. The search for the smallest ends after about `seconds`. NetworkError for a place, share or weight that
    cannot be.
    """
    from ballast.core.kernels import restart as kernel

    weight = _weights(network, target, share, weight)
    matches = [match for match in match_events(network, events) if match.event.holds_on(day)]
    supplied, closed = _supplied(network, matches, share)
    able = kernel.largest(supplied, closed)
    if not able[target]:
        return _unable(network, target, supplied, _Reasons(network, supplied, matches, closed, able).of(target))
    order = kernel.upstream(supplied, able, target)
    members = np.zeros(network.sites, dtype=bool)
    members[order] = True
    needed = kernel.indispensable(supplied, members, order)
    chosen = members.copy()
    kernel.shrink(supplied, chosen, order[np.argsort(-weight[order], kind="stable")], needed)
    sites, bound = np.flatnonzero(chosen), float(weight[needed].sum())
    if weight[sites].sum() - bound > _TOLERANCE:
        found, bound = smallest(supplied, np.sort(order), needed, weight, bound, seconds)
        sites = _better(supplied, sites, found, weight, needed)
    weights = float(weight[sites].sum()), bound
    return _answer(network, target, supplied, sites, needed[sites], weights, order.size)


def _weights(network: Network, target: int, share: float | None, weight: Floats | None) -> Floats:
    if not 0 <= target < network.sites:
        refuse("target", str(target), "is no place of a site", f"Give 0 to {network.sites - 1}")
    if share is not None and not 0.0 < share <= 1.0:
        refuse("share", str(share), "is no part of an input's use", "Give more than 0, at most 1")
    if weight is None:
        return np.ones(network.sites)
    if weight.shape != (network.sites,) or not (np.isfinite(weight) & (weight >= 0.0)).all():
        refuse("weight", str(weight), "does not weigh every site", "Give one figure a site, 0 or more")
    return weight


def _supplied(network: Network, matches: Sequence[Match], share: float | None) -> tuple["Supplied", Bools]:
    """What suppliers have to bring and can bring with the events that hold, and the sites that these close."""
    from ballast.core.kernels.restart import Supplied

    left, lane = np.ones(network.sites), np.ones(network.links)
    for match in matches:
        left[match.sites] = np.minimum(left[match.sites], match.event.capacity_left)
        lane[match.links] = np.minimum(lane[match.links], match.event.capacity_left)
    normal = np.bincount(network.link_slot, network.link_share, minlength=network.slots)[: network.slots]
    limit = network.minimum_rate[network.slot_site] if share is None else np.full(network.slots, share)
    need = np.minimum(limit, normal + network.slot_outside) - network.slot_outside
    supplied = Supplied(
        site_slots=network.site_slots,
        slot_links=network.slot_links,
        out=network.supplier_links,
        out_links=network.links_by_supplier,
        supplier=network.link_supplier,
        slot=network.link_slot,
        site=network.slot_site,
        amount=network.link_share * lane * left[network.link_supplier],
        need=np.where(network.slot_essential, np.maximum(need, 0.0), 0.0),
    )
    return supplied, (left <= 0.0) | (left < network.minimum_rate - _TOLERANCE)


def _better(supplied: "Supplied", sites: Places, found: Places, weight: Floats, needed: Bools) -> Places:
    """The lighter of two sets; what the program found is first freed of all that the target can do without."""
    from ballast.core.kernels import restart as kernel

    closed = np.ones(weight.size, dtype=bool)
    closed[found] = False
    members = kernel.largest(supplied, closed)
    if not members[needed].all():
        return sites
    kernel.shrink(supplied, members, found, needed)
    found = np.flatnonzero(members)
    return found if weight[found].sum() < weight[sites].sum() else sites


class _Reasons:
    """Why sites cannot run: all that holds them, back to events."""

    def __init__(
        self, network: Network, supplied: "Supplied", matches: Sequence[Match], closed: Bools, able: Bools
    ) -> None:
        self.network, self.supplied, self.closed, self.able = network, supplied, closed, able
        self.on_site: dict[int, list[str]] = {}
        self.on_link: dict[int, list[str]] = {}
        for match in matches:
            if match.event.capacity_left < 1.0:
                for site in match.sites.tolist():
                    self.on_site.setdefault(site, []).append(match.event.event_id)
                for link in match.links.tolist():
                    self.on_link.setdefault(link, []).append(match.event.event_id)

    def of(self, target: int) -> tuple[Blocked, ...]:
        """The target and all that it waits for; a site that is closed stands there for itself, too."""
        found: list[Blocked] = []
        agenda, seen = [target], {target}
        for site in agenda:
            if self.closed[site]:
                found.append(Blocked(site, -1, 0.0, 0.0, (), tuple(sorted(self.on_site.get(site, ())))))
            for slot in range(int(self.network.site_slots[site]), int(self.network.site_slots[site + 1])):
                reason = self._slot(site, slot)
                if reason.most < reason.need - _TOLERANCE:
                    found.append(reason)
                    agenda += [supplier for supplier in reason.without if supplier not in seen]
                    seen.update(reason.without)
        return tuple(found)

    def _slot(self, site: int, slot: int) -> Blocked:
        network = self.network
        out: list[int] = []
        events: set[str] = set()
        come = 0.0
        for link in range(int(network.slot_links[slot]), int(network.slot_links[slot + 1])):
            supplier = int(network.link_supplier[link])
            events.update(self.on_link.get(link, ()))
            if not self.closed[supplier]:
                # What is only slowed brings less.
                events.update(self.on_site.get(supplier, ()))
            if self.able[supplier]:
                come += float(self.supplied.amount[link])
            else:
                out.append(supplier)
        outside = float(network.slot_outside[slot])
        need = float(self.supplied.need[slot])
        out = list(dict.fromkeys(out))
        return Blocked(site, slot, need + outside, come + outside, tuple(out), tuple(sorted(events)))


def _unable(network: Network, target: int, supplied: "Supplied", blocked: tuple[Blocked, ...]) -> RestartSet:
    none = np.empty(0, dtype=np.int64)
    return RestartSet(
        network, target, none, none.astype(bool), none, none, none, 0.0, 0.0, 0, blocked,
        supplied.need, supplied.amount,
    )  # fmt: skip


def _answer(
    network: Network,
    target: int,
    supplied: "Supplied",
    sites: Places,
    needed: Bools,
    weights: tuple[float, float],
    candidates: int,
) -> RestartSet:
    tier, step, loop = _order(supplied, sites, target)
    return RestartSet(
        network, target, sites, needed, tier, step, loop, *weights, candidates, (), supplied.need, supplied.amount
    )


def _order(supplied: "Supplied", sites: Places, target: int) -> tuple[Places, Places, Places]:
    """[k] steps upstream of the target, [k] steps of the restart, [k] loops."""
    from scipy.sparse import csgraph, csr_array  # type: ignore[import-untyped]

    here = np.full(supplied.site_slots.size - 1, -1, dtype=np.int64)
    here[sites] = np.arange(sites.size)
    inner = (supplied.need[supplied.slot] > _TOLERANCE) & (supplied.amount > 0.0)
    ends = here[supplied.supplier], here[supplied.site[supplied.slot]]
    links = np.flatnonzero(inner & (ends[0] >= 0) & (ends[1] >= 0))
    first, second = ends[0][links], ends[1][links]
    shape = (sites.size, sites.size)
    back = csr_array((np.ones(links.size), (second, first)), shape=shape)
    tier = csgraph.shortest_path(back, unweighted=True, indices=int(here[target])).astype(np.int64)
    count, part = csgraph.connected_components(back, directed=True, connection="strong")
    step = _levels(count, part[first].astype(np.int64), part[second].astype(np.int64))[part]
    together = np.bincount(part, minlength=count)[part] > 1
    loop = np.zeros(sites.size, dtype=np.int64)
    for number, name in enumerate(dict.fromkeys(part[together].tolist()), 1):
        loop[part == name] = number
    return tier, step, loop


def _levels(count: int, before: Places, after: Places) -> Places:
    """[count] the longest way to each node of a graph without loops, from 1; arcs within a node are left out."""
    level = np.ones(count, dtype=np.int64)
    apart = before != after
    before, after = before[apart], after[apart]
    while (late := level[after] <= level[before]).any():
        np.maximum.at(level, after[late], level[before[late]] + 1)
    return level
