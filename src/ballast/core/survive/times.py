"""How long demand can be met after a site stops, and what is lost until it recovers: time to survive, risk exposure.

The linear programs of Simchi-Levi, Schmidt and Wei (Harvard Business Review, January 2014; Interfaces 45(5), 2015):
all that still runs is re-planned at once, stocks and spare capacity included. docs/explanation/time-to-survive.md.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, refuse
from ballast.core.forecast.dayloop import unknown_low
from ballast.core.network.network import Network

__all__ = ["LONGEST", "Chain", "Survival", "chain_of", "survive", "survive_chain"]

# Days; what lasts as long is not limited.
LONGEST = 3660.0
# A share this small is what rounding left; such a link brings nothing.
_NOTHING = 1e-9

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Chain:
    """What the programs know: n nodes that make one good each, s slots (node, input), m links into slots.

    A node's good has its own unit; `link_take` turns a unit of a slot's input into units of the supplier's good.
    """

    demand: Floats  # [n] for use outside the network, a day
    margin: Floats  # [n] money lost by unit of demand that is not met
    capacity: Floats  # [n] most that can be made a day
    stock: Floats  # [n] finished goods, which can still leave when the node stops
    slot_site: Places  # [s]
    slot_use: Floats  # [s] of the input by unit made; normal use a day of an input that can be done without
    slot_stock: Floats  # [s] of the input
    slot_outside: Floats  # [s] of the input from outside, a day
    slot_weight: Floats  # [s] units a day not made when the input is quite missing; nan: none can be made without
    link_supplier: Places  # [m]
    link_slot: Places  # [m]
    link_take: Floats  # [m] inf: brings nothing
    link_on_way: Floats  # [m] of the input that still arrives when the supplier stops


@dataclass(frozen=True, eq=False)
class Survival:
    """One row a node that was stopped; times in days."""

    nodes: Places  # [k]
    time_to_survive: Floats  # [k] inf: not limited
    time_to_recover: Floats  # [k] nan: unknown
    loss: Floats  # [k] money lost until it recovers, at best; nan where that time is unknown
    time_at_rest: Floats  # [] time to survive when no node stops; not inf where the tables themselves fall short

    @property
    def alarm(self) -> NDArray[np.bool_]:
        """[k] whether recovery takes longer than demand can be met."""
        return self.time_to_recover > self.time_to_survive

    @property
    def exposure(self) -> Floats:
        """[k] loss as a part of the largest one, 0..1."""
        largest = np.nanmax(self.loss, initial=0.0)
        return self.loss / largest if largest > 0.0 else self.loss


def survive(
    network: Network,
    *,
    sites: Collection[str] | None = None,
    capacity: float = 1.0,
    progress: Callable[[int], None] | None = None,
) -> Survival:
    """Time to survive and loss at recovery of each site (default all) stopped alone.

    `capacity` is the most that a site can make, as a part of its normal output. NetworkError for a site that is not
    there, or a capacity that is not a number from 0.
    """
    if not 0.0 <= capacity < np.inf:
        refuse("capacity", str(capacity), "is no part of normal output", "Give 1 for no more than normal")
    for site in sites or ():
        if site not in network.site_index:
            refuse("sites", site, "is not there", "Correct the name")
    chosen = range(network.sites) if sites is None else sorted(network.site_index[site] for site in sites)
    return survive_chain(chain_of(network, capacity=capacity), list(chosen), network.recovery_days, progress=progress)


def chain_of(network: Network, *, capacity: float = 1.0) -> Chain:
    """The network in days of normal output and of normal use; unknown stocks are empty, unknown values 0."""
    quantity = _quantities(network)
    out = np.bincount(network.link_supplier, quantity, minlength=network.sites)[: network.sites]
    sold = np.bincount(network.link_supplier, minlength=network.sites)[: network.sites] > 0
    brings = (network.link_share > _NOTHING) & (quantity > 0.0)
    take = np.full(network.links, np.inf)
    take[brings] = quantity[brings] / out[network.link_supplier[brings]] / network.link_share[brings]
    value = np.where(np.isnan(network.output_value), 0.0, network.output_value)
    return Chain(
        demand=np.where(sold, 0.0, 1.0),
        margin=np.where(sold, 0.0, value),
        capacity=np.full(network.sites, capacity),
        stock=np.zeros(network.sites),
        slot_site=network.slot_site.astype(np.int64),
        slot_use=np.ones(network.slots),
        slot_stock=unknown_low(network),
        slot_outside=np.asarray(network.slot_outside),
        slot_weight=np.where(network.slot_essential, np.nan, network.slot_weight),
        link_supplier=network.link_supplier.astype(np.int64),
        link_slot=network.link_slot.astype(np.int64),
        link_take=take,
        link_on_way=network.link_share * network.link_lead,
    )


def _quantities(network: Network) -> Floats:
    """[m] normal deliveries, in one unit for all links of a supplier.

    Where a quantity is unknown it is share times use; where a use is unknown too, all customers of that supplier
    count alike by their shares.
    """
    use = network.slot_use[network.link_slot]
    quantity = np.where(np.isnan(network.link_quantity), network.link_share * use, network.link_quantity)
    unknown = np.bincount(network.link_supplier, np.isnan(quantity), minlength=network.sites) > 0
    return np.where(unknown[network.link_supplier], network.link_share, quantity)


def survive_chain(
    chain: Chain,
    nodes: Sequence[int],
    time_to_recover: Floats,
    *,
    progress: Callable[[int], None] | None = None,
) -> Survival:
    """The same for a chain in any units; `time_to_recover` [n] in days, nan where unknown."""
    from ballast.core.survive.programs import Program  # HiGHS takes a third of a second to import

    longest, loss = Program(chain, "survive"), Program(chain, "lose")
    times, losses = np.full(len(nodes), np.inf), np.full(len(nodes), np.nan)
    at_rest = longest.solve(None)
    for row, node in enumerate(nodes):
        times[row] = longest.solve(node)
        days = float(time_to_recover[node])
        if not np.isnan(days):
            losses[row] = loss.solve(node, days)
        if progress is not None:
            progress(row + 1)
    recover = np.asarray(time_to_recover, dtype=np.float64)[list(nodes)]
    return Survival(np.array(nodes, dtype=np.int64), _unlimited(times), recover, losses, _unlimited(np.array(at_rest)))


def _unlimited(times: Floats) -> Floats:
    return np.where(times >= LONGEST * (1.0 - 1e-9), np.inf, times)
