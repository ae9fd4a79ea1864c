"""Who mines and refines critical minerals: shares of world production, and production by year.

Files: supply_shares_by_country.csv (product, country, share, source_note, single_source_row) and
bgs_production_by_country_year.csv (mineral, country, year, production), the sheets of premise's mapping of mining
shares. Contains British Geological Survey materials (c) UKRI.
"""

from pathlib import Path

import polars as pl

from ballast.tables.economies import country_code
from ballast.tables.importers.files import columns_of, figures

__all__ = ["read_minerals"]

BY_YEAR = "bgs_production_by_country_year.csv"
ONE_COUNTRY = "only one country is listed, which may be a gap in reporting"
SEVERAL_FORMS = "figures of several mineral forms stand side by side and do not add up; left out"


def read_minerals(folder: Path) -> tuple[pl.DataFrame, list[str]]:
    """(rows (item, name, year, source, share, note), what was left out and why).

    A row without a year is a share of about 2017-2021. Shares of a year are production / production of all countries
    that report. A mineral for which a country stands twice in a year mixes forms that do not add up: it is left out.
    """
    shares = columns_of(folder / "supply_shares_by_country.csv", "product", "country", "share", "single_source_row")
    shares = shares.select(
        pl.col("product").alias("item"), pl.lit(None, pl.Int64).alias("year"), "country",
        pl.Series("share", figures(shares["share"], "supply_shares_by_country.csv")),
        pl.when(pl.col("single_source_row") == "True").then(pl.lit(ONE_COUNTRY)).otherwise(pl.lit("")).alias("note"),
    )  # fmt: skip
    made = columns_of(folder / BY_YEAR, "mineral", "country", "year", "production")
    made = made.select(
        pl.col("mineral").alias("item"),
        pl.Series("year", figures(made["year"], BY_YEAR)).cast(pl.Int64),
        "country",
        pl.Series("production", figures(made["production"], BY_YEAR)),
    )
    twice = made.filter(pl.struct("item", "year", "country").is_duplicated())["item"].unique().sort().to_list()
    world = pl.col("production").sum().over("item", "year")
    by_year = made.filter(~pl.col("item").is_in(twice)).select(
        "item", "year", "country", (pl.col("production") / world).alias("share"), pl.lit("").alias("note")
    )
    rows = pl.concat([shares, by_year])
    codes = {name: country_code(name, file="critical minerals") for name in rows["country"].unique()}
    named = rows.select(
        "item", pl.col("item").alias("name"), "year",
        pl.col("country").replace_strict(codes, return_dtype=pl.String).alias("source"), "share", "note",
    )  # fmt: skip
    return named, [f"{item}: {SEVERAL_FORMS}" for item in twice]
