"""From table frames to the network and the events that the engine reads: quantities become days of use."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl

from ballast.core.events import Event
from ballast.core.network import Network, NetworkError, build_network

__all__ = ["build_from_frames", "event_day"]


def build_from_frames(frames: Mapping[str, pl.DataFrame], *, day0: dt.date) -> tuple[Network, list[Event]]:
    """Network and events of the tables sites, needs, links and events, as of the analysis date.

    Needs with daily use 0 are not in use: they and their links are left out, as are links for which the
    customer has no need. Cover counts neither blocked stock nor what is on the way. A stock that is unknown
    and has no `stock_upper` is at most the largest known cover of the same product, or unbounded.
    NetworkError for a product in two units, a name that is not there, or an impossible figure.
    """
    sites = frames["sites"]
    _refuse_mixed_units(frames["needs"])
    place = pl.DataFrame({"site_id": sites["site_id"], "site": np.arange(sites.height)})
    needs = _needs(frames["needs"], place)
    links = _links(frames["links"], needs, place)
    network = build_network(
        site_ids=sites["site_id"].to_list(),
        site_region=sites["region"].to_list(),
        site_product=sites["product"].to_list(),
        output_value=_floats(sites, "daily_output_value"),
        minimum_rate=_floats(sites, "minimum_rate"),
        recovery_days=_floats(sites, "recovery_days"),
        slot_site=needs["site"].to_numpy(),
        slot_product=needs["product"].to_list(),
        slot_use=_floats(needs, "daily_use"),
        slot_essential=needs["essential"].fill_null(value=True).to_numpy(),
        slot_weight=1.0 - _floats(needs, "substitutable_share"),
        slot_cover=_floats(needs, "cover"),
        slot_cover_upper=_floats(needs, "upper"),
        slot_target=_floats(needs, "target_days"),
        slot_outside=_floats(needs, "outside_share"),
        link_supplier=links["supplier"].to_numpy(),
        link_slot=links["slot"].to_numpy(),
        link_share=_floats(links, "share"),
        link_quantity=_floats(links, "daily_quantity"),
        link_lead=_floats(links, "lead_days"),
        link_inferred=(links["provenance"].fill_null("") == "inferred").to_numpy(),
    )
    return network, [_event(row, day0) for row in frames["events"].to_dicts()]


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


def _needs(needs: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    """Needs in use, numbered, with the cover that is known or the most that is plausible."""
    use, blocked = pl.col("daily_use"), pl.col("blocked_stock").fill_null(0.0)
    _refuse_negative(needs, "needs", "daily_use", "stock", "blocked_stock", "stock_upper")
    located = _locate(needs, place, "needs", "site_id", "site").filter(use > 0)
    cover = ((pl.col("stock") - blocked) / use).clip(lower_bound=0.0)
    stated = ((pl.col("stock_upper") - blocked) / use).clip(lower_bound=0.0)
    return located.with_columns(cover=cover, stated=stated).with_columns(
        upper=pl.coalesce("stated", pl.col("cover").max().over("product"), pl.lit(np.inf)),
        slot=pl.int_range(pl.len()),
    )


def _links(links: pl.DataFrame, needs: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    """Links into needs in use, with their share of the use."""
    _refuse_negative(links, "links", "daily_quantity", "lead_days")
    located = _locate(links, place, "links", "supplier_site", "supplier")
    _locate(links, place, "links", "customer_site", "customer")
    slots = needs.select(pl.col("site_id").alias("customer_site"), "product", "slot", "daily_use")
    joined = located.join(slots, on=["customer_site", "product"], how="inner", maintain_order="left")
    return joined.with_columns(share=pl.col("daily_quantity") / pl.col("daily_use"))


def _locate(frame: pl.DataFrame, place: pl.DataFrame, table: str, column: str, name: str) -> pl.DataFrame:
    """The frame with the position of the site that a column names."""
    found = frame.join(place.rename({"site_id": column, "site": name}), on=column, how="left", maintain_order="left")
    missing = found.filter(pl.col(name).is_null())
    if missing.height:
        msg = f"{table}, {column}: {missing[column][0]!r} is not among the sites. Add the site, or remove the row."
        raise NetworkError(msg)
    return found


def _refuse_mixed_units(needs: pl.DataFrame) -> None:
    mixed = needs.group_by("product").agg(pl.col("unit").drop_nulls().unique().sort()).sort("product")
    for product, units in mixed.iter_rows():
        if len(units) > 1:
            msg = f"needs, unit: {product} is counted in {' and in '.join(units)}. Use one unit for one product."
            raise NetworkError(msg)


def _refuse_negative(frame: pl.DataFrame, table: str, *columns: str) -> None:
    for column in columns:
        bad = frame.filter(pl.col(column) < 0)
        if bad.height:
            row = ", ".join(str(value) for value in bad.row(0)[:3])
            msg = f"{table}, {column}: {bad[column][0]} is below 0 ({row}). Correct it, or leave it empty when unknown."
            raise NetworkError(msg)


def _floats(frame: pl.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column with nan for what is empty."""
    return frame[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
