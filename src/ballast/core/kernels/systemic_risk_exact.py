"""The fixed point of the cascade of single failures, with bounds (core/systemic_risk/exact.py)."""

import numpy as np

from ballast.core.kernels.compiled import entry, inner
from ballast.core.kernels.systemic_risk_above import above
from ballast.core.kernels.systemic_risk_down import SETTLED, forget, hit_first, waiting_below, walk
from ballast.core.kernels.systemic_risk_up import News, clear, fail, known, likely_sum, spill

__all__ = ["failures"]

# Columns of an answer, as in core/systemic_risk/exact.py.
LOW, LIKELY, HIGH, DOWN, UP, VISITS = range(6)
# Links walked upstream, in times all there are, after which the bounds are left wider.
_SWEEPS = 100
# Parts of the wished width for what is unsent downstream, and upstream.
_DOWN, _UP = 0.15, 0.85
_ATTEMPTS = 4
# The first threshold upstream is this much above the one that would do if all firms had as much left unsent.
_SHRINK, _COARSE, _FINER, _FINEST = 0.25, 16.0, 0.5, 1e-15


@entry
def failures(net, caps, chain, firms, accuracy, fall, rise, given, total, out):
    """The failure of each firm into out[q], HIGH less LOW at most `accuracy`; HIGH is nan where there is no bound.

    `given` [n] is the loss upstream in all questions where that is known, `total` its weighted sum; else empty.
    """
    for q in range(len(firms)):
        visits, wish = 0.0, accuracy
        for _attempt in range(_ATTEMPTS):
            _failure(net, caps, chain, firms[q], wish, fall, rise, given, total, out[q])
            visits += out[q, VISITS]
            # How far apart the last two walks end is only known afterwards.
            if not out[q, HIGH] - out[q, LOW] > accuracy:
                break
            wish *= _SHRINK
        out[q, VISITS] = visits


@inner
def _failure(net, caps, chain, s, wish, fall, rise, given, total, row):
    """One failure, HIGH less LOW about `wish`, into `row`."""
    least = _DOWN * wish / caps.total
    count, visits = walk(net, fall, hit_first(net, fall, s), least, 0.0)
    if len(given) > 0:
        news, short, more, apart, up = News(total, total, total, 0.0, 1.0, 0.0), 0, 0, 0.0, total
    else:
        news, short, more, apart = _upstream(net, chain, fall, rise, s, count, _UP * wish)
        up = likely_sum(chain, rise.rise, s, news)
    lost, left = _sum(net.weight, fall, count), waiting_below(net, fall, count)
    beyond = _beyond(net, chain, fall, rise, given, s, count, 0.0)
    likely = _beyond(net, chain, fall, rise, given, s, count, news.haze)
    # Of what is still to come, as much is beyond the loss upstream as of what came.
    others = lost - net.weight[s]
    likely += left * likely / others if others > 0.0 else 0.0
    row[LOW] = max(news.found + beyond, news.low + beyond - apart)
    count, walked, over, proven = above(net, caps, fall, s, count, least, _DOWN * wish)
    high = news.high + _beyond(net, chain, fall, rise, given, s, count, 0.0) + over
    row[HIGH] = high if proven else np.nan
    row[LIKELY] = max(row[LOW], min(up + likely, high if proven else 1.0))
    down = min(1.0, lost + left)
    row[DOWN] = min(down, _sum(net.weight, fall, count) + over) if proven else down
    row[UP] = up
    row[VISITS] = visits + more + walked
    forget(net, fall, count)
    clear(rise, short)


@inner
def _upstream(net, chain, fall, rise, s, count, wish):
    """What is known upstream once that is within `wish`, firms short, links walked, error where both ways meet."""
    weight = net.weight
    news, short, visits = fail(chain, weight, s), np.int64(0), 0
    if count > 1:
        # Suppliers that are customers too lose both ways; the first step tells which.
        news, short, visits = spill(chain, weight, rise, s, short, 1.0)
    enough = _SWEEPS * len(chain.links)
    least = min(1.0, _COARSE * wish / max(1e-300, chain.visits[s] * chain.length[s]))
    while True:
        apart = min(news.high - news.found, _apart(net, chain, fall, rise, s, count, news))
        if min(news.high - news.found, news.high - news.low + apart) <= wish or least < _FINEST or visits > enough:
            return news, short, visits, apart
        news, short, more = spill(chain, weight, rise, s, short, least)
        visits += more
        least *= _FINER


@inner
def _apart(net, chain, fall, rise, s, count, news):
    """How much too high the loss beyond that upstream can be since not all news are sent."""
    weight, length, hits, losses, told = net.weight, chain.length, fall.hits, fall.fall, rise.rise
    apart = 0.0
    for a in range(count):
        i = hits[a]
        beyond = losses[i, SETTLED] - known(told, i, s)
        apart += weight[i] * max(0.0, min(beyond, news.unsent * (length[i] - news.own)))
    return apart


@inner
def _beyond(net, chain, fall, rise, given, s, count, haze):
    """Weighted loss downstream beyond that upstream, of which each step of a walk on adds `haze`."""
    weight, length, hits, losses, told = net.weight, chain.length, fall.hits, fall.fall, rise.rise
    lost = 0.0
    for a in range(count):
        i = hits[a]
        other = given[i] if len(given) > 0 else known(told, i, s) + haze * (length[i] - 1.0)
        lost += weight[i] * max(0.0, losses[i, SETTLED] - other)
    return lost


@inner
def _sum(weight, fall, count):
    """Weighted loss downstream."""
    hits, losses = fall.hits, fall.fall
    lost = 0.0
    for a in range(count):
        lost += weight[hits[a]] * losses[hits[a], SETTLED]
    return lost
