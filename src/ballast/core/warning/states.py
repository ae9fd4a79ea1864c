"""Where warnings stand: of many subjects as columns, of one as a row that can be kept and read again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ballast.core.warning.rule import Rule

__all__ = ["Reason", "Standing", "State", "States", "standing"]

_NEVER = -1  # No period yet.


class State(IntEnum):
    """What is known of a subject: nothing amiss, amiss but not yet long enough, a level, no data, out of season."""

    NORMAL = 0
    PENDING = 1
    FIRING = 2
    NO_DATA = 3
    RESTING = 4


class Reason(IntEnum):
    """Why a subject came to the state in which it is."""

    NONE = 0
    FIRST = 1  # the first value
    PENDING = 2  # beyond a limit, not yet for long enough
    PASSED = 3  # back before it was raised
    RAISED = 4
    LOWERED = 5
    MISSING = 6
    NEVER = 7  # nothing was ever reported
    RETURNED = 8  # values again after a gap
    SILENT = 9  # raised because nothing was reported
    SEASON = 10  # the season began or ended


@dataclass
class States:
    """Columns of n subjects under one rule with K levels; periods are whole numbers, -1 before the first.

    `up[k-1]` counts the periods with a value, one after the other, on which rank k or worse was seen; `down` those
    on which it was not. A period without a value changes neither. `changes` keeps one bit for each of the last
    twenty values: whether its rank was another than that of the value before.
    """

    kind: NDArray[np.int8]
    level: NDArray[np.int8]
    pending: NDArray[np.int8]
    up: NDArray[np.int32]
    down: NDArray[np.int32]
    missing: NDArray[np.int32]
    kind_since: NDArray[np.int64]
    level_since: NDArray[np.int64]
    reason: NDArray[np.int8]
    value: NDArray[np.float64]
    value_on: NDArray[np.int64]
    rank: NDArray[np.int8]
    changes: NDArray[np.int32]
    flapping: NDArray[np.bool_]

    @classmethod
    def start(cls, rule: Rule, subjects: int) -> Self:
        """Before the first period: no data of anyone."""
        n, k = subjects, rule.scheme.worst
        small, day = np.zeros(n, np.int8), np.full(n, _NEVER, np.int64)
        return cls(
            kind=np.full(n, State.NO_DATA, np.int8), level=small.copy(), pending=small.copy(),
            up=np.zeros((k, n), np.int32), down=np.zeros((k, n), np.int32), missing=np.zeros(n, np.int32),
            kind_since=day.copy(), level_since=day.copy(), reason=np.full(n, Reason.NEVER, np.int8),
            value=np.full(n, np.nan), value_on=day.copy(), rank=small.copy(),
            changes=np.zeros(n, np.int32), flapping=np.zeros(n, np.bool_),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Who had a value at any time (in this season)."""
        found: NDArray[np.bool_] = self.value_on != _NEVER
        return found

    def copy(self) -> Self:
        """The same columns, free to be written to."""
        return type(self)(**{one.name: getattr(self, one.name).copy() for one in fields(self)})

    def put(self, places: NDArray[np.int64], others: Self) -> None:
        """Write the columns of `others` over those at the places [m]."""
        for one in fields(self):
            getattr(self, one.name)[..., places] = getattr(others, one.name)

    def row(self, subject: int) -> dict[str, Any]:
        """One subject as plain values, fit for JSON; `of` reads it again."""
        row = {one.name: getattr(self, one.name)[..., subject].tolist() for one in fields(self)}
        row["value"] = None if np.isnan(self.value[subject]) else row["value"]
        return row

    @classmethod
    def resume(cls, rule: Rule, levels: NDArray[np.int8], seen: NDArray[np.bool_]) -> Self:
        """Columns of subjects of which only the level is known; `levels` [n] in ranks, `seen` [n] who had a value.

        The level stands as it is; holding and keeping begin to count from here.
        """
        states = cls.start(rule, len(levels))
        states.level, states.rank = levels.copy(), levels.copy()
        states.value_on = np.where(seen, 0, _NEVER)
        states.kind[seen] = State.NORMAL
        states.kind[seen & (levels > 0)] = State.FIRING
        return states

    @classmethod
    def of(cls, rule: Rule, rows: Iterable[Mapping[str, Any] | None]) -> Self:
        """Columns from rows of `row`, None for a subject that is new.

        ValueError when a row counts other levels than the rule has.
        """
        given = list(rows)
        states = cls.start(rule, len(given))
        for place, row in enumerate(given):
            if row is None:
                continue
            if len(row["up"]) != rule.scheme.worst:
                msg = f"{rule.label} has {rule.scheme.worst} levels; the state kept counts {len(row['up'])}."
                raise ValueError(msg)
            for one in fields(cls):
                value = row[one.name]
                getattr(states, one.name)[..., place] = np.nan if value is None else value
        return states


@dataclass(frozen=True)
class Standing:
    """Where one subject stands, in names; `since` is the period in which this began, -1 before the first.

    `level` is the one that counts, also while it is only held for want of data. `pending` is the level that waits to
    be raised, "" without one. `recovering` says that good values were seen, not yet for long enough.
    """

    state: str
    level: str
    pending: str
    since: int
    level_since: int
    reason: str
    value: float | None
    value_on: int
    missing: int
    recovering: bool
    flapping: bool
    changes: int

    @property
    def said(self) -> str:
        """The state as sequences write it: normal, pending(red), red, no_data(red), resting.

        What is said of it beside: "red+recovering".
        """
        words = {"pending": f"pending({self.pending})", "firing": self.level, "no_data": f"no_data({self.level})"}
        found = words.get(self.state, self.state)
        if self.state == "no_data" and self.value_on == _NEVER:
            found = "no_data"
        if self.state == "firing" and self.pending:
            found += "+rising"
        return found + ("+recovering" if self.recovering else "") + ("+flapping" if self.flapping else "")


def standing(rule: Rule, states: States, subject: int = 0) -> Standing:
    """Where one subject of the columns stands."""
    kind, level = State(int(states.kind[subject])), int(states.level[subject])
    settled = kind in (State.NORMAL, State.FIRING)
    pending, value = int(states.pending[subject]), float(states.value[subject])
    return Standing(
        state=kind.name.lower(),
        level=rule.scheme.name_of(level),
        pending=rule.scheme.name_of(pending) if pending else "",
        since=int((states.level_since if settled else states.kind_since)[subject]),
        level_since=int(states.level_since[subject]),
        reason=Reason(int(states.reason[subject])).name.lower(),
        value=None if np.isnan(value) else value,
        value_on=int(states.value_on[subject]),
        missing=int(states.missing[subject]),
        recovering=bool(level and states.down[level - 1, subject]),
        flapping=bool(states.flapping[subject]),
        changes=int(states.changes[subject]).bit_count(),
    )
