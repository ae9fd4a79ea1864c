"""Sweeps of stop times as their result tables and summaries."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ballast.core.stops import Pairs, Sweep
from ballast.tables.results import result_frame

__all__ = ["pair_frames", "pair_summary", "sweep_frames", "sweep_summary"]


def sweep_frames(result: Sweep, enterprises: Mapping[str, str]) -> dict[str, pl.DataFrame]:
    """A row for each site, the one whose failure loses most first; `enterprises` by site id."""
    ids = result.network.site_ids
    order = np.lexsort((np.arange(result.stops.size), -result.stops, -result.lost_output)).tolist()
    names = [ids[site] for site in order]
    columns = {
        "rank": range(1, len(order) + 1),
        "site_id": names,
        "enterprise_id": [enterprises[name] for name in names],
        "stops": result.stops[order],
        "lost_output_value": result.lost_output[order],
    }
    return {"exposure": result_frame("exposure", columns)}


def sweep_summary(result: Sweep) -> dict[str, object]:
    """What was asked and the worst of it."""
    return {
        "measure": "stops",
        "order": 1,
        "horizon": result.horizon,
        "stops_most": int(result.stops.max(initial=0)),
        "values_unknown": int(np.isnan(result.network.output_value).sum()),
        "stocks_unknown": int(np.isnan(result.network.slot_cover).sum()),
    }


def pair_frames(result: Pairs) -> dict[str, pl.DataFrame]:
    """The worst pairs in their order."""
    ids = result.network.site_ids
    columns = {
        "rank": range(1, result.first.size + 1),
        "site_id": [ids[site] for site in result.first.tolist()],
        "other_site_id": [ids[site] for site in result.second.tolist()],
        "stops": result.stops,
        "lost_output_value": result.lost_output,
        "beyond_larger": result.beyond,
        "beyond_sum": result.together,
    }
    return {"pairs": result_frame("pairs", columns)}


def pair_summary(result: Pairs) -> dict[str, object]:
    """What was asked, and how many pairs were computed; all others are bounded below the last one given."""
    sites = result.network.sites
    return {
        "measure": "stops",
        "order": 2,
        "horizon": result.horizon,
        "pairs": sites * (sites - 1) // 2,
        "pairs_computed": result.evaluated,
        "values_unknown": int(np.isnan(result.network.output_value).sum()),
        "stocks_unknown": int(np.isnan(result.network.slot_cover).sum()),
    }
