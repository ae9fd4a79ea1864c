"""The network that every analysis reads: built from rows, checked, sealed, kept in a file."""

from ballast.core.columns import NetworkError
from ballast.core.network.arrays import arrays_of, network_of
from ballast.core.network.locality import arranged
from ballast.core.network.network import Network, build_network

__all__ = ["Network", "NetworkError", "arranged", "arrays_of", "build_network", "network_of"]
