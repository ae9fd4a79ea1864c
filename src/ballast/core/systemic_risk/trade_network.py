"""Who buys from whom, as systemic risk reads it: shares of inputs and of sales, markets and weights, as frozen arrays.

All figures are shares, so no currency and no unit of quantity enters an answer. docs/explanation/systemic-risk.md
gives the equations.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Bools, Floats, Ints, NetworkError, RowName, column, frozen, index, refuse
from ballast.core.network.network import Network

__all__ = ["ESSENTIAL", "NOT_NEEDED", "OTHER", "TradeNetwork", "of_sites", "trade_network"]

# What an input is to an industry, as in the essentiality matrix.
NOT_NEEDED, OTHER, ESSENTIAL = 0, 1, 2
# Revenue below sales by no more than this is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class TradeNetwork:
    """n firms, m links and s slots; firms in the order given, links by buyer, slot and supplier.

    A slot is one essential input of one buyer, or all its other inputs together: a loss of the buyer's output is
    the largest loss of its slots. An input that an industry does not need has no slot.
    """

    firm_ids: Sequence[object]
    supplier: Ints  # [m]
    buyer: Ints  # [m]
    slot: Ints  # [m] -1 when the buyer does not need the input
    input_share: Floats  # [m] of the slot that the link fills, as loss of the buyer's output
    sales_share: Floats  # [m] of the supplier's revenue
    slot_buyer: Ints  # [s] ascending
    slot_essential: Bools  # [s]
    market: Ints  # [n] firms that can stand in for one another; 0..markets - 1
    market_share: Floats  # [n] 0..1
    weight: Floats  # [n] of all output; sums to 1
    inferred_share: float = 0.0  # of what is bought, over inferred links
    notes: tuple[str, ...] = ()  # rules that stood in for unknown figures

    @property
    def firms(self) -> int:
        """Number of firms."""
        return len(self.weight)

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.supplier)

    @property
    def slots(self) -> int:
        """Number of slots."""
        return len(self.slot_buyer)

    @cached_property
    def markets(self) -> int:
        """Number of markets."""
        return int(self.market.max()) + 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that decides an answer, in hexadecimal."""
        seal = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                seal.update(f"{field.name}:{value.nbytes}:".encode())
                seal.update(value.data)
        return seal.hexdigest()


def trade_network(
    supplier: ArrayLike,
    buyer: ArrayLike,
    value: ArrayLike,
    industry: ArrayLike | Sequence[str],
    *,
    essentiality: ArrayLike,
    industries: Sequence[str] | None = None,
    firm_ids: Sequence[str] | None = None,
    revenue: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    market: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> TradeNetwork:
    """Network from sales in money: link k sells `value[k]` from `supplier[k]` to `buyer[k]`, positions of firms.

    `industry` [n]: row of each firm in `essentiality` [industries, industries] of input by user (0 not needed,
    1 other, 2 essential), or its name in `industries`; one number instead of the matrix holds for all pairs.
    `revenue` [n]: sales inside the network and outside it; nan or absent: inside only. `cost` [n]: what the firm
    spends on all inputs; absent: its purchases in the network. `market` [n]: whole numbers; absent: the industry.
    `weight` [n]: absent: sales inside the network. Links of one pair add up; sales of 0 are left out.
    NetworkError names the bad row.
    """
    n = np.size(industry)
    if n == 0:
        refuse("network", "0 firms", "make no network", "Give at least one firm")
    ids: Sequence[object] = range(n) if firm_ids is None else firm_ids
    if len(ids) != n:
        refuse("firm_ids", f"{len(ids)} ids", f"for {n} firms", "Give one id for each firm")
    name = _firm_name(ids)
    matrix = _essentiality(essentiality, None if industries is None else len(industries))
    kind = _industries(industry, industries, matrix, name)
    sells, buys, sold = _links(supplier, buyer, value, ids)
    sales, purchases = (np.bincount(rows, sold, minlength=n).astype(np.float64, copy=False) for rows in (sells, buys))
    turnover = _turnover(revenue, sales, name)
    costs = column("cost", cost, n, name, default=purchases)
    need = matrix[kind[sells], kind[buys]] if matrix.size > 1 else np.full(sells.size, matrix[0, 0])
    slot, slot_buyer, slot_essential = _slots(
        buys, np.where(need == ESSENTIAL, kind[sells].astype(np.int64) + 1, need - 1)
    )
    filled = np.bincount(slot[slot >= 0], sold[slot >= 0], minlength=slot_buyer.size)
    part = sold / np.where(need == ESSENTIAL, filled[slot] if filled.size else 1.0, purchases[buys])
    spent = np.divide(purchases, costs, out=np.ones(n), where=costs > 0.0)[buys] if cost is not None else 1.0
    return TradeNetwork(
        firm_ids=ids,
        supplier=frozen(sells),
        buyer=frozen(buys),
        slot=frozen(slot),
        input_share=frozen(np.where(slot >= 0, part * spent, 0.0)),
        sales_share=frozen(sold / turnover[sells]),
        slot_buyer=frozen(slot_buyer),
        slot_essential=frozen(slot_essential),
        market=frozen(classes := _codes(kind if market is None else market, n)),
        market_share=frozen(_within(sales, classes)),
        weight=frozen(_parts("weight", column("weight", weight, n, name, default=sales))),
    )


def of_sites(network: Network) -> TradeNetwork:
    """The sites of a network as firms: the product is the industry and the market, output value is the weight.

    Downstream, a link counts by its share of the slot's normal arrivals, other inputs times the slot's weight.
    Upstream, links count by quantity (else share * the slot's use); where a supplier has a link with neither, or
    ships several products, all its links count by share * the customer's output value. `notes` says how often.
    """
    essential = network.slot_essential[network.link_slot]
    base = network.slot_base[network.link_slot]
    keep = (network.link_share > 0.0) & (base > 0.0)
    at, sells, buys = network.link_slot[keep], network.link_supplier[keep], network.link_customer[keep]
    product = network.slot_product.codes.astype(np.int64)
    slot, slot_buyer, slot_essential = _slots(buys, np.where(essential[keep], product[at] + 1, 0))
    part = network.link_share[keep] / base[keep]
    value, unvalued = _output_value(network)
    made = _markets_of(network)
    flow, volume, guessed = _flows(network, keep, made, value)
    by = np.lexsort((sells, slot, buys))
    sold = np.bincount(sells, flow, minlength=network.sites)
    inferred = part[network.link_inferred[keep]].sum() / part.sum() if part.size else 0.0
    notes = [
        (unvalued, f"{unvalued} sites of unknown output value weigh nothing"),
        (guessed, f"{guessed} suppliers without quantities: their links count by share * output value of the customer"),
    ]
    return TradeNetwork(
        firm_ids=network.site_ids,
        supplier=frozen(sells[by]),
        buyer=frozen(buys[by]),
        slot=frozen(slot[by]),
        input_share=frozen((part * np.where(essential[keep], 1.0, network.slot_weight[at]))[by]),
        sales_share=frozen(np.divide(flow, sold[sells], out=np.zeros(flow.size), where=flow > 0.0)[by]),
        slot_buyer=frozen(slot_buyer),
        slot_essential=frozen(slot_essential),
        market=frozen(made),
        market_share=frozen(_within(volume, made)),
        weight=frozen(_parts("output_value", np.where(np.isnan(network.output_value), 0.0, network.output_value))),
        inferred_share=float(inferred),
        notes=tuple(text for count, text in notes if count),
    )


def _firm_name(ids: Sequence[object]) -> RowName:
    return lambda row: f"firm {ids[row]}"


def _links(supplier: ArrayLike, buyer: ArrayLike, value: ArrayLike, ids: Sequence[object]) -> tuple[Ints, Ints, Floats]:
    """Links with sales, one for each pair, by buyer and supplier; NetworkError names the bad row."""
    m, n = np.size(value), len(ids)
    sells, buys = index("supplier", supplier, m, n), index("buyer", buyer, m, n)

    def name(row: int) -> str:
        return f"link {row}: {ids[sells[row]]} > {ids[buys[row]]}"

    sold = column("value", value, m, name)
    for row in np.flatnonzero(np.isnan(sold))[:1]:
        refuse("value", f"nan ({name(row)})", "is not known", "Give the sale, or remove the link")
    for row in np.flatnonzero(sells == buys)[:1]:
        refuse("link", name(row), "links a firm to itself", "Remove it, or name another firm")
    keep = sold > 0.0
    if not keep.any():
        refuse("value", f"{m} links", "hold no sale above 0", "Give at least one")
    pair = buys[keep].astype(np.int64) * n + sells[keep]
    # By value too, so that the sum of one pair does not depend on the order of the rows.
    by = np.lexsort((sold[keep], pair))
    first = np.flatnonzero(np.diff(pair[by], prepend=-1))
    pair = pair[by][first]
    return (pair % n).astype(np.int32), (pair // n).astype(np.int32), np.add.reduceat(sold[keep][by], first)


def _essentiality(matrix: ArrayLike, size: int | None) -> NDArray[np.int8]:
    """[k, k] of 0, 1, 2; [1, 1] when one number holds for all pairs."""
    kinds = np.asarray(matrix)
    if kinds.ndim == 0:
        kinds = kinds.reshape(1, 1)
    elif kinds.ndim != 2 or kinds.shape[0] != kinds.shape[1] or (size is not None and kinds.shape[0] != size):
        expected = "as many rows as columns" if size is None else f"{size} rows and columns, one an industry"
        refuse("essentiality", f"shape {kinds.shape}", "does not fit", f"Give {expected}")
    for row, col in np.argwhere(~np.isin(kinds, (NOT_NEEDED, OTHER, ESSENTIAL)))[:1]:
        refuse("essentiality", f"{kinds[row, col]} (input {row} of industry {col})", "is not 0, 1 or 2", "Correct it")
    return kinds.astype(np.int8)


def _industries(
    industry: ArrayLike | Sequence[str], industries: Sequence[str] | None, matrix: NDArray[np.int8], name: RowName
) -> Ints:
    """Row of each firm in the matrix."""
    if industries is not None:
        known = {text: row for row, text in enumerate(industries)}
        given = cast("Sequence[str]", industry)
        for firm, text in enumerate(given):
            if text not in known:
                refuse(
                    "industry", f"{text!r} ({name(firm)})", "is not known", f"Known are {', '.join(industries[:20])}"
                )
        return np.fromiter((known[text] for text in given), dtype=np.int32, count=len(given))
    kind: NDArray[Any] = np.asarray(industry)
    bound = matrix.shape[0] if matrix.size > 1 else np.iinfo(np.int32).max
    for firm in np.flatnonzero(~((kind >= 0) & (kind < bound)))[:1]:
        fault = f"is not a row of the essentiality matrix of {bound} industries"
        refuse("industry", f"{kind[firm]} ({name(firm)})", fault, "Correct it, or add the industry to the matrix")
    return kind.astype(np.int32)


def _turnover(revenue: ArrayLike | None, sales: Floats, name: RowName) -> Floats:
    """Revenue of each firm; its sales in the network where that is not known."""
    turnover = column("revenue", revenue, sales.size, name, default=sales)
    for firm in np.flatnonzero(turnover < sales * (1.0 - _ROUNDING))[:1]:
        value = f"{turnover[firm]:g} ({name(firm)})"
        fault = f"is less than its sales in the network, {sales[firm]:g}"
        refuse("revenue", value, fault, "Raise it, or leave it empty when unknown")
    return np.maximum(turnover, sales)


def _slots(buyer: Ints, kind: NDArray[np.integer]) -> tuple[Ints, Ints, Bools]:
    """Slot of each link, buyer and essential flag of each slot; kinds are -1 not needed, 0 other, else the input."""
    width = int(kind.max(initial=0)) + 1
    needed = kind >= 0
    keys, place = np.unique(buyer[needed].astype(np.int64) * width + kind[needed], return_inverse=True)
    slot = np.full(buyer.size, -1, dtype=np.int32)
    slot[needed] = place
    return slot, (keys // width).astype(np.int32), keys % width > 0


def _codes(values: ArrayLike, n: int) -> Ints:
    """0..k-1 for values of any kind."""
    texts = np.asarray(values)
    if texts.size != n:
        refuse("market", f"{texts.size} values", f"for {n} firms", "Give one for each firm")
    return np.unique(texts, return_inverse=True)[1].astype(np.int32)


def _within(volume: Floats, market: Ints) -> Floats:
    """Share of each firm in its market; 0 in a market without sales."""
    total = np.bincount(market, volume)[market]
    return np.divide(volume, total, out=np.zeros(volume.size), where=total > 0.0)


def _parts(name: str, values: Floats) -> Floats:
    """Values as parts of their sum."""
    total = values.sum()
    if not 0.0 < total < np.inf:
        refuse(name, f"{total:g}", "is the sum of all firms", "Give at least one firm a finite value above 0")
    parts: Floats = values / total
    return parts


def _output_value(network: Network) -> tuple[Floats, int]:
    """Output value of each site, the mean of the known where unknown; and how many are unknown."""
    unknown = np.isnan(network.output_value)
    if unknown.all():
        msg = "output_value: no site has one. Give the daily_output_value of at least one site."
        raise NetworkError(msg)
    return np.where(unknown, network.output_value[~unknown].mean(), network.output_value), int(unknown.sum())


def _markets_of(network: Network) -> Ints:
    """Market of each site: its product; a site without one is alone in its market."""
    codes = network.site_product.codes.astype(np.int64)
    blank = network.site_product.holds("")
    codes[blank] = len(network.site_product.vocabulary) + np.flatnonzero(blank)
    return _codes(codes, network.sites)


def _flows(network: Network, keep: Bools, market: Ints, value: Floats) -> tuple[Floats, Floats, int]:
    """Size of each link for its supplier, size of each site in its market, and how many suppliers had to be guessed.

    A market counts by quantity when every supplier of it does, else by output value.
    """
    n, sells, at = network.sites, network.link_supplier[keep], network.link_slot[keep]
    quantity = network.link_quantity[keep]
    quantity = np.where(np.isnan(quantity), network.link_share[keep] * network.slot_use[at], quantity)
    product = network.slot_product.codes[at]
    first = np.zeros(n, dtype=np.int32)
    first[sells[::-1]] = product[::-1]
    doubtful = np.isnan(quantity) | (product != first[sells])
    guessed = np.bincount(sells[doubtful], minlength=n) > 0
    flow = np.where(guessed[sells], network.link_share[keep] * value[network.link_customer[keep]], quantity)
    by_value = np.bincount(market[guessed], minlength=int(market.max()) + 1) > 0
    volume = np.where(by_value[market], value, np.bincount(sells, np.where(guessed[sells], 0.0, flow), minlength=n))
    return flow, volume, int(guessed.sum())
