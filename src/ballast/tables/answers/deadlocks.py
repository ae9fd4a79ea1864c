"""Loops that cannot restart by themselves, and what has to be brought to them, as a table and in words."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ballast.core.forecast import Deadlock
from ballast.core.forecast.starters import Lot
from ballast.core.network import Network
from ballast.tables.results import result_frame

__all__ = ["frame", "records", "said"]


def frame(loops: Sequence[Deadlock], network: Network, needs: pl.DataFrame, *, after: int) -> pl.DataFrame:
    """The table deadlocks: a row for each lot, and one for each site that needs none; `after` days are forecast."""
    unit = {(site, product): unit for site, product, unit in needs.select("site_id", "product", "unit").iter_rows()}
    rows: list[tuple[object, ...]] = []
    for number, loop in enumerate(loops, 1):
        for member, (name, place) in enumerate(zip(loop.sites, loop.places, strict=True)):
            if loop.starter is None:
                rows.append((number, name, *[None] * 7, False))
                continue
            lots = [lot for lot in loop.starter.lots if network.slot_site[lot.slot] == place]
            start = after + loop.starter.starts[member]
            for cells in [_cells(network, lot, unit, after) for lot in lots] or [(None,) * 6]:
                rows.append((number, name, start, *cells, loop.starter.proven))
    return result_frame("deadlocks", rows)


def records(loops: Sequence[Deadlock], network: Network) -> list[dict[str, object]]:
    """What run.json says of each loop; days of use."""
    return [
        {
            "sites": list(loop.sites),
            "rate": None if loop.starter is None else loop.starter.rate,
            "starter_lots": {_slot(network, lot): lot.days for lot in (loop.starter.lots if loop.starter else ())},
        }
        for loop in loops
    ]


def said(loop: Deadlock, network: Network) -> str:
    """A loop and its lots in two sentences."""
    text = f"These cannot restart by themselves, each waits for another: {', '.join(loop.sites)}."
    if loop.starter is None:
        return f"{text} No starter lots keep them running: something else still lacks."
    lots = ", ".join(f"{lot.days:,.3g} days of use of {_slot(network, lot)}" for lot in loop.starter.lots)
    least = "Least that starts them" if loop.starter.proven else "Enough to start them"
    return f"{text} {least} at {loop.starter.rate:.0%} of normal: {lots or 'nothing, their stocks suffice'}."


def _slot(network: Network, lot: Lot) -> str:
    return f"{network.site_ids[network.slot_site[lot.slot]]} / {network.slot_product[lot.slot]}"


def _cells(network: Network, lot: Lot, unit: dict[tuple[str, str], str], after: int) -> tuple[object, ...]:
    site, product = network.site_ids[network.slot_site[lot.slot]], network.slot_product[lot.slot]
    quantity = lot.days * float(network.slot_use[lot.slot])
    return (
        product, lot.days, None if np.isnan(quantity) else quantity, unit.get((site, product)),
        after + lot.daily[0][0], after + lot.daily[-1][0],
    )  # fmt: skip
