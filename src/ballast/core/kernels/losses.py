"""What stops with each of many groups: every loss is worked out on top of the largest loss that it contains."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["Chain", "components", "largest_within", "stopped"]


class Chain(NamedTuple):
    """Who stops with whom, as the loops read it. n sites, s slots, q live links by supplier."""

    out: NDArray[np.int64]  # [n + 1] where the links of each supplier begin in the next
    slot: NDArray[np.int32]  # [q] slot that the link fills
    site: NDArray[np.int32]  # [s]
    suppliers: NDArray[np.int32]  # [s] live links into the slot; none where its loss stops nothing


@entry
def components(starts, heads):
    """(component of each node, their number): strongly connected ones, a component after those that it leads to.

    Tarjan 1972, without recursion. O(nodes + edges).
    """
    n = starts.size - 1
    label, index, low = np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.empty(n, np.int64)
    held, calls, at = np.empty(n, np.int64), np.empty(n, np.int64), starts[:-1].copy()
    count, number, top = 0, 0, 0
    for root in range(n):
        if index[root] >= 0:
            continue
        calls[0], depth = root, 1
        while depth:
            node = calls[depth - 1]
            if index[node] < 0:
                index[node] = low[node] = number
                number += 1
                held[top] = node
                top += 1
            if at[node] < starts[node + 1]:
                head = heads[at[node]]
                at[node] += 1
                if index[head] < 0:
                    calls[depth] = head
                    depth += 1
                elif label[head] < 0:
                    low[node] = min(low[node], index[head])
                continue
            depth -= 1
            if depth:
                low[calls[depth - 1]] = min(low[calls[depth - 1]], low[node])
            if low[node] == index[node]:
                while label[node] < 0:
                    top -= 1
                    label[held[top]] = count
                count += 1
    return label, count


@entry
def largest_within(label, order, most, starts, heads):
    """[count] the component among those that each leads to that should stop the most; -1 for none.

    `order` are the nodes by component; `most` [count] the size of each component, which becomes the estimate: the sites
    on the way to the end. It decides how fast the answer comes, not what it is.
    """
    within = np.full(most.size, -1, np.int64)
    for k in range(order.size):
        node = order[k]
        mine = label[node]
        for a in range(starts[node], starts[node + 1]):
            other = label[heads[a]]
            if other != mine and (within[mine] < 0 or most[other] > most[within[mine]]):
                within[mine] = other
        last = k + 1 == order.size or label[order[k + 1]] != mine
        if last and within[mine] >= 0:
            most[mine] += most[within[mine]]
    return within


@inner
def _add(site, down, fell, at):
    """Let a site stop; what stops with it follows in _close."""
    if not down[site]:
        down[site] = True
        fell[at[1]] = site
        at[1] += 1


@inner
def _close(chain, left, down, log, fell, at, head):
    """Let all stop that loses the last supplier of an input, from the stop number `head` on."""
    while head < at[1]:
        site = fell[head]
        head += 1
        for k in range(chain.out[site], chain.out[site + 1]):
            slot = chain.slot[k]
            left[slot] -= 1
            log[at[0]] = slot
            at[0] += 1
            if left[slot] == 0:
                _add(chain.site[slot], down, fell, at)


@inner
def _undo(left, down, log, fell, at, logged, fallen):
    """All as it was after so many links and stops."""
    for k in range(logged, at[0]):
        left[log[k]] += 1
    for k in range(fallen, at[1]):
        down[fell[k]] = False
    at[0], at[1] = logged, fallen


@inner
def _sum(value, sites, start, stop, total):
    for k in range(start, stop):
        total += value[sites[k]]
    return total


@entry
def stopped(chain, value, first, inner, inner_starts, members, member_starts, held, held_starts):
    """[groups, 2] (other sites that stop with each group, their value).

    A tree of losses: node c lets site `first[c]` stop on top of all that has stopped at the node above; its
    children stand in inner[inner_starts[c]:...], the groups that contain its loss in held[held_starts[c]:...].
    The last node is the root and stops nothing.
    """
    left, down = chain.suppliers.copy(), np.zeros(chain.out.size - 1, np.bool_)
    log, fell, at = np.empty(chain.slot.size, np.int64), np.empty(down.size, np.int64), np.zeros(2, np.int64)
    found = np.zeros((held.size, 2))
    root = first.size
    path, turn = np.empty(root + 1, np.int64), inner_starts.copy()
    links, stops, sums = np.zeros(root + 2, np.int64), np.zeros(root + 2, np.int64), np.zeros(root + 2)
    path[0], depth = root, 1
    while depth:
        node = path[depth - 1]
        if turn[node] == inner_starts[node + 1]:
            depth -= 1
            _undo(left, down, log, fell, at, links[depth], stops[depth])
            continue
        child = inner[turn[node]]
        turn[node] += 1
        links[depth], stops[depth] = at[0], at[1]
        _add(first[child], down, fell, at)
        _close(chain, left, down, log, fell, at, stops[depth])
        sums[depth + 1] = _sum(value, fell, stops[depth], at[1], sums[depth])
        logged, fallen = at[0], at[1]
        for k in range(held_starts[child], held_starts[child + 1]):
            start, end = member_starts[held[k]], member_starts[held[k] + 1]
            for j in range(start, end):
                _add(members[j], down, fell, at)
            _close(chain, left, down, log, fell, at, fallen)
            found[held[k], 0] = at[1] - (end - start)
            if at[1] > end - start:
                mine = _sum(value, members, start, end, 0.0)
                found[held[k], 1] = _sum(value, fell, fallen, at[1], sums[depth + 1]) - mine
            _undo(left, down, log, fell, at, logged, fallen)
        path[depth] = child
        depth += 1
    return found
