"""Synthetic trade networks for benchmarks: seeded, heavy-tailed, closed or with sales that leave the network.

Sizes of firms follow a Pareto law, suppliers are drawn in proportion to size to the power 0.75, and each firm
has 4 to 5 links. Firms buy from equally many suppliers, or, harder, large firms from more (`buying`): a failure
reaches the hubs then, and with a hub half of the network.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGE_BUY_MORE", "Trade", "essentiality", "synthetic"]

TAIL = 1.25
# Large firms buy more: customers in proportion to size to this power.
LARGE_BUY_MORE = 0.5
LINKS_PER_FIRM = 4.75
NON_ESSENTIAL, ESSENTIAL = 1, 2


@dataclass(frozen=True, eq=False)
class Trade:
    """n firms and m yearly sales; no firm sells to itself, and a pair stands once."""

    supplier: NDArray[np.int32]  # [m]
    buyer: NDArray[np.int32]  # [m]
    value: NDArray[np.float64]  # [m] money a year
    industry: NDArray[np.int32]  # [n] 0..industries-1
    revenue: NDArray[np.float64]  # [n] sales inside the network and what leaves it
    industries: int

    @property
    def firms(self) -> int:
        """Number of firms."""
        return len(self.industry)

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.supplier)


def synthetic(firms: int, *, seed: int = 1, industries: int = 86, leak: float = 0.0, buying: float = 0.0) -> Trade:
    """A network of `firms` firms; `leak` is the share of each firm's sales that leaves the network, 0..1.

    The customer of a link is drawn in proportion to size to the power `buying`.
    """
    rng = np.random.default_rng(seed)
    # Quantiles of the law instead of draws: one freak firm would make the sizes incomparable.
    size = rng.permutation((np.arange(firms) + 0.5) / firms) ** (-1.0 / TAIL)
    drawn = int(LINKS_PER_FIRM * firms)
    weight = np.cumsum(size**0.75)
    supplier = np.searchsorted(weight, rng.random(drawn) * weight[-1]).astype(np.int64)
    attraction = np.cumsum(size**buying)
    buyer = np.searchsorted(attraction, rng.random(drawn) * attraction[-1]).astype(np.int64)
    pair = np.unique(supplier * firms + buyer)
    supplier, buyer = pair // firms, pair % firms
    keep = supplier != buyer
    supplier, buyer = supplier[keep], buyer[keep]
    value = np.sqrt(size[supplier] * size[buyer]) * rng.lognormal(0.0, 1.0, supplier.size)
    inside = np.bincount(supplier, value, minlength=firms)
    # A firm that sells to no firm sells to households only.
    revenue = np.where(inside > 0.0, inside / (1.0 - leak), size)
    industry = rng.integers(0, industries, firms).astype(np.int32)
    return Trade(supplier.astype(np.int32), buyer.astype(np.int32), value, industry, revenue, industries)


def essentiality(industries: int, *, seed: int = 2) -> NDArray[np.int8]:
    """[industries, industries] of input by user: 2 essential (30 %), 1 non-essential (50 %), 0 neither (20 %)."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((industries, industries))
    return np.where(drawn < 0.3, ESSENTIAL, np.where(drawn < 0.8, NON_ESSENTIAL, 0)).astype(np.int8)
