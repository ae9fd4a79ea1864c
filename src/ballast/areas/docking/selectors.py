"""Offers and requests as the columns of their tables."""

from typing import Any

import polars as pl

from ballast.areas.docking.models import Lot, Offer, Request

__all__ = ["frames"]

_FIELDS: dict[str, tuple[str, Any]] = {
    "site_id": ("site__site_id", pl.String),
    "enterprise_id": ("enterprise__enterprise_id", pl.String),
    "product": ("product_id", pl.String),
    "quantity": ("quantity", pl.Float64),
    "unit": ("unit_id", pl.String),
    "from": ("available_from", pl.Date),
    "until": ("available_until", pl.Date),
    "region": ("region_id", pl.String),
    "terms": ("terms", pl.String),
}


def _frame(model: type[Lot], key: str) -> pl.DataFrame:
    fields = {key: (key, pl.String), **_FIELDS}
    rows = list(model._default_manager.order_by(key).values_list(*(field for field, _ in fields.values())))
    frame = pl.DataFrame(rows, schema={name: kind for name, (_, kind) in fields.items()}, orient="row")
    return frame.with_columns(pl.col("terms").replace("", None))


def frames() -> dict[str, pl.DataFrame]:
    """The tables offers and requests, columns as in tables/schemas, rows sorted by id; without regard to scope."""
    return {"offers": _frame(Offer, "offer_id"), "requests": _frame(Request, "request_id")}
