"""From table frames to the network and the events that the engine reads: quantities become days of use."""

import datetime as dt
from collections.abc import Mapping
from typing import cast

import numpy as np
import polars as pl

from ballast.core.forecast import Event
from ballast.core.network import Network, NetworkError, build_network
from ballast.core.texts import CodedTexts, Texts

__all__ = ["build_from_frames", "event_day", "remarks"]


def build_from_frames(frames: Mapping[str, pl.DataFrame], *, day0: dt.date) -> tuple[Network, list[Event]]:
    """Network and events of the tables sites, needs, links and events, as of the analysis date.

    Needs with daily use 0 are not in use: they and their links are left out, as are links for which the
    customer has no need. Cover counts neither blocked stock nor what is on the way. A stock that is unknown
    and has no `stock_upper` is at most the largest known cover of the same product, or unbounded.
    NetworkError for a product in two units, a name that is not there, or an impossible figure.
    """
    sites = frames["sites"]
    _refuse_mixed_units(frames["needs"])
    needs = _needs(frames["needs"], sites["site_id"])
    links = _links(frames["links"], needs, sites["site_id"])
    network = build_network(
        site_ids=_texts(sites["site_id"]),
        site_region=_codes(sites["region"]),
        site_product=_codes(sites["product"]),
        output_value=_floats(sites, "daily_output_value"),
        minimum_rate=_floats(sites, "minimum_rate"),
        recovery_days=_floats(sites, "recovery_days"),
        slot_site=needs["site"],
        slot_product=_codes(needs["product"]),
        slot_use=_floats(needs, "daily_use"),
        slot_essential=needs["essential"].fill_null(value=True),
        slot_weight=1.0 - _floats(needs, "substitutable_share"),
        slot_cover=_floats(needs, "cover"),
        slot_cover_upper=_floats(needs, "upper"),
        slot_target=_floats(needs, "target_days"),
        slot_outside=_floats(needs, "outside_share"),
        link_supplier=links["supplier"],
        link_slot=links["slot"],
        link_share=_floats(links, "share"),
        link_quantity=_floats(links, "daily_quantity"),
        link_lead=_floats(links, "lead_days"),
        link_inferred=links["inferred"],
    )
    return network, [_event(row, day0) for row in frames["events"].to_dicts()]


def remarks(network: Network) -> list[str]:
    """What the tables leave open or out of balance, and the rule by which it is read; for run.json."""
    alone = np.diff(network.slot_links) == 0
    found = (
        (
            alone & (network.slot_outside > 0),
            "Needs without a supplier in the tables",
            "they are supplied from outside",
        ),
        (network.slot_base > 1, "Needs supplied with more than they use", "all of it arrives"),
        (network.slot_base < 1, "Needs supplied with less than they use", "their sites run short without any event"),
        (np.isnan(network.link_quantity), "Links without a quantity", "they share equally what the others leave"),
    )
    return [f"{what}: {np.count_nonzero(rows):,}; {rule}." for rows, what, rule in found if rows.any()]


def event_day(value: object, day0: dt.date, event_id: str = "") -> int | None:
    """A day as whole days from day 0, out of a whole number, a date or either as text; None stays None.

    >>> event_day("2022-04-03", dt.date(2022, 4, 1))
    2
    """
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, dt.date):
        return (value - day0).days
    text = str(value).strip()
    try:
        return int(text) if text.lstrip("+-").isdigit() else (dt.date.fromisoformat(text) - day0).days
    except ValueError:
        msg = f"Event {event_id}: {text!r} is not a day. Write 2022-04-01, or whole days from the analysis date."
        raise NetworkError(msg) from None


def _event(row: Mapping[str, object], day0: dt.date) -> Event:
    event_id, left = str(row["event_id"]), row.get("capacity_left")
    start = event_day(row["start"], day0, event_id)
    if start is None:
        msg = f"Event {event_id}: it has no start. Give its first day."
        raise NetworkError(msg)
    return Event(
        event_id=event_id,
        kind=str(row["kind"]),  # type: ignore[arg-type]  # Event refuses what is no kind
        subject=str(row["subject"]),
        start=start,
        end=event_day(row["end"], day0, event_id),
        capacity_left=0.0 if left is None else float(str(left)),
    )


def _needs(needs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Needs in use, with the position of their site and the cover that is known or the most that is plausible."""
    use, blocked = pl.col("daily_use"), pl.col("blocked_stock").fill_null(0.0)
    _refuse_negative(needs, "needs", "daily_use", "stock", "blocked_stock", "stock_upper")
    in_use = needs.lazy().filter(use > 0).select("product").unique().collect(engine="streaming")["product"]
    products = pl.Enum(in_use.drop_nulls().sort())
    rows = needs.select(
        "daily_use", "essential", "substitutable_share", "target_days", "outside_share",
        site=_located(needs, ids, "needs", "site_id"),
        product=pl.col("product").cast(products, strict=False),
        cover=((pl.col("stock") - blocked) / use).clip(lower_bound=0.0),
        upper=((pl.col("stock_upper") - blocked) / use).clip(lower_bound=0.0),
    ).filter(use > 0)  # fmt: skip
    most = pl.col("cover").max().over("product")
    return rows.with_columns(upper=pl.coalesce("upper", most, pl.lit(np.inf)))


def _links(links: pl.DataFrame, needs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Links into needs in use, with the positions of supplier and slot and their share of the use."""
    _refuse_negative(links, "links", "daily_quantity", "lead_days")
    products = _vocabulary(needs["product"])
    customer = _located(links, ids, "links", "customer_site")
    supplier = _located(links, ids, "links", "supplier_site")
    wanted = _slot_key(customer, links["product"].cast(products, strict=False))
    slot = _looked_up(wanted, _slot_key(needs["site"], needs["product"]))
    rows = links.select(
        "daily_quantity",
        "lead_days",
        supplier=supplier,
        slot=slot,
        inferred=pl.col("provenance").eq_missing("inferred"),
    )
    rows = rows.drop_nulls("slot") if slot.null_count() else rows
    return rows.with_columns(share=rows["daily_quantity"] / needs["daily_use"].gather(rows["slot"]))


def _slot_key(site: pl.Series, product: pl.Series) -> pl.Series:
    """A number for each pair of site and product."""
    return site.cast(pl.Int64) * len(_vocabulary(product).categories) + product.to_physical()


def _vocabulary(column: pl.Series) -> pl.Enum:
    """The words of a coded column, sorted."""
    return cast("pl.Enum", column.dtype)


def _located(frame: pl.DataFrame, ids: pl.Series, table: str, column: str) -> pl.Series:
    """The position of the site that a column names, row by row."""
    found = _looked_up(frame[column], ids)
    if found.null_count():
        missing = frame[column].filter(found.is_null())[0]
        msg = f"{table}, {column}: {missing!r} is not among the sites. Add the site, or remove the row."
        raise NetworkError(msg)
    return found


def _looked_up(keys: pl.Series, known: pl.Series) -> pl.Series:
    """The row of `known` that holds each key, null where none does. Lazily, so that the keys are not copied."""
    rows = known.to_frame("key").lazy().with_columns(row=pl.int_range(pl.len(), dtype=pl.Int32))
    joined = keys.to_frame("key").lazy().join(rows, on="key", how="left", maintain_order="left")
    return joined.select("row").collect()["row"].rechunk()


def _refuse_mixed_units(needs: pl.DataFrame) -> None:
    pairs = needs.lazy().select("product", "unit").drop_nulls("unit").unique().collect(engine="streaming")
    units = pairs.sort("product", "unit")
    for (product,), found in units.group_by("product", maintain_order=True):
        if found.height > 1:
            msg = (
                f"needs, unit: {product} is counted in {' and in '.join(found['unit'])}. Use one unit for one product."
            )
            raise NetworkError(msg)


def _refuse_negative(frame: pl.DataFrame, table: str, *columns: str) -> None:
    for column in columns:
        bad = frame.filter(pl.col(column) < 0)
        if bad.height:
            row = ", ".join(str(value) for value in bad.row(0)[:3])
            msg = f"{table}, {column}: {bad[column][0]} is below 0 ({row}). Correct it, or leave it empty when unknown."
            raise NetworkError(msg)


def _floats(frame: pl.DataFrame, column: str) -> pl.Series:
    """A column of figures, from which the engine makes its only copy, with nan for what is empty."""
    return frame[column].cast(pl.Float64)


def _texts(column: pl.Series) -> Texts:
    """A column of texts as the engine keeps them."""
    filled = column.cast(pl.String).fill_null("")
    starts = np.zeros(len(filled) + 1, dtype=np.int64)
    np.cumsum(filled.str.len_bytes().to_numpy(), out=starts[1:])
    return Texts(np.frombuffer((filled.str.join()[0] or "").encode(), dtype=np.uint8), starts)


def _codes(column: pl.Series) -> CodedTexts:
    """A column in which few texts come many times."""
    if not isinstance(column.dtype, pl.Enum):
        filled = column.cast(pl.String).fill_null("")
        words = filled.to_frame("word").lazy().unique().collect(engine="streaming")["word"]
        column = filled.cast(pl.Enum(words.sort()))
    return CodedTexts(_texts(_vocabulary(column).categories), column.to_physical().to_numpy().astype(np.int32))
