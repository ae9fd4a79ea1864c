"""The inventory model as one would write it at first: whole columns a day in NumPy, whole matrices of orders."""

import numpy as np

from ballast.core.columns import Floats
from ballast.core.dependence import CountryTable
from ballast.core.inventory import Damage, SupplyNetwork

__all__ = ["firms_by_columns", "table_by_matrices"]

DAYS_OF_YEAR = 365.0


def firms_by_columns(network: SupplyNetwork, damage: Damage, days: int, *, target: float, tau: float) -> Floats:
    """[days, n] output under proportional rationing; every input essential, every slot at its target at first."""
    n, slots = network.firms, network.stock.size
    slot = np.repeat(np.arange(slots), np.diff(network.slot_links))
    of_slot = np.repeat(np.arange(n), np.diff(network.firm_slots))
    held, got = np.full(network.links, target), np.zeros(network.links)
    rate, want, cover, rates = np.ones(n), np.ones(n), np.full(slots, target), np.empty((days, n))
    for day in range(days):
        use = np.minimum(rate[of_slot], cover) if day else np.zeros(slots)
        held += got - held * (use / np.maximum(cover, 1e-300))[slot]
        wanted = want[network.customer]
        order = np.maximum(0.0, wanted + (target * wanted - held) / tau)
        demand = np.bincount(network.supplier, network.sale * order, minlength=n) + network.final
        cover = np.bincount(slot, network.part * held, minlength=slots)
        most = np.ones(n)
        most[damage.firms] = 1.0 - damage.loss[day]
        limit = most.copy()
        np.minimum.at(limit, of_slot, cover)
        rate, want = np.minimum(limit, demand), np.minimum(most, demand)
        got = order * np.divide(rate, demand, out=np.ones(n), where=demand > 0.0)[network.supplier]
        rates[day] = rate
    return rates


def table_by_matrices(table: CountryTable, loss: Floats) -> Floats:
    """[days, n] output with the default settings; losses from the first day on."""
    flows, users = table.purchases / DAYS_OF_YEAR, table.final.sum(axis=1) / DAYS_OF_YEAR
    normal = flows.sum(axis=1) + users
    member = (table.sector == np.arange(len(table.sectors))[:, None]).astype(np.float64)
    share = member @ flows / normal
    stock, orders = share * normal * 90.0, flows.copy()
    alpha, output, outputs = np.ones(normal.size), normal, np.empty(loss.shape)
    for day, gone in enumerate(loss):
        demand = orders.sum(axis=1) + users
        if day > 1:
            lack = (demand - output) / demand
            alpha = np.maximum(1.0, alpha + np.where(lack == 0.0, 1.0 - alpha, (1.25 - alpha) * lack) / 365.0)
        capacity = normal * (1.0 - gone) * alpha
        wanted = np.minimum(demand, capacity)
        need = share * wanted * 90.0 * 0.8
        output = wanted * np.divide(stock, need, out=np.ones_like(need), where=need > 0.0).min(axis=0).clip(max=1.0)
        stock = stock - share * output + member @ (orders * (output / demand)[:, None])
        buy = share * output + np.maximum(0.0, share * wanted * 90.0 - stock) / 60.0
        weights = flows * (capacity / normal)[:, None]
        orders = weights / (member @ weights)[table.sector] * buy[table.sector]
        outputs[day] = output
    return outputs
