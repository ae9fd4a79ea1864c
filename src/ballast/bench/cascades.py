"""Short walks downstream, as sweeps over all sites make them: what they cost is finding the next site in memory."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["walk"]


@njit(cache=True, nogil=True)
def walk(
    seeds: NDArray[np.int64],
    depth: int,  # links from the seed at which a walk ends
    supplier_links: NDArray[np.int64],
    links_by_supplier: NDArray[np.int32],
    link_slot: NDArray[np.int32],
    link_share: NDArray[np.float64],
    slot_site: NDArray[np.int32],
) -> tuple[int, float]:
    """(links visited, sum of what slots would lose) over the walks from all seeds; work arrays are reset by a list."""
    lost, met = np.zeros(slot_site.size), np.zeros(supplier_links.size, np.bool_)
    queue = np.empty(supplier_links.size, np.int64)
    visits, total = 0, 0.0
    for seed in seeds:
        queue[0], here, end = seed, 0, 1
        met[seed] = True
        for _ in range(depth):
            last = end
            while here < last:
                site = queue[here]
                here += 1
                for place in range(supplier_links[site], supplier_links[site + 1]):
                    link = links_by_supplier[place]
                    slot = link_slot[link]
                    lost[slot] += link_share[link]
                    customer = slot_site[slot]
                    visits += 1
                    if not met[customer]:
                        met[customer], queue[end] = True, customer
                        end += 1
        for site in queue[:end]:
            met[site] = False
            for place in range(supplier_links[site], supplier_links[site + 1]):
                slot = link_slot[links_by_supplier[place]]
                total += lost[slot]
                lost[slot] = 0.0
    return visits, total
