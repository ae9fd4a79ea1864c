"""Answers on data that say who supplies an item with which share: the chip chain, critical minerals."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ballast.core.dependence import Bounds, Concentration, concentration
from ballast.core.sums import totals
from ballast.tables.answers.concentrations import concentration_frame
from ballast.tables.answers.indicators import Case, indicator_rows
from ballast.tables.packs import Pack
from ballast.tables.results import result_frame

__all__ = ["share_frames", "share_summary"]

# What rounded shares leave of 1 is no unknown source.
ROUNDED = 1e-4


def share_frames(rows: pl.DataFrame, packs: Sequence[Pack]) -> dict[str, pl.DataFrame]:
    """concentration and indicators of the rows (item, name, year, source, share, note); an item may have no source.

    A share of null is unknown, and so is what the shares of an item leave of 1; it may come from any source, named
    or not. Shares that add up to more than 1 by rounding are taken in proportion.
    """
    keys = rows.group_by("item", "year", maintain_order=True).agg(pl.col("name").first(), pl.col("note").first())
    keys = keys.with_row_index("subject")
    sources = rows["source"].drop_nulls().unique().sort()
    found = _found(rows, keys, sources)
    table = concentration_frame(
        found,
        sources.to_list(),
        subject=None,
        product=keys["item"],
        by="country",
        name=keys["name"],
        year=keys["year"],
        note=keys["note"],
    )
    return {
        "concentration": table,
        "dependence": result_frame("dependence", []),
        "choke_points": result_frame("choke_points", []),
        "indicators": result_frame("indicators", indicator_rows(_measures(table, found), packs)),
    }


def _found(rows: pl.DataFrame, keys: pl.DataFrame, sources: pl.Series) -> Concentration:
    """Concentration of each row of `keys`; what the shares of named sources leave of 1 is open."""
    codes = pl.DataFrame({"source": sources, "code": np.arange(sources.len())})
    named = rows.join(codes, on="source", how="inner", maintain_order="left").join(
        keys.select("subject", "item", "year"), on=["item", "year"], nulls_equal=True, maintain_order="left"
    )
    subject, share = named["subject"].to_numpy(), named["share"].to_numpy()
    left = 1.0 - totals(subject, np.nan_to_num(share), keys.height)
    return concentration(
        subject,
        named["code"].to_numpy(),
        share,
        subjects=keys.height,
        sources=sources.len(),
        open_=np.where(left > ROUNDED, left, 0.0),
    )


def share_summary(frames: dict[str, pl.DataFrame], *, left_out: Sequence[str] = ()) -> dict[str, object]:
    """What the answer says in sum, and what it rests on."""
    table = frames["concentration"]
    return {
        "items": table["product"].n_unique(),
        "rows": table.height,
        "rows_unknown": table.filter(pl.col("unknown_share") >= 1.0).height,
        "left_out": list(left_out),
    }


def _measures(table: pl.DataFrame, found: Concentration) -> dict[Case, dict[int | None, dict[str, Bounds]]]:
    measures: dict[Case, dict[int | None, dict[str, Bounds]]] = {}
    for row, (item, year) in enumerate(table.select("product", "year").iter_rows()):
        measures.setdefault(("", item), {})[year] = {
            "hhi": (float(found.hhi_low[row]), float(found.hhi_high[row])),
            "largest_share": (float(found.largest_low[row]), float(found.largest_high[row])),
        }
    return measures
