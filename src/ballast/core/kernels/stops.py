"""Earliest stop times: losses and empty slots in the order of time, from a heap; costs what a failure touches."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = [
    "Supply",
    "Touches",
    "Work",
    "bounded_pairs",
    "clear",
    "damage",
    "downstream",
    "pairs",
    "stop_times",
    "sweep",
    "touched_slots",
    "work",
]

TOLERANCE = 1e-9


class Supply(NamedTuple):
    """A network as stop times read it: n sites, s slots, m links in the order of their suppliers."""

    out: NDArray[np.int64]  # [n + 1] first link of each supplier
    slot: NDArray[np.int32]  # [m] slot that the link fills
    share: NDArray[np.float64]  # [m]
    lead: NDArray[np.float64]  # [m] days
    only: NDArray[np.bool_]  # [m] nothing else fills the slot
    essential: NDArray[np.bool_]  # [s]
    site: NDArray[np.int32]  # [s]
    base: NDArray[np.float64]  # [s] normal arrivals a day
    cover: NDArray[np.float64]  # [s] days
    limit: NDArray[np.float64]  # [n] a slot holds its site up when less than this share still arrives
    value: NDArray[np.float64]  # [n] value of a day


class Touches(NamedTuple):
    """What each failure alone takes from which slot, t entries: by failed site, and by slot with the largest first.

    Slots that one link alone fills are left out: two failures take no more from them than the earlier one.
    """

    start: NDArray[np.int64]  # [n + 1]
    slot: NDArray[np.int32]  # [t]
    lost: NDArray[np.float64]  # [t] share of the normal use
    link: NDArray[np.int64]  # [t] the link that is lost, -1 for several
    slot_start: NDArray[np.int64]  # [s + 1]
    site: NDArray[np.int32]  # [t]
    slot_lost: NDArray[np.float64]  # [t]
    slot_link: NDArray[np.int64]  # [t]


class Work(NamedTuple):
    """Work arrays of one thread; reset by what was touched."""

    stop: NDArray[np.float64]  # [n] inf for a site that runs
    by: NDArray[np.int32]  # [n] slot that stopped it, -1
    lost: NDArray[np.float64]  # [s]
    left: NDArray[np.float64]  # [s] cover at `last`
    last: NDArray[np.float64]  # [s] time of the last loss; -1 for an untouched slot
    link: NDArray[np.int64]  # [s] the link that is lost, -1 for several
    due: NDArray[np.float64]  # [s] when the slot is empty as things stand
    sites: NDArray[np.int32]  # [n] stopped, in the order of time
    slots: NDArray[np.int32]  # [s] touched, of those that several links fill
    when: NDArray[np.float64]  # heap
    what: NDArray[np.int64]  # heap: a link, or m + slot


def work(supply: "Supply") -> Work:
    """Empty work arrays; memory that is not written is not taken."""
    n, s, m = supply.limit.size, supply.cover.size, supply.slot.size
    return Work(
        np.full(n, np.inf), np.full(n, -1, np.int32), np.zeros(s), np.zeros(s), np.full(s, -1.0),
        np.full(s, -1, np.int64), np.zeros(s), np.empty(n, np.int32), np.empty(s, np.int32),
        np.empty(2 * m + 2), np.empty(2 * m + 2, np.int64),
    )  # fmt: skip


@inner
def _push(when, what, size, time, code):
    """Put an entry on the heap; entries of one time stand in the order of their codes."""
    place = size
    while place > 0:
        above = (place - 1) // 2
        if when[above] < time or (when[above] == time and what[above] <= code):
            break
        when[place], what[place] = when[above], what[above]
        place = above
    when[place], what[place] = time, code
    return size + 1


@inner
def _pop(when, what, size):
    """Take the first entry off the heap; it is put behind the last one."""
    size -= 1
    first, which = when[0], what[0]
    time, code = when[size], what[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        right = below + 1
        if right < size and (when[right] < when[below] or (when[right] == when[below] and what[right] < what[below])):
            below = right
        if time < when[below] or (time == when[below] and code <= what[below]):
            break
        when[place], what[place] = when[below], what[below]
        place = below
    when[place], what[place] = time, code
    when[size], what[size] = first, which
    return size


@entry
def stop_times(supply, w, failed, horizon):
    """Stop times when the listed sites fail at 0; returns (stopped sites, touched slots). Fills `w`.

    A slot with one link is empty a fixed time after its supplier stopped, so its only entry on the heap is that time.
    """
    out, slot_of, share, lead, only = supply.out, supply.slot, supply.share, supply.lead, supply.only
    essential, site_of, base, cover, limit = supply.essential, supply.site, supply.base, supply.cover, supply.limit
    stop, by, lost, left, last, due, sites, slots = w.stop, w.by, w.lost, w.left, w.last, w.due, w.sites, w.slots
    when, what = w.when, w.what
    m = slot_of.size
    stopped = touched = size = np.int64(0)
    for site in failed:
        if stop[site] > 0.0:
            stop[site] = 0.0
            sites[stopped] = site
            stopped += 1
    sent = 0
    while True:
        while sent < stopped:
            here = sites[sent]
            for link in range(out[here], out[here + 1]):
                slot, time = slot_of[link], stop[here] + lead[link]
                site = site_of[slot]
                if not essential[slot] or time >= horizon or stop[site] <= time:
                    continue
                if not only[link]:
                    size = _push(when, what, size, time, link)
                elif share[link] > 0.0 and base[slot] - share[link] < limit[site] - TOLERANCE:
                    due[slot] = time + cover[slot] / share[link]
                    if due[slot] < horizon and stop[site] > due[slot]:
                        size = _push(when, what, size, due[slot], m + slot)
            sent += 1
        if size == 0:
            break
        size = _pop(when, what, size)
        time, code = when[size], what[size]
        slot = slot_of[code] if code < m else np.int32(code - m)
        site = site_of[slot]
        if stop[site] <= time:
            continue
        if code < m:
            if last[slot] < 0.0:
                slots[touched] = slot
                touched += 1
                left[slot], lost[slot], w.link[slot] = cover[slot], 0.0, code
            else:
                left[slot] = max(0.0, left[slot] - lost[slot] * (time - last[slot]))
                w.link[slot] = -1
            last[slot] = time
            lost[slot] += share[code]
            if lost[slot] > 0.0 and base[slot] - lost[slot] < limit[site] - TOLERANCE:
                due[slot] = time + left[slot] / lost[slot]
                if due[slot] < horizon:
                    size = _push(when, what, size, due[slot], m + slot)
        elif due[slot] == time:
            stop[site], by[site] = time, slot
            sites[stopped] = site
            stopped += 1
    return stopped, touched


@inner
def clear(w, stopped, touched):
    """Make the work arrays as new."""
    for k in range(stopped):
        w.stop[w.sites[k]] = np.inf
        w.by[w.sites[k]] = -1
    for k in range(touched):
        w.last[w.slots[k]] = -1.0


@entry
def damage(supply, w, stopped, horizon):
    """Value lost by the stopped sites within the horizon, added up in the order of time."""
    total = 0.0
    for site in w.sites[:stopped]:
        total += supply.value[site] * (horizon - w.stop[site])
    return total


@entry
def sweep(supply, w, first, last, horizon):
    """([k] sites that stop with each single failure, itself among them, [k] value lost) of sites first..last."""
    one = np.empty(1, np.int64)
    counts, lost = np.empty(last - first, np.int64), np.empty(last - first)
    for site in range(first, last):
        one[0] = site
        stopped, touched = stop_times(supply, w, one, horizon)
        counts[site - first], lost[site - first] = stopped, damage(supply, w, stopped, horizon)
        clear(w, stopped, touched)
    return counts, lost


@entry
def touched_slots(supply, w, first, last, horizon):
    """What each single failure takes from slots that several links fill (Touches).

    [k + 1] offsets; slots, the share that each loses, and the link that is lost, -1 for several.
    """
    one = np.empty(1, np.int64)
    offsets, found, lost, count = (
        np.zeros(last - first + 1, np.int64),
        np.empty(1024, np.int32),
        np.empty(1024),
        np.int64(0),
    )
    link = np.empty(1024, np.int64)
    for site in range(first, last):
        one[0] = site
        stopped, touched = stop_times(supply, w, one, horizon)
        if count + touched > found.size:
            found, lost = _longer(found, count, touched), _longer(lost, count, touched)
            link = _longer(link, count, touched)
        slots = np.sort(w.slots[:touched])
        for k in range(touched):
            found[count + k], lost[count + k], link[count + k] = slots[k], w.lost[slots[k]], w.link[slots[k]]
        count += touched
        offsets[site - first + 1] = count
        clear(w, stopped, touched)
    return offsets, found[:count].copy(), lost[:count].copy(), link[:count].copy()


@inner
def _longer(values, count, more):
    """The first `count` values with room for `more` and as many again."""
    larger = np.empty(2 * (count + more), values.dtype)
    for k in range(count):
        larger[k] = values[k]
    return larger


@entry
def bounded_pairs(supply, touches, alone, below, bar, first, last):
    """(codes, bounds) of the pairs i < j, i in first..last, that do more together and lose more than `bar` at most.

    They do where what they take from one slot leaves its site less than it needs, and is not the same link. All that
    then differs stands downstream of the sites of such slots, and of both: `below` [n] is the money that stands
    downstream of each site, of which it loses `alone` [n] by itself.
    """
    n = supply.limit.size
    more, partners, count = np.zeros(n), np.empty(n, np.int32), np.int64(0)
    codes, most = np.empty(1024, np.int64), np.empty(1024)
    for site in range(first, last):
        met = np.int64(0)
        for k in range(touches.start[site], touches.start[site + 1]):
            slot = touches.slot[k]
            behind = below[supply.site[slot]]
            needed = supply.base[slot] - supply.limit[supply.site[slot]] - TOLERANCE - touches.lost[k]
            if behind == 0.0:
                continue
            for q in range(touches.slot_start[slot], touches.slot_start[slot + 1]):
                if touches.slot_lost[q] <= needed:
                    break
                other = touches.site[q]
                if other > site and (touches.link[k] < 0 or touches.link[k] != touches.slot_link[q]):
                    if more[other] == 0.0:
                        partners[met] = other
                        met += 1
                    more[other] += behind
        if count + met > codes.size:
            codes, most = _longer(codes, count, met), _longer(most, count, met)
        for other in partners[:met]:
            bound = alone[site] + alone[other]
            bound += min(more[other], below[site] - alone[site], below[other] - alone[other])
            more[other] = 0.0
            if bound > bar:
                codes[count], most[count] = np.int64(site) * n + other, bound
                count += 1
    return codes[:count].copy(), most[:count].copy()


@entry
def pairs(supply, w, ones, others, first, last, horizon):
    """([k] sites that stop, [k] value lost) when both sites of pairs first..last fail."""
    two = np.empty(2, np.int64)
    counts, lost = np.empty(last - first, np.int64), np.empty(last - first)
    for k in range(first, last):
        two[0], two[1] = ones[k], others[k]
        stopped, touched = stop_times(supply, w, two, horizon)
        counts[k - first], lost[k - first] = stopped, damage(supply, w, stopped, horizon)
        clear(w, stopped, touched)
    return counts, lost


@entry
def downstream(supply, first, last):
    """[k] value of a day of each site first..last and of all that stands downstream of it over essential links."""
    n = supply.limit.size
    seen, agenda, found = np.full(n, -1, np.int64), np.empty(n, np.int32), np.empty(last - first)
    for seed in range(first, last):
        agenda[0], seen[seed], count, done, total = seed, seed, 1, 0, 0.0
        while done < count:
            here = agenda[done]
            done += 1
            total += supply.value[here]
            for link in range(supply.out[here], supply.out[here + 1]):
                customer = supply.site[supply.slot[link]]
                if supply.essential[supply.slot[link]] and seen[customer] != seed:
                    seen[customer] = seed
                    agenda[count] = customer
                    count += 1
        found[seed - first] = total
    return found
