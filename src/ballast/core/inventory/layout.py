"""The inventory model's network, state and days as the compiled loop reads them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ballast.core.columns import Ints, refuse
from ballast.core.inventory.damage import Damage
from ballast.core.inventory.supply import SupplyNetwork
from ballast.core.sums import totals

if TYPE_CHECKING:
    from ballast.core.kernels.inventory import Days, Firms, State, Supply

__all__ = ["counts", "days_of", "morning", "ranks_of", "supply_of"]


def ranks_of(network: SupplyNetwork, first: Sequence[int]) -> Ints:
    """[n + 1] rank of each firm and of final demand; the smallest is served first."""
    rank = np.full(network.firms + 1, len(first), dtype=np.int32)
    for place, firm in enumerate(first):
        if not 0 <= firm < network.firms:
            refuse("first", str(firm), "is not there", f"Give positions 0 to {network.firms - 1}")
        if rank[firm] != len(first):
            refuse("first", str(network.firm_ids[firm]), "stands twice", "Name each once")
        rank[firm] = place
    return rank


def supply_of(network: SupplyNetwork, rank: Ints) -> "Supply":
    """The network as the loop reads it."""
    from ballast.core.kernels.inventory import Supply

    n, sells = network.firms, network.supplier
    real = np.flatnonzero(sells < n)
    served = rank[network.customer[real]]
    by = real[np.lexsort((served, sells[real]))].astype(np.int32)
    # Summed in the order in which the loop adds orders up, so that a normal day is 1 to the last bit.
    sold = totals(sells[real], network.sale[real], n)
    final = np.where(sold + network.final > 0.0, network.final, 1.0)
    return Supply(
        firm_slots=network.firm_slots,
        slot_links=network.slot_links,
        weight=np.where(network.slot_essential, -1.0, network.slot_weight),
        target=network.target,
        supplier=sells,
        part=network.part,
        sale=network.sale,
        final=final,
        whole=sold + final,
        out_starts=np.searchsorted(sells[by], np.arange(n + 1)).astype(np.int32),
        out_links=by,
        out_rank=rank[network.customer[by]],
        rank=rank,
    )


def morning(network: SupplyNetwork, supply: "Supply", mode: int) -> "State":
    """The morning of day 0: yesterday was normal, and what was sent then has arrived."""
    from ballast.core.kernels.inventory import EVERYONE, SMALLEST, State

    n = network.firms
    firm, cut = np.zeros((n + 2, 2)), np.full(n + 2, EVERYONE, dtype=np.int32)
    firm[:, 0] = np.inf if mode == SMALLEST else 1.0
    firm[n + 1, 0], cut[n + 1] = 0.0, -1
    most = int(np.diff(supply.out_starts).max(initial=0))
    above = network.stock - network.target
    return State(
        gap=np.repeat(above, np.diff(network.slot_links)),
        order=np.zeros(network.links),
        mean=above,
        rate=np.ones(n),
        firm=firm,
        cut=cut,
        want=np.ones(n),
        most=np.empty(n),
        limit=np.empty(n),
        scratch=np.empty((most + 1, 2)),
    )


def counts(network: SupplyNetwork, days: int, *, keep: bool) -> "Firms":
    """Counters at 0; every firm's output of every day is kept when asked for."""
    from ballast.core.kernels.inventory import Firms

    n = network.firms
    return Firms(
        value=np.nan_to_num(network.value),
        added=np.nan_to_num(network.value_added),
        minimum=network.minimum_rate,
        lost=np.zeros(n),
        unmet=np.zeros(n),
        stop=np.full(n, -1, dtype=np.int32),
        slow=np.full(n, -1, dtype=np.int32),
        short=np.full(n, -1, dtype=np.int32),
        totals=np.zeros((days, 4)),
        rates=np.empty((days if keep else 0, n)),
    )


def days_of(
    network: SupplyNetwork, damage: Damage | None, days: int, mode: int, tau: float, capacity: float, *, by_output: bool
) -> "Days":
    """What every day brings. Lanes are links of the network; one that was left out has nothing to hold."""
    from ballast.core.kernels.inventory import Days

    if damage is None:
        none, nothing = np.empty(0, dtype=np.int64), np.empty((days, 0))
        return Days(tau, capacity, mode, by_output, none, nothing, none, nothing)
    held = np.flatnonzero(np.isin(network.origin, damage.links) & (network.origin >= 0))
    left = damage.left[:, np.searchsorted(damage.links, network.origin[held])]
    return Days(
        tau=tau,
        capacity=capacity,
        mode=mode,
        by_output=by_output,
        firms=damage.firms.astype(np.int64),
        loss=np.ascontiguousarray(damage.loss),
        links=held.astype(np.int64),
        left=np.ascontiguousarray(left),
    )
