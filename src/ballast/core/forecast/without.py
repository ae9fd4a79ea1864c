"""The same days without some events: visits only what comes out differently, and only from the day it does.

Every site starts as in the full run and is visited when something that acts on it differs from that run: its
own events, a lane, a supplier, or its stocks on a day on which the full run visits it. Until then its state is
the full run's to the last bit, so the answer is that of a whole new run.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.dayloop import SLOW_DAY, STOP, Days, taken
from ballast.core.forecast.events import Holds, Match
from ballast.core.network.network import Floats, Ints, Network

if TYPE_CHECKING:
    from ballast.core.kernels.days import Taken

__all__ = ["Release", "Releases", "Rerun", "rerun"]

# So many events at one place are looked at one by one; more of them at once, from a grid of at most so many cells.
_FEW = 8
_LARGEST_GRID = 10_000_000


@dataclass(frozen=True, eq=False)
class Rerun:
    """What differs when some events are left out; all other sites are as in the full run."""

    sites: Ints  # [k]
    stop_day: Ints  # [k]
    slow_day: Ints  # [k]
    lost_days: Floats  # [k]
    shortfall: Floats  # [k, days]


@dataclass(frozen=True, eq=False)
class Release:
    """What some events give back."""

    columns: NDArray[np.int64]  # of the held sites, ascending
    loss: Floats  # [days, columns] what the other events still take
    lanes: NDArray[np.int64]  # positions among the held links, ascending
    left: Floats  # [days, lanes] what the other events leave


class Releases:
    """Finds what is left of the holds when events go; looks only at what those events held."""

    def __init__(self, network: Network, matches: Sequence[Match], holds: Holds) -> None:
        self.network, self.holds = network, holds
        self.horizon = len(holds.site_loss)
        spans = [(m, m.event.days(self.horizon)) for m in matches]
        self.matches = [m for m, days in spans if days.start < days.stop]
        self.days = [days for _, days in spans if days.start < days.stop]

    @cached_property
    def taken(self) -> "Taken":
        """All holds as the loops read them."""
        return taken(self.network, self.holds)

    @cached_property
    def columns(self) -> dict[str, NDArray[np.int64]]:
        """Held sites of each event."""
        return {m.event.event_id: np.searchsorted(self.holds.sites, m.sites) for m in self.matches}

    @cached_property
    def lanes(self) -> dict[str, NDArray[np.int64]]:
        """Held links of each event."""
        return {m.event.event_id: np.searchsorted(self.holds.links, m.links) for m in self.matches}

    @cached_property
    def by_column(self) -> dict[int, list[int]]:
        """Events (positions in `matches`) that hold each site that more than one holds."""
        return _shared(self.columns, self.holds.sites.size)

    @cached_property
    def by_lane(self) -> dict[int, list[int]]:
        """Events that hold each link that more than one holds."""
        return _shared(self.lanes, self.holds.links.size)

    def of(self, gone: Collection[str]) -> Release:
        """What is left at the places that the events in `gone` held."""
        columns = _union(self.columns, gone)
        lanes = _union(self.lanes, gone)
        loss, left = np.zeros((self.horizon, columns.size)), np.ones((self.horizon, lanes.size))
        for k, staying in _others(self.by_column, columns, self.matches, gone):
            loss[:, k] = 1.0 - self._least(staying)
        for k, staying in _others(self.by_lane, lanes, self.matches, gone):
            left[:, k] = self._least(staying)
        return Release(columns, loss, lanes, left)

    @cached_property
    def leaves(self) -> Floats | None:
        """[matches, days] what each event leaves of what it holds; None where that is too large to keep."""
        if len(self.matches) * self.horizon > _LARGEST_GRID:
            return None
        found = np.ones((len(self.matches), self.horizon))
        for row, days, match in zip(found, self.days, self.matches, strict=True):
            row[days] = match.event.capacity_left
        return found

    def _least(self, events: Sequence[int]) -> Floats:
        """[days] the least that one of the events leaves."""
        if len(events) > _FEW and self.leaves is not None:
            least: Floats = self.leaves[events].min(axis=0)
            return least
        found = np.ones(self.horizon)
        for number in events:
            days = self.days[number]
            found[days] = np.minimum(found[days], self.matches[number].event.capacity_left)
        return found

    def holds_without(self, gone: Collection[str]) -> Holds:
        """Capacity that the other events take."""
        release = self.of(gone)
        loss, left = self.holds.site_loss.copy(), self.holds.lane_left.copy()
        loss[:, release.columns] = release.loss
        left[:, release.lanes] = release.left
        return Holds(self.holds.sites, loss, self.holds.links, left)


def _shared(places: dict[str, NDArray[np.int64]], size: int) -> dict[int, list[int]]:
    held = np.zeros(size, dtype=np.int64)
    for where in places.values():
        held[where] += 1
    found: dict[int, list[int]] = {int(place): [] for place in np.flatnonzero(held > 1)}
    for number, where in enumerate(places.values()):
        for place in where[held[where] > 1].tolist():
            found[place].append(number)
    return found


def _union(places: dict[str, NDArray[np.int64]], gone: Collection[str]) -> NDArray[np.int64]:
    found = [places[name] for name in gone if name in places]
    if len(found) == 1:
        return found[0]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found])).astype(np.int64)


def _others(
    shared: dict[int, list[int]], places: NDArray[np.int64], matches: Sequence[Match], gone: Collection[str]
) -> Iterator[tuple[int, list[int]]]:
    """(position in `places`, events that stay there) where some stay."""
    for k, place in enumerate(places.tolist() if shared else ()):
        if staying := [number for number in shared.get(place, ()) if matches[number].event.event_id not in gone]:
            yield k, staying


def rerun(full: Days, before: "Taken", release: Release) -> Rerun:
    """The days when what the release gives back of `before` is given back; `full` has to have kept its log."""
    from ballast.core.kernels.again import rerun as differing
    from ballast.core.kernels.days import workspace

    after = before
    if release.lanes.size:
        left = before.left.copy()
        left[:, release.lanes] = release.left
        after = before._replace(left=left)
    grid, kept = full.resting.grid, full.full
    n = kept.local.size
    work = workspace(grid, full.horizon, kept.row_of)
    marks = np.empty(n, np.bool_), np.empty(n, np.bool_), np.empty(np.diff(grid.site_slots).max(initial=1))
    count, rows = differing(
        grid, kept, before, after, release.columns, release.loss, release.lanes, full.horizon, work, *marks
    )
    days = work.days[:count]
    return Rerun(
        work.sites[:count].copy(), days[:, STOP].copy(), days[:, SLOW_DAY].copy(), work.lost[:count].copy(),
        rows[:count].copy(),
    )  # fmt: skip
