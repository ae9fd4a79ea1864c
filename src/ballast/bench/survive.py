"""Time to survive: one model of which only bounds change, beside a program built anew for each node."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.optimize import linprog  # type: ignore[import-untyped]

from ballast.bench.timing import Row, best, peak_mib
from ballast.core.survive import LONGEST, Chain, Survival, survive_chain

__all__ = ["plain_time", "rows", "three_tiers"]

# Nodes that the reference solves; all would take too long.
SAMPLE = 10


def three_tiers(nodes: int, *, seed: int = 1) -> Chain:
    """Products, suppliers and twice as many sub-suppliers as in the published stress test: 2 to 5 to 10."""
    rng = np.random.default_rng(seed)
    first, second = nodes * 2 // 17, nodes * 5 // 17
    third = nodes - first - second
    materials = -(-second // 3)
    tier2, tier3 = first + np.arange(second), first + second + np.arange(third)
    supplier, customer = [], []
    for node in tier2:
        for product in rng.choice(first, int(rng.integers(1, 4)), replace=False):
            supplier.append(node)
            customer.append(product)
    for place, node in enumerate(tier3):
        supplier.append(node)
        customer.append(tier2[min(second - 1, place // 2 + int(rng.integers(0, 2)) * (place % 2))])
    made = np.concatenate([np.full(first, -1), np.arange(second) // 3, materials + np.arange(third) // 2])
    key = np.array(customer, dtype=np.int64) * (materials + third) + made[supplier]
    slots, slot_of = np.unique(key, return_inverse=True)
    ends = np.arange(nodes) < first
    return Chain(
        demand=np.where(ends, rng.integers(500, 1001, nodes), 0.0).astype(np.float64),
        margin=np.where(ends, rng.uniform(0.05, 0.3, nodes).round(2), 0.0),
        capacity=rng.integers(1500, 3001, nodes).astype(np.float64),
        stock=rng.integers(1500, 3001, nodes).astype(np.float64),
        slot_site=slots // (materials + third),
        slot_use=np.ones(slots.size),
        slot_stock=np.zeros(slots.size),
        slot_outside=np.zeros(slots.size),
        slot_weight=np.full(slots.size, np.nan),
        link_supplier=np.array(supplier, dtype=np.int64),
        link_slot=slot_of.astype(np.int64),
        link_take=np.ones(len(supplier)),
        link_on_way=np.zeros(len(supplier)),
    )


def plain_time(chain: Chain, node: int) -> float:
    """Days to survive with the node stopped: made, brought and delivered, and days, as one program for SciPy."""
    n, s, m = chain.demand.size, chain.slot_site.size, chain.link_slot.size
    made, brought, delivered, days = np.arange(n), n + np.arange(m), n + m + np.arange(n), 2 * n + m
    goods, demand, capacity = s + made, s + n + made, s + 2 * n + made
    entries = [
        (np.arange(s), chain.slot_site, chain.slot_use),
        (chain.link_slot, brought, -np.ones(m)),
        (s + chain.link_supplier, brought, chain.link_take),
        (goods, delivered, np.ones(n)),
        (goods, made, -np.ones(n)),
        (demand, np.full(n, days), chain.demand),
        (demand, delivered, -np.ones(n)),
        (capacity, made, np.ones(n)),
        (capacity, np.full(n, days), -chain.capacity),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    matrix = sparse.coo_matrix((value, (row, column)), shape=(s + 3 * n, days + 1)).tocsr()
    limits = np.concatenate([chain.slot_stock, chain.stock, np.zeros(2 * n)])
    upper = np.full(days + 1, np.inf)
    upper[node], upper[days] = 0.0, LONGEST
    cost = np.zeros(days + 1)
    cost[days] = -1.0
    found = linprog(cost, A_ub=matrix, b_ub=limits, bounds=np.stack([np.zeros(days + 1), upper], axis=1))
    return float(-found.fun)


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """Every supplier of a chain of three tiers stopped alone; 1,700 nodes are the case of the published stress test."""
    for size in sizes:
        chain = three_tiers(size)
        nodes = np.flatnonzero(chain.demand == 0.0)
        seconds, found = best(lambda c=chain, k=nodes: _ours(c, k), repeat, warm=False)  # type: ignore[misc]
        chosen = nodes[:: max(1, nodes.size // SAMPLE)]
        plain, times = best(lambda c=chain, k=chosen: [plain_time(c, node) for node in k], 1)  # type: ignore[misc]
        ours = np.minimum(found.time_to_survive, LONGEST)[np.isin(nodes, chosen)]
        yield Row(
            model="time to survive",
            question=f"each of {nodes.size:,} nodes stopped alone",
            size=f"{size:,} nodes / {chain.link_slot.size:,} links",
            seconds=seconds,
            reference="SciPy linprog, a program for each node",
            reference_seconds=plain / chosen.size * nodes.size,
            difference=float(np.abs(ours - times).max()),
            goal="1,500 of 1,700 nodes <= 10 s, exact to 1e-6" if size == 1700 else "",
            met=seconds <= 10.0 and bool(np.allclose(ours, times, rtol=1e-6)) if size == 1700 else None,
            memory_mib=peak_mib(),
            note=f"reference from {chosen.size} nodes",
        )


def _ours(chain: Chain, nodes: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Survival:
    return survive_chain(chain, nodes.tolist(), np.full(chain.demand.size, np.nan))
