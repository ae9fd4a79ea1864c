"""Systemic risk as its result table and summary."""

from collections.abc import Mapping

import numpy as np
import polars as pl

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
        "steps": result.steps[order],
    }
    return {"esri": result_frame("esri", columns)}


def summary(result: SystemicRisk) -> dict[str, object]:
    """What was asked and what it rests on."""
    return {
        "measure": "esri",
        "mode": "compatible",
        "eps": result.eps,
        "trade_network": result.network.digest,
        "inferred_share": result.network.inferred_share,
        "notes": list(result.network.notes),
    }
