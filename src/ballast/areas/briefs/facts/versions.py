"""The version of stored facts, and those of earlier versions brought to the present form."""

from collections.abc import Iterator
from typing import Any

__all__ = ["DAY", "HOURS", "VERSION", "brought_up", "enterprise_ids", "version_of"]

# A change of it makes a new issue of today's brief. 1 counted what is new over 24 hours; 2 counts the calendar day; 3
# counts reports by the duties in force and says which, where those before counted the reports of the day.
VERSION = 3
# What "new" counts: since midnight, or over the 24 hours up to the cut-off.
DAY, HOURS = "day", "24 hours"


def version_of(facts: dict[str, Any]) -> int:
    """The version that stored the facts; the first called it "form"."""
    return int(facts.get("version") or facts.get("form") or 0)


def brought_up(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with what their version did not store left empty; those of the present one as they are."""
    if version_of(facts) >= VERSION:
        return facts
    if version_of(facts) == VERSION - 1:
        return {"duties": [], **facts}
    return {
        **facts,
        "duties": [],
        "window": HOURS,
        "stops": [{**row, "cause": _placed(row["cause"])} for row in facts["stops"]],
        "joint": [{**row, "events": [_placed(event) for event in row["events"]]} for row in facts["joint"]],
    }


def _placed(event: dict[str, Any] | None) -> dict[str, Any] | None:
    """An event with a place and its cases; the first briefs named neither."""
    return {"place": {"name": "", "name_zh": ""}, "cases": [], **event} if event else event


def enterprise_ids(facts: object) -> Iterator[str]:
    """Every enterprise whose data the facts hold, wherever it stands in them and whatever their version."""
    if isinstance(facts, dict):
        if isinstance(found := facts.get("enterprise_id"), str):
            yield found
        for part in facts.values():
            yield from enterprise_ids(part)
    elif isinstance(facts, list):
        for part in facts:
            yield from enterprise_ids(part)
