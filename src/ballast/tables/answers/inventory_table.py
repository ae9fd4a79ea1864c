"""What `ballast inventory` answers with for an input-output table: industries, days, and what it rests on."""

import datetime as dt

import numpy as np
import polars as pl

from ballast.core.columns import Floats
from ballast.core.inventory import TableRun
from ballast.tables.results import result_frame

__all__ = ["frames", "summary"]

# An industry counts as stopped below this part of its normal output, as a site does by default.
_STOPPED = 0.05


def frames(run: TableRun, loss: Floats, day0: dt.date) -> dict[str, pl.DataFrame]:
    """The tables inventory_industries, the largest loss first, and inventory_days."""
    return {"inventory_industries": _industries(run, loss), "inventory_days": _days(run, day0)}


def summary(run: TableRun) -> dict[str, object]:
    """What run.json says."""
    output, normal = run.output.sum(axis=1), float(run.normal.sum())
    short = np.flatnonzero(output < normal * 0.999)
    back = None if short.size and short[-1] == output.size - 1 else int(short[-1]) + 1 if short.size else 0
    lost = float(run.lost.sum())
    return {
        "days": int(output.size),
        "countries": len(run.table.countries),
        "sectors": len(run.table.sectors),
        "lost_output_value": lost,
        "lost_share": lost / (normal * output.size),
        "lost_value_added": float(((run.normal - run.output) @ _added(run)).sum()),
        "unmet_final_demand_value": float(run.unmet.sum()),
        "lowest_day": int(output.argmin()),
        "recovery_day": back,
    }


def _added(run: TableRun) -> Floats:
    """[n] value added in a unit of output."""
    bought = run.table.purchases.sum(axis=0)
    sold = run.table.purchases.sum(axis=1) + np.maximum(0.0, run.table.final.sum(axis=1))
    added: Floats = 1.0 - np.divide(bought, sold, out=np.ones_like(sold), where=sold > 0.0)
    return added


def _industries(run: TableRun, loss: Floats) -> pl.DataFrame:
    table, lost = run.table, run.lost
    share = np.divide(run.output, run.normal, out=np.ones_like(run.output), where=run.normal > 0.0)
    by = np.lexsort((np.arange(lost.size), -lost))
    columns: dict[str, object] = {
        "country": [table.countries[k] for k in table.country[by]],
        "sector": [table.sectors[k] for k in table.sector[by]],
        "lost_output_value": lost[by],
        "lost_days": (1.0 - share).sum(axis=0)[by],
        "direct_days": loss.sum(axis=0)[by],
        "unmet_value": run.unmet.sum(axis=0)[by],
        "lowest_share": share.min(axis=0)[by],
        "lowest_day": share.argmin(axis=0)[by],
    }
    return result_frame("inventory_industries", columns)


def _days(run: TableRun, day0: dt.date) -> pl.DataFrame:
    output = run.output.sum(axis=1)
    columns: dict[str, object] = {
        "day": range(output.size),
        "date": [day0 + dt.timedelta(days=day) for day in range(output.size)],
        "output_value": output,
        "output_share": output / run.normal.sum(),
        "value_added": run.output @ _added(run),
        "unmet_value": run.unmet.sum(axis=1),
        "stopped": (run.output < _STOPPED * run.normal).sum(axis=1),
    }
    return result_frame("inventory_days", columns)
