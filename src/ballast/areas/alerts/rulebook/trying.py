"""What the rules of a pack would have done over the past year, on whatever values of their measures are stored."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from ballast.areas.alerts.rulebook.stored import Stored, source_of
from ballast.core.warning import Rule, RulePack, States, feed

__all__ = ["tried"]


def tried(in_force: RulePack, proposed: RulePack, until: dt.date) -> dict[str, Any]:
    """The dry run of every rule of a pack, for JSON: `each` holds a row for every rule of either version.

    `subjects`, `values` and `days` (periods with any value, of `periods`) say what it rests on; `why` is "not_kept"
    where Ballast keeps no values of the measure, "nothing" where it could and has none. For each version and level
    `raised` counts how often it was raised to it from a milder one, `burning` the periods of subjects at it or worse,
    `now` the subjects that stand at it on the last day.
    """
    names = dict.fromkeys(rule.name for pack in (in_force, proposed) for rule in pack.rules)
    found = {"from": (until - dt.timedelta(days=364)).isoformat(), "until": until.isoformat()}
    return found | {"each": [_row(name, _of(in_force, name), _of(proposed, name), until) for name in names]}


def _of(pack: RulePack, name: str) -> Rule | None:
    return next((rule for rule in pack.rules if rule.name == name), None)


def _row(name: str, before: Rule | None, after: Rule | None, until: dt.date) -> dict[str, Any]:
    shown = after or before
    row: dict[str, Any] = {
        "rule": name,
        "measure": shown.measure if shown else "",
        "period": shown.period if shown else "",
    }
    versions = {"in_force": before, "proposed": after}
    read: dict[tuple[object, ...], list[Stored] | None] = {}
    for version, rule in versions.items():
        if rule is None:
            row[version] = None
            continue
        # What the values depend on; limits and holds do not change them.
        key = (rule.measure, rule.period, rule.subjects)
        if key not in read:
            source = source_of(rule)
            read[key] = None if source is None else list(source.read(rule, until))
        chunks = read[key]
        row[version] = _counted(rule, chunks or [])
        row |= _rests_on(chunks)
    return row


def _rests_on(chunks: list[Stored] | None) -> dict[str, Any]:
    if chunks is None:
        return {"subjects": 0, "values": 0, "days": 0, "periods": 0, "why": "not_kept"}
    known = [~np.isnan(one.values) for one in chunks]
    periods = max((len(one.days) for one in chunks), default=0)
    seen = np.zeros(periods, dtype=np.bool_)
    for one in known:
        seen |= one.any(axis=1)
    values = sum(int(one.sum()) for one in known)
    return {
        "subjects": sum(int(one.any(axis=0).sum()) for one in known), "values": values, "days": int(seen.sum()),
        "periods": periods, "why": "" if values else "nothing",
    }  # fmt: skip


def _counted(rule: Rule, chunks: Sequence[Stored]) -> dict[str, Any]:
    levels = {limit.level: {"raised": 0, "burning": 0, "now": 0} for limit in rule.limits}
    changes = 0
    for chunk in chunks:
        states = States.start(rule, chunk.values.shape[1])
        watching = [rule.watches(day) for day in chunk.days]
        for after in feed(rule, states, 1, chunk.values, watching):
            changes += int((states.seen & (after.level != states.level)).sum())
            for level, counts in levels.items():
                rank = rule.scheme.rank(level)
                counts["raised"] += int(((after.level == rank) & (states.level < rank)).sum())
                counts["burning"] += int((after.level >= rank).sum())
            states = after
        for level, counts in levels.items():
            counts["now"] += int((states.level == rule.scheme.rank(level)).sum())
    return {"version": rule.version, "levels": levels, "changes": changes}
