"""Indicator series and bulk materials as the columns of their tables."""

from typing import Any

import polars as pl

from ballast.areas.economy.models import Commodity, Observation

__all__ = ["frames"]

_SCHEMA: dict[str, Any] = {
    "series_id": pl.String,
    "period": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "published_at": pl.Datetime("us", "UTC"),
}
_COMMODITY: dict[str, Any] = {
    "commodity_id": pl.String, "name": pl.String, "name_zh": pl.String, "product": pl.String, "special": pl.Boolean,
    "price_series": pl.String, "stock_series": pl.String, "use_series": pl.String, "supply_series": pl.String,
    "need_series": pl.String, "cost_sector": pl.String,
}  # fmt: skip


def frames() -> dict[str, pl.DataFrame]:
    """The tables series and commodities, columns as in tables/schemas, sorted by their keys."""
    rows = list(Observation.objects.order_by("series_id", "period", "published_at").values_list(*_SCHEMA))
    names = ["product_id" if name == "product" else name for name in _COMMODITY]
    commodities = list(Commodity.objects.order_by("commodity_id").values_list(*names))
    return {
        "series": pl.DataFrame(rows, schema=_SCHEMA, orient="row"),
        "commodities": pl.DataFrame(commodities, schema=_COMMODITY, orient="row"),
    }
