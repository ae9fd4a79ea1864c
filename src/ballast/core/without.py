"""The same days without some events: visits only what comes out differently, and only from the day it does.

Every site starts as in the full run and joins when something that reaches it differs from that run: its own
events, a lane, or a supplier. Until then its state is the full run's to the last bit, so the answer is that
of a whole new run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.dayloop import Diary, Part, Prepared, State, ceilings, milestones
from ballast.core.events import Holds, Match
from ballast.core.network import Floats, Ints, ranges

__all__ = ["Rerun", "holds_without", "rerun"]

_NEVER = np.iinfo(np.int64).max
_MANY = 0.05


@dataclass(frozen=True, eq=False)
class Rerun:
    """What differs when some events are left out: the sites visited and what the days are for them."""

    shortfall: Floats  # [days, n]
    sites: NDArray[np.intp]  # [k] all others are as in the full run
    stop_day: Ints  # [k]
    slow_day: Ints  # [k]
    lost_days: Floats  # [k]


def rerun(
    prepared: Prepared, removed: Sequence[Match], holds: Holds, cover: Floats, full: Floats, diary: Diary
) -> Rerun:
    """The run with `holds` left, from the full run's shortfalls and diary."""
    network = prepared.network
    record = np.zeros((prepared.pad + prepared.horizon, network.sites))
    record[prepared.pad :] = full
    joins = _first_difference(prepared, removed)
    active = np.zeros(network.sites, dtype=bool)
    covers, target = cover.copy(), ceilings(network, cover)
    state: State | None = None
    for day in range(prepared.horizon):
        new = np.flatnonzero((joins <= day) & ~active)
        if np.count_nonzero(active) + new.size > _MANY * network.sites and new.size:
            # Taking in at once all that may differ costs less than growing day by day.
            new = np.flatnonzero(network.reach(np.concatenate([np.flatnonzero(active), new])) & ~active)
        if new.size:
            active[new] = True
            _take_over(covers, state, diary, ranges(network.site_slots, new), day)
            part = Part(prepared, active, holds)
            state = State(prepared, part, record, covers[part.slots], target[part.slots])
        if state is not None:
            state.step(day)
            sites = state.part.sites
            differ = sites[record[prepared.pad + day, sites] != full[day, sites]]
            out = network.links_by_supplier[ranges(network.supplier_links, differ)]
            np.minimum.at(joins, network.link_customer[out], day + prepared.lead[out])
    sites = np.flatnonzero(active)
    shortfall = record[prepared.pad :]
    found = milestones(shortfall[:, sites], network.minimum_rate[sites])
    return Rerun(shortfall, sites, found.stop, found.slow, found.lost)


def _take_over(covers: Floats, state: State | None, diary: Diary, slots: NDArray[np.int64], day: int) -> None:
    """Covers of the sites that were already visited, and of those that join, as the full run has them."""
    if state is not None:
        covers[state.part.slots] = state.cover
    covers[slots] = diary.cover[day, np.searchsorted(diary.slots, slots)]


def _first_difference(prepared: Prepared, removed: Sequence[Match]) -> NDArray[np.int64]:
    """[n] first day on which the removed events themselves make a site differ."""
    joins = np.full(prepared.network.sites, _NEVER)
    for match in removed:
        days = match.event.days(prepared.horizon)
        if days.start < days.stop:
            joins[match.sites] = np.minimum(joins[match.sites], days.start)
            arrivals = days.start + prepared.lead[match.links]
            np.minimum.at(joins, prepared.network.link_customer[match.links], arrivals)
    return joins


def holds_without(full: Holds, matches: Sequence[Match], removed: Sequence[Match], prepared: Prepared) -> Holds:
    """Capacity that the other events take; only what the removed ones held is looked at again."""
    horizon, network = prepared.horizon, prepared.network
    loss, left = full.site_loss.copy(), full.lane_left.copy()
    site_open = np.zeros(network.sites, dtype=bool)
    link_open = np.zeros(network.links, dtype=bool)
    for match in removed:
        site_open[match.sites] = True
        link_open[match.links] = True
    loss[:, site_open[full.sites]] = 0.0
    left[:, link_open[full.links]] = 1.0
    gone = {match.event.event_id for match in removed}
    for match in matches:
        days, capacity = match.event.days(horizon), match.event.capacity_left
        if match.event.event_id in gone or days.start >= days.stop:
            continue
        columns = np.searchsorted(full.sites, match.sites[site_open[match.sites]])
        loss[days, columns] = np.maximum(loss[days, columns], 1.0 - capacity)
        columns = np.searchsorted(full.links, match.links[link_open[match.links]])
        left[days, columns] = np.minimum(left[days, columns], capacity)
    return Holds(full.sites, loss, full.links, left)
