"""Own working calendars and own versions of the clocks, as tables; what ships with Ballast stands in none."""

import datetime as dt
import json
from typing import Any

from ballast.areas.cases.models import ClockPolicy
from ballast.areas.cases.packs.model import ClockRule
from ballast.areas.reference.calendars import WEEKDAYS
from ballast.areas.reference.models import WorkingCalendar

__all__ = ["NOTHING", "calendar_days", "calendars", "clock_rules"]

# What stands for an empty set of categories, where an empty cell is the usual set.
NOTHING = "-"


def calendars() -> list[dict[str, Any]]:
    """A row for each version of an own calendar, with the shifts of its week."""
    found = []
    for row in WorkingCalendar.objects.order_by("name", "version"):
        said = json.loads(row.content)
        week = {day: ";".join(shifts) for day, shifts in zip(WEEKDAYS, said["week"], strict=True)}
        told = {key: said[key] for key in ("title", "title_zh", "source")}
        found.append(
            {"name": row.name, "version": row.version, "since": row.since, **told, **week}
            | {"known_until": _date(said["known_until"])}
        )
    return found


def calendar_days() -> list[dict[str, Any]]:
    """A row for each date that such a calendar names."""
    return [
        {
            "name": row.name, "version": row.version, "date": _date(day), "shifts": ";".join(one["shifts"]),
            "title": one["name"], "title_zh": one["name_zh"],
        }
        for row in WorkingCalendar.objects.order_by("name", "version")
        for day, one in sorted(json.loads(row.content)["days"].items())
    ]  # fmt: skip


def clock_rules() -> list[dict[str, Any]]:
    """A row for each line of an own version of the clocks."""
    return [
        {"pack": row.pack, "version": row.version, "number": number, "since": row.since, "running": row.running}
        | _rule(ClockRule.model_validate(rule))
        for row in ClockPolicy.objects.order_by("pack", "version")
        for number, rule in enumerate(json.loads(row.rules), 1)
    ]


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _rule(rule: ClockRule) -> dict[str, Any]:
    usual = ClockRule(clock=rule.clock)  # type: ignore[call-arg]
    sets = {
        name: "" if getattr(rule, name) == getattr(usual, name) else ";".join(sorted(getattr(rule, name))) or NOTHING
        for name in ("pauses", "stops")
    }
    return {
        "clock": rule.clock, "kinds": ";".join(sorted(rule.kinds)), "desks": ";".join(rule.desks), "days": rule.days,
        "minutes": rule.minutes, "until": rule.until.isoformat("minutes") if rule.until else "",
        "calendar": rule.calendar, **sets,
    }  # fmt: skip
