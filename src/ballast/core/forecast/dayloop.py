"""The days of the forecast, run by run: only sites on which something acts are visited and kept."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.events import Holds
from ballast.core.lamps import RED_BELOW, TOLERANCE
from ballast.core.network.network import Floats, Ints, Network

if TYPE_CHECKING:
    from ballast.core.kernels.again import Full
    from ballast.core.kernels.days import Grid, Taken

__all__ = [
    "LAST",
    "RED",
    "SLOW",
    "SLOW_DAY",
    "STOP",
    "Days",
    "Resting",
    "SiteDays",
    "ceilings",
    "resting",
    "run_days",
    "taken",
    "unknown_high",
    "unknown_low",
]

# A rate below 1 - SLOW is short of full; a rate is below a limit when it is so by more than this.
SLOW = 1e-9
# Columns of Days.milestones.
STOP, SLOW_DAY, LAST, RED = 0, 1, 2, 3


class Resting:
    """A network before anything happens, with every stock known: `cover` is in days, one a slot."""

    def __init__(self, network: Network, cover: Floats) -> None:
        self.network, self.cover = network, cover
        self.target = ceilings(network, self.cover)
        low = network.slot_essential & (self.cover < RED_BELOW - TOLERANCE)
        self.red = np.zeros(network.sites, dtype=bool)
        self.red[network.slot_site[low]] = True

    @cached_property
    def grid(self) -> "Grid":
        """The arrays that the loops read."""
        from ballast.core.kernels.days import Grid

        network = self.network
        out = network.links_by_supplier
        uneven = network.slot_site[(network.slot_base != 1.0) | (self.cover > self.target)]
        return Grid(
            site_slots=network.site_slots,
            slot_links=network.slot_links,
            supplier=network.link_supplier,
            share=network.link_share,
            lead=network.link_lead,
            out=network.supplier_links,
            out_customer=network.link_customer[out],
            out_lead=network.link_lead[out],
            essential=network.slot_essential,
            weight=network.slot_weight,
            gap=1.0 - network.slot_base,
            minimum=network.minimum_rate,
            cover=self.cover,
            target=self.target,
            uneven=np.unique(uneven).astype(np.int32),
        )


_RESTING: "WeakKeyDictionary[Network, dict[bool, Resting]]" = WeakKeyDictionary()


def resting(network: Network, *, high: bool) -> Resting:
    """The network at rest, unknown stocks empty or (`high`) at their upper bound.

    Kept as long as the network is, so that a second question begins at once.
    """
    kept = _RESTING.setdefault(network, {})
    if high not in kept:
        kept[high] = Resting(network, unknown_high(network) if high else unknown_low(network))
    return kept[high]


def ceilings(network: Network, cover: Floats) -> Floats:
    """Ceiling of each slot in days: its target, or the larger of the cover at day 0 and 1."""
    return np.where(np.isnan(network.slot_target), np.maximum(cover, 1.0), network.slot_target)


def unknown_low(network: Network) -> Floats:
    """Cover at day 0 with unknown stocks empty, days."""
    return np.where(np.isnan(network.slot_cover), 0.0, network.slot_cover)


def unknown_high(network: Network) -> Floats:
    """Cover at day 0 with unknown stocks at their upper bound, days."""
    return np.where(np.isnan(network.slot_cover), network.slot_cover_upper, network.slot_cover)


@dataclass(frozen=True, eq=False)
class SiteDays:
    """The slots of one visited site, day by day."""

    cover: Floats  # [days, slots] at the start of the day
    short: Floats  # [days, slots] 1 - (cover + arrivals); above 0 the slot holds its site back


@dataclass(frozen=True, eq=False)
class Days:
    """What a run left behind: k touched sites in the order of their first visit; all others ran in full."""

    resting: Resting
    horizon: int
    local: Ints  # [n] position among the touched sites, -1
    row_of: Ints  # [n] row of the shortfalls; 0 for a site that was never short
    sites: Ints  # [k]
    milestones: Ints  # [k, 4] first stop day, first and last short day, first red day; -1 never
    lost: Floats  # [k] sum of shortfalls
    start: NDArray[np.int64]  # [k + 1] first slot of each touched site in the next two
    cover: Floats  # after the last day
    refused: Floats  # what ceilings refused
    rows: Floats  # [r, days] shortfalls; the first row is 0
    visits: NDArray[np.int64] = field(repr=False)  # [v, 3] touched site, day, first row of its slots in the next
    slots: Floats = field(repr=False)  # [w, 2] cover at the start of the day, 1 - (cover + arrivals)

    def column(self, milestone: int) -> Ints:
        """[n] one of the milestones for every site."""
        found = np.full(self.local.size, -1, dtype=np.int32)
        if milestone == RED:
            found[self.resting.red] = 0
        found[self.sites] = self.milestones[:, milestone]
        return found

    def spread(self, values: Floats) -> Floats:
        """[n] values of the touched sites, 0 for all others."""
        found = np.zeros(self.local.size)
        found[self.sites] = values
        return found

    @cached_property
    def touched_slots(self) -> NDArray[np.int64]:
        """Slots of the touched sites, in the order of `cover` and `refused`."""
        offsets = self.resting.network.site_slots
        shift = np.repeat(offsets[self.sites] - self.start[:-1], np.diff(self.start))
        return np.arange(self.start[-1], dtype=np.int64) + shift

    def shortfall(self, site: int) -> Floats:
        """[days] shortfalls of one site."""
        found: Floats = self.rows[self.row_of[site]]
        return found

    @cached_property
    def full(self) -> "Full":
        """The log as a run with something changed reads it; the run has to have kept it."""
        from ballast.core.kernels.again import Full

        order = np.argsort(self.visits[:, 0], kind="stable")
        counts = np.bincount(self.visits[:, 0], minlength=self.sites.size)
        return Full(
            local=self.local,
            row_of=self.row_of,
            rows=self.rows,
            start=self.start,
            cover=self.cover,
            visit_start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            visit_day=np.ascontiguousarray(self.visits[order, 1]),
            visit_slot=np.ascontiguousarray(self.visits[order, 2]),
            slots=self.slots,
        )

    def of_site(self, site: int) -> SiteDays | None:
        """Covers of a site day by day out of the log; None for a site that was never visited."""
        here = int(self.local[site])
        if here < 0:
            return None
        full, width = self.full, int(self.start[here + 1] - self.start[here])
        cover, short = np.empty((self.horizon, width)), np.empty((self.horizon, width))
        after = 0
        for visit in range(int(full.visit_start[here]), int(full.visit_start[here + 1])):
            day, row = int(full.visit_day[visit]), int(full.visit_slot[visit])
            stood = self.slots[row : row + width]
            # Since the last visit nothing was short and the cover stood still.
            cover[after : day + 1], short[after:day] = stood[:, 0], -stood[:, 0]
            short[day] = stood[:, 1]
            after = day + 1
        end = self.cover[self.start[here] : self.start[here + 1]]
        cover[after:], short[after:] = end, -end
        return SiteDays(cover, short)


def taken(network: Network, holds: Holds) -> "Taken":
    """Holds as the loops read them."""
    from ballast.core.kernels.days import Taken

    links = holds.links.astype(np.int64)
    return Taken(
        sites=holds.sites.astype(np.int64),
        loss=holds.site_loss,
        links=links,
        customers=network.link_customer[links],
        leads=network.link_lead[links],
        left=holds.lane_left,
    )


def run_days(start: Resting, holds: Holds, horizon: int, *, keep: bool = False) -> Days:
    """All days from day 0; `keep` keeps the log of covers that explanations and what-ifs read."""
    from ballast.core.kernels.days import run, workspace

    work = workspace(start.grid, horizon)
    local = np.full(work.seen.size, -1, np.int32)
    log = np.empty((1024, 3), np.int64), np.empty((1024, 2))
    (touched, row_count, visited, logged), (rows, visits, slots) = run(
        start.grid, taken(start.network, holds), horizon, keep, work, local, *log
    )
    width = work.start[touched]
    arrays = (work.sites, work.days, work.lost, work.start, work.cover, work.refused, rows, visits, slots)
    filled = (touched, touched, touched, touched + 1, width, width, row_count, visited, logged)
    # Copies, for what was taken for the largest case goes back with its arrays.
    kept = (array[:size].copy() for array, size in zip(arrays, filled, strict=True))
    return Days(start, horizon, local, work.row_of, *kept)
