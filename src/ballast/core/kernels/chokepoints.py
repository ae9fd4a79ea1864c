"""Dominators of the supply of each product, and the slots that a group of sites cuts off."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry, inner

__all__ = ["Graph", "cut", "dominators"]

UP, DOWN = 0, 1


class Graph(NamedTuple):
    """Who can supply whom, as the loops read it. n sites, s slots, q live links: by supplier, then by slot."""

    out: NDArray[np.int64]  # [n + 1] where the links of each supplier begin in the next two
    slot: NDArray[np.int32]  # [q] slot that the link fills
    via: NDArray[np.int32]  # [q] slot of the supplier without which it ships none; -1 when it is a source
    into: NDArray[np.int64]  # [s + 1] where the links into each slot begin in the next two
    supplier: NDArray[np.int32]  # [q]
    into_via: NDArray[np.int32]  # [q]
    supplied: NDArray[np.bool_]  # [s] whether any source reaches the slot
    open: NDArray[np.bool_]  # [s] supplied from outside the tables too
    site: NDArray[np.int32]  # [s]
    essential: NDArray[np.bool_]  # [s]


@inner
def _postorder(root, starts, heads):
    """(nodes that the root reaches in postorder, their number); the root stands last."""
    nodes = starts.size - 1
    order = np.empty(nodes, np.int32)
    seen = np.zeros(nodes, np.bool_)
    stack = np.empty(nodes, np.int64)
    at = starts[:-1].copy()
    stack[0], depth, placed = root, 1, 0
    seen[root] = True
    while depth:
        node = stack[depth - 1]
        if at[node] == starts[node + 1]:
            order[placed] = node
            placed += 1
            depth -= 1
            continue
        head = heads[at[node]]
        at[node] += 1
        if not seen[head]:
            seen[head] = True
            stack[depth] = head
            depth += 1
    return order, placed


@inner
def _meet(one, two, parent, number):
    """The nearest node that dominates both."""
    while one != two:
        while number[one] < number[two]:
            one = parent[one]
        while number[two] < number[one]:
            two = parent[two]
    return one


@entry
def dominators(root, starts, heads, back, tails):
    """[nodes] the immediate dominator of each node; -1 for the root and what it does not reach.

    Successors stand in heads[starts[v]:starts[v + 1]], predecessors in tails[back[v]:back[v + 1]].
    """
    order, placed = _postorder(root, starts, heads)
    number = np.full(starts.size - 1, -1, np.int64)
    for k in range(placed):
        number[order[k]] = k
    parent = np.full(starts.size - 1, -1, np.int64)
    parent[root] = root
    changed = True
    while changed:
        changed = False
        for k in range(placed - 2, -1, -1):
            node = order[k]
            found = -1
            for a in range(back[node], back[node + 1]):
                tail = tails[a]
                if parent[tail] >= 0:
                    found = tail if found < 0 else _meet(tail, found, parent, number)
            if found != parent[node]:
                parent[node] = found
                changed = True
    parent[root] = -1
    return parent


@inner
def _mark(graph, site, via, state, work, count):
    """Mark the slots that a site fills, through its slot `via` only if that is not -1; (slots marked so far)."""
    for k in range(graph.out[site], graph.out[site + 1]):
        slot = graph.slot[k]
        if (via < 0 or graph.via[k] == via) and state[slot] == UP:
            state[slot] = DOWN
            work[count] = slot
            count += 1
    return count


@inner
def _safe(graph, slot, own, state):
    """Whether supply reaches the slot past all that is marked."""
    if graph.open[slot]:
        return True
    for k in range(graph.into[slot], graph.into[slot + 1]):
        via = graph.into_via[k]
        if not own[graph.supplier[k]] and (via < 0 or (state[via] == UP and graph.supplied[via])):
            return True
    return False


@inner
def _rescue(graph, first, own, state, work):
    """Take the mark from a slot that supply reaches, and from all that it supplies."""
    state[first] = UP
    work[0], depth = first, 1
    while depth:
        depth -= 1
        via = work[depth]
        if not graph.essential[via] or own[graph.site[via]]:
            continue
        for k in range(graph.out[graph.site[via]], graph.out[graph.site[via] + 1]):
            slot = graph.slot[k]
            if graph.via[k] == via and state[slot] == DOWN:
                state[slot] = UP
                work[depth] = slot
                depth += 1


@inner
def _doubled(pairs):
    """The same pairs with room for as many again."""
    size = pairs.shape[1]
    more = np.empty((2, 2 * size), np.int64)
    for k in range(size):
        more[0, k], more[1, k] = pairs[0, k], pairs[1, k]
    return more


@entry
def cut(graph, members, offsets, start, stop):
    """Slots of other groups' sites that lose all supply of their product with groups start..stop.

    (group, slot) in the two rows of the first answer, as many as the second says.
    First all that lies downstream is marked, then what a source outside the group still reaches is freed.
    """
    state, own = np.zeros(graph.supplied.size, np.int8), np.zeros(graph.out.size - 1, np.bool_)
    marked, work = np.empty(state.size, np.int64), np.empty(state.size, np.int64)
    pairs, found = np.empty((2, 1024), np.int64), 0
    for group in range(start, stop):
        count, at = 0, 0
        for k in range(offsets[group], offsets[group + 1]):
            own[members[k]] = True
            count = _mark(graph, members[k], -1, state, marked, count)
        while at < count:
            slot = marked[at]
            at += 1
            if graph.essential[slot] and not own[graph.site[slot]]:
                count = _mark(graph, graph.site[slot], slot, state, marked, count)
        for k in range(count):
            if state[marked[k]] == DOWN and _safe(graph, marked[k], own, state):
                _rescue(graph, marked[k], own, state, work)
        for k in range(count):
            slot = marked[k]
            if state[slot] == DOWN and graph.supplied[slot] and not own[graph.site[slot]]:
                if found == pairs.shape[1]:
                    pairs = _doubled(pairs)
                pairs[0, found], pairs[1, found] = group, slot
                found += 1
            state[slot] = UP
        for k in range(offsets[group], offsets[group + 1]):
            own[members[k]] = False
    return pairs, found
