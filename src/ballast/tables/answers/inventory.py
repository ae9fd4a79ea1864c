"""What `ballast inventory` answers with: who falls short, what is made day by day, and what it rests on."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ballast.core.columns import Floats, Ints
from ballast.core.inventory import Damage, InventoryRun
from ballast.tables.results import result_frame

__all__ = ["frames", "summary"]


def frames(run: InventoryRun, damage: Damage, enterprises: Mapping[str, str], day0: dt.date) -> dict[str, pl.DataFrame]:
    """The tables inventory_sites, the largest loss first, and inventory_days; `enterprises` by site id."""
    return {"inventory_sites": _sites(run, damage, enterprises, day0), "inventory_days": _days(run, day0)}


def summary(run: InventoryRun, damage: Damage) -> dict[str, object]:
    """What run.json says. `recovery_day` is the day from which on all output stays within 0.1 % of normal."""
    normal = float(np.nansum(run.network.value))
    short = np.flatnonzero(run.output < normal * 0.999)
    back = None if short.size and short[-1] == run.days - 1 else int(short[-1]) + 1 if short.size else 0
    return {
        "days": run.days,
        "rationing": run.rationing,
        "orders": run.orders,
        "tau": run.tau,
        "capacity": run.capacity,
        "lost_output_value": run.total_lost_output,
        "lost_share": run.total_lost_output / (normal * run.days) if normal > 0.0 else None,
        "direct_lost_value": float(np.nansum(_direct(run, damage) * run.network.value)),
        "unmet_final_demand_value": float(run.unmet.sum()),
        "sites_short": int((run.slow_day >= 0).sum()),
        "stops": int((run.stop_day >= 0).sum()),
        "lowest_day": int(run.output.argmin()),
        "recovery_day": back,
        "events_without_effect": list(damage.unmatched),
        "final_demand_share": None if np.isnan(run.network.final_share) else run.network.final_share,
        "values_unknown": int(np.isnan(run.network.value).sum()),
        "notes": list(run.network.notes),
    }


def _sites(run: InventoryRun, damage: Damage, enterprises: Mapping[str, str], day0: dt.date) -> pl.DataFrame:
    short = np.flatnonzero(run.slow_day >= 0)
    lost = run.lost_output[short]
    names = [str(run.network.firm_ids[int(site)]) for site in short]
    by = sorted(range(short.size), key=lambda k: (-np.nan_to_num(lost[k]), -run.lost_days[short[k]], names[k]))
    short, names = short[by], [names[k] for k in by]
    recovery = run.recovery_day[short]
    columns: dict[str, object] = {
        "site_id": names,
        "enterprise_id": [enterprises[name] for name in names],
        "lost_output_value": [None if np.isnan(value) else float(value) for value in lost[by]],
        "lost_days": run.lost_days[short],
        "direct_days": _direct(run, damage)[short],
        "unmet_days": run.unmet_days[short],
        "stop_day": _known(run.stop_day[short]),
        "stop_date": [None if day < 0 else day0 + dt.timedelta(days=int(day)) for day in run.stop_day[short]],
        "slow_day": run.slow_day[short],
        "recovery_day": _known(
            np.where(recovery >= run.days, -1, np.where(recovery < 0, run.slow_day[short], recovery))
        ),
    }
    return result_frame("inventory_sites", columns)


def _days(run: InventoryRun, day0: dt.date) -> pl.DataFrame:
    normal = float(np.nansum(run.network.value))
    columns: dict[str, object] = {
        "day": range(run.days),
        "date": [day0 + dt.timedelta(days=day) for day in range(run.days)],
        "output_value": run.output,
        "output_share": run.output / normal if normal > 0.0 else [None] * run.days,
        "value_added": run.value_added,
        "unmet_value": run.unmet,
        "stopped": run.stopped,
    }
    return result_frame("inventory_days", columns)


def _direct(run: InventoryRun, damage: Damage) -> Floats:
    """[n] days of normal output that events take from each site itself."""
    direct = np.zeros(run.network.firms)
    direct[damage.firms] = np.maximum(0.0, 1.0 - run.capacity * (1.0 - damage.loss[: run.days])).sum(axis=0)
    return direct


def _known(days: Ints | NDArray[np.integer]) -> list[int | None]:
    return [None if day < 0 else int(day) for day in days]
