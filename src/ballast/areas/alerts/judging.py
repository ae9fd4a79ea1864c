"""What the parts-cover rule says of many inputs on one day, going on from where each stood."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rules import Rule, effective
from ballast.core.cover import days_of_cover
from ballast.core.warning import NORMAL, State, States, standing, step

__all__ = ["Figures", "Verdict", "judge_all"]

# Of a report that never came: older than any that grows stale.
_NEVER = 10**6


class Figures(NamedTuple):
    """What is reported of one input."""

    stock: float | None
    blocked_stock: float
    daily_use: float
    reported_at: dt.datetime | None


@dataclass(frozen=True)
class Verdict:
    """What the rule says of one input: level, days of cover (None when not known), and why there are no data.

    `counts` is what the next day goes on from; empty when the rule holds and keeps nothing.
    """

    level: str
    cover_days: float | None
    missing: str = ""  # "", "never", "stale"
    counts: dict[str, Any] = field(default_factory=dict)


def judge_all(
    rule: Rule, figures: Sequence[Figures], lamps: Sequence[Lamp | None], today: dt.date, zone: ZoneInfo
) -> list[Verdict]:
    """The verdict on each input on a day, from its figures and its lamp (None when it has none yet).

    An unknown stock, or a report that is too old, gives no data, never a colour. A report counts towards holding and
    keeping on its own day, and when the figures changed; several judgements of a day count as its last.
    """
    ages = [_age(row.reported_at, today, zone) for row in figures]
    covers = [days_of_cover(row.stock, row.daily_use, row.blocked_stock) for row in figures]
    stale = [cover is None or age > rule.stale_after_days for cover, age in zip(covers, ages, strict=True)]
    fresh = [
        not old and (not rule.core.counts or age == 0 or _changed(rule, row, lamp))
        for old, age, row, lamp in zip(stale, ages, figures, lamps, strict=True)
    ]
    before, closed = _before(rule, lamps, today)
    gaps = [_NEVER if cover is None else max(age - 1, 0) for cover, age in zip(covers, ages, strict=True)]
    before.missing = np.array(gaps, np.int32)
    values = np.array([cover if new else np.nan for cover, new in zip(covers, fresh, strict=True)], float)
    after = step(rule.core, before, today.toordinal(), values)
    levels = _levels(rule, after)
    found = []
    for place, (row, cover) in enumerate(zip(figures, covers, strict=True)):
        if row.daily_use == 0:
            found.append(Verdict(Level.NOT_IN_USE, None))
            continue
        missing = ("never" if cover is None else "stale") if levels[place] == Level.NO_DATA else ""
        counts = _counts(rule, after, place, closed[place], today) if rule.core.counts else {}
        found.append(Verdict(levels[place], cover, missing, counts))
    return found


def _age(reported_at: dt.datetime | None, today: dt.date, zone: ZoneInfo) -> int:
    return _NEVER if reported_at is None else (today - reported_at.astimezone(zone).date()).days


def _changed(rule: Rule, row: Figures, lamp: Lamp | None) -> bool:
    """Whether the figures, or the rule, are not those that the lamp was lit by."""
    if lamp is None:
        return True
    reason = lamp.reason
    figures = (reason.get("stock"), reason.get("blocked_stock"), reason.get("daily_use"))
    return reason.get("rule") != rule.label or figures != (row.stock, row.blocked_stock, row.daily_use)


def _before(rule: Rule, lamps: Sequence[Lamp | None], today: dt.date) -> tuple[States, list[dict[str, Any] | None]]:
    """Where each stood at the end of the day before, and that as rows that can be kept (None without)."""
    ranks = {level: rule.core.scheme.rank(level) for level in [NORMAL, *(g.name for g in rule.core.scheme.levels)]}
    counted = [effective(lamp.level, lamp.held) if lamp else "" for lamp in lamps]
    levels = np.array([ranks.get(level, 0) for level in counted], np.int8)
    states = States.resume(rule.core, levels, np.array([level in ranks for level in counted], np.bool_))
    closed: list[dict[str, Any] | None] = [None] * len(lamps)
    if not rule.core.counts:
        return states, closed
    for place, lamp in enumerate(lamps):
        kept = lamp.counts if lamp else {}
        if kept and len(kept["row"]["up"]) == rule.core.scheme.worst:
            closed[place] = kept["closed"] if kept["day"] == today.isoformat() else kept["row"]
        else:
            closed[place] = states.row(place)
    return States.of(rule.core, closed), closed


def _levels(rule: Rule, after: States) -> list[str]:
    names = [rule.core.scheme.name_of(rank) for rank in range(rule.core.scheme.worst + 1)]
    gone: NDArray[np.bool_] = after.kind == State.NO_DATA
    return [
        str(Level.NO_DATA) if no_data else names[rank]
        for no_data, rank in zip(gone.tolist(), after.level.tolist(), strict=True)
    ]


def _counts(rule: Rule, after: States, place: int, closed: dict[str, Any] | None, today: dt.date) -> dict[str, Any]:
    now = standing(rule.core, after, place)
    said = {"pending": now.pending, "recovering": now.recovering, "flapping": now.flapping, "reason": now.reason}
    return {"day": today.isoformat(), "closed": closed, "row": after.row(place), **said}
