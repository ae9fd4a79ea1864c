"""States as records of one length, so that those of 200,000 subjects are kept and read again in one piece."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.core.warning.rule import Rule
from ballast.core.warning.states import States

__all__ = ["pack", "record_type", "unpack"]

# Periods are days, weeks or months of the calendar: four bytes hold them.
_WIDTHS = {
    "kind": "i1", "level": "i1", "pending": "i1", "rank": "i1", "reason": "i1", "flapping": "i1", "up": "<i4",
    "down": "<i4", "missing": "<i4", "kind_since": "<i4", "level_since": "<i4", "value": "<f8", "value_on": "<i4",
    "changes": "<i4",
}  # fmt: skip
_BY_LEVEL = ("up", "down")


def record_type(levels: int) -> "np.dtype[np.void]":
    """The record of one subject under a rule with so many levels; the same bytes on every machine."""
    parts = [(name, width, (levels,)) if name in _BY_LEVEL else (name, width) for name, width in _WIDTHS.items()]
    return np.dtype(parts)


def pack(states: States) -> NDArray[np.void]:
    """The states as records [n]."""
    found: NDArray[np.void] = np.zeros(len(states), record_type(len(states.up)))
    for name in _WIDTHS:
        found[name] = getattr(states, name).T
    return found


def unpack(rule: Rule, records: NDArray[np.void]) -> States:
    """The states of records [n] of `pack`. ValueError when they count other levels than the rule has."""
    if records.dtype != record_type(rule.scheme.worst):
        msg = f"{rule.label} has {rule.scheme.worst} levels; the states kept are {records.dtype.itemsize} bytes each."
        raise ValueError(msg)
    start = States.start(rule, 0)
    columns: dict[str, Any] = {
        one.name: np.ascontiguousarray(records[one.name].T).astype(getattr(start, one.name).dtype)
        for one in fields(States)
    }
    return States(**columns)
