"""A network in a file that all workers of a machine map into memory, so that they share one copy of it."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from ballast.core.network import Network, NetworkError
from ballast.core.systemic_risk.trade_network import TradeNetwork
from ballast.tables.store import load_network, map_arrays, save_arrays, save_network

__all__ = ["Shared", "share"]

_TRADE = "ballast-trade-network"


@dataclass(frozen=True)
class Shared:
    """Where a network stands, and which one it is."""

    path: Path
    digest: str
    sites: bool  # a network of sites; else one of trade

    def load(self, path: Path) -> Network | TradeNetwork:
        """The network from this file; NetworkError when another one stands there, or it is damaged."""
        network = load_network(path) if self.sites else _trade_network(path)
        if network.digest != self.digest:
            msg = f"{path}: holds network {network.digest[:12]}, not {self.digest[:12]}. Remove the file and ask again."
            raise NetworkError(msg)
        return network


def share(network: Network | TradeNetwork, folder: Path) -> Shared:
    """Put the network into the folder, unless it stands there."""
    path = (folder / f"network-{network.digest[:16]}").absolute()
    if not path.exists():
        if isinstance(network, Network):
            save_network(network, path)
        else:
            columns = {f.name: getattr(network, f.name) for f in fields(network)}
            arrays = {name: values for name, values in columns.items() if isinstance(values, np.ndarray)}
            save_arrays(path, arrays, form=_TRADE, digest=network.digest)
    return Shared(path, network.digest, isinstance(network, Network))


def _trade_network(path: Path) -> TradeNetwork:
    """As it was saved, without names of firms and notes, which decide no answer."""
    _digest, arrays = map_arrays(path, form=_TRADE)
    columns: dict[str, Any] = dict(arrays)
    try:
        return TradeNetwork(firm_ids=range(len(columns["weight"])), **columns)
    except (KeyError, TypeError):
        msg = f"{path}: holds other columns than this program's networks of trade. Remove the file and ask again."
        raise NetworkError(msg) from None
