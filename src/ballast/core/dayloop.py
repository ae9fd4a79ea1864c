"""The day loop of the forecast: shortfalls of all reached sites, day after day, in a fixed order of sums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.events import Holds
from ballast.core.lamps import RED_BELOW, TOLERANCE
from ballast.core.network import Bools, Floats, Ints, Network, ranges

__all__ = ["SLOW", "Diary", "Milestones", "Part", "Prepared", "State", "Trace", "ceilings", "milestones"]

# A rate below 1 - SLOW is short of full; a rate is below a limit when it is so by more than this.
SLOW = 1e-9


@dataclass(frozen=True, eq=False)
class Trace:
    """What the days left behind. Days are -1 where the thing never happened."""

    shortfall: Floats  # [days, n]
    stop_day: Ints
    slow_day: Ints
    last_short: Ints
    red_day: Ints
    lost_days: Floats  # [n]
    cover: Floats  # [s] after the last day
    refused: Floats  # [s]


@dataclass(frozen=True, eq=False)
class Diary:
    """Every slot that a run visited, day by day; kept only for explanations."""

    slots: NDArray[np.int64]  # [k] ascending
    cover: Floats  # [days, k] at the start of the day
    short: Floats  # [days, k] 1 - (cover + arrivals); above 0 the slot holds its site back


class Prepared:
    """A network made ready for a horizon; runs share it. Results do not depend on what is left out of a run."""

    def __init__(self, network: Network, horizon: int) -> None:
        self.network, self.horizon = network, horizon
        # What takes longer than the horizon arrives as before day 0, at full.
        self.lead = np.minimum(network.link_lead, horizon).astype(np.int64)
        self.pad = int(self.lead.max(initial=1))

    def run(self, holds: Holds, cover: Floats) -> Trace:
        """Shortfalls of every site from the cover at day 0."""
        state = self._start(holds, cover)
        for day in range(self.horizon):
            state.step(day)
        return state.trace(cover)

    def diary(self, holds: Holds, cover: Floats) -> Diary:
        """Every slot of a run day by day; the run again, so that a forecast without questions keeps none."""
        state = self._start(holds, cover)
        size = (self.horizon, state.part.slots.size)
        diary = state.diary = Diary(state.part.slots, np.empty(size), np.empty(size))
        for day in range(self.horizon):
            state.step(day)
        return diary

    def _start(self, holds: Holds, cover: Floats) -> "State":
        target = ceilings(self.network, cover)
        part = Part(self, self._touched(holds, cover, target), holds)
        record = np.zeros((self.pad + self.horizon, self.network.sites))
        return State(self, part, record, cover[part.slots], target[part.slots])

    def _touched(self, holds: Holds, cover: Floats, target: Floats) -> Bools:
        """Sites that may differ from normal: what events hold, what the tables leave out of balance, and downstream."""
        network = self.network
        uneven = network.slot_site[(network.slot_base != 1.0) | (cover > target)]
        return network.reach(np.concatenate([holds.sites, network.link_customer[holds.links], uneven]))


def ceilings(network: Network, cover: Floats) -> Floats:
    """Ceiling of each slot in days: its target, or the larger of the cover at day 0 and 1."""
    return np.where(np.isnan(network.slot_target), np.maximum(cover, 1.0), network.slot_target)


class Part:
    """The sites, slots and links that a run visits, numbered from 0; sorted as in the network."""

    def __init__(self, prepared: Prepared, mask: Bools, holds: Holds) -> None:
        network = prepared.network
        self.sites = np.flatnonzero(mask)
        here = np.cumsum(mask) - 1
        self.slots = ranges(network.site_slots, self.sites)
        self.slot_site = here[network.slot_site[self.slots]]
        links = ranges(network.slot_links, self.slots)
        counts = network.slot_links[self.slots + 1] - network.slot_links[self.slots]
        self.link_slot = np.repeat(np.arange(self.slots.size), counts)
        self.share = network.link_share[links]
        # Where the supplier's shortfall of day - lead stands in the padded record, for day 0.
        self.source = (prepared.pad - prepared.lead[links]) * network.sites + network.link_supplier[links]
        self.gap = 1.0 - network.slot_base[self.slots]
        self._groups(network)
        self._holds(prepared, mask, here, links, holds)

    def _groups(self, network: Network) -> None:
        essential = network.slot_essential[self.slots]
        self.essential = np.flatnonzero(essential)
        owner = self.slot_site[self.essential]
        self.first = np.flatnonzero(np.diff(owner, prepend=-1))
        self.first_site = owner[self.first]
        self.other = np.flatnonzero(~essential)
        self.other_site = self.slot_site[self.other]
        self.other_weight = network.slot_weight[self.slots[self.other]]

    def _holds(
        self, prepared: Prepared, mask: Bools, here: NDArray[np.intp], links: NDArray[np.int64], holds: Holds
    ) -> None:
        inside = mask[holds.sites]
        self.held, self.loss = here[holds.sites[inside]], holds.site_loss[:, inside]
        # Position of each held link in this part; links stay sorted, so a search finds it.
        at = np.searchsorted(links, holds.links)
        known = at < links.size
        known[known] = links[at[known]] == holds.links[known]
        self.lane, self.left = at[known], holds.lane_left[:, known]
        self.lane_lead = prepared.lead[holds.links[known]]


class State:
    """Where a run stands: covers of the visited slots and the record of all shortfalls."""

    def __init__(self, prepared: Prepared, part: Part, record: Floats, cover: Floats, target: Floats) -> None:
        self.prepared, self.part = prepared, part
        self.record = record  # [pad + days, n]; before day 0 everything ran at 1
        self.flat = record.reshape(-1)
        self.cover, self.target = cover, target
        self.refused = np.zeros(part.slots.size)
        self.red = np.full(part.sites.size, -1, dtype=np.int32)
        self.diary: Diary | None = None

    def step(self, day: int) -> None:
        """One day: arrivals, rate, use, ceiling."""
        part = self.part
        self._mark_red(day)
        missing = self._missing(day)
        short = part.gap + missing - self.cover
        if self.diary is not None:
            self.diary.cover[day], self.diary.short[day] = self.cover, short
        shortfall = self._shortfall(day, short)
        self.record[self.prepared.pad + day, part.sites] = shortfall
        after = np.maximum(0.0, self.cover + (shortfall[part.slot_site] - missing - part.gap))
        over = after > self.target
        if over.any():
            self.refused[over] += after[over] - self.target[over]
            after[over] = self.target[over]
        self.cover = after

    def _missing(self, day: int) -> Floats:
        """What links bring less than normal; bincount adds in the order of the links."""
        part = self.part
        gone = self.flat[part.source + day * self.prepared.network.sites]
        if part.lane.size:
            sent = day - part.lane_lead
            left = np.where(sent >= 0, part.left[np.maximum(sent, 0), np.arange(part.lane.size)], 1.0)
            gone[part.lane] = (1.0 - left) + gone[part.lane] * left
        return np.bincount(part.link_slot, part.share * gone, minlength=part.slots.size).astype(np.float64, copy=False)

    def _shortfall(self, day: int, short: Floats) -> Floats:
        part = self.part
        shortfall = np.zeros(part.sites.size)
        shortfall[part.held] = part.loss[day]
        if part.first.size:
            worst = np.maximum.reduceat(short[part.essential], part.first)
            shortfall[part.first_site] = np.maximum(shortfall[part.first_site], worst)
        if part.other.size:
            lack = part.other_weight * np.clip(short[part.other], 0.0, 1.0)
            np.maximum(shortfall, np.bincount(part.other_site, lack, minlength=shortfall.size), out=shortfall)
        return np.clip(shortfall, 0.0, 1.0, out=shortfall)

    def _mark_red(self, day: int) -> None:
        part = self.part
        low = part.slot_site[part.essential[self.cover[part.essential] < RED_BELOW - TOLERANCE]]
        first = low[self.red[low] < 0]
        self.red[first] = day

    def trace(self, cover: Floats) -> Trace:
        """Results for all sites: outside the part nothing happened, and covers stand as on day 0."""
        part, network = self.part, self.prepared.network
        shortfall = self.record[self.prepared.pad :]
        found = milestones(shortfall[:, part.sites], network.minimum_rate[part.sites])
        low = network.slot_site[network.slot_essential & (cover < RED_BELOW - TOLERANCE)]
        red = np.full(network.sites, -1, dtype=np.int32)
        red[low] = 0
        red[part.sites] = self.red
        end, refused, lost = cover.copy(), np.zeros(network.slots), np.zeros(network.sites)
        end[part.slots], refused[part.slots] = self.cover, self.refused
        lost[part.sites] = found.lost
        stop, slow, last = (_spread(network.sites, part.sites, d) for d in (found.stop, found.slow, found.last))
        return Trace(shortfall, stop, slow, last, red, lost, end, refused)


@dataclass(frozen=True, eq=False)
class Milestones:
    """First stop day, first and last short day (-1 for never) and lost days, one a column."""

    stop: Ints
    slow: Ints
    last: Ints
    lost: Floats


def milestones(shortfall: Floats, minimum: Floats) -> Milestones:
    """What the shortfalls [days, k] of some sites come to; lost days add up day by day."""
    short = shortfall > SLOW
    backwards = _first(short[::-1])
    last = np.where(backwards < 0, -1, len(shortfall) - 1 - backwards).astype(np.int32)
    lost = np.zeros(shortfall.shape[1])
    for today in shortfall:
        lost += today
    return Milestones(_first(1.0 - shortfall < minimum - SLOW), _first(short), last, lost)


def _first(happens: Bools) -> Ints:
    """First day on which each column is true, -1 for never."""
    return np.where(happens.any(axis=0), happens.argmax(axis=0), -1).astype(np.int32)


def _spread(size: int, places: NDArray[np.intp], values: Ints) -> Ints:
    column = np.full(size, -1, dtype=np.int32)
    column[places] = values
    return column
