"""The cascade of one failed firm written plainly with sparse matrices: every link again in every step."""

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats
from ballast.core.systemic_risk.trade_network import TradeNetwork

__all__ = ["Rescan"]


class Rescan:
    """Diem et al. 2022, synchronous steps over the whole network."""

    def __init__(self, network: TradeNetwork) -> None:
        """Make the matrices of a network."""
        from scipy.sparse import csr_array  # type: ignore[import-untyped]

        self.network = network
        filled = network.slot >= 0
        slots, firms = network.slots, network.firms
        self.down = csr_array(
            (network.input_share[filled], (network.slot[filled], network.supplier[filled])), shape=(slots, firms)
        )
        self.up = csr_array((network.sales_share, (network.supplier, network.buyer)), shape=(firms, firms))
        self.buyers: NDArray[np.intp]
        self.buyers, self.first = np.unique(network.slot_buyer, return_index=True)

    def loss(self, failed: int, eps: float) -> float:
        """Weighted loss of the larger of both directions once no firm changes by more than `eps`."""
        net = self.network
        down, up = np.zeros(net.firms), np.zeros(net.firms)
        down[failed] = up[failed] = 1.0
        while True:
            new_down, new_up = self._down(down, failed), np.minimum(1.0, self.up @ up)
            new_up[failed] = 1.0
            change = max(float((new_down - down).max()), float((new_up - up).max()))
            down, up = new_down, new_up
            if change <= eps:
                return float(net.weight @ np.maximum(down, up))

    def _down(self, loss: Floats, failed: int) -> Floats:
        net = self.network
        left = np.bincount(net.market, net.market_share * (1.0 - loss), minlength=net.markets)[net.market]
        stand_in = np.divide(net.market_share, left, out=np.ones(net.firms), where=left > net.market_share)
        new = np.zeros(net.firms)
        new[self.buyers] = np.minimum(1.0, np.maximum.reduceat(self.down @ (stand_in * loss), self.first))
        new[failed] = 1.0
        return new
