"""Sweeps of the supplier walk: what share of a site's supply comes from abroad, own suppliers looked through."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["Walk", "suppliers_first", "sweep"]


class Walk(NamedTuple):
    """Steps from site to site at home. n sites in the order of the sweep; links of unknown share stand in groups."""

    fixed: NDArray[np.float64]  # [n] chance that the next step ends abroad
    steps: NDArray[np.int64]  # [n + 1] where the steps of each site begin in the next two
    to: NDArray[np.int32]
    chance: NDArray[np.float64]
    groups: NDArray[np.int64]  # [n + 1] where the groups of each site begin in the next two
    group_chance: NDArray[np.float64]  # [g] of a step to some member
    members: NDArray[np.int64]  # [g + 1] where the members of each group begin in the next
    member: NDArray[np.int32]  # a site, -1 for one abroad


@entry
def suppliers_first(start, offsets, supplier, abroad):
    """[n] sites so that a site stands after its suppliers at home, loops apart; searched from `start` on."""
    n = start.size
    order = np.empty(n, np.int32)
    seen = np.zeros(n, np.bool_)
    stack = np.empty(n, np.int64)
    at = offsets[:-1].copy()
    placed = 0
    for root in start:
        if seen[root]:
            continue
        seen[root] = True
        stack[0], depth = root, 1
        while depth:
            site = stack[depth - 1]
            if at[site] == offsets[site + 1]:
                order[placed] = site
                placed += 1
                depth -= 1
                continue
            link = at[site]
            at[site] += 1
            if not abroad[link] and not seen[supplier[link]]:
                seen[supplier[link]] = True
                stack[depth] = supplier[link]
                depth += 1
    return order


@inner
def _best(walk, group, value, upper):
    """Value of the member that makes the site's value largest if `upper`, else smallest."""
    best = -1.0
    for k in range(walk.members[group], walk.members[group + 1]):
        foreign = 1.0 if walk.member[k] < 0 else value[walk.member[k]]
        if best < 0.0 or (foreign > best) == upper:
            best = foreign
    return best


@entry
def sweep(walk, value, upper, still, most):
    """Replace each site's value by that of its next step, over and over; (sweeps done, largest change of the last).

    Stops when nothing changes by more than `still`, or after `most` sweeps.
    """
    change = 0.0
    for done in range(1, most + 1):
        change = 0.0
        for site in range(value.size):
            total = walk.fixed[site]
            for k in range(walk.steps[site], walk.steps[site + 1]):
                total += walk.chance[k] * value[walk.to[k]]
            for group in range(walk.groups[site], walk.groups[site + 1]):
                total += walk.group_chance[group] * _best(walk, group, value, upper)
            total = min(total, 1.0)
            change = max(change, abs(total - value[site]))
            value[site] = total
        if change <= still:
            return done, change
    return most, change
