"""Who gets which cases, as tables: departments, working groups, fast tracks, routing rules, steps of the escalation.

Behind them come the tables of the clocks, see clock_frames, the library of measures, see reserve_rows,
and the reviews of bulk materials, see review_rows.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from ballast.areas.desks.models import Department, EscalationStep, FastTrack, RoutingRule, WorkingGroup
from ballast.areas.desks.steps import FIRST_STEPS
from ballast.areas.exchange import clock_frames
from ballast.areas.exchange.reserve_rows import policy_options
from ballast.areas.exchange.review_rows import material_reviews
from ballast.tables.schema import empty_frame

__all__ = ["DESK_TABLES", "EVERY_KIND", "frames", "listed", "turned"]

# What stands for every kind of case in the table of steps, where the database has an empty text.
EVERY_KIND = "*"
_FIRST = {(EVERY_KIND, float(hours), to) for hours, to in FIRST_STEPS}
_SIDES = ("name", "phone", "email")


def frames(*, all_steps: bool = False) -> dict[str, pl.DataFrame]:
    """The tables with all their rows, sorted by what names a row; without regard to scope.

    Steps of the escalation that are those of a new database are left out unless `all_steps`: a folder without them
    comes back without.
    """
    found = {name: _frame(name, rows()) for name, rows in DESK_TABLES.items()}
    if not all_steps and set(found["escalation_steps"].iter_rows()) == _FIRST:
        found["escalation_steps"] = found["escalation_steps"].clear()
    return found


def _frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    schema = empty_frame(name).schema
    found = [{key: None if value == "" else value for key, value in row.items()} for row in rows]
    return pl.DataFrame(found, schema=schema)


def listed(words: Iterable[str]) -> str:
    """Names in one cell, each once and in order."""
    return ";".join(sorted({word.strip() for word in words if word.strip()}))


def turned(row: Mapping[str, Any]) -> dict[str, Any]:
    """A fast track with the smaller region code first: a pair is one row whichever side it was written from."""
    if row["one"] is None or row["other"] is None or row["one"] <= row["other"]:
        return dict(row)
    sides = {"one": "other", "other": "one"}
    swapped = {f"{side}_{part}": row[f"{beside}_{part}"] for side, beside in sides.items() for part in _SIDES}
    return {"one": row["other"], "other": row["one"]} | swapped


def _departments() -> list[dict[str, Any]]:
    rows = Department.objects.prefetch_related("members").order_by("region_id", "code")
    return [
        {
            "region": row.region_id, "code": row.code, "name": row.name, "name_zh": row.name_zh,
            "members": listed(person.username for person in row.people), "closed": row.closed,
        }
        for row in rows
    ]  # fmt: skip


def _groups() -> list[dict[str, Any]]:
    rows = WorkingGroup.objects.prefetch_related("members", "regions").order_by("name", "starts", "pk")
    return [
        {
            "name": row.name, "starts": row.starts, "ends": row.ends, "name_zh": row.name_zh,
            "regions": listed(region.pk for region in row.regions.all()), "chain": row.chain_id,
            "members": listed(person.username for person in row.people),
        }
        for row in rows
    ]  # fmt: skip


def _tracks() -> list[dict[str, Any]]:
    names = ("one", "other", *(f"{side}_{part}" for side in ("one", "other") for part in _SIDES))
    columns = ("one_id", "other_id", *names[2:])
    rows = (turned(dict(zip(names, row, strict=True))) for row in FastTrack.objects.values_list(*columns))
    return sorted(rows, key=lambda row: (row["one"], row["other"]))


def _rules() -> list[dict[str, Any]]:
    rows = RoutingRule.objects.select_related("to_department", "to_group", "to_person").order_by("position", "name")
    return [
        {
            "position": row.position, "name": row.name, "kind": row.kind, "region": row.region_id,
            "chain": row.chain_id, "level": row.level, "product_prefix": row.product_prefix,
            "to_desk": row.to_department.key if row.to_department else row.to_region_id,
            "to_group": row.to_group.name if row.to_group else None,
            "to_group_starts": row.to_group.starts if row.to_group else None,
            "to_person": row.to_person.username if row.to_person else None,
            "starts": row.starts, "ends": row.ends,
        }
        for row in rows
    ]  # fmt: skip


def _steps() -> list[dict[str, Any]]:
    rows = EscalationStep.objects.order_by("kind", "hours", "to").values_list("kind", "hours", "to")
    return [{"kind": kind or EVERY_KIND, "hours": hours, "to": to} for kind, hours, to in rows]


# Table -> its rows as the database has them, in the order in which they refer to each other.
DESK_TABLES: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "departments": _departments, "groups": _groups, "fast_tracks": _tracks, "routing_rules": _rules,
    "escalation_steps": _steps, "calendars": clock_frames.calendars, "calendar_days": clock_frames.calendar_days,
    "clock_rules": clock_frames.clock_rules, "policy_options": policy_options,
    "material_reviews": material_reviews,
}  # fmt: skip
