"""The days of a forecast: each day visits the sites on which something acts that day, and no other.

A site on which nothing acts (no event, no short arrival, stocks in balance) runs in full and its covers stand
still, so leaving it out changes no bit. Sums run over links in their order, as a dense computation would.

Counters begin as np.int64(0), for a function that takes a literal 0 is compiled once more; rows are copied value by
value, for a copy of slices takes seconds to compile, with the text of an error that cannot be.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.dayloop import LAST, RED, SLOW, SLOW_DAY, STOP
from ballast.core.kernels.compiled import entry, inner
from ballast.core.lamps import RED_BELOW, TOLERANCE

__all__ = ["COVER", "SHORT", "Grid", "Taken", "Work", "run", "workspace"]

RED_LIMIT = RED_BELOW - TOLERANCE
WINDOW = 64
# A list of more than one site in so many is put in order by looking at all.
SCAN = 32
# Columns of the log of slots.
COVER, SHORT = 0, 1


class Grid(NamedTuple):
    """A network at rest, as the loops read it. n sites, s slots, m links."""

    site_slots: NDArray[np.int64]  # [n + 1]
    slot_links: NDArray[np.int64]  # [s + 1]
    supplier: NDArray[np.int32]  # [m]
    share: NDArray[np.float64]  # [m]
    lead: NDArray[np.int32]  # [m]
    out: NDArray[np.int64]  # [n + 1] where the links that leave each site begin in the next two
    out_customer: NDArray[np.int32]  # [m]
    out_lead: NDArray[np.int32]  # [m]
    essential: NDArray[np.bool_]  # [s]
    weight: NDArray[np.float64]  # [s]
    gap: NDArray[np.float64]  # [s] 1 - normal arrivals
    minimum: NDArray[np.float64]  # [n]
    cover: NDArray[np.float64]  # [s] at day 0
    target: NDArray[np.float64]  # [s]
    uneven: NDArray[np.int32]  # sites whose stocks move by themselves


class Taken(NamedTuple):
    """Capacity that events take: k sites and q links, ascending."""

    sites: NDArray[np.int64]  # [k]
    loss: NDArray[np.float64]  # [days, k]
    links: NDArray[np.int64]  # [q]
    customers: NDArray[np.int32]  # [q]
    leads: NDArray[np.int32]  # [q]
    left: NDArray[np.float64]  # [days, q]


class Work(NamedTuple):
    """Arrays that the days are reckoned in, of which the last three grow.

    Python makes them: each kind of array that a loop makes itself costs time when the loop is compiled.
    """

    row_of: NDArray[np.int32]  # [n] row of the shortfalls; 0 for a site that was never short
    seen: NDArray[np.int32]  # [n] last day on which the site was listed
    waiting: NDArray[np.uint64]  # [n] one bit for each of the next days on which the site waits for a visit
    today: NDArray[np.int32]  # [n] sites that are visited today
    sites: NDArray[np.int32]  # [n] touched sites in the order of their first visit
    here: NDArray[np.int32]  # [n] position among them of each site of today
    columns: NDArray[np.int64]  # [n, 2] columns of what is taken from each touched site
    begins: NDArray[np.int64]  # [n] first slot of each site of today
    helds: NDArray[np.int64]  # [n] first held link of each site of today
    losses: NDArray[np.float64]  # [n] capacity that is taken from them today
    shortfalls: NDArray[np.float64]  # [n] theirs today
    reds: NDArray[np.bool_]  # [n] whether they will be in the red tomorrow
    days: NDArray[np.int32]  # [n, 4] of each touched site
    lost: NDArray[np.float64]  # [n] output that each touched site loses
    start: NDArray[np.int64]  # [n + 1] first slot of each touched site in the next two
    cover: NDArray[np.float64]  # [s]
    refused: NDArray[np.float64]  # [s]
    depth: NDArray[np.float64]  # [s, 2]
    head: NDArray[np.int64]  # [horizon] first node of each day's list of sites
    nodes: NDArray[np.int64]  # [., 2] site and next node
    rows: NDArray[np.float64]  # [., horizon] shortfalls; the first is 0


def workspace(grid: Grid, horizon: int, row_of: NDArray[np.int32] | None = None) -> Work:
    """Arrays for one run. Memory that is never written is never taken, so the largest size costs nothing."""
    n, s = grid.site_slots.size - 1, grid.gap.size
    rows = np.empty((256, horizon))
    # A site that was never short reads the first row, so that the inner loop need not ask.
    rows[0] = 0.0
    return Work(
        row_of=np.zeros(n, np.int32) if row_of is None else row_of.copy(),
        seen=np.full(n, -1, np.int32),
        waiting=np.zeros(n, np.uint64),
        today=np.empty(n, np.int32),
        sites=np.empty(n, np.int32),
        here=np.empty(n, np.int32),
        columns=np.empty((n, 2), np.int64),
        begins=np.empty(n, np.int64),
        helds=np.empty(n, np.int64),
        losses=np.empty(n),
        shortfalls=np.empty(n),
        reds=np.empty(n, np.bool_),
        days=np.empty((n, 4), np.int32),
        lost=np.empty(n),
        start=np.zeros(n + 1, np.int64),
        cover=np.empty(s),
        refused=np.zeros(s),
        depth=np.empty((s, 2)),
        head=np.full(horizon, -1, np.int64),
        nodes=np.empty((1024, 2), np.int64),
        rows=rows,
    )


@inner
def place(values, wanted):
    """Position of the first value not below the wanted one."""
    low, high = 0, values.size
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def grown(values, size):
    """The same rows in an array that holds at least `size` of them."""
    if size <= values.shape[0]:
        return values
    larger = np.empty((max(size, 2 * values.shape[0]), values.shape[1]), values.dtype)
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            larger[row, column] = values[row, column]
    return larger


@inner
def note(today, count, seen, site, day):
    """Put a site on today's list unless it is there."""
    if seen[site] != day:
        seen[site] = day
        today[count] = site
        count += 1
    return count


@inner
def _acting(grid, taken, day, today, seen):
    """Today's sites on which events or their own stocks act; returns their number."""
    count = np.int64(0)
    for column in range(taken.sites.size):
        if taken.loss[day, column] > 0.0:
            count = note(today, count, seen, taken.sites[column], day)
    for held in range(taken.links.size):
        sent = day - taken.leads[held]
        if sent >= 0 and taken.left[sent, held] < 1.0:
            count = note(today, count, seen, taken.customers[held], day)
    for site in grid.uneven:
        count = note(today, count, seen, site, day)
    return count


@inner
def column_of(taken, site):
    """Column of a site that events hold, -1 for one that they do not."""
    column = place(taken.sites, site)
    return column if column < taken.sites.size and taken.sites[column] == site else -1


@inner
def lane_of(grid, taken, site):
    """Position of the first held link into a site; past the last when there is none."""
    if taken.links.size == 0:
        return 0
    held = place(taken.links, grid.slot_links[grid.site_slots[site]])
    if held < taken.links.size and taken.links[held] < grid.slot_links[grid.site_slots[site + 1]]:
        return held
    return taken.links.size


@inner
def _red_at_first(grid, site):
    """0 when an essential input of the site begins in the red, else -1."""
    for slot in range(grid.site_slots[site], grid.site_slots[site + 1]):
        if grid.essential[slot] and grid.cover[slot] < RED_LIMIT:
            return 0
    return -1


@inner
def step(
    day, sites, begins, losses, helds, site_slots, slot_links, supplier, share, lead, essential, weight, gap, target,
    lanes, left, row_of, rows, others, cover, refused, depth, shortfalls, reds,
):  # fmt: skip
    """One day of the listed sites, whose slots stand in `cover` from `begins` on.

    Fills `shortfalls` and `reds` (an essential input is in the red tomorrow) in the order of the sites, `depth`
    (1 - cover - arrivals) slot by slot, and moves `cover` on to tomorrow. Rows below 0 stand in `others`.
    """
    written = 0
    for k in range(sites.size):
        first, last, begin = site_slots[sites[k]], site_slots[sites[k] + 1], begins[k]
        shortfall, lack, wrote = losses[k], 0.0, written
        held = helds[k]
        for slot in range(first, last):
            missing = 0.0
            for link in range(slot_links[slot], slot_links[slot + 1]):
                sent = day - lead[link]
                lane = held < lanes.size and lanes[held] == link
                if sent >= 0:
                    row = row_of[supplier[link]]
                    gone = rows[row, sent] if row >= 0 else others[-1 - row, sent]
                    if lane:
                        gone = (1.0 - left[sent, held]) + gone * left[sent, held]
                    missing += share[link] * gone
                if lane:
                    held += 1
            short = gap[slot] + missing - cover[begin + slot - first]
            depth[written, 0], depth[written, 1] = missing, short
            written += 1
            if essential[slot]:
                shortfall = max(shortfall, short)
            else:
                lack += weight[slot] * min(max(short, 0.0), 1.0)
        shortfall = min(max(max(shortfall, lack), 0.0), 1.0)
        shortfalls[k], red = shortfall, False
        for slot in range(first, last):
            here = begin + slot - first
            after = max(0.0, cover[here] + (shortfall - depth[wrote + slot - first, 0] - gap[slot]))
            if after > target[slot]:
                refused[here] += after - target[slot]
                after = target[slot]
            cover[here] = after
            red |= essential[slot] and after < RED_LIMIT
        reds[k] = red


@inner
def mark(day, sites, here, shortfalls, minimum, days, lost):
    """First and last short days of the listed sites, and their sums of shortfalls."""
    for k in range(sites.size):
        shortfall, row = shortfalls[k], here[k]
        if shortfall <= 0.0:
            continue
        lost[row] += shortfall
        if shortfall > SLOW:
            if days[row, SLOW_DAY] < 0:
                days[row, SLOW_DAY] = day
            days[row, LAST] = day
        if days[row, STOP] < 0 and 1.0 - shortfall < minimum[sites[k]] - SLOW:
            days[row, STOP] = day


@inner
def send(day, sites, differ, out, out_customer, out_lead, waiting, nodes, count, head):
    """Put the customers of the sites that differ today on the lists of the days on which they notice."""
    for k in range(sites.size):
        if not differ[k]:
            continue
        for link in range(out[sites[k]], out[sites[k] + 1]):
            due, customer = day + out_lead[link], out_customer[link]
            if due >= head.size:
                continue
            if out_lead[link] < WINDOW:
                mark = np.uint64(1) << np.uint64(due % WINDOW)
                if waiting[customer] & mark:
                    continue
                waiting[customer] |= mark
            nodes[count, 0], nodes[count, 1] = customer, head[due]
            head[due] = count
            count += 1
    return count


@inner
def sendable(sites, differ, out):
    """The most customers that the sites which differ can have."""
    total = 0
    for k in range(sites.size):
        if differ[k]:
            total += out[sites[k] + 1] - out[sites[k]]
    return total


@inner
def waiting_too(nodes, node, day, today, count, seen, waiting):
    """Today's sites and those that wait for a visit today; returns their number."""
    while node >= 0:
        count = note(today, count, seen, nodes[node, 0], day)
        node = nodes[node, 1]
    if SCAN * count > seen.size:
        # In the order of the sites memory is read from end to end.
        count = 0
        for site in range(seen.size):
            if seen[site] == day:
                today[count] = site
                count += 1
    bit = ~(np.uint64(1) << np.uint64(day % WINDOW))
    for k in range(count):
        waiting[today[k]] &= bit
    return count


@inner
def _join(grid, taken, todays, local, touched, sites, columns, days, lost, start, cover, refused):
    """Sites that are visited for the first time begin as they stood on day 0; returns how many are touched now."""
    for site in todays:
        if local[site] >= 0:
            continue
        local[site], sites[touched] = touched, site
        columns[touched, 0], columns[touched, 1] = column_of(taken, site), lane_of(grid, taken, site)
        first, last, begin = grid.site_slots[site], grid.site_slots[site + 1], start[touched]
        start[touched + 1] = begin + last - first
        days[touched, :3] = -1
        days[touched, RED] = _red_at_first(grid, site)
        lost[touched] = 0.0
        for slot in range(first, last):
            cover[begin + slot - first], refused[begin + slot - first] = grid.cover[slot], 0.0
        touched += 1
    return touched


@inner
def _begin(taken, day, todays, local, columns, start, here, begins, losses, helds):
    """Where each of today's sites stands among the touched, where its slots begin, and what events take of it."""
    width = 0
    for k in range(todays.size):
        row = local[todays[k]]
        here[k], begins[k] = row, start[row]
        losses[k] = taken.loss[day, columns[row, 0]] if columns[row, 0] >= 0 else 0.0
        helds[k] = columns[row, 1]
        width += start[row + 1] - start[row]
    return width


@inner
def _write(day, sites, here, begins, start, cover, visits, visit_count, slots, slot_count):
    """Log of today's visits with the covers that the day begins with."""
    for k in range(sites.size):
        visits[visit_count + k, 0], visits[visit_count + k, 1], visits[visit_count + k, 2] = here[k], day, slot_count
        for j in range(start[here[k] + 1] - start[here[k]]):
            slots[slot_count, COVER] = cover[begins[k] + j]
            slot_count += 1


@inner
def _keep_rows(day, sites, shortfalls, row_of, rows, row_count):
    """Write today's shortfalls; a site gets its row with its first one. Returns the number of rows."""
    for k in range(sites.size):
        if shortfalls[k] > 0.0:
            if row_of[sites[k]] == 0:
                rows[row_count] = 0.0
                row_of[sites[k]] = row_count
                row_count += 1
            rows[row_of[sites[k]], day] = shortfalls[k]
    return row_count


@inner
def _redden(day, here, reds, days):
    """Mark tomorrow as the first red day of the sites that will be in the red."""
    for k in range(here.size):
        if reds[k] and days[here[k], RED] < 0:
            days[here[k], RED] = day + 1


@entry
def run(grid, taken, horizon, keep, work, local, visits, slots):
    """All days; answers how much of the arrays is filled (touched sites, rows, visits, slots), and those that grow.

    `local` is -1 for every site, and then its position among the touched ones; `visits` [., 3] and `slots` [., 2] are
    the log, see forecast/dayloop.py, which cuts all.
    """
    (
        row_of, seen, waiting, today, sites, here, columns, begins, helds, losses, shortfalls, reds, days, lost, start,
        cover, refused, depth, head, nodes, rows,
    ) = work  # fmt: skip
    row_count = np.int64(1)
    touched = node_count = visit_count = slot_count = np.int64(0)
    for day in range(horizon):
        count = _acting(grid, taken, day, today, seen)
        count = waiting_too(nodes, head[day], day, today, count, seen, waiting)
        now = today[:count]
        touched = _join(grid, taken, now, local, touched, sites, columns, days, lost, start, cover, refused)
        width = _begin(taken, day, now, local, columns, start, here, begins, losses, helds)
        if keep:
            visits = grown(visits, visit_count + count)
            slots = grown(slots, slot_count + width)
            _write(day, now, here, begins, start, cover, visits, visit_count, slots, slot_count)
        step(
            day, now, begins, losses, helds, grid.site_slots, grid.slot_links, grid.supplier, grid.share, grid.lead,
            grid.essential, grid.weight, grid.gap, grid.target, taken.links, taken.left, row_of, rows, rows, cover,
            refused, depth, shortfalls, reds,
        )  # fmt: skip
        if keep:
            for slot in range(width):
                slots[slot_count + slot, SHORT] = depth[slot, 1]
            visit_count, slot_count = visit_count + count, slot_count + width
        mark(day, now, here, shortfalls, grid.minimum, days, lost)
        if day + 1 < horizon:
            _redden(day, here[:count], reds, days)
        rows = grown(rows, row_count + count)
        row_count = _keep_rows(day, now, shortfalls, row_of, rows, row_count)
        differ = shortfalls[:count] > 0.0
        nodes = grown(nodes, node_count + sendable(now, differ, grid.out))
        node_count = send(
            day, now, differ, grid.out, grid.out_customer, grid.out_lead, waiting, nodes, node_count, head
        )  # fmt: skip
    return (touched, row_count, visit_count, slot_count), (rows, visits, slots)
