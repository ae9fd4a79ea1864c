"""What indicator packs test on a network of sites: its trade in each product, between countries and homes."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats
from ballast.core.dependence import Bounds, ForeignShares, import_measures
from ballast.core.network import Network
from ballast.core.sums import offsets, totals
from ballast.tables.answers.indicators import Case
from ballast.tables.answers.places import Codes, Places

__all__ = ["site_measures"]

Measures = dict[Case, dict[int | None, Mapping[str, Bounds]]]


def site_measures(
    places: Places,
    product: Codes,
    foreign: ForeignShares,
    concentrations: pl.DataFrame,
    *,
    unknown: Bools,
    open_: Bools,
) -> Measures:
    """Measures of each product, of all sites together (home empty) and of each home that uses it.

    `product` are the products of the slots, `concentrations` their rows in the same order, `unknown` [m] the links of
    unknown quantity, `open_` [s] the slots that get something from outside the tables.
    """
    network, (trader, homes) = places.network, places.traders
    trade = _Trade(network, product, trader, unknown=unknown, open_=open_)
    columns = concentrations.select("hhi_low", "hhi_high", "largest_low", "largest_high")
    measures: Measures = {}
    for item, (name, row) in enumerate(zip(product[0], columns.iter_rows(), strict=True)):
        hhi = {} if row[0] is None else {"hhi": (row[0], row[1]), "largest_share": (row[2], row[3])}
        measures["", name] = {None: hhi}
        flows, unsure = trade.flows(item)
        slots = trade.slots(item)
        for home, members in homes:
            mine = slots[members[trader[network.slot_site[slots]]]]
            if mine.size:
                measured = import_measures(flows, members, unknown=float(unsure[members].sum()))
                measures[home, name] = {None: measured | _through(network, foreign, mine)}
    return measures


def _through(network: Network, foreign: ForeignShares, slots: NDArray[np.int64]) -> dict[str, Bounds]:
    """Looked-through foreign share of what these slots use of one product, weighed by use."""
    use = network.slot_use[slots]
    if not use.sum() > 0.0:
        return {}
    low, high = (
        min(1.0, float(np.sum(use * part[slots]) / use.sum()))
        for part in (foreign.slot_through_low, foreign.slot_through_high)
    )
    return {"foreign_through": (low, high)}


class _Trade:
    """Quantities of each product between traders; slots and links sorted by product once."""

    def __init__(
        self, network: Network, product: Codes, trader: NDArray[np.int64], *, unknown: Bools, open_: Bools
    ) -> None:
        self.network, self.trader, self.unknown = network, trader, unknown
        self.count = int(trader.max(initial=-1)) + 1
        self.open_use = np.nan_to_num(network.slot_outside * network.slot_use * open_)
        self.quantity = np.nan_to_num(network.link_share * network.slot_use[network.link_slot])
        self.slot_order, self.slot_starts = _by(product[1], len(product[0]))
        self.link_order, self.link_starts = _by(product[1][network.link_slot], len(product[0]))

    def slots(self, item: int) -> NDArray[np.int64]:
        return self.slot_order[self.slot_starts[item] : self.slot_starts[item + 1]]

    def flows(self, item: int) -> tuple[Floats, Floats]:
        """([t, t] what each trader sells to each, [t] what each uses of unknown origin)."""
        links = self.link_order[self.link_starts[item] : self.link_starts[item + 1]]
        slots, quantity = self.slots(item), self.quantity[links]
        seller, buyer = (self.trader[ends[links]] for ends in (self.network.link_supplier, self.network.link_customer))
        sure = ~self.unknown[links]
        pairs = seller[sure] * self.count + buyer[sure]
        flows = totals(pairs, quantity[sure], self.count**2)
        unsure = totals(buyer[~sure], quantity[~sure], self.count)
        unsure += totals(self.trader[self.network.slot_site[slots]], self.open_use[slots], self.count)
        return flows.reshape(self.count, self.count), unsure


def _by(codes: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows sorted by code, where each code begins)."""
    return np.argsort(codes, kind="stable"), offsets(codes, count)
