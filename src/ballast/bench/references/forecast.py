"""The day loop as plain dense NumPy: every site, slot and link on every day."""

import numpy as np

from ballast.core.columns import Floats
from ballast.core.forecast import Event, match_events, resolve
from ballast.core.forecast.dayloop import ceilings, unknown_low
from ballast.core.network import Network

__all__ = ["dense_rates"]


def dense_rates(network: Network, events: list[Event], horizon: int) -> Floats:
    """[days, n] rates of the low run."""
    holds = resolve(match_events(network, events), horizon)
    before = int(network.link_lead.max(initial=1))
    x = np.ones((before + horizon, network.sites))
    lane = np.ones((before + horizon, holds.links.size))
    lane[before:] = holds.lane_left
    cover = unknown_low(network)
    target = ceilings(network, cover)
    must, other = np.flatnonzero(network.slot_essential), np.flatnonzero(~network.slot_essential)
    for day in range(before, before + horizon):
        sent = day - network.link_lead
        moved = x[sent, network.link_supplier]
        moved[holds.links] *= lane[sent[holds.links], np.arange(holds.links.size)]
        arrivals = network.slot_outside + np.bincount(
            network.link_slot, network.link_share * moved, minlength=network.slots
        )
        available = cover + arrivals
        rate = np.ones(network.sites)
        rate[holds.sites] = 1.0 - holds.site_loss[day - before]
        np.minimum.at(rate, network.slot_site[must], available[must])
        missing = network.slot_weight[other] * (1.0 - np.minimum(1.0, available[other]))
        lack = np.bincount(network.slot_site[other], missing, minlength=network.sites)
        x[day] = np.maximum(0.0, np.minimum(rate, 1.0 - lack))
        cover = np.minimum(target, np.maximum(0.0, available - x[day, network.slot_site]))
    return x[before:]
