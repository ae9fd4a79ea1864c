"""An ensemble of forecasts as its result table and summary."""

import numpy as np
import polars as pl

from ballast.core.columns import Floats
from ballast.core.forecast import Ensemble
from ballast.core.forecast.ensemble import QUANTILES
from ballast.core.network import Network
from ballast.tables.results import result_frame

__all__ = ["frames", "summary"]


def frames(result: Ensemble, network: Network) -> dict[str, pl.DataFrame]:
    """A row for each site that falls short in any draw, those that stop most often first."""
    columns: dict[str, object] = {"site_id": [network.site_ids[site] for site in result.sites.tolist()]}
    columns["stop_share"] = result.stop_share
    for quantile in QUANTILES:
        columns[f"stop_day_p{quantile * 100:.0f}"] = _days(result.stop_quantiles(quantile))
        columns[f"lost_days_p{quantile * 100:.0f}"] = result.lost_quantiles(quantile)
    frame = result_frame("ensemble", columns)
    return {"ensemble": frame.sort("stop_share", "lost_days_p50", "site_id", descending=[True, True, False])}


def summary(result: Ensemble) -> dict[str, object]:
    """What was drawn, and the bands of the money lost."""
    bands = dict(zip((f"p{q * 100:.0f}" for q in QUANTILES), result.total_quantiles(), strict=True))
    return {
        "draws": len(result.draws),
        "seed": result.seed,
        "stock_error": result.uncertainty.stock_error,
        "end_days": result.uncertainty.end_days,
        "lost_output_value_bands": bands,
    }


def _days(values: Floats) -> list[int | None]:
    return [int(value) if np.isfinite(value) else None for value in values]
