"""The mixed-integer model of a plan: which K groups to solve so that the sites lose least, under all that is known.

What is known are lower bounds on each site's loss. From the groups taken one at a time come levels: a site goes on
losing at least what the worst unsolved group costs it alone. Cuts that hold for any set of groups come in later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats

__all__ = ["Answer", "PlanModel"]

_TINY = 1e-12
# Rows are to hold nearly to the last digit, else a cut that is off by a little comes again and again.
_OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
}


@dataclass(frozen=True, eq=False)
class Answer:
    """The best set under what the model knows, and the least that any set of that size can still lose."""

    solved: Bools  # [groups]
    least: float  # money lost by all sites, at least, whatever K groups are solved
    lost: Floats  # [n] days that the model believes each site to lose with `solved`


@dataclass(frozen=True)
class _Levels:
    """Steps of one site's loss: it stays above `floor + steps so far` while a group of the prefix is unsolved."""

    columns: list[int]
    steps: list[float]


class PlanModel:
    """HiGHS model over `groups` groups and n sites; money is value [n] per day lost.

    floor [n] is lost whatever is solved, alone [groups, n] with one group there.
    """

    def __init__(self, value: Floats, floor: Floats, alone: Floats, limit: int) -> None:
        self.groups, self.limit = alone.shape[0], limit
        self.value, self.floor = value, floor
        self.constant = float(value @ floor)
        self._prefixes: dict[tuple[int, ...], int] = {}
        self._sizes: list[int] = []
        self._parents: list[tuple[int, int, list[int]]] = []
        self.levels = [self._levels(alone[:, site], floor[site]) for site in range(value.size)]
        self._rest: dict[int, int] = {}
        self._cuts: dict[int, list[tuple[float, NDArray[np.intp], Floats]]] = {}
        self._highs = self._build()

    def _levels(self, alone: Floats, floor: float) -> _Levels:
        """The site's groups from the worst down; each prefix of them that can be solved whole is a step."""
        order = sorted((g for g in range(self.groups) if alone[g] > floor + _TINY), key=lambda g: (-alone[g], g))
        columns, steps, parent, begin = [], [], -1, 0
        for end in range(1, len(order) + 1):
            below = alone[order[end]] if end < len(order) else floor
            step = float(alone[order[end - 1]] - below)
            if step <= _TINY:
                continue
            column = self._prefix(tuple(sorted(order[:end])), parent, order[begin:end])
            columns.append(column)
            steps.append(step)
            parent, begin = column, end
            if end > self.limit:
                steps[-1] += float(below - floor)
                break
        return _Levels(columns, steps)

    def _prefix(self, groups: tuple[int, ...], parent: int, new: list[int]) -> int:
        """Column that is 1 while a group of the prefix is unsolved; sites with the same prefix share it."""
        if groups not in self._prefixes:
            column = self._prefixes[groups] = self.groups + len(self._prefixes)
            self._sizes.append(len(groups))
            self._parents.append((column, parent, new))
        return self._prefixes[groups]

    def _build(self) -> highspy.Highs:
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, setting in _OPTIONS.items():
            highs.setOptionValue(option, setting)
        count = self.groups + len(self._prefixes)
        highs.addVars(count, np.zeros(count), np.ones(count))
        cost = np.zeros(count)
        for site, levels in enumerate(self.levels):
            np.add.at(cost, levels.columns, self.value[site] * np.array(levels.steps))
        everything = np.arange(count, dtype=np.int32)
        highs.changeColsCost(count, everything, cost)
        highs.changeColsIntegrality(
            self.groups, everything[: self.groups], np.full(self.groups, highspy.HighsVarType.kInteger)
        )
        self._add(highs, 0.0, float(self.limit), range(self.groups), np.ones(self.groups))
        for column, parent, new in self._parents:
            if parent >= 0:
                self._add(highs, 0.0, highspy.kHighsInf, (column, parent), np.array([1.0, -1.0]))
            for group in new:
                self._add(highs, 1.0, highspy.kHighsInf, (column, group), np.ones(2))
        return highs

    def _add(
        self, highs: highspy.Highs, low: float, high: float, columns: Sequence[int], factors: NDArray[np.float64]
    ) -> None:
        highs.addRow(low, high, len(columns), np.array(columns, dtype=np.int32), factors)

    def cut(self, site: int, lost: float, slopes: Floats) -> None:
        """The site loses at least `lost` less the slopes [groups] of the groups that are solved."""
        above = lost - self.floor[site]
        if above > _TINY:
            # No set brings the site below its floor, so no single group has to count for more than what is above.
            self._bound(site, above, np.minimum(slopes, above))

    def exact(self, site: int, lost: float, solved: Bools, reach: Bools) -> None:
        """With just these groups solved, of those that reach the site [groups], it loses `lost`."""
        above = lost - self.floor[site]
        if above > _TINY:
            inside = solved & reach
            self._bound(site, above * (1.0 - inside.sum()), np.where(reach, np.where(inside, -above, above), 0.0))

    def _bound(self, site: int, above: float, by_group: Floats) -> None:
        """Row: what the site loses above its floor, plus the solved groups' parts, is at least `above`."""
        if site not in self._rest:
            self._rest[site] = self._highs.getNumCol()
            self._highs.addVar(0.0, highspy.kHighsInf)
            self._highs.changeColCost(self._rest[site], self.value[site])
        levels, used = self.levels[site], np.flatnonzero(by_group)
        self._cuts.setdefault(site, []).append((above, used, by_group[used]))
        columns = [*used.tolist(), *levels.columns, self._rest[site]]
        factors = np.concatenate([by_group[used], levels.steps, [1.0]])
        self._add(self._highs, above, highspy.kHighsInf, columns, factors)

    def solve(self, limit: int, seconds: float, start: Bools, slack: float) -> Answer:
        """The best at most `limit` groups, and what is proven, within about the seconds; `start` is tried first.

        `slack` is how far, as a part of the loss, the answer may be from the best.
        """
        highs = self._limited(limit, seconds)
        highs.setSolution(self.groups, np.arange(self.groups, dtype=np.int32), start.astype(np.float64))
        highs.setOptionValue("mip_rel_gap", slack)
        highs.run()
        found, least = highs.getSolution(), self.constant + max(0.0, highs.getInfo().mip_dual_bound)
        if not found.value_valid:
            return Answer(start, least, self.believed(start))
        values = np.array(found.col_value)
        solved = values[: self.groups] > 0.5
        rest = {site: float(values[column]) for site, column in self._rest.items()}
        return Answer(solved, least, self.believed(solved, rest))

    def relaxed(self, limit: int, seconds: float) -> Answer | None:
        """The `limit` groups that the linear relaxation takes most of, and its bound; None when it takes too long."""
        highs, groups = self._limited(limit, seconds), np.arange(self.groups, dtype=np.int32)
        highs.changeColsIntegrality(self.groups, groups, np.full(self.groups, highspy.HighsVarType.kContinuous))
        highs.run()
        optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        part = np.array(highs.getSolution().col_value)[: self.groups] if optimal else None
        least = self.constant + max(0.0, highs.getInfo().objective_function_value)
        highs.changeColsIntegrality(self.groups, groups, np.full(self.groups, highspy.HighsVarType.kInteger))
        if part is None:
            return None
        solved = np.zeros(self.groups, dtype=bool)
        solved[np.argsort(-part, kind="stable")[:limit]] = True
        return Answer(solved & (part > _TINY), least, self.lost(solved & (part > _TINY)))

    def lost(self, solved: Bools) -> Floats:
        """[n] days that each site loses with the groups in `solved` by its levels and cuts."""
        lost = self.believed(solved)
        for site, cuts in self._cuts.items():
            least = max(above - float(solved[used] @ factors) for above, used, factors in cuts)
            lost[site] = max(lost[site], self.floor[site] + least)
        return lost

    def _limited(self, limit: int, seconds: float) -> highspy.Highs:
        """The model for so many groups and about so many seconds more."""
        highs = self._highs
        highs.changeRowBounds(0, 0.0, float(limit))
        prefixes = np.arange(self.groups, self.groups + len(self._sizes), dtype=np.int32)
        lower = np.where(np.array(self._sizes, dtype=np.int64) > limit, 1.0, 0.0)
        highs.changeColsBounds(prefixes.size, prefixes, lower, np.ones(prefixes.size))
        highs.setOptionValue("time_limit", highs.getRunTime() + max(0.1, seconds))
        return highs

    def believed(self, solved: Bools, rest: Mapping[int, float] | None = None) -> Floats:
        """[n] days that each site loses by its levels, and by `rest`, what cuts add to some sites."""
        unsolved = np.zeros(self.groups + len(self._sizes))
        for column, parent, new in self._parents:
            above = unsolved[parent] if parent >= 0 else 0.0
            unsolved[column] = max(above, 1.0 - float(solved[new].all()))
        lost = self.floor.copy()
        for site, levels in enumerate(self.levels):
            lost[site] += float(unsolved[levels.columns] @ np.array(levels.steps)) + (rest or {}).get(site, 0.0)
        return lost
