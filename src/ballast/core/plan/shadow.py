"""A shadow of the forecast that never loses more than it does, and loses no more when more events go.

The forecast itself is not quite like that (a ceiling can turn one event fewer into a loss), so bounds on what
solving some problems can recover rest on its shadow. docs/explanation/plan.md has the equations and the proof.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.dayloop import ceilings, unknown_low
from ballast.core.forecast.runs import Forecast
from ballast.core.network.network import Bools, Floats, Network, ranges

if TYPE_CHECKING:
    from ballast.core.kernels.shadow import Grid, Places

__all__ = ["Shadow"]

# Windows that begin on every day, as long as their table stays below this many numbers; else from day 0 only.
_MOST = 60_000_000
_STACK = 200_000

Rows = NDArray[np.int64]


class Shadow:
    """The sites that fall short in a forecast's low run, n of them, and the least that they lose without some groups.

    A group is a set of event ids. Events of no group stay. `room` [s] is how far the ceilings of stocks may rise, days.
    """

    def __init__(self, full: Forecast, groups: Sequence[Collection[str]], room: Floats | None = None) -> None:
        self.full, self.groups = full, len(groups)
        self.sites = np.flatnonzero(full.low.lost_days > 0.0)
        self.group_of = {event: number for number, group in enumerate(groups) for event in group}
        self.grid, self._links = _grid(full, self.sites, np.zeros(full.network.slots) if room is None else room)
        days = full.horizon
        width = days if self.sites.size * days * days <= _MOST else 1
        self._least = np.zeros((self.sites.size, days, width))
        self._lanes = np.zeros((self._links.size, days, width))
        none = np.empty(0, dtype=np.int64)
        self._visited = none, none
        owners = np.repeat(np.arange(self.sites.size), np.diff(self.grid.site_slots))
        self._uneven = np.unique(owners[self.grid.gap > 0.0])
        self._site_of_entry, self._link_of_entry = (_owners(places) for places in self._places)

    def lost(self, solved: Bools) -> Floats:
        """[n] least days of output that each site loses over the horizon when the groups in `solved` [groups] go."""
        from ballast.core.kernels.shadow import windows  # Numba takes half a second to import

        at_sites, at_links = self._places
        flags = np.append(solved, False)
        self._least[self._visited[0]], self._lanes[self._visited[1]] = 0.0, 0.0
        seeds = np.concatenate([self._uneven, self._site_of_entry[~flags[at_sites.group]]])
        lanes = self._link_of_entry[~flags[at_links.group]]
        count, held, width = self._least.shape[0], self._lanes.shape[0], self._least.shape[2]
        at, over = np.zeros(count + 1, dtype=np.int64), np.zeros(held + 1, dtype=np.int64)
        windows(
            self.grid, at_sites, at_links, flags, seeds, lanes, self._least, self._lanes, np.empty(width),
            np.empty(width), np.zeros(count, dtype=bool), np.zeros(held, dtype=bool), at, over,
        )  # fmt: skip
        self._visited = at[1 : at[0] + 1], over[1 : over[0] + 1]
        return self._least[:, -1, 0].copy()

    def slopes(self, solved: Bools, sites: Sequence[int]) -> list[Floats | None]:
        """For each site (position among the n) how much less it loses at most, by group solved as well [groups].

        lost(more) >= lost(solved) - sum of the slopes of the further groups. None where the causes are too many.
        """
        from ballast.core.kernels.shadow import slopes

        self.lost(solved)
        at_sites, at_links = self._places
        stack, parts, lack = np.empty((_STACK, 3), dtype=np.int64), np.empty(_STACK), np.empty(self._least.shape[2])
        flags = np.append(solved, False)
        answers: list[Floats | None] = []
        for site in sites:
            found = np.zeros(self.groups + 1)
            whole = slopes(
                self.grid, at_sites, at_links, flags, self._least, self._lanes, site, found, stack, parts, lack
            )
            answers.append(found[:-1] if whole else None)
        return answers

    def alone(self) -> Floats:
        """[groups, n] least days lost with one group there and all others gone."""
        rows = []
        for number in range(self.groups):
            solved = np.ones(self.groups, dtype=bool)
            solved[number] = False
            rows.append(self.lost(solved))
        return np.array(rows).reshape(self.groups, self.sites.size)

    def reach(self) -> Bools:
        """[groups, n] whether solving the group can change what the site does within the horizon, in any company."""
        network, horizon = self.full.network, self.full.horizon
        reached = np.zeros((self.groups, self.sites.size), dtype=bool)
        for match in self.full.matches:
            number = self.group_of.get(match.event.event_id)
            if number is not None and match.event.days(horizon).start < horizon:
                seeds = np.concatenate([match.sites, network.link_customer[match.links]])
                reached[number] |= network.reach(seeds)[self.sites]
        return reached

    @cached_property
    def _places(self) -> tuple["Places", "Places"]:
        by_site: list[tuple[int, ...]] = []
        by_link: list[tuple[int, ...]] = []
        losses: dict[int, float] = {}
        for number, match in enumerate(self.full.matches):
            days = match.event.days(self.full.horizon)
            if days.start >= days.stop:
                continue
            losses[number] = 1.0 - match.event.capacity_left
            rest = (self.group_of.get(match.event.event_id, self.groups), days.start, days.stop - 1, number)
            by_site += [(place, *rest) for place in _positions(self.sites, match.sites)]
            by_link += [(place, *rest) for place in _positions(self._links, match.links)]
        return _places(by_site, self.sites.size, losses), _places(by_link, self._links.size, losses)


def _positions(rows: NDArray[np.intp], wanted: NDArray[np.intp]) -> list[int]:
    """Where those of `wanted` that are among the ascending `rows` stand."""
    at = np.searchsorted(rows, wanted)
    known = at < rows.size
    known[known] = rows[at[known]] == wanted[known]
    return [int(place) for place in at[known]]


def _owners(places: "Places") -> Rows:
    """The place that each entry holds."""
    return np.repeat(np.arange(places.starts.size - 1), np.diff(places.starts))


def _places(entries: list[tuple[int, ...]], count: int, losses: dict[int, float]) -> "Places":
    from ballast.core.kernels.shadow import Places

    table = np.array(sorted(entries), dtype=np.int64).reshape(-1, 5)
    starts = np.searchsorted(table[:, 0], np.arange(count + 1)).astype(np.int64)
    loss = np.array([losses[number] for number in table[:, 4].tolist()], dtype=np.float64)
    group, first, last = (np.ascontiguousarray(table[:, column]) for column in (1, 2, 3))
    return Places(starts, group, first, last, loss)


def _grid(full: Forecast, sites: NDArray[np.intp], room: Floats) -> tuple["Grid", NDArray[np.intp]]:
    """The short sites, their slots, and the links that are held or come from a short site; and the held links."""
    from ballast.core.kernels.shadow import Grid

    network, lead = full.network, np.minimum(full.network.link_lead, full.horizon).astype(np.int64)
    here = np.full(network.sites, -1, dtype=np.int64)
    here[sites] = np.arange(sites.size)
    slots = ranges(network.site_slots, sites)
    links = ranges(network.slot_links, slots)
    held = np.zeros(network.links, dtype=bool)
    held[full.holds.links] = True
    links = links[held[links] | (here[network.link_supplier[links]] >= 0)]
    lanes = links[held[links]]
    supplier, customer = here[network.link_supplier[links]], here[network.link_customer[links]]
    lane = np.full(links.size, -1, dtype=np.int64)
    lane[held[links]] = np.arange(lanes.size)
    by_supplier = np.argsort(supplier, kind="stable")
    most, lane_most = _most(full)
    grid = Grid(
        site_slots=_offsets(network.slot_site[slots], sites),
        slot_links=_offsets(network.link_slot[links], slots),
        supplier=supplier,
        lane=lane,
        lead=lead[links],
        share=network.link_share[links],
        factor=np.where(network.slot_essential, 1.0, network.slot_weight)[slots],
        gap=(1.0 - network.slot_base)[slots],
        stock=(_stock(network) + np.stack([np.zeros_like(room), room], axis=1))[slots],
        lane_supplier=here[network.link_supplier[lanes]],
        lane_customer=here[network.link_customer[lanes]],
        out=np.searchsorted(supplier[by_supplier], np.arange(sites.size + 1)).astype(np.int64),
        out_customer=customer[by_supplier],
        out_lane=lane[by_supplier],
        most=np.ascontiguousarray(most[:, sites].T),
        lane_most=np.ascontiguousarray(lane_most[:, np.searchsorted(full.holds.links, lanes)].T),
    )
    return grid, lanes.astype(np.intp)


def _most(full: Forecast) -> tuple[Floats, Floats]:
    """[days, sites] and [days, held links] largest shortfalls, whatever groups are solved."""
    from ballast.core.kernels.shadow import worst_days

    network, holds = full.network, full.holds
    lead = np.minimum(network.link_lead, full.horizon).astype(np.int64)
    loss, left = np.zeros((full.horizon, network.sites)), np.ones((full.horizon, network.links))
    loss[:, holds.sites], left[:, holds.links] = holds.site_loss, holds.lane_left
    # Columns of their own: the loops are compiled for contiguous ones.
    first, later = np.ascontiguousarray(_stock(network).T)
    most = np.zeros_like(loss)
    worst_days(
        network.site_slots, network.slot_links, network.link_supplier, lead, network.link_share,
        network.slot_essential, network.slot_weight, 1.0 - network.slot_base, first, later, loss, left, most,
    )  # fmt: skip
    return most, 1.0 - holds.lane_left * (1.0 - most[:, network.link_supplier[holds.links]])


def _offsets(owners: NDArray[np.int32], rows: Rows | NDArray[np.intp]) -> Rows:
    """Where the entries of each of the ascending rows begin among their ascending owners."""
    return np.append(np.searchsorted(owners, rows), owners.size).astype(np.int64)


def _stock(network: Network) -> Floats:
    """[s, 2] most that a slot can hold when a window begins, days: on day 0, and on a later day (its ceiling)."""
    cover = unknown_low(network)
    return np.stack([cover, ceilings(network, cover)], axis=1)
