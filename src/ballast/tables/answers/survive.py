"""What `ballast survive` and the API answer with: time to survive of each site, alarms, and what they rest on."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ballast.core.columns import Floats
from ballast.core.network import Network
from ballast.core.survive import Survival
from ballast.tables.results import result_frame

__all__ = ["frames", "summary"]


def frames(result: Survival, network: Network) -> dict[str, pl.DataFrame]:
    """The table survive: alarms first, then by what is lost and by how soon."""
    times, loss = result.time_to_survive, result.loss
    order = np.lexsort((result.nodes, times, -np.nan_to_num(loss), ~result.alarm))
    columns: dict[str, object] = {
        "site_id": [network.site_ids[node] for node in result.nodes[order].tolist()],
        "time_to_survive": _known(times[order]),
        "unlimited": np.isinf(times[order]),
        "time_to_recover": _known(result.time_to_recover[order]),
        "alarm": result.alarm[order],
        "loss_at_recovery": _known(loss[order]),
        "exposure": _known(result.exposure[order]),
    }
    return {"survive": result_frame("survive", columns)}


def summary(result: Survival, network: Network) -> Mapping[str, object]:
    """What run.json says."""
    return {
        "nodes": int(result.nodes.size),
        "alarms": int(result.alarm.sum()),
        "unlimited": int(np.isinf(result.time_to_survive).sum()),
        "time_to_recover_unknown": int(np.isnan(result.time_to_recover).sum()),
        "time_to_survive_at_rest": None if np.isinf(result.time_at_rest) else float(result.time_at_rest),
        "stocks_unknown": int(np.isnan(network.slot_cover).sum()),
        "values_unknown": int(np.isnan(network.output_value).sum()),
    }


def _known(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
