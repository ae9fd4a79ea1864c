"""What a chosen set is made of: which groups only pay together, what each adds, and what would do as well."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ballast.core.columns import Bools, Floats
from ballast.core.plan.search import TOLERANCE, Search

__all__ = ["Choice", "choices"]

# Exchanges that are tried with the forecast when looking for groups that would do as well.
_TRIED = 200


@dataclass(frozen=True)
class Choice:
    """One group of the chosen set. Money over the horizon, by the forecast."""

    group: str
    events: tuple[str, ...]
    joint_set: int  # from 1; groups with the same number act on the same output
    alone: float  # recovered when it is the only one solved
    in_set: float  # lost again when it alone is left out of the chosen set
    set_value: float  # recovered when only its joint set is solved
    set_groups: tuple[str, ...]
    as_good: tuple[str, ...]  # groups that could take its place without loss
    sites: int  # sites that lose less because it is in the set


def choices(search: Search, names: Sequence[str], solved: Bools, size: int) -> tuple[Choice, ...]:
    """The chosen groups: joint sets by what they recover per group, and in each the one first that adds most."""
    members = np.flatnonzero(solved).tolist()
    drops = {number: search.lost(_without(solved, number)) - search.lost(solved) for number in members}
    sets = _joint_sets(search, solved, drops)
    worth = [search.worth(_only(solved.size, group)) for group in sets]
    order = sorted(range(len(sets)), key=lambda k: (-worth[k] / len(sets[k]), names[sets[k][0]]))
    ties = _as_good(search, solved, size)
    found = []
    for rank, k in enumerate(order):
        in_set = {number: math.fsum((search.value * drops[number]).tolist()) for number in sets[k]}
        for number in sorted(sets[k], key=lambda g: (-in_set[g], names[g])):
            found.append(
                Choice(
                    group=names[number],
                    events=tuple(sorted(search.groups[number])),
                    joint_set=rank + 1,
                    alone=search.worth(_only(solved.size, [number])),
                    in_set=in_set[number],
                    set_value=worth[k],
                    set_groups=tuple(names[other] for other in sets[k]),
                    as_good=tuple(names[other] for other in ties.get(number, ())),
                    sites=int((drops[number] > TOLERANCE).sum()),
                )
            )
    return tuple(found)


def _joint_sets(search: Search, solved: Bools, drops: dict[int, Floats]) -> list[list[int]]:
    """The chosen groups, joined where what they recover at a site is not the sum of what each adds last."""
    owner = {number: number for number in drops}

    def find(number: int) -> int:
        while owner[number] != number:
            number = owner[number]
        return number

    gain = search.before - search.lost(solved)
    for site in np.flatnonzero(np.abs(gain - sum(drops.values(), np.zeros_like(gain))) > TOLERANCE):
        here = [g for g in drops if drops[g][site] > TOLERANCE or search.alone[g, site] > search.floor[site]]
        for other in here[1:]:
            owner[find(other)] = find(here[0])
    sets: dict[int, list[int]] = {}
    for number in drops:
        sets.setdefault(find(number), []).append(number)
    return list(sets.values())


def _as_good(search: Search, solved: Bools, size: int) -> dict[int, list[int]]:
    """For each chosen group, those outside with which the set is worth as much."""
    worth = search.worth(solved)
    least = worth - TOLERANCE * max(1.0, worth)
    found: dict[int, list[int]] = {}
    for _hope, other in search.neighbours(solved, min(size, int(solved.sum())), least)[:_TRIED]:
        if search.worth(other) >= least:
            (out,), (new,) = np.flatnonzero(solved & ~other), np.flatnonzero(other & ~solved)
            found.setdefault(int(out), []).append(int(new))
    return {out: sorted(new) for out, new in found.items()}


def _without(solved: Bools, number: int) -> Bools:
    rest = solved.copy()
    rest[number] = False
    return rest


def _only(count: int, members: Sequence[int]) -> Bools:
    only = np.zeros(count, dtype=bool)
    only[list(members)] = True
    return only
