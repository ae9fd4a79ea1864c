"""Who supplies whom, as the inventory model reads it: shares of slots and of sales, stocks and targets in days.

All flows are parts of normal ones, so no currency and no unit of quantity enters an answer; money only weighs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Bools, Floats, Ints, column, frozen, index, refuse
from ballast.core.network import Network
from ballast.core.sums import offsets, totals
from ballast.core.survive import chain_of
from ballast.core.systemic_risk import trade_network

__all__ = ["AUTHORS_TARGET_DAYS", "SupplyNetwork", "of_sites", "supply_network"]

# n of Inoue and Todo.
AUTHORS_TARGET_DAYS = 15.0
# A share below this is what rounding left of nothing.
_NOTHING = 1e-9
_ESSENTIAL = 2


@dataclass(frozen=True, eq=False)
class SupplyNetwork:
    """n firms, s slots, m links by slot. A slot is one input of one firm: its suppliers stand in for one another.

    Suppliers n and n + 1 are the outside, which never runs short, and nobody, who never delivers.
    """

    firm_ids: Sequence[object]
    value: Floats  # [n] of a normal day's output; nan unknown
    value_added: Floats  # [n] of a normal day: output less inputs bought in the network; nan unknown
    minimum_rate: Floats  # [n] below this rate a firm counts as stopped
    final: Floats  # [n] final demand, of normal output
    firm_slots: Ints  # [n + 1] where the slots of each firm begin
    slot_links: Ints  # [s + 1] where the links of each slot begin
    slot_essential: Bools  # [s]
    slot_weight: Floats  # [s] output lost when a slot that is not essential is empty
    stock: Floats  # [s] days of normal use at day 0, what arrives that morning among them
    target: Floats  # [s] days, counted in the same way
    supplier: Ints  # [m]
    part: Floats  # [m] of the slot's normal arrivals
    sale: Floats  # [m] of the supplier's normal output
    origin: Ints  # [m] the link of the network that it was made of, -1 for none
    notes: tuple[str, ...] = ()  # rules that stood in for unknown figures

    @property
    def firms(self) -> int:
        """Number of firms."""
        return len(self.final)

    @property
    def links(self) -> int:
        """Number of links, those from outside among them."""
        return len(self.supplier)

    @property
    def final_share(self) -> float:
        """Part of all output, in money, that goes to final demand; nan where no value is known."""
        whole = float(np.nansum(self.value))
        return float(np.nansum(self.final * self.value)) / whole if whole > 0.0 else np.nan

    @cached_property
    def customer(self) -> Ints:
        """[m] the firm that receives."""
        of_slot = np.repeat(np.arange(self.firms), np.diff(self.firm_slots))
        return frozen(np.repeat(of_slot, np.diff(self.slot_links)).astype(np.int32))


def supply_network(
    supplier: ArrayLike,
    customer: ArrayLike,
    value: ArrayLike,
    industry: ArrayLike,
    *,
    final: ArrayLike,
    target_days: float = AUTHORS_TARGET_DAYS,
    essentiality: ArrayLike = _ESSENTIAL,
    firm_ids: Sequence[str] | None = None,
) -> SupplyNetwork:
    """Network as Inoue and Todo give it: link k sells `value[k]` a day from `supplier[k]` to `customer[k]`.

    `industry` [n]: suppliers of one industry stand in for one another. `final` [n]: what each firm sells to final
    demand in a day; its normal output is all that it sells. `essentiality` is 2 (every input is essential) or the
    matrix that `trade_network` takes. Every slot aims at `target_days` and starts with them. NetworkError names the
    bad row.
    """
    n = np.size(industry)
    ids: Sequence[object] = range(n) if firm_ids is None else firm_ids
    demand = column("final", final, n, lambda row: f"firm {ids[row]}", default=0.0)
    sold = column("value", value, np.size(value), lambda row: f"link {row}")
    output = demand + totals(index("supplier", supplier, sold.size, n), np.nan_to_num(sold), n)
    for firm in np.flatnonzero(output <= 0.0)[:1]:
        refuse("final", f"0 (firm {ids[firm]})", "and no sale make no output", "Give final demand, or a sale")
    trade = trade_network(
        supplier, customer, value, industry, essentiality=essentiality, firm_ids=firm_ids, revenue=output
    )
    used = trade.slot >= 0
    by = np.flatnonzero(used)[np.argsort(trade.slot[used], kind="stable")]
    slot, share = trade.slot[by], trade.input_share[by]
    weight = totals(slot, share, trade.slots)
    bought = totals(trade.buyer, trade.sales_share * output[trade.supplier], n)
    sales = totals(trade.supplier[by], trade.sales_share[by], n)
    days = np.full(trade.slots, _target(target_days))
    return SupplyNetwork(
        firm_ids=ids,
        value=frozen(output),
        value_added=frozen(output - bought),
        minimum_rate=frozen(np.full(n, 0.05)),
        final=frozen(np.maximum(0.0, 1.0 - sales)),
        firm_slots=_starts(trade.slot_buyer, n),
        slot_links=_starts(slot, trade.slots),
        slot_essential=trade.slot_essential,
        slot_weight=frozen(weight),
        stock=frozen(days),
        target=frozen(days.copy()),
        supplier=frozen(trade.supplier[by]),
        part=frozen(share / weight[slot]),
        sale=frozen(trade.sales_share[by]),
        origin=frozen(np.full(by.size, -1, dtype=np.int32)),
    )


def of_sites(network: Network, *, target_days: float | None = None, final_share: float = 0.0) -> SupplyNetwork:
    """The sites of a network as firms. Leads play no part: what is ordered today arrives tomorrow.

    A link takes the share of its supplier's output that its normal quantity is of all that the supplier ships; a site
    that supplies no other sells to final demand, and one that does sells `final_share` of its output there. Without
    `target_days` a slot starts with its cover and the morning's arrival and aims at its target (else the larger of
    cover and 1) and that arrival; an unknown cover counts as 15 days in all. With `target_days` every slot starts with
    and aims at so many days, as in Inoue and Todo.
    """
    if not 0.0 <= final_share < 1.0:
        refuse("final_share", f"{final_share:g}", "is no part of output", "Give a number from 0 to below 1")
    chain = chain_of(network)
    n, s = network.sites, network.slots
    real = np.flatnonzero((network.link_share > _NOTHING) & np.isfinite(chain.link_take))
    outside = np.flatnonzero(network.slot_outside > _NOTHING)
    none = np.flatnonzero((np.bincount(network.link_slot[real], minlength=s) == 0) & (network.slot_outside <= _NOTHING))
    extra = np.concatenate([outside, none])
    slot = np.concatenate([network.link_slot[real], extra])
    share = np.concatenate([network.link_share[real], network.slot_outside[outside], np.ones(none.size)])
    sale = network.link_share[real] * chain.link_take[real] * (1.0 - final_share)
    sale = np.concatenate([sale, np.zeros(extra.size)])
    sells = np.concatenate([network.link_supplier[real], np.full(outside.size, n), np.full(none.size, n + 1)])
    by = np.argsort(slot, kind="stable")
    slot, share, sale, sells = slot[by], share[by], sale[by], sells[by].astype(np.int32)
    origin = np.concatenate([real, np.full(extra.size, -1)])[by].astype(np.int32)
    stock, target, unknown = _days(network, target_days)
    added, unvalued = _value_added(network, sells, slot, sale)
    notes = [
        (unknown, f"unknown stocks, counted as {AUTHORS_TARGET_DAYS:g} days"),
        (unvalued, "sites of unknown output value, counted as 0 in sums of money"),
        (none.size, "inputs that nobody supplies, which last as long as their stock"),
        (int((network.link_lead[real] > 1).sum()), "links of more than a day, counted as one day"),
    ]
    return SupplyNetwork(
        firm_ids=network.site_ids,
        value=network.output_value,
        value_added=frozen(added),
        minimum_rate=network.minimum_rate,
        final=frozen(np.where(chain.demand > 0.0, chain.demand, final_share)),
        firm_slots=frozen(network.site_slots.astype(np.int32)),
        slot_links=_starts(slot, s),
        slot_essential=network.slot_essential,
        slot_weight=network.slot_weight,
        stock=frozen(stock),
        target=frozen(target),
        supplier=frozen(sells),
        part=frozen(share / totals(slot, share, s)[slot]),
        sale=frozen(sale),
        origin=frozen(origin),
        notes=tuple(f"{text}: {count:,}" for count, text in notes if count),
    )


def _days(network: Network, target_days: float | None) -> tuple[Floats, Floats, int]:
    """Stock and target of each slot with the morning's arrival, and how many stocks had to be guessed."""
    if target_days is not None:
        days = np.full(network.slots, _target(target_days))
        return days, days.copy(), 0
    unknown = np.isnan(network.slot_cover)
    cover = np.where(unknown, AUTHORS_TARGET_DAYS - 1.0, network.slot_cover)
    aim = np.where(np.isnan(network.slot_target), np.maximum(cover, 1.0), network.slot_target)
    # An endless stock needs no more orders than its use.
    endless = 1e6
    return np.minimum(cover, endless) + 1.0, np.minimum(aim, endless) + 1.0, int(unknown.sum())


def _target(days: float) -> float:
    if not 1.0 <= days < np.inf:
        refuse("target_days", f"{days:g}", "is less than the day's use or endless", "Give a number from 1 up")
    return float(days)


def _value_added(network: Network, sells: Ints, slot: Ints, sale: Floats) -> tuple[Floats, int]:
    """Output less what is bought in the network; nan where the site's own value is unknown, and how many these are."""
    value = np.nan_to_num(network.output_value)
    inside = sells < network.sites
    paid = sale[inside] * value[sells[inside]]
    bought = totals(network.slot_site[slot[inside]], paid, network.sites)
    return network.output_value - bought, int(np.isnan(network.output_value).sum())


def _starts(rows: Ints, count: int) -> Ints:
    return frozen(offsets(rows, count).astype(np.int32))
