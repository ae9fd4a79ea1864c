"""Build the table folder of real medical deliveries from the published delivery history.

    python examples/medical-deliveries/build.py --source FILE [--out FOLDER] [--since 2011-01-01] [--plant NAME]

FILE is the delivery history (CSV, plain or .gz). Rules, source and licence: README.md beside this file.
"""

import argparse
import re
import sys
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
GROUPS = {
    "ARV": "HIV medicines",
    "HRDT": "HIV tests",
    "ACT": "malaria combination therapy",
    "ANTM": "malaria medicines",
    "MRDT": "malaria tests",
}
# Dosage form -> (suffix of the product, word, unit of one "per pack").
FORMS = {
    "Oral solution": ("liquid", "liquid", "ml"),
    "Oral suspension": ("liquid", "liquid", "ml"),
    "Powder for oral solution": ("powder", "powder for solution", "ml"),
    "Oral powder": ("oral-powder", "oral powder", "g"),
    "Injection": ("injection", "injection", "dose"),
    "Test kit": ("test", "test", "test"),
    "Test kit - Ancillary": ("ancillary", "ancillary for tests", "piece"),
}
TABLET = ("tablet", "tablets or capsules", "tablet")
CENTRE = "SCMS from RDC"
DATE, PO_DATE = "%d-%b-%y", "%m/%d/%y"
LONGEST_LEAD_DAYS = 720
ESSENTIAL_SHARE = 0.2
LINE, USER = ["site_id", "product"], ["programme", "product"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=Path, help="the delivery history file, CSV or CSV.gz")
    parser.add_argument("--out", default=HERE / "tables", type=Path, help="folder to write (default: tables/ here)")
    parser.add_argument("--since", default="2011-01-01", help="first day of delivery that counts")
    parser.add_argument("--plant", default="Aurobindo Unit III, India", help="plant that the what-if event closes")
    given = parser.parse_args()
    lines, left_out = read(given.source, given.since)
    tables = build(lines, given.plant)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.write_csv(given.out / f"{name}.csv")
    sizes = ", ".join(f"{frame.height} {name}" for name, frame in tables.items())
    sys.stdout.write(f"{lines.height} deliveries since {given.since}: {sizes}; {left_out} left out (place unknown)\n")


def read(source: Path, since: str) -> tuple[pl.DataFrame, int]:
    """Deliveries since a day, one row a line with typed columns; and how many lines name no place."""
    raw = pl.read_csv(source, infer_schema_length=0)
    plants = pl.read_csv(HERE / "plants.csv").rename(
        {"manufacturing_site": "Manufacturing Site", "region": "plant_region"}
    )
    countries = pl.read_csv(HERE / "countries.csv").rename({"country": "Country"})
    words = pl.col("Dosage Form").replace_strict({k: list(v) for k, v in FORMS.items()}, default=list(TABLET))
    lines = raw.with_columns(
        pl.col("Delivered to Client Date").str.to_date(DATE).alias("delivered"),
        pl.col("Scheduled Delivery Date").str.to_date(DATE).alias("scheduled"),
        pl.col("PO Sent to Vendor Date").str.to_date(PO_DATE, strict=False).alias("ordered"),
        (pl.col("Line Item Quantity").cast(float) * pl.col("Unit of Measure (Per Pack)").cast(float)).alias("units"),
        pl.col("Line Item Value").cast(float).alias("value"),
        words.alias("form"),
    ).filter((pl.col("delivered") >= pl.lit(since).str.to_date()) & (pl.col("units") > 0))
    placed = lines.join(plants, on="Manufacturing Site").join(countries, on="Country")
    return identify(placed), lines.height - placed.height


def identify(lines: pl.DataFrame) -> pl.DataFrame:
    """Add the ids: product = molecule and form, site = plant and product, programme = country and product group."""
    molecule = pl.col("Molecule/Test Type")
    lines = lines.with_columns(
        (ids(lines["Molecule/Test Type"], 34) + "-" + pl.col("form").list.get(0)).alias("product"),
        (molecule + ", " + pl.col("form").list.get(1)).alias("product_name"),
        pl.col("form").list.get(2).alias("unit"),
        ids(lines["Manufacturing Site"], 19).alias("plant"),
        (pl.col("region") + "-" + pl.col("Product Group").str.to_lowercase()).alias("programme"),
    )
    return lines.with_columns((pl.col("plant") + "." + pl.col("product")).alias("site_id"))


def slug(text: str) -> str:
    """The text in letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def ids(texts: pl.Series, most: int) -> pl.Expr:
    """Identifiers of at most `most` characters; where two texts would share one, a number tells them apart."""
    found: dict[str, str] = {}
    for text in sorted(set(texts)):
        stem, number = slug(text)[:most].strip("-"), 2
        name = stem
        while name in found.values():
            name, number = f"{stem[: most - 2].strip('-')}-{number}", number + 1
        found[text] = name
    return pl.col(texts.name).replace_strict(found)


def build(lines: pl.DataFrame, plant: str) -> dict[str, pl.DataFrame]:
    """All tables of the folder."""
    days = (lines["delivered"].max() - lines["delivered"].min()).days + 1
    links = link_table(lines, days)
    return {
        "products": lines.group_by("product")
        .agg(pl.col("product_name").first().alias("name"), pl.col("unit").first())
        .vstack(programme_products(lines))
        .sort("product"),
        "enterprises": enterprise_table(lines),
        "sites": site_table(lines, days),
        "needs": need_table(lines, links),
        "links": links,
        "events": event_table(lines, plant),
    }


def programme_products(lines: pl.DataFrame) -> pl.DataFrame:
    """What a programme makes: treatment, counted in units handed out."""
    groups = sorted(lines["Product Group"].unique())
    return pl.DataFrame(
        {"product": [f"programme-{g.lower()}" for g in groups], "name": [f"Programme: {GROUPS[g]}" for g in groups],
         "unit": ["usd"] * len(groups)}
    )  # fmt: skip


def enterprise_table(lines: pl.DataFrame) -> pl.DataFrame:
    """The vendors that own plants, and one enterprise for the programmes of each country."""
    vendors = owners(lines).group_by("enterprise_id").agg(pl.col("name").first(), pl.col("region").sort().first())
    programmes = lines.select(
        ("programme-" + pl.col("region")).alias("enterprise_id"),
        ("National programmes of " + pl.col("Country")).alias("name"),
        "region",
    ).unique()
    return vendors.vstack(programmes).sort("enterprise_id")


def owners(lines: pl.DataFrame) -> pl.DataFrame:
    """Enterprise of each plant: its main vendor by value of direct deliveries; without any, the plant itself."""
    direct = lines.filter(pl.col("Vendor") != CENTRE).group_by("plant", "Vendor").agg(pl.col("value").sum())
    main = direct.sort("value", "Vendor", descending=[True, False]).unique("plant", keep="first", maintain_order=True)
    plants = lines.select("plant", "Manufacturing Site", pl.col("plant_region")).unique("plant")
    named = plants.join(main, on="plant", how="left").with_columns(
        pl.coalesce("Vendor", "Manufacturing Site").alias("name"), pl.col("plant_region").alias("region")
    ).sort("name")  # fmt: skip
    return named.select("plant", ("v-" + ids(named["name"], 40).alias("x")).alias("enterprise_id"), "name", "region")


def site_table(lines: pl.DataFrame, days: int) -> pl.DataFrame:
    """A line of a plant (plant and product) and a national programme (country and product group) are sites."""
    value = (pl.col("value").sum() / days).round(2).alias("daily_output_value")
    made = lines.group_by("site_id", "product", "plant", "plant_region").agg(
        (pl.col("Manufacturing Site").first() + ": " + pl.col("product_name").first()).alias("name"), value
    )
    plants = made.join(owners(lines).drop("name", "region"), on="plant").rename({"plant_region": "region"})
    users = lines.group_by("programme", "Country", "region", "Product Group").agg(value)
    programmes = users.select(
        pl.col("programme").alias("site_id"),
        ("programme-" + pl.col("region")).alias("enterprise_id"),
        (pl.col("Country") + ": " + pl.col("Product Group").replace_strict(GROUPS)).alias("name"),
        "region",
        ("programme-" + pl.col("Product Group").str.to_lowercase()).alias("product"),
        "daily_output_value",
    )
    return plants.select(programmes.columns).vstack(programmes).sort("site_id")


def lead_days(lines: pl.DataFrame) -> pl.DataFrame:
    """Median days from order to delivery of each plant line and programme; where no order date was kept, of the
    product group, and for goods from a distribution centre (no order date at all) of the group too."""
    known = lines.with_columns((pl.col("delivered") - pl.col("ordered")).dt.total_days().alias("lead")).filter(
        pl.col("lead").is_between(1, LONGEST_LEAD_DAYS)
    )
    pair = known.group_by("site_id", "programme").agg(pl.col("lead").median())
    group = known.group_by("Product Group").agg(pl.col("lead").median().alias("group_lead"))
    pairs = lines.select("site_id", "programme", "Product Group").unique()
    found = pairs.join(pair, on=["site_id", "programme"], how="left").join(group, on="Product Group", how="left")
    overall = known["lead"].median()
    return found.select("site_id", "programme", pl.coalesce("lead", "group_lead", pl.lit(overall)).alias("lead_days"))


def link_table(lines: pl.DataFrame, days: int) -> pl.DataFrame:
    """Units a day over the whole window from each plant line to each programme."""
    flows = lines.group_by("site_id", "programme", "product").agg(
        (pl.col("units").sum() / days).round(9).alias("daily_quantity"), pl.col("delivered").max().alias("as_of")
    )
    return flows.join(lead_days(lines), on=["site_id", "programme"]).select(
        pl.col("site_id").alias("supplier_site"), pl.col("programme").alias("customer_site"), "product",
        "daily_quantity", "lead_days", pl.lit("reported").alias("provenance"), "as_of",
    ).sort("supplier_site", "customer_site")  # fmt: skip


def need_table(lines: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Use = what came in; stock unknown, at most the largest quantity that ever came on one day."""
    use = links.group_by(pl.col("customer_site").alias("programme"), "product").agg(
        pl.col("daily_quantity").sum().round(9).alias("daily_use")
    )
    daily = lines.group_by(*USER, "unit", "delivered").agg(pl.col("units").sum(), pl.col("value").sum())
    seen = daily.group_by(*USER, "unit").agg(pl.col("units").max().alias("stock_upper"), pl.col("value").sum())
    needs = use.join(seen, on=USER)
    share = pl.col("value") / pl.col("value").sum().over("programme")
    return needs.select(
        pl.col("programme").alias("site_id"), "product", "daily_use", "unit",
        pl.lit(None).alias("stock"), "stock_upper",
        (share >= ESSENTIAL_SHARE).alias("essential"),
    ).sort("site_id", "product")  # fmt: skip


def event_table(lines: pl.DataFrame, plant: str) -> pl.DataFrame:
    """A what-if: every line of one plant ships nothing from day 0 to day 89."""
    closed = lines.filter(pl.col("Manufacturing Site") == plant)["site_id"].unique().sort()
    if closed.is_empty():
        sys.exit(f"No deliveries from the plant {plant!r}. Name one of plants.csv with deliveries in the window.")
    return pl.DataFrame(
        {"event_id": [f"WHAT-IF-{i + 1:02d}" for i in range(len(closed))], "kind": "site", "subject": closed,
         "start": 0, "end": 89, "capacity_left": 0.0,
         "name": "What if this line shipped nothing for 90 days? An assumption."}
    )  # fmt: skip


if __name__ == "__main__":
    main()
