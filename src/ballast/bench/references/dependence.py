"""Dependence as one would write it at first: sparse iteration, removal one by one over all links, a dense inverse."""

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats
from ballast.core.network import Network

__all__ = ["foreign_by_iteration", "foreign_value_added", "stopped_without", "unsupplied_without"]


def foreign_by_iteration(network: Network, home: NDArray[np.integer], still: float = 1e-12) -> Floats:
    """[n] looked-through foreign share of each site, x = P x + b with SciPy's sparse matrices until it stands still."""
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    n = network.sites
    slots = np.maximum(1, np.bincount(network.slot_site, minlength=n))
    chance = network.link_share / slots[network.link_customer]
    abroad = home[network.link_supplier] != home[network.link_customer]
    ends = np.bincount(network.link_customer, np.where(abroad, chance, 0.0), minlength=n)
    moves = csr_array((np.where(abroad, 0.0, chance), (network.link_customer, network.link_supplier)), shape=(n, n))
    value = ends
    while True:
        after = moves @ value + ends
        if np.abs(after - value).max() <= still:
            return np.asarray(after)
        value = after


def stopped_without(network: Network, site: int) -> int:
    """Other sites that stop when one is removed; rounds over all links until nothing changes."""
    down = np.zeros(network.sites, dtype=bool)
    down[site] = True
    suppliers = np.bincount(network.link_slot, minlength=network.slots)
    while True:
        left = np.bincount(network.link_slot[~down[network.link_supplier]], minlength=network.slots)
        stops = network.slot_site[(suppliers > 0) & (left == 0) & network.slot_essential]
        if down[stops].all():
            return int(down.sum()) - 1
        down[stops] = True


def unsupplied_without(network: Network, via: NDArray[np.integer], site: int) -> Bools:
    """[s] slots that no source of their product reaches without a site; `via` [m] is the slot a link comes through."""
    reached = np.zeros(network.slots + 1, dtype=bool)
    reached[-1] = True  # a link through no slot (-1) comes from a source
    ships = network.link_supplier != site
    while True:
        before = int(reached.sum())
        reached[network.link_slot[ships & reached[via]]] = True
        if int(reached.sum()) == before:
            return ~reached[:-1]


def foreign_value_added(purchases: Floats, output: Floats, country: NDArray[np.integer]) -> Floats:
    """[n] foreign value added in a unit of output by the dense inverse."""
    coefficients = purchases / output
    inverse = np.linalg.inv(np.eye(output.size) - coefficients)
    added = (1.0 - coefficients.sum(axis=0))[:, None] * inverse
    found: Floats = (added * (country[:, None] != country[None, :])).sum(axis=0)
    return found
