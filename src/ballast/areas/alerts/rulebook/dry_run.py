"""What a version of the parts-cover rule would have done: each input day by day over the past year, beside the rule in
force."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.areas.alerts.rulebook.stored import Source, Stored
from ballast.areas.alerts.rules import Rule
from ballast.areas.reports.models import StockReport
from ballast.core import warning
from ballast.core.cover import days_of_cover
from ballast.core.warning import States, feed

__all__ = ["DAYS", "INPUTS", "dry_run"]

# How far back.
DAYS = 365
# Inputs judged at once: a year of them is some 30 MB.
_AT_ONCE = 10_000


def dry_run(rules: dict[str, Rule], until: dt.date) -> dict[str, Any]:
    """What each of the rules does with the reports of the past year: for JSON, counts by the rules' names.

    `inputs`, `reports` and `days` (with any report) say what it rests on. For each rule and level `raised` counts how
    often it was raised to the level from a milder one, and `now` how many inputs stand at it on the last day, also
    where it is only held; `burning` counts by level the days of inputs at it or worse, `changes` all changes of level.
    A few seconds for a year of 100,000 inputs.
    """
    seen = np.zeros(DAYS, dtype=np.bool_)
    found: dict[str, Any] = {"from": (until - dt.timedelta(days=DAYS - 1)).isoformat(), "until": until.isoformat()}
    found |= {"inputs": 0, "reports": 0, "rules": {name: _nothing(rule) for name, rule in rules.items()}}
    for covers in _covers(until):
        found["inputs"] += covers.shape[1]
        found["reports"] += int((~np.isnan(covers)).sum())
        seen |= ~np.isnan(covers).all(axis=1)
        for name, rule in rules.items():
            _add(found["rules"][name], rule, covers)
    return found | {"days": int(seen.sum())}


def _nothing(rule: Rule) -> dict[str, Any]:
    levels = {one.level: {"raised": 0, "now": 0} for one in rule.thresholds}
    return {"version": rule.version, "levels": levels, "burning": dict.fromkeys(levels, 0), "changes": 0}


def _add(found: dict[str, Any], rule: Rule, values: NDArray[np.float64]) -> None:
    states = States.start(rule.core, values.shape[1])
    for after in feed(rule.core, states, 1, values):
        found["changes"] += int((states.seen & (after.level != states.level)).sum())
        for level, counts in found["levels"].items():
            rank = rule.core.scheme.rank(level)
            counts["raised"] += int(((after.level == rank) & (states.level < rank)).sum())
            found["burning"][level] += int((after.level >= rank).sum())
        states = after
    for level, counts in found["levels"].items():
        counts["now"] = counts["now"] + int((states.level == rule.core.scheme.rank(level)).sum())


def _covers(until: dt.date) -> Iterator[NDArray[np.float64]]:
    """Days of cover [DAYS, n] of the inputs that reported, some thousands at a time; nan where nobody reported."""
    first = until - dt.timedelta(days=DAYS - 1)
    rows = StockReport.objects.filter(withdrawn_at__isnull=True, day__range=(first, until))
    needs = list(rows.order_by("need_id").values_list("need_id", flat=True).distinct())
    for begin in range(0, len(needs), _AT_ONCE):
        chosen = needs[begin : begin + _AT_ONCE]
        place = {need: column for column, need in enumerate(chosen)}
        values = np.full((DAYS, len(chosen)), np.nan)
        given = rows.filter(need__gte=chosen[0], need__lte=chosen[-1]).order_by("day", "version")
        # Of several versions for a day the last counts.
        for need, day, stock, blocked, use in given.values_list(
            "need_id", "day", "stock", "blocked_stock", "daily_use"
        ).iterator(chunk_size=5000):
            cover = days_of_cover(stock, use, blocked)
            values[(day - first).days, place[need]] = np.nan if cover is None else cover
        yield values


def _of_inputs(rule: warning.Rule) -> bool:
    return rule.measure == "days_of_cover" and rule.subjects.kind == "need"


def _read(_rule: warning.Rule, until: dt.date) -> Iterator[Stored]:
    days = tuple(until - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1))
    for values in _covers(until):
        yield Stored(days, values)


# Days of cover of the inputs, from their stock reports.
INPUTS = Source("inputs", _of_inputs, _of_inputs, _read)
