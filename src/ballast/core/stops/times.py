"""Stop times: the yes/no shadow of the forecast for sweeps over every site and every pair of sites.

A failed site delivers nothing from time 0 on. What it does not send is missing `lead` days later. An essential slot
drains at the share that it has lost; when it is empty and less than the site's minimum rate still arrives, the site
stops and delivers nothing either. A site that only slows counts as running, so the shadow says less than the
forecast where supply is partial; it answers for all sites in the time that the forecast takes for a few.

Times are exact on the AND/OR graph, taken from a queue in the order of time (Dijkstra 1959; Knuth 1977 for
superior functions): leads are at least a day, so a stop never precedes what caused it. Costs what a failure touches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import local
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.dayloop import unknown_low
from ballast.core.network.network import Floats, Ints, Network, NetworkError

if TYPE_CHECKING:
    from ballast.core.kernels.stops import Supply, Work

__all__ = ["Stops", "checked_horizon", "stop_times", "supply_of", "work_of_thread"]

MAX_HORIZON = 3660.0


@dataclass(frozen=True, eq=False)
class Stops:
    """What stops when some sites fail at time 0."""

    network: Network
    horizon: float
    stop_time: Floats  # [n] days; inf for a site that does not stop
    stopped_by: Ints  # [n] the slot that ran empty; -1 for a failed site and for one that does not stop
    lost_output: float  # money within the horizon; sites of unknown value count 0

    @cached_property
    def sites(self) -> NDArray[np.intp]:
        """Sites that stop, in the order of time, then of their place."""
        found = np.flatnonzero(np.isfinite(self.stop_time))
        return found[np.lexsort((found, self.stop_time[found]))]


_SUPPLY: "WeakKeyDictionary[Network, Supply]" = WeakKeyDictionary()


def stop_times(network: Network, failed: Sequence[int], *, horizon: float = 90.0) -> Stops:
    """What stops within `horizon` days when the sites at these places fail. Unknown stocks count as empty."""
    from ballast.core.kernels import stops as kernel

    horizon = checked_horizon(horizon)
    wrong = [place for place in failed if not 0 <= place < network.sites]
    if wrong or not failed:
        msg = f"failed: {wrong or 'no site'}; give places of sites, 0 to {network.sites - 1}."
        raise NetworkError(msg)
    supply = supply_of(network)
    work = kernel.work(supply)
    stopped, _touched = kernel.stop_times(supply, work, np.array(failed, dtype=np.int64), horizon)
    lost = float(kernel.damage(supply, work, stopped, horizon))
    return Stops(network, horizon, work.stop, work.by, lost)


def supply_of(network: Network) -> "Supply":
    """The network as the loops read it; kept as long as the network is."""
    if network not in _SUPPLY:
        from ballast.core.kernels.stops import Supply

        out = network.links_by_supplier
        _SUPPLY[network] = Supply(
            out=network.supplier_links,
            slot=network.link_slot[out],
            share=network.link_share[out],
            lead=network.link_lead[out].astype(np.float64),
            only=np.diff(network.slot_links)[network.link_slot[out]] == 1,
            essential=network.slot_essential,
            site=network.slot_site,
            base=network.slot_base,
            cover=unknown_low(network),
            limit=network.minimum_rate,
            value=np.nan_to_num(network.output_value, nan=0.0),
        )
    return _SUPPLY[network]


def work_of_thread(network: Network) -> "Callable[[], Work]":
    """Gives each thread that asks work arrays of its own, made once: filling them takes longer than most questions."""
    from ballast.core.kernels import stops as kernel

    supply, own = supply_of(network), local()

    def mine() -> "Work":
        if not hasattr(own, "work"):
            own.work = kernel.work(supply)
        return own.work  # type: ignore[no-any-return]

    return mine


def checked_horizon(horizon: float) -> float:
    """The days as the compiled loops take them; NetworkError for days that cannot be."""
    if not 0.0 < horizon <= MAX_HORIZON:
        msg = f"horizon is {horizon}; give days above 0, at most {MAX_HORIZON:.0f}."
        raise NetworkError(msg)
    # A whole number would have them compiled once more.
    return float(horizon)
