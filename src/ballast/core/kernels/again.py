"""The days of a forecast once more with other holds: visits only what comes out otherwise than in the full run."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner
from ballast.core.kernels.days import (
    COVER,
    column_of,
    grown,
    lane_of,
    mark,
    note,
    place,
    send,
    sendable,
    step,
    waiting_too,
)

__all__ = ["Full", "rerun"]


class Full(NamedTuple):
    """A run whose log was kept, as a run with something changed reads it."""

    local: NDArray[np.int32]  # [n] position among the touched sites, -1
    row_of: NDArray[np.int32]  # [n] row of the shortfalls; 0 for a site that was never short
    rows: NDArray[np.float64]  # [r, horizon] the first is 0
    start: NDArray[np.int64]  # [k + 1] first slot of each touched site in the next one
    cover: NDArray[np.float64]  # cover after the last day
    visit_start: NDArray[np.int64]  # [k + 1] first visit of each touched site in the next two
    visit_day: NDArray[np.int64]  # ascending for each site
    visit_slot: NDArray[np.int64]  # first row of the visit's slots in the next one
    slots: NDArray[np.float64]  # [w, 2]


@inner
def _visit_from(full, here, day):
    """Position of the touched site's first visit on the day or later; its end when there is none."""
    first, last = full.visit_start[here], full.visit_start[here + 1]
    while first < last:
        middle = (first + last) // 2
        if full.visit_day[middle] < day:
            first = middle + 1
        else:
            last = middle
    return first


@inner
def _covers_at(grid, full, site, day, covers):
    """Covers of the site at the start of a day in the full run; they stand still between visits."""
    first, last, here = grid.site_slots[site], grid.site_slots[site + 1], full.local[site]
    visit = _visit_from(full, here, day) if here >= 0 else 0
    for k in range(last - first):
        if here < 0:
            covers[k] = grid.cover[first + k]
        elif visit < full.visit_start[here + 1]:
            covers[k] = full.slots[full.visit_slot[visit] + k, COVER]
        else:
            covers[k] = full.cover[full.start[here] + k]


@inner
def _changed(full_taken, taken, changed, loss, lanes, day, today, seen):
    """Today's sites on which the events act otherwise than in the full run; returns their number."""
    count = np.int64(0)
    for k in range(changed.size):
        if loss[day, k] != full_taken.loss[day, changed[k]]:
            count = note(today, count, seen, full_taken.sites[changed[k]], day)
    for held in lanes:
        sent = day - taken.leads[held]
        if sent >= 0 and taken.left[sent, held] != full_taken.left[sent, held]:
            count = note(today, count, seen, taken.customers[held], day)
    return count


@inner
def _visited(full, sites, differs, joined, day, today, count, seen):
    """Add the sites whose stocks differ and that the full run visits today."""
    for j in range(joined):
        here = full.local[sites[j]]
        if differs[j] and here >= 0:
            visit = _visit_from(full, here, day)
            if visit < full.visit_start[here + 1] and full.visit_day[visit] == day:
                count = note(today, count, seen, sites[j], day)
    return count


@inner
def _join_again(grid, full, full_taken, todays, joined, sites, columns, row_of, rows, start, differs, refused):
    """Sites that differ for the first time take over the full run's shortfalls; returns how many have joined."""
    for site in todays:
        if row_of[site] < 0:
            continue
        for day in range(rows.shape[1]):
            rows[joined, day] = full.rows[row_of[site], day]
        sites[joined] = site
        columns[joined, 0], columns[joined, 1] = column_of(full_taken, site), lane_of(grid, full_taken, site)
        start[joined + 1] = start[joined] + grid.site_slots[site + 1] - grid.site_slots[site]
        differs[joined] = False
        for slot in range(start[joined], start[joined + 1]):
            refused[slot] = 0.0
        row_of[site] = -1 - joined
        joined += 1
    return joined


@inner
def _begin_again(
    grid, full, full_taken, changed, loss, day, todays, row_of, columns, start, differs, here, begins, losses, helds,
    cover,
):  # fmt: skip
    """As `_begin`; sites whose stocks did not differ take over those of the full run."""
    for k in range(todays.size):
        j = -1 - row_of[todays[k]]
        here[k], begins[k], losses[k], helds[k] = j, start[j], 0.0, columns[j, 1]
        column = columns[j, 0]
        if column >= 0:
            at = place(changed, column)
            again = at < changed.size and changed[at] == column
            losses[k] = loss[day, at] if again else full_taken.loss[day, column]
        if not differs[j]:
            _covers_at(grid, full, todays[k], day, cover[start[j] : start[j + 1]])


@inner
def _compare(grid, full, day, todays, here, begins, start, cover, shortfalls, rows, differs, differ, spare):
    """Write today's shortfalls and whether they and tomorrow's covers differ from those of the full run."""
    for k in range(todays.size):
        j = here[k]
        before = full.rows[full.row_of[todays[k]], day]
        rows[j, day] = shortfalls[k]
        differ[k] = shortfalls[k] != before
        differs[j] = False
        _covers_at(grid, full, todays[k], day + 1, spare)
        for slot in range(start[j + 1] - start[j]):
            if cover[begins[k] + slot] != spare[slot]:
                differs[j] = True


@entry
def rerun(grid, full, full_taken, taken, changed, loss, lanes, horizon, work, differs, differ, spare):
    """The days with other holds: visits only what comes out otherwise than in the full run.

    `taken` has the lanes as they now are; `changed` are the columns of `full_taken.sites` whose loss is now `loss`,
    `lanes` the held links whose capacity changed. `work` begins with the full run's rows; `differs` and `differ` [n]
    are for marks, `spare` for the covers of one site. Answers how many sites differ (j), and their shortfalls in a
    longer array; `work` then has their sites [j], days [j, 4] without the red and lost [j]. All others are as in the
    full run.
    """
    (
        row_of, seen, waiting, today, sites, here, columns, begins, helds, losses, shortfalls, reds, days, lost, start,
        cover, refused, depth, head, nodes, rows,
    ) = work  # fmt: skip
    joined = node_count = np.int64(0)
    for day in range(horizon):
        count = _changed(full_taken, taken, changed, loss, lanes, day, today, seen)
        count = _visited(full, sites, differs, joined, day, today, count, seen)
        count = waiting_too(nodes, head[day], day, today, count, seen, waiting)
        now = today[:count]
        rows = grown(rows, joined + count)
        joined = _join_again(grid, full, full_taken, now, joined, sites, columns, row_of, rows, start, differs, refused)
        _begin_again(
            grid, full, full_taken, changed, loss, day, now, row_of, columns, start, differs, here, begins, losses,
            helds, cover,
        )  # fmt: skip
        step(
            day, now, begins, losses, helds, grid.site_slots, grid.slot_links, grid.supplier, grid.share, grid.lead,
            grid.essential, grid.weight, grid.gap, grid.target, taken.links, taken.left, row_of, full.rows, rows, cover,
            refused, depth, shortfalls, reds,
        )  # fmt: skip
        _compare(grid, full, day, now, here, begins, start, cover, shortfalls, rows, differs, differ, spare)
        nodes = grown(nodes, node_count + sendable(now, differ, grid.out))
        node_count = send(
            day, now, differ, grid.out, grid.out_customer, grid.out_lead, waiting, nodes, node_count, head
        )  # fmt: skip
    for j in range(joined):
        here[j], lost[j] = j, 0.0
        for column in range(4):
            days[j, column] = -1
    for day in range(horizon):
        for j in range(joined):
            shortfalls[j] = rows[j, day]
        mark(day, sites[:joined], here[:joined], shortfalls[:joined], grid.minimum, days, lost)
    return joined, rows
