"""Least shortfalls over windows of days, and the groups of events on which they rest (core/shadow.py).

least[i, b, a] is the least sum of shortfalls of site i over the days a..b; lanes[c, b, a] that of a held link.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["Grid", "Places", "slopes", "windows", "worst_days"]


class Grid(NamedTuple):
    """The short sites of a network, n of them, with the links among them. s slots, m links."""

    site_slots: NDArray[np.int64]  # [n + 1]
    slot_links: NDArray[np.int64]  # [s + 1]
    supplier: NDArray[np.int64]  # [m] -1: never short
    lane: NDArray[np.int64]  # [m] row among the held links; -1: none
    lead: NDArray[np.int64]  # [m]
    share: NDArray[np.float64]  # [m]
    factor: NDArray[np.float64]  # [s] output lost when the slot is quite empty
    gap: NDArray[np.float64]  # [s] 1 - normal arrivals
    stock: NDArray[np.float64]  # [s, 2] most that a window can begin with: on day 0, later
    lane_supplier: NDArray[np.int64]  # [c] of the held links
    lane_customer: NDArray[np.int64]  # [c]
    out: NDArray[np.int64]  # [n + 1] where the links that leave each site begin in the next two
    out_customer: NDArray[np.int64]  # [o]
    out_lane: NDArray[np.int64]  # [o]
    most: NDArray[np.float64]  # [n, days] largest shortfall of each day, whatever groups are solved
    lane_most: NDArray[np.float64]  # [c, days]


class Places(NamedTuple):
    """The events that hold each place (a short site or a held link): of p, those from starts[p] to starts[p + 1]."""

    starts: NDArray[np.int64]  # [p + 1]
    group: NDArray[np.int64]  # [e]
    first: NDArray[np.int64]  # [e] day
    last: NDArray[np.int64]  # [e] day
    loss: NDArray[np.float64]  # [e]


@entry
def worst_days(site_slots, slot_links, supplier, lead, share, essential, weight, gap, cover, target, loss, left, most):
    """Fill `most` [days, n], the largest shortfall of every site on each day: all events hold, no stock is ever spared.

    `loss` [days, n] is what the events take of the sites, `left` [days, m] what they leave of the links. `cover` is
    used up.
    """
    horizon, count = loss.shape
    for day in range(horizon):
        for i in range(count):
            worst, other = loss[day, i], 0.0
            for k in range(site_slots[i], site_slots[i + 1]):
                missing = gap[k]
                for m in range(slot_links[k], slot_links[k + 1]):
                    sent = day - lead[m]
                    if sent >= 0:
                        missing += share[m] * (1.0 - left[sent, m] * (1.0 - most[sent, supplier[m]]))
                short = max(0.0, missing - cover[k])
                if essential[k]:
                    worst = max(worst, short)
                else:
                    other += weight[k] * min(1.0, short)
                cover[k] = min(target[k], max(0.0, cover[k] - missing))
            most[day, i] = min(1.0, max(worst, other))


@inner
def _strongest(places, solved, row, day):
    """Largest loss that the unsolved events of a place cause on a day, and the group of that event."""
    most, group = 0.0, -1
    for e in range(places.starts[row], places.starts[row + 1]):
        if places.first[e] <= day <= places.last[e] and places.loss[e] > most and not solved[places.group[e]]:
            most, group = places.loss[e], places.group[e]
    return most, group


@inner
def _lack(grid, slot, day, least, lanes, lack):
    """What the slot lacks at least over each window that ends on the day; False when nothing is missing."""
    begins = min(day + 1, lack.size)
    short = grid.gap[slot] > 0.0
    for a in range(begins):
        lack[a] = grid.gap[slot] * (day - a + 1) - grid.stock[slot, min(a, 1)]
    for m in range(grid.slot_links[slot], grid.slot_links[slot + 1]):
        sent = day - grid.lead[m]
        if sent < 0:
            continue
        rows = lanes[grid.lane[m]] if grid.lane[m] >= 0 else least[grid.supplier[m]]
        if rows[sent, 0] > 0.0:
            short = True
            for a in range(begins):
                start = max(0, a - grid.lead[m])
                lack[a] += grid.share[m] * rows[sent, start]
    return short


@inner
def _extend(rows, day, direct, worst, most):
    """Windows that end on the day: those before and the day itself, a last part at its worst, or longer ones cut."""
    begins = min(day + 1, worst.size)
    for a in range(begins):
        rows[day, a] = direct + (rows[day - 1, a] if a < day else 0.0)
    for m in range(begins):
        if worst[m] > 0.0:
            for a in range(m + 1):
                rows[day, a] = max(rows[day, a], worst[m] + (rows[m - 1, a] if a < m else 0.0))
    for a in range(1, begins):
        rows[day, a] = max(rows[day, a], rows[day, a - 1] - most[a - 1])


@inner
def _join(members, known, place):
    """Put a place on the list unless it stands there; members[0] counts them."""
    if not known[place]:
        known[place] = True
        members[0] += 1
        members[members[0]] = place


@entry
def windows(grid, sites, links, solved, seeds, lane_seeds, least, lanes, lack, worst, known, lane_known, at, over):
    """Fill `least` and `lanes`, all 0, with the groups in `solved` gone.

    A row joins the seeds once a supplier's is above 0. `at` and `over` list the rows that were visited behind their
    number, `known` and `lane_known` mark them; all 0 to begin with. `lack` and `worst` [width] are for sums.
    """
    horizon, width = least.shape[1], least.shape[2]
    for i in seeds:
        _join(at, known, i)
    for c in lane_seeds:
        _join(over, lane_known, c)
        _join(at, known, grid.lane_customer[c])
    for day in range(horizon):
        # Links of no lead from who is never short: what they lack today, their customers lack today.
        worst[:] = 0.0
        for n in range(1, over[0] + 1):
            if grid.lane_supplier[over[n]] < 0:
                direct = _strongest(links, solved, over[n], day)[0]
                _extend(lanes[over[n]], day, direct, worst, grid.lane_most[over[n]])
        for n in range(1, at[0] + 1):
            i = at[n]
            short = False
            worst[:] = 0.0
            for k in range(grid.site_slots[i], grid.site_slots[i + 1]):
                if _lack(grid, k, day, least, lanes, lack):
                    short = True
                    for a in range(min(day + 1, width)):
                        worst[a] = max(worst[a], grid.factor[k] * lack[a])
            direct = _strongest(sites, solved, i, day)[0]
            if short or direct > 0.0 or (day > 0 and least[i, day - 1, 0] > 0.0):
                _extend(least[i], day, direct, worst, grid.most[i])
        for n in range(1, at[0] + 1):
            if least[at[n], day, 0] > 0.0 and (day == 0 or least[at[n], day - 1, 0] <= 0.0):
                for m in range(grid.out[at[n]], grid.out[at[n] + 1]):
                    _join(at, known, grid.out_customer[m])
                    if grid.out_lane[m] >= 0:
                        _join(over, lane_known, grid.out_lane[m])
        for n in range(1, over[0] + 1):
            c = over[n]
            if grid.lane_supplier[c] >= 0:
                begins = min(day + 1, width)
                worst[:] = 0.0
                for begin in range(begins):
                    worst[begin] = least[grid.lane_supplier[c], day, begin]
                _extend(lanes[c], day, _strongest(links, solved, c, day)[0], worst, grid.lane_most[c])


@inner
def _last_part(grid, place, first, day, most, least, lanes, lack):
    """The last part of the window first..day that makes it worse than `most`: its first day and slot, -1 for none."""
    start, slot = -1, -1
    if place < 0:
        supplier = grid.lane_supplier[-1 - place]
        if supplier >= 0:
            for m in range(first, min(day + 1, lack.size)):
                whole = least[supplier, day, m] + (lanes[-1 - place, m - 1, first] if first < m else 0.0)
                if whole > most:
                    most, start = whole, m
        return start, slot
    for k in range(grid.site_slots[place], grid.site_slots[place + 1]):
        if _lack(grid, k, day, least, lanes, lack):
            for m in range(first, min(day + 1, lack.size)):
                whole = grid.factor[k] * lack[m] + (least[place, m - 1, first] if first < m else 0.0)
                if whole > most:
                    most, start, slot = whole, m, k
    return start, slot


@entry
def slopes(grid, sites, links, solved, least, lanes, site, found, stack, parts, lack):
    """Add to found[group] how much less the site loses at most over the horizon per part of the group solved.

    Walks back what made the site's window worst. `stack` rows are place (a site, or -1 - lane), first and last day;
    `parts` their weights, `lack` [width] for sums. False when the stack is too small.
    """
    stack[0, 0], stack[0, 1], stack[0, 2], parts[0] = site, 0, least.shape[1] - 1, 1.0
    size = 1
    while size:
        size -= 1
        place, first, day, part = stack[size, 0], stack[size, 1], stack[size, 2], parts[size]
        rows = least[place] if place >= 0 else lanes[-1 - place]
        most = grid.most[place] if place >= 0 else grid.lane_most[-1 - place]
        while day >= first and rows[day, first] > 0.0:
            while first > 0 and rows[day, first] == rows[day, first - 1] - most[first - 1]:
                first -= 1
            if place >= 0:
                direct, group = _strongest(sites, solved, place, day)
            else:
                direct, group = _strongest(links, solved, -1 - place, day)
            before = direct + (rows[day - 1, first] if first < day else 0.0)
            start, slot = -1, -1
            if before < rows[day, first]:
                start, slot = _last_part(grid, place, first, day, before, least, lanes, lack)
            if start < 0:
                if group >= 0:
                    found[group] += part * direct
                day -= 1
                continue
            begin, end = (0, 1) if place < 0 else (grid.slot_links[slot], grid.slot_links[slot + 1])
            if size + end - begin > parts.size:
                return False
            for m in range(begin, end):
                lead = 0 if place < 0 else grid.lead[m]
                if day >= lead:
                    if place < 0:
                        stack[size, 0], parts[size] = grid.lane_supplier[-1 - place], part
                    else:
                        stack[size, 0] = -1 - grid.lane[m] if grid.lane[m] >= 0 else grid.supplier[m]
                        parts[size] = part * grid.factor[slot] * grid.share[m]
                    stack[size, 1], stack[size, 2] = max(0, start - lead), day - lead
                    size += 1
            day = start - 1
    return True
