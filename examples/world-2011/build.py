"""Build a table folder from the World Input-Output Database of 2011: country-sectors as sites.

    python examples/world-2011/build.py --source FOLDER [--out FOLDER] [--event JPN.c14]

FOLDER holds Z_2011.csv.gz, X_2011.csv and sectors.csv. Rules, source and citation: README.md beside this file.
"""

import argparse
import sys
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
DAYS = 365
# What can be stored: agriculture, mining and manufacturing. Electricity and services cannot.
GOODS = [f"c{i}" for i in range(1, 17)]
ELECTRICITY = "c17"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=Path, help="folder with the files of 2011")
    parser.add_argument("--out", default=HERE / "tables", type=Path, help="folder to write (default: tables/ here)")
    parser.add_argument("--event", default="JPN.c14", help="country-sector that the what-if event closes")
    parser.add_argument("--event-days", default=60, type=int, help="days that it stays closed")
    parser.add_argument("--keep", default=0.95, type=float, help="share of purchases, and of each need, to keep")
    parser.add_argument(
        "--essential", default=0.03, type=float, help="share of output from which an input is essential"
    )
    parser.add_argument("--stock-days", default=30.0, type=float, help="most days of stock of a good")
    parser.add_argument("--abroad-days", default=21, type=int, help="days of transport between countries")
    parser.add_argument("--stop-below", default=0.5, type=float, help="rate below which a sector counts as stopped")
    given = parser.parse_args()
    sites, flows = read(given.source)
    tables = build(sites, flows, given)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.write_parquet(given.out / f"{name}.parquet", compression="zstd", compression_level=19)
    kept = tables["links"]["daily_quantity"].sum() * DAYS / flows["musd"].sum()
    sizes = ", ".join(f"{frame.height} {name}" for name, frame in tables.items())
    sys.stdout.write(f"{sizes}; links carry {kept:.1%} of all purchases between country-sectors\n")


def read(source: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Country-sectors with output, and purchases between two different ones, in million USD a year."""
    x = pl.read_csv(source / "X_2011.csv", schema_overrides={"idx": pl.Int64})
    sectors = pl.read_csv(source / "sectors.csv").rename({"name": "sector_name"})
    codes = pl.read_csv(HERE / "countries.csv")
    x = x.join(sectors, on="sector", how="left").with_columns(
        (pl.col("country") + "." + pl.col("sector")).alias("site_id")
    )
    sites = x.filter(pl.col("output_musd") > 0).join(codes, on="country", how="inner").sort("idx")
    z = pl.read_csv(source / "Z_2011.csv.gz", schema_overrides={"from": pl.Int64, "to": pl.Int64, "musd": pl.Float64})
    sold = x.select(pl.col("idx").alias("from"), pl.col("site_id").alias("supplier"), pl.col("sector").alias("product"))
    bought = sites.select(pl.col("idx").alias("to"), pl.col("site_id").alias("customer"))
    flows = z.join(sold, on="from").join(bought, on="to").filter(pl.col("supplier") != pl.col("customer"))
    return sites, flows.select("supplier", "customer", "product", "musd").sort("customer", "product", "supplier")


def covering(value: str, within: list[str], keep: float) -> pl.Expr:
    """Whether a row belongs to the largest ones that together make up `keep` of the total within its group."""
    ranked = pl.col(value).sort_by(value, descending=True)
    before = (ranked.cum_sum() - ranked) / pl.col(value).sum()
    order = pl.col(value).rank("ordinal", descending=True) - 1
    return before.gather(order).over(within) < keep


def build(sites: pl.DataFrame, flows: pl.DataFrame, given: argparse.Namespace) -> dict[str, pl.DataFrame]:
    """All tables of the folder."""
    needs = flows.group_by("customer", "product", maintain_order=True).agg(pl.col("musd").sum())
    needs = needs.filter(pl.col("musd") > 0).filter(covering("musd", ["customer"], given.keep))
    flows = flows.join(needs.select("customer", "product"), on=["customer", "product"], maintain_order="left")
    links = flows.filter(covering("musd", ["customer", "product"], given.keep))
    links = links.filter(pl.col("supplier").is_in(sites["site_id"].implode()))
    daily = (pl.col("output_musd") / DAYS).round(6)
    return {
        "products": sites.select(pl.col("sector").alias("product"), pl.col("sector_name").alias("name"))
        .unique(maintain_order=True).with_columns(pl.lit("musd").alias("unit")),
        "enterprises": sites.select(
            pl.col("country").alias("enterprise_id"), ("Economy of " + pl.col("name")).alias("name"), "region"
        ).unique(maintain_order=True),
        "sites": sites.select(
            "site_id", pl.col("country").alias("enterprise_id"),
            (pl.col("name") + ": " + pl.col("sector_name")).alias("name"), "region",
            pl.col("sector").alias("product"), daily.alias("daily_output_value"),
            pl.lit(given.stop_below).alias("minimum_rate"),
        ),
        "needs": need_table(needs, sites, given),
        "links": links.select(
            pl.col("supplier").alias("supplier_site"), pl.col("customer").alias("customer_site"), "product",
            (pl.col("musd") / DAYS).alias("daily_quantity"),
            pl.when(pl.col("supplier").str.head(3) == pl.col("customer").str.head(3)).then(1)
            .otherwise(given.abroad_days).alias("lead_days"),
            pl.lit("inferred").alias("provenance"),
        ),
        "events": event_table(sites, given),
    }  # fmt: skip


def need_table(needs: pl.DataFrame, sites: pl.DataFrame, given: argparse.Namespace) -> pl.DataFrame:
    """Use a day; stocks of goods unknown up to a bound, of electricity and services none."""
    output = sites.select(pl.col("site_id").alias("customer"), "output_musd")
    good = pl.col("product").is_in(GOODS)
    use = pl.col("musd") / DAYS
    large = pl.col("musd") / pl.col("output_musd") >= given.essential
    return needs.join(output, on="customer", maintain_order="left").select(
        pl.col("customer").alias("site_id"), "product", use.alias("daily_use"), pl.lit("musd").alias("unit"),
        pl.when(~good).then(0.0).alias("stock"),
        pl.when(good).then(use * given.stock_days).alias("stock_upper"),
        (large & (good | (pl.col("product") == ELECTRICITY))).alias("essential"),
    )  # fmt: skip


def event_table(sites: pl.DataFrame, given: argparse.Namespace) -> pl.DataFrame:
    """A what-if: one country-sector makes nothing from day 0."""
    row = sites.filter(pl.col("site_id") == given.event)
    if row.is_empty():
        sys.exit(f"There is no country-sector {given.event!r}; write for example JPN.c14.")
    name = (
        f"What if {row['name'][0]}, {row['sector_name'][0]}, made nothing for {given.event_days} days? An assumption."
    )
    return pl.DataFrame(
        {"event_id": ["WHAT-IF-01"], "kind": ["site"], "subject": [given.event], "start": ["0"],
         "end": [str(given.event_days - 1)], "capacity_left": [0.0], "name": [name]}
    )  # fmt: skip


if __name__ == "__main__":
    main()
