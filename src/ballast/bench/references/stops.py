"""Stop times as a plain day loop over every slot: one failed site, days in steps of one."""

import numpy as np

from ballast.core.columns import Floats
from ballast.core.forecast.dayloop import unknown_low
from ballast.core.network import Network

__all__ = ["dense_stop_days"]


def dense_stop_days(network: Network, failed: int, horizon: int) -> Floats:
    """[n] day after which the site stands still; inf for one that runs on. Whole days, so up to one day off."""
    stop = np.full(network.sites, np.inf)
    stop[failed] = 0.0
    left = unknown_low(network).copy()
    limit = network.minimum_rate[network.slot_site]
    for day in range(horizon):
        gone = stop[network.link_supplier] + network.link_lead <= day
        lost = np.bincount(network.link_slot, network.link_share * gone, minlength=network.slots)
        empty = (lost > 0.0) & (left <= 1e-9) & (network.slot_base - lost < limit - 1e-9) & network.slot_essential
        hit = network.slot_site[empty]
        stop[hit] = np.minimum(stop[hit], day)
        left = np.maximum(0.0, left - lost)
    return stop
