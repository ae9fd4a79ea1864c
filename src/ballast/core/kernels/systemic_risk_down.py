"""Losses on their way down to customers, walked until no firm could send more than `least`.

What is then still unsent is bounded by systemic_risk_above.py; core/systemic_risk/exact.py asks both.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import inner

__all__ = ["DEEP", "GATE", "SETTLED", "Fall", "Links", "forget", "hit_first", "waiting_below", "walk"]

# Columns of a firm's loss, together in memory since they are read together: as its slots say; as of when it was last
# asked what to send; as its market knows it; part that it could send at most, and stays.
LOSS, ASKED, SETTLED, GATE = range(4)
# Times its market share that a firm is thought to send of its loss, and the part of the least that it is asked from.
DEEP, _PART = 4.0, 0.5
# Losses are sent from this size on, then finer and finer.
_FIRST, _FINER = 0.05, 0.125
# Lists longer than this part of the firms are put in order, so that memory is read from front to back.
_DENSE = 16


class Links(NamedTuple):
    """The network downstream by place; n firms, s slots, k markets."""

    slots: NDArray[np.int32]  # [n + 1]
    start: NDArray[np.int32]  # [n + 1]
    links: NDArray[np.void]
    market: NDArray[np.int32]  # [n]
    share: NDArray[np.float64]  # [n] of the market; 1 when nobody stands in
    weight: NDArray[np.float64]  # [n]
    onward: NDArray[np.float64]  # [n] weighted loss of customers per loss that a firm sends, one step down


class Fall(NamedTuple):
    """Arrays of one thread; all 0, `room` 1 and the bounds as in Caps (systemic_risk_above.py) between questions."""

    fall: NDArray[np.float64]  # [n, 4] LOSS, ASKED, SETTLED, GATE
    slot: NDArray[np.float64]  # [s]
    sent: NDArray[np.float64]  # [n]
    room: NDArray[np.float64]  # [k] what is left of each market
    hits: NDArray[np.int32]  # [n] firms with a loss
    heavy: NDArray[np.int32]  # [n] those that could send enough
    queue: NDArray[np.int32]  # [n]
    kept: NDArray[np.float64]  # [n]
    unit: NDArray[np.float64]  # [n]
    passed: NDArray[np.float64]  # [n]
    load: NDArray[np.float64]  # [s]
    within: NDArray[np.float64]  # [k]
    floor: NDArray[np.float64]  # [k] least rest of each market for which the bound is made
    altered: NDArray[np.int32]  # [n] firms whose bound is not that of Caps
    flag: NDArray[np.int8]  # [n] 1 in `altered`, 3 in `altered` and `queue`


@inner
def hit_first(net, state, s):
    """Let a firm lose all; how many firms are hit."""
    state.hits[0] = s
    state.fall[s, LOSS] = state.fall[s, ASKED] = state.fall[s, SETTLED] = 1.0
    state.room[net.market[s]] -= net.share[s]
    return np.int64(1)


@inner
def _due(i, market, share, room, fall, sent, slack):
    """What a firm's customers do not know yet of its loss, when each market has `slack` less left."""
    rest, lost = room[market[i]] - slack, fall[i, SETTLED]
    if share[i] < rest:
        lost *= share[i] / rest
    return lost - sent[i]


@inner
def _settle(i, market, share, room, fall):
    """Let the market know of a firm's loss."""
    new = min(1.0, fall[i, LOSS])
    room[market[i]] -= share[i] * (new - fall[i, SETTLED])
    fall[i, SETTLED] = fall[i, ASKED] = new


@inner
def walk(net, state, count, least, slack):
    """Send losses on until no firm could send more than `least`; how many firms are hit, and links walked.

    Large losses first: what a firm sends late, it sends once. Only firms whose loss could make them send enough are
    asked; whether the others have to be, since their market lost so much, is seen at the end.
    """
    visits, now = 0, max(least, _FIRST)
    while True:
        count, heavies, missing = _all_asked(net, state, count, least, slack)
        if not missing:
            return count, visits
        while True:
            waiting = _line_up(net, state, heavies, now, slack)
            if waiting > 0:
                count, heavies, more = _drain(net, state, count, heavies, waiting, now, _PART * least, slack)
                visits += more
            elif now <= least:
                break
            else:
                now = max(least, now * _FINER)


@inner
def _line_up(net, state, heavies, now, slack):
    """Put those of the heavy firms that could send more than `now` into the queue; how many."""
    market, share = net.market, net.share
    fall, sent, room, heavy, queue = state.fall, state.sent, state.room, state.heavy, state.queue
    waiting = 0
    for a in range(heavies):
        i = heavy[a]
        _settle(i, market, share, room, fall)
        if _due(i, market, share, room, fall, sent, slack) > now:
            queue[waiting] = i
            fall[i, ASKED] = np.inf
            waiting += 1
    return waiting


@inner
def _drain(net, state, count, heavies, waiting, now, bar, slack):
    """Send what the queue holds and what that brings about: firms hit, heavy firms, links walked."""
    start, links, market, share = net.start, net.links, net.market, net.share
    fall, slot, sent, room, hits, heavy, queue = state[:7]
    size, head, visits = len(queue), 0, 0
    tail = waiting % size
    while waiting > 0:
        i = queue[head]
        head, waiting = (head + 1) % size, waiting - 1
        _settle(i, market, share, room, fall)
        change = _due(i, market, share, room, fall, sent, slack)
        if change <= now:
            continue
        sent[i] += change
        for k in range(start[i], start[i + 1]):
            link = links[k]
            at, j = link.slot, link.firm
            lost = slot[at] + link.share * change
            slot[at] = lost
            old = fall[j, LOSS]
            if old == 0.0:
                hits[count] = j
                count += 1
            if lost > old:
                fall[j, LOSS] = lost
                if old * fall[j, GATE] <= bar < lost * fall[j, GATE]:
                    heavy[heavies] = j
                    heavies += 1
                if (lost - fall[j, ASKED]) * fall[j, GATE] > now:
                    fall[j, ASKED] = np.inf
                    queue[tail] = j
                    tail, waiting = (tail + 1) % size, waiting + 1
        visits += start[i + 1] - start[i]
    return count, heavies, visits


@inner
def _all_asked(net, state, count, least, slack):
    """Let all markets know of all losses: firms hit, how many could send enough, and whether one could indeed."""
    market, share = net.market, net.share
    fall, sent, room, hits, heavy = state.fall, state.sent, state.room, state.hits, state.heavy
    n, heavies, missing = len(fall), 0, False
    if count * _DENSE > n:
        # From front to back once many are hit.
        count = 0
        for i in range(n):
            hits[count] = i
            count += fall[i, LOSS] > 0.0
    for a in range(count):
        _settle(hits[a], market, share, room, fall)
    for a in range(count):
        i = hits[a]
        if _due(i, market, share, room, fall, sent, slack) > least:
            missing = True
            if fall[i, LOSS] * fall[i, GATE] <= _PART * least:
                fall[i, GATE] = 1.0
        if fall[i, LOSS] * fall[i, GATE] > _PART * least:
            heavy[heavies] = i
            heavies += 1
    return count, heavies, missing


@inner
def waiting_below(net, state, count):
    """Weighted loss of customers, one step down, that all firms hit have not sent."""
    market, share, onward = net.market, net.share, net.onward
    fall, sent, room, hits = state.fall, state.sent, state.room, state.hits
    left = 0.0
    for a in range(count):
        left += onward[hits[a]] * _due(hits[a], market, share, room, fall, sent, 0.0)
    return left


@inner
def forget(net, state, count):
    """Leave the arrays as they were found."""
    fall, room, slot, sent, hits = state.fall, state.room, state.slot, state.sent, state.hits
    slots, market, share = net.slots, net.market, net.share
    for a in range(count):
        i = hits[a]
        fall[i, LOSS] = fall[i, ASKED] = fall[i, SETTLED] = sent[i] = 0.0
        fall[i, GATE] = min(1.0, DEEP * share[i])
        room[market[i]] = 1.0
        for k in range(slots[i], slots[i + 1]):
            slot[k] = 0.0
