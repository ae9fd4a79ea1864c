"""Sites in the order of a walk over their links, breadth first (core/locality.py)."""

import numpy as np
from numpy.typing import NDArray

from ballast.core.kernels.compiled import entry

__all__ = ["breadth_first"]


@entry
def breadth_first(
    starts: NDArray[np.int64],  # [n] where to begin, and to go on when all that hangs together is walked
    site_slots: NDArray[np.int64],  # [n + 1]
    slot_links: NDArray[np.int64],  # [s + 1]
    link_supplier: NDArray[np.int32],  # [m]
    supplier_links: NDArray[np.int64],  # [n + 1]
    links_by_supplier: NDArray[np.int32],  # [m]
    link_customer: NDArray[np.int32],  # [m]
) -> NDArray[np.int32]:
    """[n] every site once: from each site first its customers, then its suppliers."""
    order = np.empty(starts.size, np.int32)
    met = np.zeros(starts.size, np.bool_)
    here = end = 0
    for start in starts:
        if not met[start]:
            met[start], order[end] = True, start
            end += 1
        while here < end:
            site = order[here]
            here += 1
            for place in range(supplier_links[site], supplier_links[site + 1]):
                other = link_customer[links_by_supplier[place]]
                if not met[other]:
                    met[other], order[end] = True, other
                    end += 1
            for link in range(slot_links[site_slots[site]], slot_links[site_slots[site + 1]]):
                other = link_supplier[link]
                if not met[other]:
                    met[other], order[end] = True, other
                    end += 1
    return order
