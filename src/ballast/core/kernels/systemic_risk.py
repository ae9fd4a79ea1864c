"""Steps of the compatible cascade (core/systemic_risk/compatible.py): only firms that changed send their change on.

Down and up share one clock. Downstream, the largest loss of its slots is the loss of a firm. Upstream, losses add
up, so that each step sends only what the step before brought.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["Firms", "Shocks", "Work", "cascades"]

# A loss that has grown by less since it was last sent waits; together far below 1e-12 of the answer.
_DUST = 1e-15
# Below this rest of a market its sum is taken anew, since taking away has cost digits.
_SCARCE = 1e-3
# Part of eps below which a change upstream is too small to decide whether the cascade goes on.
_SMALL = 0.125
# Lists longer than this part of the firms are put in order, so that memory is read from front to back.
_DENSE = 16
# Once a step walks more than this part of the links, the next takes all of them from the receiver's side, which
# costs a fifth as much a link.
_MANY = 8


class Firms(NamedTuple):
    """The network by place; n firms, k markets (core/systemic_risk/layout.py)."""

    slots: NDArray[np.int32]  # [n + 1]
    down_start: NDArray[np.int32]  # [n + 1]
    down: NDArray[np.void]
    fill_start: NDArray[np.int32]  # [s + 1]
    fill: NDArray[np.void]
    up_start: NDArray[np.int32]  # [n + 1]
    up: NDArray[np.void]
    sales_start: NDArray[np.int32]  # [n + 1]
    sales: NDArray[np.void]
    member_start: NDArray[np.int32]  # [k + 1]
    member: NDArray[np.int32]  # [n]
    market: NDArray[np.int32]  # [n]
    share: NDArray[np.float64]  # [n] of the market
    weight: NDArray[np.float64]  # [n]
    ahead: NDArray[np.float64]  # [n] weighted loss of the suppliers per loss of the firm, one step up


class Shocks(NamedTuple):
    """The firms that fail in each question: those of question q from start[q] to start[q + 1], each once."""

    start: NDArray[np.int64]
    firm: NDArray[np.int32]
    down: NDArray[np.float64]  # loss at the start
    up: NDArray[np.float64]


class Work(NamedTuple):
    """Arrays of one thread; all 0, and `room` 1, between two questions."""

    loss: NDArray[np.float64]  # [n] downstream, as the slots now say
    slot: NDArray[np.float64]  # [s]
    settled: NDArray[np.float64]  # [n] downstream, as of the last step
    sent: NDArray[np.float64]  # [n] loss that the customers know, less what others replace of it
    hits: NDArray[np.int32]  # [n] firms with a loss downstream
    told: NDArray[np.float64]  # [n] upstream loss of which the suppliers know
    news: NDArray[np.float64]  # [n] upstream loss of which they do not yet
    coming: NDArray[np.float64]  # [n] upstream loss that this step brings
    seen: NDArray[np.int8]  # [n] 1 for the firms of `shorts`
    pin: NDArray[np.float64]  # [n] shock upstream
    inflow: NDArray[np.float64]  # [n] loss that customers brought to a firm with a shock
    shorts: NDArray[np.int32]  # [n] firms with a loss upstream
    room: NDArray[np.float64]  # [k] what is left of each market
    counted: NDArray[np.int64]  # [k] step at which that was last summed anew


@entry
def cascades(firms, shocks, work, eps, by_growth, replaced, out, kept):
    """Answer each question into out[q]: steps, loss in both directions, downstream, upstream, links walked.

    The losses of the last question go to `kept` [2, n] when it has room for them. Without it the last step upstream
    is summed instead of walked wherever it is proven to be the last.
    """
    # Arrays of a tuple are counted at every use; under a local name they are not.
    slots, down_start, down, fill_start, fill, up_start, up, sale_start, sale = firms[:9]
    member_start, member, market, share, weight, ahead = firms[9:]
    loss, slot, settled, sent, hits, told, news, coming, seen, pin, inflow, shorts, room, counted = work
    for q in range(len(shocks.start) - 1):
        first, stop = shocks.start[q], shocks.start[q + 1]
        failed, falls, rises = shocks.firm[first:stop], shocks.down[first:stop], shocks.up[first:stop]
        hit, short, whole = _shock(
            failed, falls, rises, loss, settled, room, market, share, hits, news, seen, pin, shorts
        )
        whole &= not by_growth and kept.shape[1] == 0
        before = _both(weight, settled, hits, hit, told, news, shorts, short) if by_growth else 0.0
        steps, visits, hit_sorted, short_sorted, last = 0, 0, 0, 0, False
        down_walk, up_walk, scarce = 0, 0, True
        while True:
            steps += 1
            hit, hit_sorted = _in_order(loss, sent, hits, hit, hit_sorted)
            if replaced and scarce:
                _scarce(room, counted, steps, market, member_start, member, share, settled, hits, hit)
            if down_walk * _MANY > len(fill):
                _value(market, share, room, replaced, settled, sent, hits, hit)
                hit, down_walk = _take_down(slots, fill_start, fill, sent, slot, loss, hits)
                hit_sorted = hit
            else:
                hit, down_walk = _send_down(
                    down_start, down, market, share, room, replaced, settled, sent, slot, loss, hits, hit
                )
            fallen, scarce = _settle(loss, settled, room, market, share, hits, hit)
            short, short_sorted = _in_order(told, news, shorts, short, short_sorted)
            floor, many = _SMALL * eps if whole and fallen <= eps else 0.0, up_walk * _MANY > len(sale)
            short, grown, up_walk, last = _walk_up(
                up_start, up, sale_start, sale, told, news, coming, seen, pin, shorts, short, eps, floor, many
            )
            visits += down_walk + up_walk
            if last:
                break
            if many:
                short_sorted, up_walk = short, len(sale)
            if _pin(failed, pin, inflow, told, coming) > eps:
                grown = _most(coming, shorts, short)
            news, coming = coming, news
            if by_growth:
                lost = _both(weight, settled, hits, hit, told, news, shorts, short)
                if lost - before <= eps * before:
                    break
                before = lost
            elif max(fallen, grown) <= eps:
                break
        fall, rise, more, walked = _sums(
            weight, ahead, sale_start, sale, failed, settled, hits, hit, told, news, coming, pin, shorts, short, last
        )
        out[q, 0], out[q, 1], out[q, 2], out[q, 3] = steps, rise + more, fall, rise
        out[q, 4] = visits + walked
        if kept.shape[1] > 0:
            kept[0] = settled
            kept[1] = told + news
        _forget(hits, hit, loss, settled, sent, room, market, slots, slot)
        _forget_up(shorts, short, told, news, coming, pin, inflow, seen)
        counted[:] = 0


@inner
def _shock(failed, falls, rises, loss, settled, room, market, share, hits, news, seen, pin, shorts):
    """How many firms lose downstream and upstream at first, and whether they fail whole or not at all upstream."""
    hit, short, whole = 0, 0, True
    for a in range(len(failed)):
        i, fall, rise = failed[a], falls[a], rises[a]
        whole &= rise == 0.0 or rise == 1.0
        if fall > 0.0:
            hits[hit] = i
            hit += 1
            loss[i] = settled[i] = fall
            room[market[i]] -= share[i] * fall
        if rise > 0.0:
            shorts[short] = i
            short += 1
            seen[i] = 1
            news[i] = pin[i] = rise
    return hit, short, whole


@inner
def _in_order(one, other, listed, count, ordered):
    """The firms with a figure in either array, listed in order once the list is long and has grown by a quarter."""
    n = len(one)
    if count * _DENSE <= n or count <= ordered + ordered // 4:
        return count, ordered
    count = 0
    for i in range(n):
        listed[count] = i
        count += (one[i] > 0.0) | (other[i] > 0.0)
    return count, count


@inner
def _scarce(room, counted, step, market, member_start, member, share, settled, hits, hit):
    """Sum anew what is left of the markets that have little left."""
    for a in range(hit):
        k = market[hits[a]]
        if room[k] < _SCARCE and counted[k] != step:
            counted[k] = step
            left = 0.0
            for b in range(member_start[k], member_start[k + 1]):
                left += share[member[b]] * (1.0 - settled[member[b]])
            room[k] = left


@inner
def _send_down(start, links, market, share, room, replaced, settled, sent, slot, loss, hits, hit):
    """Tell customers of the loss as of the last step; how many firms are hit then, and how many links were walked."""
    visits = 0
    for a in range(hit):
        i = hits[a]
        lost = settled[i]
        if replaced and share[i] < room[market[i]]:
            lost *= share[i] / room[market[i]]
        change = lost - sent[i]
        if change <= _DUST:
            continue
        sent[i] = lost
        for k in range(start[i], start[i + 1]):
            link = links[k]
            at, j = link.slot, link.firm
            new = slot[at] + link.share * change
            slot[at] = new
            old = loss[j]
            if old == 0.0:
                hits[hit] = j
                hit += 1
            loss[j] = max(old, new)
        visits += start[i + 1] - start[i]
    return hit, visits


@inner
def _value(market, share, room, replaced, settled, sent, hits, hit):
    """What customers will know of the loss as of the last step."""
    for a in range(hit):
        i = hits[a]
        sent[i] = settled[i]
        if replaced and share[i] < room[market[i]]:
            sent[i] *= share[i] / room[market[i]]


@inner
def _take_down(slots, start, links, sent, slot, loss, hits):
    """The same from the side of the customers: firms hit then, in order, and links walked."""
    hit = 0
    for i in range(len(loss)):
        largest = loss[i]
        for at in range(slots[i], slots[i + 1]):
            lost = 0.0
            for k in range(start[at], start[at + 1]):
                lost += links[k].share * sent[links[k].firm]
            slot[at] = lost
            largest = max(largest, lost)
        loss[i] = largest
        hits[hit] = i
        hit += largest > 0.0
    return hit, len(links)


@inner
def _settle(loss, settled, room, market, share, hits, hit):
    """Make what the slots say the loss of this step: the largest change, and whether a market has little left."""
    largest, least = 0.0, 1.0
    for a in range(hit):
        i = hits[a]
        new = min(1.0, loss[i])
        change = new - settled[i]
        largest = max(largest, change)
        rest = room[market[i]] - share[i] * change
        least = min(least, rest)
        room[market[i]] = rest
        settled[i] = new
    return largest, least < _SCARCE


@inner
def _send_up(start, links, told, news, coming, seen, shorts, known, short, floor):
    """Send news above `floor` of the first `known` firms: firms short then, largest sum brought, links walked."""
    grown, visits = 0.0, 0
    for a in range(known):
        i = shorts[a]
        change = news[i]
        if change <= floor:
            continue
        news[i] = 0.0
        told[i] += change
        for k in range(start[i], start[i + 1]):
            link = links[k]
            j = link.firm
            old = coming[j]
            if old == 0.0 and seen[j] == 0:
                seen[j] = 1
                shorts[short] = j
                short += 1
            new = old + link.share * change
            coming[j] = new
            grown = max(grown, new)
        visits += start[i + 1] - start[i]
    return short, grown, visits


@inner
def _walk_up(up_start, up, sale_start, sale, told, news, coming, seen, pin, shorts, short, eps, floor, many):
    """Send all news by the cheaper way: firms short then, largest sum brought, links walked, and whether it ends here.

    With a `floor` above 0 news above it go first; where they show that the step is the last, the rest stays unsent.
    """
    known, grown, visits = short, 0.0, 0
    if floor > 0.0 or not many:
        short, grown, visits = _send_up(up_start, up, told, news, coming, seen, shorts, known, short, floor)
    if floor > 0.0:
        # News below the floor bring no firm more than the floor, since shares of sales add up to 1 at most.
        if grown > eps - floor:
            grown = _largest(coming, pin, shorts, short)
        if grown <= eps - floor:
            return short, grown, visits, True
        if not many:
            short, more, walked = _send_up(up_start, up, told, news, coming, seen, shorts, known, short, 0.0)
            grown, visits = max(grown, more), visits + walked
    if many:
        short, grown = _take_up(sale_start, sale, told, news, coming, seen, shorts)
        visits += len(sale)
    return short, grown, visits, False


@inner
def _take_up(start, links, told, news, coming, seen, shorts):
    """Send all news, from the side of the suppliers: firms short then, in order, and the largest sum brought."""
    short, grown = 0, 0.0
    for i in range(len(told)):
        brought = coming[i]
        for k in range(start[i], start[i + 1]):
            brought += links[k].share * news[links[k].firm]
        coming[i] = brought
        grown = max(grown, brought)
    for i in range(len(told)):
        told[i] += news[i]
        news[i] = 0.0
        seen[i] = told[i] > 0.0 or coming[i] > 0.0
        shorts[short] = i
        short += seen[i]
    return short, grown


@inner
def _largest(coming, pin, shorts, short):
    """Largest change among firms without a shock of their own."""
    largest = 0.0
    for a in range(short):
        if pin[shorts[a]] == 0.0:
            largest = max(largest, coming[shorts[a]])
    return largest


@inner
def _most(coming, shorts, short):
    """Largest change of any firm."""
    largest = 0.0
    for a in range(short):
        largest = max(largest, coming[shorts[a]])
    return largest


@inner
def _pin(failed, pin, inflow, told, coming):
    """Let firms with a shock of their own lose the larger of shock and inflow; the largest sum brought to one."""
    largest = 0.0
    for i in failed:
        if pin[i] > 0.0:
            largest = max(largest, coming[i])
            inflow[i] += coming[i]
            coming[i] = max(0.0, max(pin[i], inflow[i]) - told[i])
    return largest


@inner
def _inflow(start, links, news, i):
    """What the news of its customers bring to a firm."""
    brought = 0.0
    for k in range(start[i], start[i + 1]):
        brought += links[k].share * news[links[k].firm]
    return brought


@inner
def _sums(weight, ahead, start, links, failed, settled, hits, hit, told, news, coming, pin, shorts, short, last):
    """Weighted loss downstream, upstream, and what the first has beyond the second; links walked for it.

    After a step that was the last but not sent (`last`) the news are summed as if they had been.
    """
    # Firms that failed lose no more by what the last step brings them.
    twice = 0.0
    if last:
        for i in failed:
            coming[i] = 0.0
            twice += weight[i] * _inflow(start, links, news, i) if pin[i] > 0.0 else 0.0
    rise, walked = 0.0, 0
    for a in range(short):
        i = shorts[a]
        rise += weight[i] * (told[i] + news[i] + coming[i]) + (ahead[i] * news[i] if last else 0.0)
    fall, more = 0.0, 0.0
    for a in range(hit):
        i = hits[a]
        other = told[i] + news[i] + coming[i]
        if last and settled[i] > other and pin[i] == 0.0:
            other += _inflow(start, links, news, i)
            walked += start[i + 1] - start[i]
        fall += weight[i] * settled[i]
        more += weight[i] * max(0.0, settled[i] - other)
    return fall, rise - twice, more, walked


@inner
def _both(weight, settled, hits, hit, told, news, shorts, short):
    """Weighted loss, of each firm the larger of both directions."""
    lost = 0.0
    for a in range(short):
        i = shorts[a]
        lost += weight[i] * (told[i] + news[i])
    for a in range(hit):
        i = hits[a]
        lost += weight[i] * max(0.0, settled[i] - told[i] - news[i])
    return lost


@inner
def _forget(hits, hit, loss, settled, sent, room, market, slots, slot):
    """Leave the arrays of the way down as they were found."""
    for a in range(hit):
        i = hits[a]
        loss[i] = settled[i] = sent[i] = 0.0
        room[market[i]] = 1.0
        for k in range(slots[i], slots[i + 1]):
            slot[k] = 0.0


@inner
def _forget_up(shorts, short, told, news, coming, pin, inflow, seen):
    """Leave the arrays of the way up as they were found."""
    for a in range(short):
        i = shorts[a]
        told[i] = news[i] = coming[i] = pin[i] = inflow[i] = 0.0
        seen[i] = 0
