"""Bound from above on losses downstream: what a unit that no firm has sent can cost at most.

`Caps` holds it for markets that lose little; a question that takes more of a market widens it and puts it back.
Proof: docs/explanation/systemic-risk.md.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import inner
from ballast.core.kernels.systemic_risk_down import walk

__all__ = ["Caps", "above"]

# News of a bound that wait for good (core/systemic_risk/exact.py makes room for them), and the bound that is none.
_CLOSE, _ENDLESS = 0.05, 1e3
# The bound is made for markets with this part of their rest, less so many times the width of the answer.
_NARROW, _SPARE, _ATTEMPTS = 0.9, 10.0, 5


class Caps(NamedTuple):
    """What each firm loses at most per unit that no firm has sent, as long as no market loses more than `loss`."""

    loss: float
    kept: NDArray[np.float64]  # [n] market share after that loss, at most 1
    unit: NDArray[np.float64]  # [n] loss of each firm
    passed: NDArray[np.float64]  # [n] kept . unit, as the loads hold it
    load: NDArray[np.float64]  # [s] loss of each slot
    within: NDArray[np.float64]  # [k] loss of each market
    most: float  # loss of the market that loses most
    total: float  # weighted loss
    endless: NDArray[np.bool_]  # [n] a failure comes to firms for which there is no such bound
    member_start: NDArray[np.int32]  # [k + 1]
    member: NDArray[np.int32]  # [n]


@inner
def above(net, caps, state, s, count, least, wish):
    """Walk on with every market a little smaller: firms hit, links walked, weighted loss left out at most, proven?"""
    if caps.endless[s]:
        return count, 0, np.nan, False
    # Counters begin as np.int64(0): a function that takes a literal 0 is compiled once more.
    walked, alter, total, most, proven = 0, np.int64(0), caps.total, caps.most, False
    for _attempt in range(_ATTEMPTS):
        bounded, alter, grown, most, more = _widen(net, caps, state, count, alter, most, _SPARE * wish)
        walked += more
        if not bounded:
            break
        total += grown
        least = min(least, wish / total)
        slack = least * most
        count, more = walk(net, state, count, least, slack)
        walked += more
        proven = slack <= caps.loss and _holds(net, state, count, slack)
        if proven:
            break
    _narrow(net, caps, state, count, alter)
    return count, walked, least * total, proven


@inner
def _holds(net, state, count, slack):
    """Whether no market has less left than the bound was made for."""
    market, hits, floor, room = net.market, state.hits, state.floor, state.room
    for a in range(count):
        k = market[hits[a]]
        if floor[k] > max(0.0, room[k] - slack):
            return False
    return True


@inner
def _widen(net, caps, state, count, alter, most, spare):
    """Make the bound hold for the markets as they are: bounded?, firms altered, growth, largest market's, links."""
    market, share, hits, room, floor = net.market, net.share, state.hits, state.room, state.floor
    kept, unit, passed, flag = state.kept, state.unit, state.passed, state.flag
    altered, queue, member_start, member = state.altered, state.queue, caps.member_start, caps.member
    waiting = np.int64(0)
    for a in range(count):
        k = market[hits[a]]
        if room[k] - spare >= floor[k]:
            continue
        floor[k] = max(0.0, _NARROW * room[k] - spare)
        for b in range(member_start[k], member_start[k + 1]):
            i = member[b]
            kept[i] = min(1.0, share[i] / floor[k]) if floor[k] > 0.0 else 1.0
            if kept[i] * unit[i] - passed[i] > _CLOSE and flag[i] < 2:
                if flag[i] == 0:
                    altered[alter] = i
                    alter += 1
                flag[i] = 3
                queue[waiting] = i
                waiting += 1
    return _raise_units(net, state, alter, waiting, most)


@inner
def _raise_units(net, state, alter, waiting, most):
    """Pass on what firms lose more per unit since their market share grew."""
    start, links, market, share, weight = net.start, net.links, net.market, net.share, net.weight
    kept, unit, passed, load, within = state.kept, state.unit, state.passed, state.load, state.within
    altered, flag, queue = state.altered, state.flag, state.queue
    size, head, grown, visits = len(queue), 0, 0.0, 0
    tail = waiting % size
    while waiting > 0:
        i = queue[head]
        head, waiting = (head + 1) % size, waiting - 1
        flag[i] = 1
        change = kept[i] * unit[i] - passed[i]
        passed[i] += change
        visits += start[i + 1] - start[i]
        for a in range(start[i], start[i + 1]):
            j = links[a].firm
            load[links[a].slot] += links[a].share * change
            rise = load[links[a].slot] - unit[j]
            if flag[j] == 0:
                altered[alter] = j
                alter += 1
                flag[j] = 1
            if rise > 0.0:
                unit[j] += rise
                grown += weight[j] * rise
                within[market[j]] += share[j] * rise
                most = max(most, within[market[j]])
            if kept[j] * unit[j] - passed[j] > _CLOSE and flag[j] == 1:
                flag[j] = 3
                queue[tail] = j
                tail, waiting = (tail + 1) % size, waiting + 1
        if unit[i] > _ENDLESS:
            return False, alter, grown, most, visits
    return True, alter, grown, most, visits


@inner
def _narrow(net, caps, state, count, alter):
    """Put the bounds of Caps back."""
    market, slots, hits, floor, altered = net.market, net.slots, state.hits, state.floor, state.altered
    kept, unit, passed, load, within = state.kept, state.unit, state.passed, state.load, state.within
    first, member_start, member = caps.kept, caps.member_start, caps.member
    for a in range(count):
        k = market[hits[a]]
        if floor[k] < 1.0 - caps.loss:
            floor[k] = 1.0 - caps.loss
            for b in range(member_start[k], member_start[k + 1]):
                kept[member[b]] = first[member[b]]
    for a in range(alter):
        i = altered[a]
        state.flag[i] = 0
        unit[i], passed[i], within[market[i]] = caps.unit[i], caps.passed[i], caps.within[market[i]]
        for at in range(slots[i], slots[i + 1]):
            load[at] = caps.load[at]
