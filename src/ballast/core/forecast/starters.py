"""What has to be brought to a loop that stands still and empty so that it runs again, and goes on by itself.

Each member starts on a day of its own and from then on gets enough of every essential input to run at the loop's
least rate. What its own loop does not bring yet is brought from elsewhere, day by day: the starter lots. The start
days that need least in all are found by a linear program, or a mixed-integer one where links are spare.
docs/explanation/forecast.md explains it and shows it by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, ranges
from ballast.core.network.network import DEFAULT_MINIMUM_RATE, Network

__all__ = ["Loop", "Lot", "Starter", "starter_lots"]

# Members times days on which they may start, up to which spare links and stocks are weighed up.
CHOICES = 200
_SECONDS = 10.0
_TOLERANCE = 1e-9

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Lot:
    """Material brought to one slot, in days of its normal use; days count from the first start."""

    slot: int
    days: float
    daily: tuple[tuple[int, float], ...]  # (day, how much), only days on which something is brought


@dataclass(frozen=True)
class Starter:
    """The lots with which a loop starts, and the day on which each member does, in the order of the members."""

    rate: float  # at which each member runs from its start on, at least
    lots: tuple[Lot, ...]
    starts: tuple[int, ...]
    proven: bool  # no other start days need less

    @property
    def days(self) -> float:
        """All lots together, days of use."""
        return float(sum(lot.days for lot in self.lots))


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop at rest: n members, their s slots, and the m links among them."""

    slots: Places  # [s] in the network
    site: Places  # [s] member
    essential: NDArray[np.bool_]  # [s]
    weight: Floats  # [s] output lost when a non-essential slot is quite empty
    come: Floats  # [s] what comes in a day from elsewhere
    cover: Floats  # [s] days at hand
    supplier: Places  # [m] member
    slot: Places  # [m] position among the slots, ascending
    share: Floats  # [m]
    lead: Places  # [m] days
    rate: float  # least rate that counts as running for every member

    @classmethod
    def of(cls, network: Network, members: Sequence[int], rates: Floats, lanes: Floats, cover: Floats) -> "Loop":
        """The members in the network; `rates` [n] of all sites, `lanes` [m] what is left of links, `cover` [s]."""
        here = np.full(network.sites, -1, dtype=np.int64)
        here[list(members)] = np.arange(len(members))
        slots = ranges(network.site_slots, np.array(members, dtype=np.intp))
        links = ranges(network.slot_links, slots)
        supplier, share = here[network.link_supplier[links]], network.link_share[links] * lanes[links]
        slot = np.searchsorted(slots, network.link_slot[links])
        inside = (supplier >= 0) & (share > 0.0)
        other = np.where(supplier >= 0, 0.0, share * rates[network.link_supplier[links]])
        least = float(network.minimum_rate[list(members)].max())
        return cls(
            slots=slots.astype(np.int64),
            site=here[network.slot_site[slots]],
            essential=network.slot_essential[slots],
            weight=network.slot_weight[slots],
            come=network.slot_outside[slots] + np.bincount(slot, other, minlength=slots.size)[: slots.size],
            cover=cover[slots],
            supplier=supplier[inside],
            slot=slot[inside],
            share=share[inside],
            lead=network.link_lead[links][inside].astype(np.int64),
            rate=least if least > 0.0 else DEFAULT_MINIMUM_RATE,
        )

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self.site.max(initial=-1)) + 1

    @property
    def longest(self) -> int:
        """Longest lead inside the loop, days."""
        return int(self.lead.max(initial=1))


def starter_lots(loop: Loop) -> Starter | None:
    """The least lots, in days of use over all slots; None where no lots keep the loop running.

    Stocks at hand are counted upon where they last; where faster running would use them up, they are left out.
    """
    inner = np.bincount(loop.slot, loop.share, minlength=loop.slots.size)[: loop.slots.size]
    if (loop.essential & (loop.come + loop.rate * inner < loop.rate - _TOLERANCE)).any():
        return None
    at_hand = np.where(loop.essential, loop.cover, 0.0)
    for cover in [at_hand, np.zeros_like(at_hand)] if at_hand.any() else [at_hand]:
        starts, proven = _starts(loop, cover)
        lots = _lots(loop, starts, cover)
        if runs(loop, starts, lots):
            return Starter(loop.rate, lots, tuple(starts.tolist()), proven and (cover is at_hand))
    return None


def lacking(loop: Loop, starts: Places) -> Floats:
    """[s, days] what each essential slot lacks each day for its site to run at the least rate from its start on."""
    days = int(starts.max(initial=0)) + loop.longest
    every = np.arange(days)
    lack = np.maximum(0.0, loop.rate - loop.come)[:, None] * (every >= starts[loop.site][:, None])
    arrive = loop.rate * loop.share[:, None] * (every >= (starts[loop.supplier] + loop.lead)[:, None])
    np.subtract.at(lack, loop.slot, arrive)
    return np.where(loop.essential[:, None] & (lack > _TOLERANCE), lack, 0.0)


def runs(loop: Loop, starts: Places, lots: Sequence[Lot]) -> bool:
    """Whether with the lots every member runs at the least rate from its start on, by the forecast's own rule.

    Once all lots are used and nobody fell below for as long as the longest lead, nobody ever will.
    """
    days = int(starts.max(initial=0)) + 3 * loop.longest + 1
    brought = np.zeros((loop.slots.size, days))
    place = {int(slot): k for k, slot in enumerate(loop.slots)}
    for lot in lots:
        for day, much in lot.daily:
            brought[place[lot.slot], day] = much
    rate, cover = np.zeros((days, loop.members)), np.where(loop.essential, loop.cover, 0.0)
    for day in range(days):
        sent = day - loop.lead
        come = np.where(sent >= 0, loop.share * rate[np.maximum(sent, 0), loop.supplier], 0.0)
        available = cover + loop.come + brought[:, day]
        np.add.at(available, loop.slot, come)
        lack = np.where(loop.essential, 0.0, loop.weight * (1.0 - np.minimum(available, 1.0)))
        most = 1.0 - np.bincount(loop.site, lack, minlength=loop.members)
        np.minimum.at(most, loop.site[loop.essential], available[loop.essential])
        rate[day] = np.clip(most, 0.0, 1.0)
        cover = np.maximum(0.0, available - rate[day][loop.site])
    started = np.arange(days)[:, None] >= starts
    return bool((rate[started] >= loop.rate - _TOLERANCE).all())


def _lots(loop: Loop, starts: Places, cover: Floats) -> tuple[Lot, ...]:
    """What is lacking day by day, after what stands at hand is used."""
    found = []
    for k, days in enumerate(lacking(loop, starts)):
        rest, daily = float(cover[k]), []
        for day in np.flatnonzero(days).tolist():
            used = min(rest, float(days[day]))
            rest -= used
            if days[day] - used > _TOLERANCE:
                daily.append((day, float(days[day] - used)))
        if daily:
            found.append(Lot(int(loop.slots[k]), float(sum(much for _day, much in daily)), tuple(daily)))
    return tuple(found)


def _starts(loop: Loop, cover: Floats) -> tuple[Places, bool]:
    """Start days with the least lots, and whether that is proven."""
    part, exact = _parts(loop, cover)
    starts = _shifted(loop, part)
    latest = (loop.members - 1) * loop.longest + 1
    if exact or loop.members * latest > CHOICES:
        return starts, exact
    found = _Program(loop, cover, latest).solve()
    return (starts, False) if found is None else (found, True)


def _parts(loop: Loop, cover: Floats) -> tuple[Floats, bool]:
    """[m] what each link is to bring of what its slot needs, those with short leads first, in parts of the least rate.

    With it, whether that is all there is to say: no link is spare and no stock stands at hand.
    """
    wanted = np.where(loop.essential, np.maximum(0.0, 1.0 - loop.come / loop.rate), 0.0)
    part, left = np.zeros(loop.slot.size), wanted.copy()
    for link in np.lexsort((loop.lead, loop.slot)).tolist():
        part[link] = min(float(loop.share[link]), float(left[loop.slot[link]]))
        left[loop.slot[link]] -= part[link]
    spare = bool((loop.share - part > _TOLERANCE)[wanted[loop.slot] > 0.0].any())
    return part, not spare and not bool((cover[wanted > 0.0] > 0.0).any())


def _shifted(loop: Loop, part: Floats) -> Places:
    """[n] start days with the least Σ part · (start of the supplier + lead - start of the customer, at least 0).

    The program is the dual of a flow of least cost, so its corners are whole days.
    """
    from scipy.optimize import linprog  # type: ignore[import-untyped]
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    used = np.flatnonzero(part > 0.0)
    n, m = loop.members, used.size
    if not m:
        return np.zeros(n, dtype=np.int64)
    rows, ones = np.arange(m), np.ones(m)
    columns = np.concatenate([loop.supplier[used], loop.site[loop.slot[used]], n + rows])
    matrix = csr_array((np.concatenate([ones, -ones, -ones]), (np.tile(rows, 3), columns)), shape=(m, n + m))
    cost = np.concatenate([np.zeros(n), part[used]])
    found = linprog(cost, A_ub=matrix, b_ub=-loop.lead[used].astype(np.float64), method="highs-ds")
    starts = np.round(found.x[:n]).astype(np.int64)
    return np.asarray(starts - starts.min(), dtype=np.int64)


class _Program:
    """min Σ lots where links are spare or stocks at hand; started(i, d) is 0 or 1 and never back to 0.

    Columns: started [n, width], lack [s, days], lot [s], in units of the rate. From `width` on all have started.
    """

    def __init__(self, loop: Loop, cover: Floats, width: int) -> None:
        self.loop, self.width, self.days = loop, width, width + loop.longest
        self.lack = loop.members * width
        self.lot = self.lack + loop.slots.size * self.days
        self.size = self.lot + loop.slots.size
        self.entries: list[tuple[int, int, float]] = []
        self.least: list[float] = []
        self._order()
        self._lack()
        for k in range(loop.slots.size):
            days = range(self.lack + k * self.days, self.lack + (k + 1) * self.days)
            self._row([(self.lot + k, 1.0), *((day, -1.0) for day in days)], -float(cover[k]) / loop.rate)

    def _row(self, row: Sequence[tuple[int, float]], least: float) -> None:
        self.entries += [(len(self.least), column, factor) for column, factor in row]
        self.least.append(least)

    def _order(self) -> None:
        """Who has started stays so; all have on the last day."""
        for i in range(self.loop.members):
            for day in range(1, self.width):
                self._row([(i * self.width + day, 1.0), (i * self.width + day - 1, -1.0)], 0.0)
            self._row([((i + 1) * self.width - 1, 1.0)], 1.0)

    def _lack(self) -> None:
        """lack >= what has to come while the site runs - what started suppliers bring."""
        loop, width = self.loop, self.width
        wanted = np.where(loop.essential, np.maximum(0.0, 1.0 - loop.come / loop.rate), 0.0)
        for k in np.flatnonzero(wanted > _TOLERANCE).tolist():
            links = range(*np.searchsorted(loop.slot, [k, k + 1]).tolist())
            for day in range(self.days):
                site = int(loop.site[k]) * width + min(day, width - 1)
                row: dict[int, float] = {self.lack + k * self.days + day: 1.0, site: -float(wanted[k])}
                for link in links:
                    if (sent := day - int(loop.lead[link])) >= 0:
                        column = int(loop.supplier[link]) * width + min(sent, width - 1)
                        row[column] = row.get(column, 0.0) + float(loop.share[link])
                self._row(list(row.items()), 0.0)

    def solve(self) -> Places | None:
        """[n] the best start days; None when they were not found in time."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        rows, columns, factors = zip(*self.entries, strict=True)
        matrix = csr_array((factors, (rows, columns)), shape=(len(self.least), self.size))
        upper, cost, whole = np.ones(self.size), np.zeros(self.size), np.zeros(self.size)
        upper[self.lack :], cost[self.lot :], whole[: self.lack] = np.inf, 1.0, 1.0
        found = milp(
            cost,
            constraints=LinearConstraint(matrix, np.array(self.least), np.inf),
            bounds=Bounds(0.0, upper),
            integrality=whole,
            options={"time_limit": _SECONDS, "mip_rel_gap": 0.0},
        )
        if found.status != 0:
            return None
        starts = (found.x[: self.lack].reshape(self.loop.members, self.width) > 0.5).argmax(axis=1)
        return np.asarray(starts - starts.min(), dtype=np.int64)
