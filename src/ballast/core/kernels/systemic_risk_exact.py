"""The fixed point of the cascade of single failures, with bounds (core/systemic_risk/exact.py)."""

import numpy as np
from numba import njit

from ballast.core.kernels.systemic_risk_above import above
from ballast.core.kernels.systemic_risk_down import SETTLED, forget, hit_first, waiting_below, walk
from ballast.core.kernels.systemic_risk_up import News, clear, fail, known, spill

__all__ = ["failures"]

# Columns of an answer, as in core/systemic_risk/exact.py.
LOW, LIKELY, HIGH, DOWN, UP, VISITS = range(6)
# Parts of the wished width for what is unsent downstream, and upstream.
_DOWN, _UP = 0.4, 0.6
_ATTEMPTS = 4
# The first threshold upstream is this much above the one that would do if all firms had as much left unsent.
_SHRINK, _COARSE, _FINEST = 0.25, 16.0, 1e-15


@njit(cache=True, nogil=True)
def failures(net, caps, chain, firms, wish, fall, rise, given, total, out):
    """The failure of each firm into out[q], high less low about `wish`; HIGH is nan where there is no bound.

    `given` [n] is the loss upstream in all questions where that is known, `total` its weighted sum; else empty.
    """
    for q in range(len(firms)):
        visits, fine = 0.0, wish
        for _attempt in range(_ATTEMPTS):
            _failure(net, caps, chain, firms[q], fine, fall, rise, given, total, out[q])
            visits += out[q, VISITS]
            # How far apart the last two walks end is only known afterwards.
            if not out[q, HIGH] - out[q, LOW] > wish:
                break
            fine *= _SHRINK
        out[q, VISITS] = visits


@njit(cache=True, nogil=True)
def _failure(net, caps, chain, s, wish, fall, rise, given, total, row):
    """One failure, into `row`."""
    least = _DOWN * wish / caps.total
    count, visits = walk(net, fall, hit_first(net, fall, s), least, 0.0)
    if len(given) > 0:
        news, short, more, apart = News(total, total, total, 0.0), 0, 0, 0.0
    else:
        news, short, more, apart = _upstream(net, chain, fall, rise, s, count, _UP * wish)
    beyond = _beyond(net, fall, rise, given, s, count)
    lost = _sum(net.weight, fall, count)
    left = waiting_below(net, fall, count)
    # Of what is still to come, as much is beyond the loss upstream as of what came.
    others = lost - net.weight[s]
    likely = min(1.0, news.high + beyond + (left * beyond / others if others > 0.0 else 0.0))
    row[LOW] = max(news.found + beyond, news.low + beyond - apart)
    count, walked, over, proven = above(net, caps, fall, s, count, least, _DOWN * wish)
    high = news.high + _beyond(net, fall, rise, given, s, count) + over
    row[HIGH] = high if proven else np.nan
    row[LIKELY] = min(likely, high) if proven else likely
    down = min(1.0, lost + left)
    row[DOWN] = min(down, _sum(net.weight, fall, count) + over) if proven else down
    row[UP] = 0.5 * (news.low + news.high)
    row[VISITS] = visits + more + walked
    forget(net, fall, count)
    clear(rise, short)


@njit(cache=True, nogil=True)
def _upstream(net, chain, fall, rise, s, count, wish):
    """What is known upstream once that is within `wish`, firms short, links walked, error where both ways meet."""
    weight = net.weight
    news, short, visits = fail(chain, weight, s), 0, 0
    least = min(1.0, _COARSE * wish / max(1e-300, chain.visits[s] * chain.length[s]))
    while True:
        apart = min(news.high - news.found, _apart(net, chain, fall, rise, s, count, news.unsent))
        if min(news.high - news.found, news.high - news.low + apart) <= wish or least < _FINEST:
            return news, short, visits, apart
        news, short, more = spill(chain, weight, rise, s, short, least)
        visits += more
        least *= _SHRINK


@njit(cache=True, nogil=True)
def _apart(net, chain, fall, rise, s, count, unsent):
    """How much too high the loss beyond that upstream can be since no firm has sent its last `unsent` news."""
    apart = 0.0
    for a in range(count):
        i = fall.hits[a]
        beyond = fall.fall[i, SETTLED] - known(rise.rise, i, s)
        apart += net.weight[i] * max(0.0, min(beyond, unsent * chain.length[i]))
    return apart


@njit(cache=True, nogil=True)
def _beyond(net, fall, rise, given, s, count):
    """Weighted loss downstream beyond that upstream."""
    lost = 0.0
    for a in range(count):
        i = fall.hits[a]
        other = given[i] if len(given) > 0 else known(rise.rise, i, s)
        lost += net.weight[i] * max(0.0, fall.fall[i, SETTLED] - other)
    return lost


@njit(cache=True, nogil=True)
def _sum(weight, fall, count):
    """Weighted loss downstream."""
    lost = 0.0
    for a in range(count):
        lost += weight[fall.hits[a]] * fall.fall[fall.hits[a], SETTLED]
    return lost
