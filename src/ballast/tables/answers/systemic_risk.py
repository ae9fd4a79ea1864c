"""Systemic risk as its result table and summary."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ballast.core.columns import Floats
from ballast.core.systemic_risk import SystemicRisk
from ballast.tables.results import result_frame

__all__ = ["frames", "summary"]


def frames(result: SystemicRisk, enterprises: Mapping[str, str]) -> dict[str, pl.DataFrame]:
    """A row for each failed site, the largest loss first; `enterprises` by site id."""
    order = np.lexsort((result.firms, -result.esri)).tolist()
    names = [str(result.network.firm_ids[int(result.firms[k])]) for k in order]
    columns = {
        "rank": range(1, len(order) + 1),
        "site_id": names,
        "enterprise_id": [enterprises[name] for name in names],
        "esri": result.esri[order],
        "downstream": result.downstream[order],
        "upstream": result.upstream[order],
        "esri_lower": _or_none(result.lower[order]),
        "esri_upper": _or_none(result.upper[order]),
        "steps": result.steps[order] if result.mode == "compatible" else [None] * len(order),
    }
    return {"esri": result_frame("esri", columns)}


def summary(result: SystemicRisk) -> dict[str, object]:
    """What was asked and what it rests on."""
    exact = result.mode == "exact"
    without = int(np.isnan(result.upper).sum())
    rule = {"accuracy": result.accuracy, "without_upper_bound": without} if exact else {"eps": result.eps}
    return {
        "measure": "esri",
        "mode": result.mode,
        **rule,
        "trade_network": result.network.digest,
        "inferred_share": result.network.inferred_share,
        "notes": list(result.network.notes),
    }


def _or_none(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
