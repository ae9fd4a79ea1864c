"""The rules of each table beyond its cells: products, links, events, stocks, units, periods."""

from collections.abc import Callable, Mapping

import polars as pl

from ballast.tables.checks import ROW, Book
from ballast.tables.raw import ROW_TYPE

__all__ = ["check"]

_REGION = r"^([0-9]{6}|[A-Z]{2,3}|[A-Z]{2}-[A-Z0-9]{1,3})$"
# First and last day, where they are not called "from" and "until".
_SPANS = {"events": ("start", "end"), "groups": ("starts", "ends"), "routing_rules": ("starts", "ends")}
_EXPECTED = {
    "site": "Name a site_id of the sites table.",
    "region": "Name a region code, for example 310000 or CN-SH.",
    "product": "Name a product that a site makes or needs.",
    "lane": "Write FROM>TO; each side is a site_id, a region code or *.",
}


def check(book: Book, name: str) -> None:
    """Refuse the rows of one table that break a rule; the tables before it are already checked."""
    if name not in book.frames:
        return
    for rule in _WITHIN.get(name, ()):
        rule(book, name)
    if book.unreadable:
        return  # What refers to a table that could not be read would only repeat that.
    book.references(name)
    for rule in _BETWEEN.get(name, ()):
        rule(book, name)


def _product(book: Book, name: str) -> None:
    if name in {"sites", "needs"} and "products" not in book.frames:
        return  # Without a list of products, these two tables are the list.
    known = book.products()
    if known.is_empty():
        return  # Neither sites nor needs nor products are here; that is said of the tables.
    rows = book.rows(name).drop_nulls("product").filter(~pl.col("product").is_in(known.implode()))
    book.flag_all(name, rows, "product", "unknown_product", lambda r: {"nearest": book.guess(str(r["product"]), known)})


def _blocked(book: Book, _name: str) -> None:
    rows = book.rows("needs").filter(pl.col("blocked_stock") > pl.col("stock"))
    book.flag_all("needs", rows, "blocked_stock", "blocked_above_stock", lambda r: {"stock": r["stock"]})


def _self_links(book: Book, _name: str) -> None:
    rows = book.rows("links").filter(pl.col("supplier_site") == pl.col("customer_site"))
    book.flag_all("links", rows, "customer_site", "self_link")


def _two_sides(book: Book, _name: str) -> None:
    rows = book.rows("fast_tracks").filter(pl.col("one") == pl.col("other"))
    book.flag_all("fast_tracks", rows, "other", "self_link")


def _of_known_pairs(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """Those of the links whose sites and product are known, so that what is said of them is not said twice."""
    sites = book.all_rows("sites", ["site_id"])["site_id"].implode()
    known = book.products().implode()
    return rows.filter(
        pl.col("supplier_site").is_in(sites)
        & pl.col("customer_site").is_in(sites)
        & pl.col("product").is_in(known)
        & (pl.col("supplier_site") != pl.col("customer_site"))
    )


def _needless(book: Book, _name: str) -> None:
    if not book.present("needs"):
        return
    needs = book.all_rows("needs", ["site_id", "product"])
    pair = ["customer_site", "product"]
    rows = book.rows("links").lazy().join(needs.lazy(), left_on=pair, right_on=["site_id", "product"], how="anti")
    wrong = _of_known_pairs(book, _collected(rows))
    book.flag_all("links", wrong, "product", "no_need", lambda r: {"site": r["customer_site"]})


def _not_made(book: Book, _name: str) -> None:
    sites = book.all_rows("sites", ["site_id", "product"]).drop_nulls().unique("site_id", keep="first")
    made = sites.rename({"site_id": "supplier_site", "product": "_made"})
    rows = book.rows("links").lazy().join(made.lazy(), on="supplier_site", how="inner")
    wrong = _of_known_pairs(book, _collected(rows.filter(pl.col("_made") != pl.col("product"))))
    book.flag_all("links", wrong, "supplier_site", "not_made", _what_is_made)


def _what_is_made(row: dict[str, object]) -> dict[str, object]:
    return {"site": row["supplier_site"], "made": row["_made"], "value": row["product"]}


def _period(book: Book, name: str) -> None:
    """The end must not be before the start; a date and a number of days are not compared."""
    first, last = _SPANS.get(name, ("from", "until"))
    start, end = pl.col(first), pl.col(last)
    rows = book.rows(name)
    if rows.schema[first] == pl.String:
        whole = [c.cast(pl.Int64, strict=False) for c in (start, end)]
        date = [c.str.to_date("%Y-%m-%d", strict=False) for c in (start, end)]
        wrong = rows.filter((whole[1] < whole[0]) | (date[1] < date[0]))
    else:
        wrong = rows.filter(end < start)
    book.flag_all(name, wrong, last, "end_before_start", lambda r: {"start": r[first]})


def _nobody(book: Book, name: str) -> None:
    rows = book.rows(name).filter(pl.col("site_id").is_null() & pl.col("enterprise_id").is_null())
    book.flag_all(name, rows, "site_id", "nobody")


def _subjects(book: Book, _name: str) -> None:
    rows = book.rows("events")
    subject, kind = pl.col("subject"), pl.col("kind")
    sites = book.all_rows("sites", ["site_id"])["site_id"].implode()

    def region(code: pl.Expr) -> pl.Expr:
        known = book.codes.get("region")
        return code.is_in(list(known)) if known is not None else code.str.contains(_REGION)

    def place(side: pl.Expr) -> pl.Expr:
        return (side == "*") | side.is_in(sites) | region(side)

    sides = subject.str.split_exact(">", 1)
    start, end = (sides.struct.field(f).str.strip_chars() for f in ("field_0", "field_1"))
    named = (
        pl.when(kind == "site").then(subject.is_in(sites))
        .when(kind == "region").then(region(subject))
        .when(kind == "product").then(subject.is_in(book.products().implode()))
        .when(kind == "lane").then((subject.str.count_matches(">") == 1) & place(start) & place(end))
    )  # fmt: skip
    wrong = rows.filter(~named.fill_null(value=False) & kind.is_not_null() & subject.is_not_null())
    book.flag_all("events", wrong, "subject", "names_nothing", _what_is_expected)


def _what_is_expected(row: dict[str, object]) -> dict[str, object]:
    return {"kind": row["kind"], "expected": _EXPECTED[str(row["kind"])]}


def _units(book: Book, name: str) -> None:
    """Every quantity of a product is in the unit in which the product first appears."""
    seen = []
    for source in ("products", "needs", "offers", "requests"):
        if source in book.base:
            seen.append(_first_units(book.base[source].with_columns(pl.lit(None, ROW_TYPE).alias(ROW)), "the register"))
        if source in book.frames:
            seen.append(_first_units(book.rows(source), book.files[source]))
        if source == name:
            break
    first = pl.concat(seen).unique("product", keep="first", maintain_order=True)
    rows = book.rows(name).lazy().join(first.lazy(), on="product", how="inner")
    mixed = _collected(rows.filter(pl.col("unit") != pl.col("_unit")))
    book.flag_all(
        name,
        mixed,
        "unit",
        "units_mixed",
        lambda r: {"product": r["product"], "first_unit": r["_unit"], "file": r["_file"], "first": r["_first"] or ""},
    )


def _collected(rows: pl.LazyFrame) -> pl.DataFrame:
    """The rows in the order of the file; found piece by piece, so that no joined copy of a large table is made."""
    return rows.collect(engine="streaming").sort(ROW)


def _first_units(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    rows = frame.drop_nulls(["product", "unit"]).unique("product", keep="first", maintain_order=True)
    return rows.select(
        "product", pl.col("unit").alias("_unit"), pl.lit(file).alias("_file"), pl.col(ROW).alias("_first")
    )


_Rules = Mapping[str, tuple[Callable[[Book, str], None], ...]]
_WITHIN: _Rules = {
    "needs": (_blocked,),
    "links": (_self_links,),
    "groups": (_period,),
    "routing_rules": (_period,),
    "fast_tracks": (_two_sides,),
    "events": (_period,),
    "offers": (_period, _nobody),
    "requests": (_period, _nobody),
}
_BETWEEN: _Rules = {
    "sites": (_product,),
    "needs": (_product, _units),
    "links": (_product, _needless, _not_made),
    "events": (_subjects,),
    "offers": (_product, _units),
    "requests": (_product, _units),
    "commodities": (_product,),
    "interventions": (_product,),
}
