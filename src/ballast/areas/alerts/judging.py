"""What the parts-cover rule says of many inputs on one day, going on from where each stood. Columns in, columns out."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rules import SEVERITY, Rule
from ballast.core.cover import cover_columns
from ballast.core.warning import Standing, State, States, pack, record_type, standing, step, unpack

__all__ = ["MISSING", "NO_LAMP", "UNKNOWN", "Inputs", "Verdicts", "judge_all", "standing_of"]

# Of a report that never came: older than any that grows stale.
_NEVER = 10**6
# Seconds since 1970 of a report that never came.
UNKNOWN = np.iinfo(np.int64).min
NO_LAMP = -1
# Why there are no data, by number.
MISSING = ("", "never", "stale")
_QUARTER = 900
_NO_DATA, _NOT_IN_USE, _NORMAL = (SEVERITY[str(one)] for one in (Level.NO_DATA, Level.NOT_IN_USE, Level.NORMAL))


class Inputs(NamedTuple):
    """Columns [n] of what is reported of inputs, and of the lamp that each has.

    Levels are numbers as in SEVERITY, NO_LAMP without one; `reported` counts seconds since 1970; `changed` says that
    the figures or the rule are not those that the lamp was lit by; `counts` is what the last day left, b"" without.
    """

    stock: NDArray[np.float64]
    blocked: NDArray[np.float64]
    use: NDArray[np.float64]
    reported: NDArray[np.int64]
    level: NDArray[np.int8]
    held: NDArray[np.int8]
    changed: NDArray[np.bool_]
    counts: Sequence[bytes]


class Verdicts(NamedTuple):
    """Columns [n] of what the rule says: level, days of cover (nan when not known), why there are no data (a place in
    MISSING), and what the next day goes on from (b"" when the rule holds and keeps nothing)."""

    level: NDArray[np.int8]
    cover: NDArray[np.float64]
    missing: NDArray[np.int8]
    counts: list[bytes]


class _Kept(NamedTuple):
    """What lamps keep, as records, and which inputs they are of."""

    places: NDArray[np.intp]
    records: NDArray[np.void]


def judge_all(rule: Rule, given: Inputs, today: dt.date, zone: ZoneInfo) -> Verdicts:
    """The verdict on each input on a day, from its figures and its lamp.

    An unknown stock, or a report that is too old, gives no data, never a colour. A report counts towards holding and
    keeping on its own day, and when the figures changed; several judgements of a day count as its last.
    """
    age = _ages(given.reported, today, zone)
    cover = cover_columns(given.stock, given.use, given.blocked)
    fresh = ~np.isnan(cover) & (age <= rule.stale_after_days)
    kept = _kept(rule, given)
    if rule.core.counts:
        fresh &= (age == 0) | given.changed | _counted(kept, today, len(age))
    closed = _closed(rule, given, kept, today)
    closed.missing = np.where(np.isnan(cover), _NEVER, np.maximum(age - 1, 0)).astype(np.int32)
    after = step(rule.core, closed, today.toordinal(), np.where(fresh, cover, np.nan))
    levels = np.array([SEVERITY[rule.core.scheme.name_of(rank)] for rank in range(rule.core.scheme.worst + 1)], np.int8)
    level = np.where(after.kind == State.NO_DATA, np.int8(_NO_DATA), levels[after.level])
    idle = given.use == 0
    level[idle] = _NOT_IN_USE
    missing = np.where(np.isnan(cover), 1, 2) * (level == _NO_DATA)
    counts = _counts(given, closed, after, fresh, idle, today) if rule.core.counts else [b""] * len(level)
    return Verdicts(level, cover, missing.astype(np.int8), counts)


def _ages(reported: NDArray[np.int64], today: dt.date, zone: ZoneInfo) -> NDArray[np.int64]:
    """Days between the local day of each report and today."""
    quarters, place = np.unique(reported // _QUARTER, return_inverse=True)
    offsets = [0 if one == UNKNOWN // _QUARTER else _offset(one, zone) for one in quarters.tolist()]
    days = (reported + np.array(offsets, np.int64)[place]) // 86_400
    ages: NDArray[np.int64] = np.where(
        reported == UNKNOWN, _NEVER, today.toordinal() - dt.date(1970, 1, 1).toordinal() - days
    )
    return ages


def _offset(quarter: int, zone: ZoneInfo) -> int:
    """Seconds that the zone is before UTC; no zone changes within a quarter of an hour."""
    offset = dt.datetime.fromtimestamp(quarter * _QUARTER, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _kept_type(rule: Rule) -> "np.dtype[np.void]":
    """What a lamp keeps: its last day, where it stood at the end of the day before, and where it stands."""
    one = record_type(rule.core.scheme.worst)
    return np.dtype([("day", "<i4"), ("closed", one), ("row", one)])


def _kept(rule: Rule, given: Inputs) -> _Kept:
    """What the last day left of the inputs of which it left something."""
    kind, counts = _kept_type(rule), given.counts if rule.core.counts else []
    places = np.flatnonzero([len(one) == kind.itemsize for one in counts])
    return _Kept(places, np.frombuffer(b"".join(one for one in counts if len(one) == kind.itemsize), kind))


def _counted(kept: _Kept, today: dt.date, inputs: int) -> NDArray[np.bool_]:
    """[n] inputs of which a value counts for today: a late report does not lose its day when it is judged again."""
    found = np.zeros(inputs, np.bool_)
    day = today.toordinal()
    found[kept.places] = (kept.records["day"] == day) & (kept.records["row"]["value_on"] == day)
    return found


def _closed(rule: Rule, given: Inputs, kept: _Kept, today: dt.date) -> States:
    """Where each stood at the end of the day before: by what was counted, else by the level alone."""
    counted = np.where((given.level == _NO_DATA) & (given.held >= 0), given.held, given.level)
    names = {grade.name for grade in rule.core.scheme.levels}
    ranks = np.full(len(SEVERITY) + 1, -1, np.int8)  # the last place is that of NO_LAMP
    for name, number in SEVERITY.items():
        ranks[number] = rule.core.scheme.rank(name) if name in names else 0 if number == _NORMAL else -1
    rank = ranks[counted]
    states = States.resume(rule.core, np.maximum(rank, 0), rank >= 0)
    if len(kept.places):
        records = kept.records
        rows = np.where(records["day"] == today.toordinal(), records["closed"], records["row"])
        states.put(kept.places, unpack(rule.core, rows))
    return states


def _counts(
    given: Inputs, closed: States, after: States, fresh: NDArray[np.bool_], idle: NDArray[np.bool_], today: dt.date
) -> list[bytes]:
    """What the next day goes on from; where no value came and nothing turned, what was kept before."""
    # The gap follows from the report's age, day by day; kept, it would change every row every day.
    closed.missing[:] = after.missing[:] = 0
    before, row = pack(closed), pack(after)
    kind = np.dtype([("day", "<i4"), ("closed", row.dtype), ("row", row.dtype)])
    kept = np.empty(len(row), kind)
    kept["day"], kept["closed"], kept["row"] = today.toordinal(), before, row
    size, whole = kind.itemsize, kept.tobytes()
    half = size - row.dtype.itemsize
    found = [whole[begin : begin + size] for begin in range(0, len(whole), size)]
    for place in np.flatnonzero(idle).tolist():
        found[place] = b""
    for place in np.flatnonzero(~fresh & ~idle).tolist():
        if given.counts[place][half:] == found[place][half:]:
            found[place] = given.counts[place]
    return found


def standing_of(rule: Rule, lamp: Lamp) -> Standing | None:
    """Where a lamp stands under a rule that holds or keeps, in names; None where nothing is counted of it."""
    kind, kept = _kept_type(rule), bytes(lamp.counts)
    if not rule.core.counts or len(kept) != kind.itemsize:
        return None
    rows: NDArray[Any] = np.frombuffer(kept, kind)["row"]
    return standing(rule.core, unpack(rule.core, rows))
