"""Key lists and panels of the exercise, and who has restarted: the published totals of spring 2022."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.exercise.population import Population
from ballast.exercise.wiring import Wiring

__all__ = ["CURVE", "JILIN_PANEL", "SHANGHAI_PANEL", "VEHICLE_PANEL", "Lists", "draw_lists"]

SHANGHAI_PANEL = "shanghai-666"
JILIN_PANEL = "monitored-220000"
VEHICLE_PANEL = "vehicle-groups"
# Share of Shanghai's listed enterprises that had restarted, 16 to 28 April. 22 and 28 April are published,
# the rest is drawn between them.
CURVE = (0.17, 0.27, 0.37, 0.46, 0.55, 0.63, 0.70, 0.735, 0.765, 0.795, 0.82, 0.845, 0.868)
_ELSEWHERE_STOPPED = 0.008
# The replay closes no supplier on which more needs than this hang alone: one closure should not be the story.
_MOST_ALONE = 4


@dataclass(frozen=True)
class Lists:
    """One entry an enterprise: batch of the national list (0: not listed), panels, day of restart.

    `restart_day` counts days from the exercise date (-12 is 16 April); `STOPPED` has not restarted,
    `RUNNING` never stopped.
    """

    batch: NDArray[np.int32]
    panels: list[str]
    restart_day: NDArray[np.int32]
    STOPPED = 1
    RUNNING = -99

    @property
    def stopped(self) -> NDArray[np.bool_]:
        """Enterprises that stand still on the exercise date."""
        return np.equal(self.restart_day, self.STOPPED)


def draw_lists(people: Population, wiring: Wiring, rng: np.random.Generator) -> Lists:
    """List members by size and by how many they ship to; then who restarted on which day."""
    size, n = people.size, people.size.enterprises
    merit = _merit(people, wiring) * rng.lognormal(0, 0.5, n)
    region = people.enterprise_region
    shanghai = _best(merit, np.char.startswith(region, "31"), size.shanghai_listed)
    jilin = _best(merit, np.char.startswith(region, "22"), size.jilin_panel)
    batch = _batches(people, merit, shanghai, rng)
    restart = np.full(n, Lists.RUNNING, np.int32)
    key = _single_customers(people, wiring)
    restart[shanghai] = _restart_days(people, shanghai, key, rng)
    closed = _draw_stopped(people, jilin, size.jilin_panel - size.jilin_running, key, rng)
    restart[jilin] = rng.integers(-12, -3, len(jilin))
    restart[closed] = Lists.STOPPED
    small = np.flatnonzero(~people.is_group & (key <= _MOST_ALONE))
    others = np.setdiff1d(small, np.concatenate([shanghai, jilin]))
    restart[rng.choice(others, max(2, round(len(others) * _ELSEWHERE_STOPPED)), replace=False)] = Lists.STOPPED
    return Lists(batch, _panels(people, shanghai, jilin), restart)


def _panels(people: Population, shanghai: NDArray[np.intp], jilin: NDArray[np.intp]) -> list[str]:
    """The codes of the panels of each enterprise."""
    members: dict[str, set[int]] = {
        SHANGHAI_PANEL: set(shanghai.tolist()),
        JILIN_PANEL: set(jilin.tolist()),
        VEHICLE_PANEL: set(np.flatnonzero(people.is_group).tolist()),
    }
    return [";".join(code for code, found in members.items() if e in found) for e in range(people.size.enterprises)]


def _merit(people: Population, wiring: Wiring) -> NDArray[np.float64]:
    """What makes an enterprise worth listing: its own output and how many customers hang on it."""
    customers = np.bincount(wiring.link_supplier, minlength=len(people.product))
    by_site = np.log1p(wiring.output_value) * (1.0 + customers)
    total = np.bincount(people.owner, by_site, people.size.enterprises).astype(np.float64)
    return total * np.where(people.is_group, 100.0, 1.0)


def _best(merit: NDArray[np.float64], allowed: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """The `count` enterprises of highest merit among the allowed ones."""
    rows = np.flatnonzero(allowed)
    if len(rows) < count:
        msg = f"Only {len(rows)} enterprises where {count} are to be listed; choose another seed."
        raise ValueError(msg)
    return np.sort(rows[np.argsort(-merit[rows], kind="stable")[:count]])


def _batches(
    people: Population, merit: NDArray[np.float64], shanghai: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.int32]:
    """Batch 1 to 4 of the national list. Shanghai's own list is taken as part of it, and all vehicle groups."""
    size = people.size
    must = np.union1d(shanghai, np.flatnonzero(people.is_group))
    outside = ~np.char.startswith(people.enterprise_region, "31") & ~people.is_group
    listed = np.concatenate([must, _best(merit, outside, size.national_list - len(must))])
    batch = np.zeros(size.enterprises, np.int32)
    batch[rng.permutation(listed)] = np.repeat(np.arange(1, 5), size.batches)
    return batch


def _single_customers(people: Population, wiring: Wiring) -> NDArray[np.int64]:
    """For each enterprise, how many needs it serves alone."""
    suppliers = np.bincount(wiring.link_slot, minlength=len(wiring.slot_site))
    alone = suppliers[wiring.link_slot] == 1
    return np.bincount(people.owner[wiring.link_supplier[alone]], minlength=people.size.enterprises)


def _draw_stopped(
    people: Population,
    members: NDArray[np.intp],
    count: int,
    key: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Members that stand still: any but the vehicle groups and those on whom too many hang alone."""
    free = members[~people.is_group[members] & (key[members] <= _MOST_ALONE)]
    return rng.choice(free, count, replace=False)


def _restart_days(
    people: Population, members: NDArray[np.intp], key: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int32]:
    """Day on which each member restarted, so that the curve is met to the enterprise on both published days."""
    restarted, by_22_april = people.size.shanghai_restarted, people.size.shanghai_by_22_april
    days = np.full(len(members), Lists.STOPPED, np.int32)
    still = np.isin(members, _draw_stopped(people, members, len(members) - restarted, key, rng))
    targets = np.rint(np.array(CURVE) * len(members)).astype(int)
    targets[6], targets[-1] = by_22_april, restarted
    steps = np.diff(np.concatenate([[0], np.maximum.accumulate(np.minimum(targets, restarted))]))
    days[np.flatnonzero(~still)] = rng.permutation(np.repeat(np.arange(-12, 1, dtype=np.int32), steps))
    return days
