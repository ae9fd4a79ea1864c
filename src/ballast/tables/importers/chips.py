"""The chip chain: who provides which inputs to advanced logic chips (ETO, Advanced Semiconductor Supply Chain Dataset).

Content from Khan, Peterson and Mann, The Semiconductor Supply Chain (CSET 2021); licence CC BY-NC 4.0, so it is not
shipped: fetch it and name its folder. Files: inputs.csv, stages.csv, providers.csv, provision.csv.
"""

from pathlib import Path

import polars as pl

from ballast.core.columns import NetworkError
from ballast.tables.economies import country_code
from ballast.tables.importers.files import columns_of, figures

__all__ = ["read_chips"]

VARIOUS = "Various"
NEGLIGIBLE = "negligible_market_share"


def read_chips(folder: Path) -> pl.DataFrame:
    """Rows (item, name, year, source, share, note): the countries that provide each input or stage of the chain.

    A share that is not given is null: unknown. Shares of companies are left out (the countries' are the same
    figures), but a company's country stands as a source where the item has no shares. "Various" is a share without
    a source. A market share called negligible is left out, as the data set leaves it out of its sums.
    """
    items = pl.concat([_items(folder / "inputs.csv", "input"), _items(folder / "stages.csv", "stage")])
    rows = _provision(folder)
    has_shares = rows.filter("is_country", pl.col("share").is_not_null())["item"].unique()
    rows = rows.filter(~pl.col("negligible"), pl.col("source").is_not_null()).filter(
        pl.col("is_country") & pl.col("share").is_not_null() | ~pl.col("item").is_in(has_shares.implode())
    )
    _refuse_strangers(rows, items, folder)
    rows = rows.select("item", "source", pl.when("is_country").then("share").alias("share")).unique(maintain_order=True)
    codes = {s: None if s == VARIOUS else country_code(s, file="providers.csv") for s in rows["source"].unique()}
    return items.join(rows, on="item", how="left", maintain_order="left").select(
        "item", "name", pl.lit(None, pl.Int64).alias("year"),
        pl.col("source").replace_strict(codes, default=None, return_dtype=pl.String),
        "share", pl.lit("").alias("note"),
    )  # fmt: skip


def _items(path: Path, kind: str) -> pl.DataFrame:
    return columns_of(path, f"{kind}_id", f"{kind}_name").rename({f"{kind}_id": "item", f"{kind}_name": "name"})


def _provision(folder: Path) -> pl.DataFrame:
    """Rows (item, is_country, source, share, negligible): who provides what, by country."""
    providers = columns_of(folder / "providers.csv", "provider_id", "provider_name", "provider_type", "country")
    rows = columns_of(folder / "provision.csv", "provider_id", "provided_id", "share_provided", NEGLIGIBLE)
    percent = rows["share_provided"].str.strip_chars().str.strip_suffix("%")
    share = pl.Series("share", figures(percent, "provision.csv", empty=True) / 100.0).fill_nan(None)
    is_country = pl.col("provider_type") == "country"
    return (
        rows.with_columns(share)
        .join(providers, on="provider_id", how="left", maintain_order="left")
        .select(
            pl.col("provided_id").alias("item"),
            is_country.alias("is_country"),
            pl.when(is_country).then("provider_name").otherwise("country").alias("source"),
            "share",
            pl.col(NEGLIGIBLE).is_not_null().alias("negligible"),
        )
    )


def _refuse_strangers(rows: pl.DataFrame, items: pl.DataFrame, folder: Path) -> None:
    missing = rows.filter(~pl.col("item").is_in(items["item"].implode()))
    if missing.height:
        stranger = missing["item"][0]
        msg = f"{folder.name}/provision.csv: {stranger!r} is neither an input nor a stage. Fetch all files anew."
        raise NetworkError(msg)
