"""Search for the best sets of groups to solve: the model proposes, the forecast values, and what it says becomes a cut.

Every set that is kept was valued by the forecast; every bound rests on lower bounds of each site's loss that hold for
the forecast whatever groups are solved (core/shadow.py), and on what the forecast itself said of the sets tried.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ballast.core.columns import Bools, Floats
from ballast.core.forecast.runs import Forecast
from ballast.core.plan.shadow import Shadow

__all__ = ["Best", "Search"]

# Of the money at stake: a cut that gains less is left out, and a bound this near is reached.
TOLERANCE = 1e-9
_CUTS = 4000
# How far from the best the model's first answers may be, as a part of the loss; they only have to teach.
_FIRST_SLACK = 1e-3
# Time that the local search may take on top.
_SWAP_SHARE = 0.1
# Part of its time that a size may spend on the linear relaxation, and rounds without this progress after which it ends.
_RELAXED_SHARE, _STALLED, _PROGRESS = 0.5, 3, 0.01


@dataclass(frozen=True, eq=False)
class Best:
    """The best set found of a size, and what no set of that size exceeds."""

    solved: Bools  # [groups]
    value: float
    bound: float


class Search:
    """One forecast and its groups; `value` [sites] is money per day of lost output, 0 where it does not count.

    Where groups raise the ceilings of stocks, `room` [slots] is by how much all of them do, and `with_room` gives the
    forecast, with all events, in which those of the groups solved do.
    """

    def __init__(
        self,
        full: Forecast,
        groups: Sequence[Collection[str]],
        value: Floats,
        limit: int,
        *,
        room: Floats | None = None,
        with_room: Callable[[Bools], Forecast] | None = None,
    ) -> None:
        from ballast.core.plan.model import PlanModel  # HiGHS takes a third of a second to import

        self.full, self.groups = full, groups
        self.with_room = with_room or (lambda _solved: full)
        self.shadow = Shadow(full, groups, room)
        self.value = value[self.shadow.sites]
        self.before = full.low.lost_days[self.shadow.sites]
        none = np.zeros(len(groups), dtype=bool)
        self.floor = self.shadow.lost(~none)
        self.alone = self.shadow.alone()
        self.reach = self.shadow.reach()
        self.stake = float(self.value @ self.before)
        self.most = float(self.value @ np.maximum(0.0, self.before - self.floor))
        self.model = PlanModel(self.value, self.floor, self.alone, limit)
        self._lost: dict[bytes, Floats] = {none.tobytes(): self.before}
        self._learn(none, self.model.believed(none))

    def lost(self, solved: Bools) -> Floats:
        """[n] days that each short site loses with these groups solved, by the forecast."""
        key = solved.tobytes()
        if key not in self._lost:
            gone = {event for number in np.flatnonzero(solved).tolist() for event in self.groups[number]}
            full = self.with_room(solved)
            rest, lost = full.without(gone), full.low.lost_days.copy()
            lost[rest.sites] = rest.lost_days
            self._lost[key] = lost[self.shadow.sites]
        return self._lost[key]

    def worth(self, solved: Bools) -> float:
        """Money recovered by solving these groups, by the forecast."""
        return math.fsum((self.value * (self.before - self.lost(solved))).tolist())

    def best(self, size: int, start: Bools, gap: float, seconds: float, left: Callable[[], float]) -> Best:
        """The best set of at most `size` groups, found and proven within `gap` or within about the seconds.

        `left` tells how many seconds of all are left. Without a set to start from it begins with a guessed one, so that
        there is an answer however short the time.
        """
        stop = left() - seconds
        start = start if start.any() else self.guessed(size)
        best, bound, slack = Best(self.trimmed(start), self.worth(start), self.most), self.most, _FIRST_SLACK
        best, bound = self._relaxed(best, size, gap, stop + (1.0 - _RELAXED_SHARE) * seconds, left)
        known: dict[bytes, float] = {}
        while not self._met(best, bound, gap) and left() > stop:
            answer = self.model.solve(size, left() - stop, best.solved, slack)
            bound = min(bound, self.stake - answer.least)
            if self.worth(answer.solved) > best.value:
                best = Best(self.trimmed(answer.solved), self.worth(answer.solved), bound)
            # A set that comes again though all is known of it is as near as the solver's digits allow.
            again = known.get(answer.solved.tobytes(), math.inf) <= bound + TOLERANCE * self.stake
            if (not self._learn(answer.solved, answer.lost) or again) and not self._met(best, bound, gap):
                if slack == 0.0:
                    break
                slack = 0.0
            if slack == 0.0:
                known[answer.solved.tobytes()] = bound
        if not self._met(best, bound, gap):
            best = self._swapped(best, size, min(left(), stop) - _SWAP_SHARE * seconds, left)
        proven = bound - best.value <= TOLERANCE * self.stake
        return Best(best.solved, best.value, best.value if proven else bound)

    def _relaxed(self, best: Best, size: int, gap: float, stop: float, left: Callable[[], float]) -> tuple[Best, float]:
        """Cuts from the sets that the linear relaxation leans to, as long as they bring its bound down."""
        bound, stalled = best.bound, 0
        while stalled < _STALLED and not self._met(best, bound, gap) and left() > stop:
            answer = self.model.relaxed(size, left() - stop)
            if answer is None:
                break
            before, bound = bound, min(bound, self.stake - answer.least)
            if self.worth(answer.solved) > best.value:
                best = Best(self.trimmed(answer.solved), self.worth(answer.solved), bound)
            if not self._learn(answer.solved, answer.lost):
                break
            stalled = 0 if before - bound > _PROGRESS * (bound - best.value) else stalled + 1
        return best, bound

    def guessed(self, size: int) -> Bools:
        """At most `size` groups taken one by one, each the most promising beside those taken."""
        solved = np.zeros(len(self.groups), dtype=bool)
        for count in range(min(size, solved.size)):
            ranked = self.neighbours(solved, size, -math.inf)
            solved = next(wider for _hope, wider in ranked if wider.sum() > count)
        return solved

    def trimmed(self, solved: Bools) -> Bools:
        """The set without groups that add nothing to it."""
        worth = self.worth(solved)
        for number in np.flatnonzero(solved)[::-1]:
            rest = solved.copy()
            rest[number] = False
            if self.worth(rest) >= worth:
                solved, worth = rest, self.worth(rest)
        return solved

    def shrunk(self, solved: Bools, stop: float, left: Callable[[], float]) -> dict[int, Bools]:
        """Sets within the set by size, each without the group that it misses least; until `stop` seconds are left."""
        found: dict[int, Bools] = {}
        while (size := int(solved.sum())) > 1 and left() > stop:
            smaller = np.tile(solved, (size, 1))
            smaller[np.arange(size), np.flatnonzero(solved)] = False
            solved = max(smaller, key=self.worth)
            found[size - 1] = solved
        return found

    def neighbours(self, solved: Bools, size: int, above: float) -> list[tuple[float, Bools]]:
        """Sets with one group more or one exchanged that may be worth at least `above`, the most promising first.

        What they may be worth rests on the groups taken one at a time: a site loses what its worst one costs.
        """
        inside, outside = np.flatnonzero(solved), np.flatnonzero(~solved)
        if not outside.size:
            return []
        worst, second, whose = _two_worst(self.alone[outside], self.floor)
        found: list[tuple[float, Bools]] = []
        for out in [*([-1] if inside.size < size else []), *inside.tolist()]:
            other = self.alone[out] if out >= 0 else self.floor
            with_all = self.value * (self.before - np.maximum(other, worst))
            gain = self.value * (np.maximum(other, worst) - np.maximum(other, second))
            hopes = with_all.sum() + np.bincount(whose, gain, minlength=outside.size)
            for at in np.flatnonzero(hopes >= above):
                changed = solved.copy()
                changed[outside[at]] = True
                if out >= 0:
                    changed[out] = False
                found.append((float(hopes[at]), changed))
        return sorted(found, key=lambda pair: -pair[0])

    def _swapped(self, best: Best, size: int, stop: float, left: Callable[[], float]) -> Best:
        """Local search: take the first neighbour that the forecast values higher, until none is or time is up."""
        better = True
        while better:
            better = False
            for _hope, solved in self.neighbours(best.solved, size, best.value):
                if left() <= stop:
                    return best
                if self.worth(solved) > best.value + TOLERANCE * self.stake:
                    best, better = Best(self.trimmed(solved), self.worth(solved), best.bound), True
                    break
        return best

    def _met(self, best: Best, bound: float, gap: float) -> bool:
        return bound - best.value <= max(gap * best.value, TOLERANCE * self.stake)

    def _learn(self, solved: Bools, believed: Floats) -> bool:
        """Cuts where the model believes in smaller losses than there are; False when it knew all."""
        shadow, real, least = self.shadow.lost(solved), self.lost(solved), TOLERANCE * self.stake
        off = self.value * (shadow - believed)
        sites = [int(site) for site in np.argsort(-off, kind="stable")[:_CUTS] if off[site] > least]
        for site, slopes in zip(sites, self.shadow.slopes(solved, sites), strict=True):
            if slopes is None:
                self.model.exact(site, float(shadow[site]), solved, self.reach[:, site])
            else:
                self.model.cut(site, float(shadow[site]), slopes)
        rest = np.flatnonzero(self.value * (real - np.maximum(shadow, believed)) > least)
        for site in rest.tolist():
            self.model.exact(site, float(real[site]), solved, self.reach[:, site])
        return bool(sites) or bool(rest.size)


def _two_worst(alone: Floats, floor: Floats) -> tuple[Floats, Floats, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Largest and second largest loss of each site among the rows (at least the floor), and whose the largest is."""
    whose = alone.argmax(axis=0)
    columns = np.arange(alone.shape[1])
    worst = np.maximum(floor, alone[whose, columns])
    rest = alone.copy()
    rest[whose, columns] = -1.0
    return worst, np.maximum(floor, rest.max(axis=0, initial=-1.0)), whose
