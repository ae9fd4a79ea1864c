"""Indicator series as the columns of their table."""

from typing import Any

import polars as pl

from ballast.areas.economy.models import Observation

__all__ = ["frames"]

_SCHEMA: dict[str, Any] = {
    "series_id": pl.String,
    "period": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "published_at": pl.Datetime("us", "UTC"),
}


def frames() -> dict[str, pl.DataFrame]:
    """The table series, columns as in tables/schemas, sorted by indicator, period and time of publication."""
    rows = list(Observation.objects.order_by("series_id", "period", "published_at").values_list(*_SCHEMA))
    return {"series": pl.DataFrame(rows, schema=_SCHEMA, orient="row")}
