"""What `ballast restart` answers with: the sites that have to run for one to run, or why it cannot."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ballast.core.columns import Bools
from ballast.core.stops import Blocked, RestartSet
from ballast.tables.results import result_frame

__all__ = ["frames", "slot_name", "summary"]

_TOLERANCE = 1e-9


def frames(result: RestartSet, enterprises: Mapping[str, str], stands_still: Bools) -> dict[str, pl.DataFrame]:
    """The tables restart, restart_inputs and restart_blocked; `stands_still` [n] by the forecast."""
    supplies, inputs = _inputs(result)
    order = np.lexsort((result.sites, result.loop, result.step))
    ids = result.network.site_ids
    rows = [
        (
            ids[site],
            enterprises[ids[site]],
            tier,
            step,
            loop or None,
            needed,
            bool(stands_still[site]),
            ";".join(supplies.get(site, ())),
        )
        for site, tier, step, loop, needed in zip(*(column[order].tolist() for column in _columns(result)), strict=True)
    ]
    return {
        "restart": result_frame("restart", rows),
        "restart_inputs": result_frame("restart_inputs", inputs),
        "restart_blocked": result_frame("restart_blocked", [_blocked(result, reason) for reason in result.blocked]),
    }


def summary(result: RestartSet, stands_still: Bools) -> Mapping[str, object]:
    """What run.json says."""
    return {
        "target": result.network.site_ids[result.target],
        "can_run": not result.blocked,
        "in_set": int(result.sites.size),
        "standing_still": int(stands_still[result.sites].sum()),
        "indispensable": int(result.indispensable.sum()),
        "loops": int(result.loop.max(initial=0)),
        "weight": result.weight,
        "bound": result.bound,
        "proven_smallest": result.proven and not result.blocked,
        "candidates": result.candidates,
    }


def slot_name(result: RestartSet, slot: int) -> str:
    """A slot as site / product."""
    network = result.network
    return f"{network.site_ids[network.slot_site[slot]]} / {network.slot_product[slot]}"


def _columns(result: RestartSet) -> tuple[NDArray[np.generic], ...]:
    return result.sites, result.tier, result.step, result.loop, result.indispensable


def _inputs(result: RestartSet) -> tuple[dict[int, list[str]], list[tuple[object, ...]]]:
    """Slots that each member fills, and a row for each essential input of the members."""
    network, members = result.network, set(result.sites.tolist())
    supplies: dict[int, list[str]] = {}
    rows: list[tuple[object, ...]] = []
    for site in result.sites.tolist():
        for slot in range(int(network.site_slots[site]), int(network.site_slots[site + 1])):
            if not network.slot_essential[slot]:
                continue
            come = outside = float(network.slot_outside[slot])
            names: tuple[dict[str, None], dict[str, None]] = {}, {}
            for link in range(int(network.slot_links[slot]), int(network.slot_links[slot + 1])):
                supplier = int(network.link_supplier[link])
                inside = supplier in members and result.amount[link] > 0.0
                names[0 if inside else 1][network.site_ids[supplier]] = None
                if inside:
                    come += float(result.amount[link])
                    if result.need[slot] > _TOLERANCE:
                        supplies.setdefault(supplier, []).append(slot_name(result, slot))
            need = float(result.need[slot]) + (outside if result.need[slot] > 0.0 else 0.0)
            rows.append(
                (network.site_ids[site], network.slot_product[slot], need, outside, come, *map(";".join, names))
            )
    return supplies, rows


def _blocked(result: RestartSet, reason: Blocked) -> tuple[object, ...]:
    network, suppliers = result.network, ";".join(result.network.site_ids[site] for site in reason.without)
    events = ";".join(reason.events)
    if reason.slot < 0:
        return (network.site_ids[reason.site], None, None, None, suppliers, events)
    return (
        network.site_ids[reason.site], network.slot_product[reason.slot], reason.need, reason.most, suppliers, events,
    )  # fmt: skip
