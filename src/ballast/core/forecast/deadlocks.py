"""Loops that stand still though no event holds them: each member waits for another one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ballast.core.forecast.dayloop import SLOW
from ballast.core.forecast.starters import Loop, Starter, starter_lots

if TYPE_CHECKING:
    from ballast.core.forecast.causes import Causes
    from ballast.core.forecast.runs import Forecast
    from ballast.core.network.network import Network

__all__ = ["Deadlock", "find_deadlocks"]


@dataclass(frozen=True)
class Deadlock:
    """Sites that must restart together, and the least that has to be brought to them."""

    sites: tuple[str, ...]
    places: tuple[int, ...]  # of the sites in the network, in the same order
    starter: Starter | None  # None where no lots keep them running


def find_deadlocks(forecast: "Forecast") -> tuple[Deadlock, ...]:
    """Strongly connected sites at rate 0 at the end of the horizon (low run) that only starve one another.

    A loop with anything still on the way inside it, or that waits for a site or lane outside it, is none. Idle sites
    that wait for the loop and that it will need in their turn belong to it. Tarjan 1972; costs the idle sites and
    their links.
    """
    days = forecast.low.days
    idle = [site for site in forecast.low.touched.tolist() if days.shortfall(site)[-1] >= 1.0 - SLOW]
    if not idle:
        return ()
    causes, last = forecast.causes(certain=False), forecast.horizon - 1
    candidates = {site for site in idle if not causes.direct(site, last, 0.0)}
    waits = {site: _waits_for(causes, site, last) for site in sorted(candidates)}
    loops = _components({site: [s for s, _ in found if s in candidates] for site, found in waits.items()})
    closed = [loop for loop in loops if len(loop) > 1 and _closed(forecast, causes, loop, waits)]
    if not closed:
        return ()
    inside = {site for loop in closed for site in loop}
    supplied = {site: [s for s in _suppliers(forecast.network, site) if s in candidates] for site in sorted(candidates)}
    whole = [part for part in _components(supplied) if not inside.isdisjoint(part)]
    return tuple(sorted(_deadlocks(forecast, whole), key=lambda deadlock: deadlock.sites))


def _deadlocks(forecast: "Forecast", loops: list[list[int]]) -> list[Deadlock]:
    """The loops with their starter lots, on the day after the horizon as all else is on its last day."""
    network, low, holds = forecast.network, forecast.low, forecast.holds
    rates, lanes, cover = np.ones(network.sites), np.ones(network.links), low.slot_end
    rates[low.days.sites] -= low.days.rows[low.days.row_of[low.days.sites], -1]
    lanes[holds.links] = holds.lane_left[-1]
    found = []
    for loop in loops:
        by_name = sorted(loop, key=network.site_ids.__getitem__)
        starter = starter_lots(Loop.of(network, by_name, rates, lanes, cover))
        found.append(Deadlock(tuple(network.site_ids[site] for site in by_name), tuple(by_name), starter))
    return found


def _suppliers(network: "Network", site: int) -> list[int]:
    """Suppliers of the site's essential inputs."""
    found: list[int] = []
    for slot in range(int(network.site_slots[site]), int(network.site_slots[site + 1])):
        if network.slot_essential[slot]:
            links = slice(int(network.slot_links[slot]), int(network.slot_links[slot + 1]))
            found += network.link_supplier[links][network.link_share[links] > 0.0].tolist()
    return found


def _waits_for(causes: "Causes", site: int, last: int) -> list[tuple[int, int]]:
    """(supplier, lead) of the links that left an empty essential input of the site empty; supplier -1 for a lane."""
    known, network = causes.site(site), causes.network
    found = []
    for position in causes.binding(site, last, 1.0 - 2 * SLOW):
        if not network.slot_essential[known.slots[position]]:
            continue
        for hit in known.hits.get((last, position), ()):
            lane = hit.left < 1.0 - SLOW
            found.append((-1 if lane else hit.supplier, last - hit.sent))
    return found


def _closed(forecast: "Forecast", causes: "Causes", loop: list[int], waits: dict[int, list[tuple[int, int]]]) -> bool:
    members, days = set(loop), forecast.low.days
    for site in loop:
        for supplier, lead in waits[site]:
            if supplier not in members:
                return False
            if (days.shortfall(supplier)[-lead:] < 1.0 - SLOW).any():
                return False
    return True


def _components(edges: dict[int, list[int]]) -> list[list[int]]:
    """Strongly connected components, each sorted."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root in edges:
        if root in index:
            continue
        calls = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while calls:
            node, rest = calls[-1]
            child = next(rest, None)
            if child is None:
                calls.pop()
                if calls:
                    low[calls[-1][0]] = min(low[calls[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_unwind(stack, on_stack, node))
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                calls.append((child, iter(edges[child])))
            elif child in on_stack:
                low[node] = min(low[node], index[child])
    return found


def _unwind(stack: list[int], on_stack: set[int], node: int) -> list[int]:
    members = []
    while True:
        member = stack.pop()
        on_stack.discard(member)
        members.append(member)
        if member == node:
            return sorted(members)
