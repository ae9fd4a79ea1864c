"""Sets of sites that supply one another: what falls when sites are taken away, and what a site stands on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["TOLERANCE", "Supplied", "indispensable", "largest", "shrink", "upstream"]

TOLERANCE = 1e-9


class Supplied(NamedTuple):
    """Essential inputs of a network and what can come in: n sites, s slots, m links."""

    site_slots: NDArray[np.int64]  # [n + 1]
    slot_links: NDArray[np.int64]  # [s + 1]
    out: NDArray[np.int64]  # [n + 1] where the links that leave each site begin in the next one
    out_links: NDArray[np.int32]  # [m]
    supplier: NDArray[np.int32]  # [m]
    slot: NDArray[np.int32]  # [m]
    site: NDArray[np.int32]  # [s]
    amount: NDArray[np.float64]  # [m] part of the slot's use that comes while the supplier runs
    need: NDArray[np.float64]  # [s] part of its use that a slot's suppliers have to bring; 0: none


@inner
def _served(supplied, slot, members):
    """Whether the members bring what the slot needs; summed in the order of the links."""
    come = 0.0
    for link in range(supplied.slot_links[slot], supplied.slot_links[slot + 1]):
        if members[supplied.supplier[link]]:
            come += supplied.amount[link]
    return come >= supplied.need[slot] - TOLERANCE


@inner
def _fall(supplied, members, gone, count, kept):
    """Take off the members all that cannot run without gone[:count], until one of those to be kept falls.

    Fills `gone` in the order of falling; returns how many fell and whether one to be kept is among them.
    """
    done = 0
    while done < count:
        here = gone[done]
        done += 1
        for place in range(supplied.out[here], supplied.out[here + 1]):
            slot = supplied.slot[supplied.out_links[place]]
            site = supplied.site[slot]
            if members[site] and not _served(supplied, slot, members):
                members[site] = False
                gone[count] = site
                count += 1
                if kept[site]:
                    return count, True
    return count, False


@entry
def largest(supplied, closed):
    """[n] the largest set of open sites that supply one another."""
    n = closed.size
    members, gone, count = ~closed, np.empty(n, np.int64), 0
    for site in range(n):
        if closed[site]:
            gone[count] = site
            count += 1
    for site in range(n):
        for slot in range(supplied.site_slots[site], supplied.site_slots[site + 1]):
            if members[site] and not _served(supplied, slot, members):
                members[site] = False
                gone[count] = site
                count += 1
    _fall(supplied, members, gone, count, np.zeros(n, np.bool_))
    return members


@entry
def upstream(supplied, members, target):
    """The members on which the target may stand, itself first, then by steps upstream over slots in need."""
    found, agenda, count, done = np.zeros(members.size, np.bool_), np.empty(members.size, np.int64), 1, 0
    agenda[0], found[target] = target, True
    while done < count:
        here = agenda[done]
        done += 1
        for slot in range(supplied.site_slots[here], supplied.site_slots[here + 1]):
            if supplied.need[slot] <= TOLERANCE:
                continue
            for link in range(supplied.slot_links[slot], supplied.slot_links[slot + 1]):
                supplier = supplied.supplier[link]
                if members[supplier] and not found[supplier] and supplied.amount[link] > 0.0:
                    found[supplier] = True
                    agenda[count] = supplier
                    count += 1
    return agenda[:count].copy()


@inner
def _try(supplied, members, site, kept, gone):
    """Take a site off with all that falls; returns how many, 0 when one to be kept would and all was put back."""
    members[site], gone[0] = False, site
    count, hit = _fall(supplied, members, gone, 1, kept)
    if not hit:
        return count
    for k in range(count):
        members[gone[k]] = True
    return 0


@entry
def indispensable(supplied, members, order):
    """[n] the sites without which the first of the order cannot run though all other members do.

    What an indispensable site cannot do without is indispensable, too: trials are short when the order goes upstream.
    """
    kept, gone = np.zeros(members.size, np.bool_), np.empty(members.size, np.int64)
    kept[order[0]] = True
    for site in order[1:]:
        count = _try(supplied, members, site, kept, gone)
        kept[site] = count == 0
        for k in range(count):
            members[gone[k]] = True
    return kept


@entry
def shrink(supplied, members, order, indispensable):
    """Take sites off in the given order, with all that falls with them, as long as all that is indispensable runs.

    What is left holds no smaller such set: what could not go from a larger set cannot go from a smaller one.
    """
    kept, gone = indispensable.copy(), np.empty(members.size, np.int64)
    for site in order:
        if members[site] and not kept[site]:
            kept[site] = _try(supplied, members, site, kept, gone) == 0
