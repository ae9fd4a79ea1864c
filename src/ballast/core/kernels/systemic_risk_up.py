"""Losses on their way up to suppliers when one firm fails, walked only while they matter.

They are linear: the loss of a firm is the probability that a walk along customers from it comes to the failed firm.
So what was not sent is bounded by the visits and the length of walks (core/systemic_risk/walks.py).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import inner

__all__ = ["TOLD", "Chain", "News", "Rise", "clear", "fail", "known", "likely_sum", "spill"]

# Columns of a firm's loss: what its suppliers know, and what they do not; of the failed firm, what came back to it.
TOLD, NEWS = range(2)


class Chain(NamedTuple):
    """The network upstream by place."""

    start: NDArray[np.int32]  # [n + 1]
    links: NDArray[np.void]
    visits: NDArray[np.float64]  # [n] weighted visits of walks along customers
    later: float  # those of all firms but the first of each walk
    direct: NDArray[np.float64]  # [n] weighted visits by the first step of walks
    length: NDArray[np.float64]  # [n] firms on a walk from here, at most
    widest: NDArray[np.float64]  # [n] largest sales share that a supplier has in this firm


class Rise(NamedTuple):
    """Arrays of one thread; all 0 between two questions."""

    rise: NDArray[np.float64]  # [n, 2] TOLD, NEWS
    shorts: NDArray[np.int32]  # [n] firms with a loss
    queue: NDArray[np.int32]  # [n]


class News(NamedTuple):
    """What is known of the loss upstream: its weighted sum between `low` and `high`."""

    found: float  # that is known to be lost, firm by firm
    low: float
    high: float
    unsent: float  # largest news of a firm
    own: float  # 1 when the news of a firm itself are known to be lost
    haze: float  # mean of the news over the steps of all walks: what a step on is likely to meet


@inner
def fail(chain, weight, s):
    """Known of the failure of a firm before its suppliers are told."""
    # A walk that returns does so over a supplier, and visits no more firms than it is long.
    back = min(1.0, chain.widest[s] * (chain.length[s] - 1.0))
    haze = max(0.0, chain.visits[s] - weight[s] - chain.direct[s]) / chain.later
    return News(weight[s], chain.visits[s] * (1.0 - back), chain.visits[s], chain.widest[s], 0.0, haze)


@inner
def spill(chain, weight, state, s, short, least):
    """Tell suppliers until no firm but the failed one has news above `least`: what is known, firms short, links."""
    visits = 0
    if short == 0:
        short, visits = _tell_first(chain, state, s)
    rise, shorts, queue = state
    size, head, waiting = len(queue), 0, 0
    for a in range(short):
        if shorts[a] != s and rise[shorts[a], NEWS] > least:
            queue[waiting] = shorts[a]
            waiting += 1
    tail = waiting % size
    start, links = chain.start, chain.links
    while waiting > 0:
        i = queue[head]
        head, waiting = (head + 1) % size, waiting - 1
        change = rise[i, NEWS]
        rise[i, NEWS] = 0.0
        rise[i, TOLD] += change
        for k in range(start[i], start[i + 1]):
            link = links[k]
            j = link.firm
            old = rise[j, NEWS]
            new = old + link.share * change
            rise[j, NEWS] = new
            if old == 0.0 and rise[j, TOLD] == 0.0:
                shorts[short] = j
                short += 1
            if old <= least < new and j != s:
                queue[tail] = j
                tail, waiting = (tail + 1) % size, waiting + 1
        visits += start[i + 1] - start[i]
    return _sums(chain, weight, state, s, short), short, visits


@inner
def _tell_first(chain, state, s):
    """Tell the suppliers of the failed firm: firms short, links walked."""
    state.shorts[0], short = s, 1
    state.rise[s, TOLD] = 1.0
    for k in range(chain.start[s], chain.start[s + 1]):
        state.shorts[short] = chain.links[k].firm
        state.rise[chain.links[k].firm, NEWS] = chain.links[k].share
        short += 1
    return short, chain.start[s + 1] - chain.start[s]


@inner
def _sums(chain, weight, state, s, short):
    visits, rise, shorts = chain.visits, state.rise, state.shorts
    found, rest, unsent = weight[s], 0.0, 0.0
    for a in range(short):
        i = shorts[a]
        if i != s:
            news = rise[i, NEWS]
            found += weight[i] * (rise[i, TOLD] + news)
            rest += news * (visits[i] - weight[i])
            unsent = max(unsent, news)
    back, steps = rise[s, NEWS], chain.length[s] - 1.0
    low, high = visits[s] * (1.0 - back - unsent * steps), visits[s] * (1.0 - back)
    return News(found, max(found, low), min(found + rest, high), unsent, 1.0, rest / chain.later)


@inner
def likely_sum(chain, rise, s, news):
    """Weighted loss upstream when walks meet what is unsent as often as walks do on average."""
    back = rise[s, NEWS] + news.haze * (chain.length[s] - 1.0)
    return min(news.high, max(news.low, chain.visits[s] * (1.0 - back)))


@inner
def known(rise, i, s):
    """Loss upstream of a firm as far as it is known."""
    return 1.0 if i == s else rise[i, TOLD] + rise[i, NEWS]


@inner
def clear(state, short):
    """Leave the arrays as they were found."""
    for a in range(short):
        state.rise[state.shorts[a], TOLD] = state.rise[state.shorts[a], NEWS] = 0.0
