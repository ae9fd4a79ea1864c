"""Named events of a back-test, from a CSV file: event, onset, until, side, series; the last three may be empty."""

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

from ballast.core.series.backtest import Onset, Side
from ballast.tables.csv_files import decode
from ballast.tables.guards import RefusedError
from ballast.tables.problems import nearest
from ballast.tables.series_files import Series, SeriesError, days_since_1970, place_of

__all__ = ["NamedEvent", "onsets_of", "read_events"]

_COLUMNS = ("event", "onset", "until", "side", "series")


@dataclass(frozen=True)
class NamedEvent:
    """What happened, from when to when (both days included), and to which series: names or patterns with *.

    `side` says whether figures rose ("high") or fell ("low"); "both" when either rule should have warned.
    """

    name: str
    onset: dt.date
    until: dt.date
    side: Side
    series: tuple[str, ...]

    def concerns(self, name: str, side: Side) -> bool:
        """Whether a rule on this side of this series should have warned of it; any series when none is named."""
        if "both" not in {side, self.side} and side != self.side:
            return False
        return not self.series or any(fnmatchcase(name.casefold(), one.casefold()) for one in self.series)


def read_events(path: Path) -> list[NamedEvent]:
    """The events of a file. Series are parted by ";". SeriesError names row and value of what is wrong."""
    try:
        rows = list(csv.reader(decode(path.name, path.read_bytes()).splitlines()))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Give a CSV file with event and onset."
        raise SeriesError(msg) from error
    except RefusedError as error:
        raise SeriesError(str(error)) from error
    head = [name.strip() for name in rows[0]] if rows else []
    for name in head:
        if name not in _COLUMNS:
            msg = f"{path.name} has a column {name!r}; it may have {', '.join(_COLUMNS)}. "
            raise SeriesError(msg + (f"Did you mean {near!r}?" if (near := nearest(name, _COLUMNS)) else ""))
    for name in _COLUMNS[:2]:
        if name not in head:
            msg = f"{path.name} has no column {name!r}. Add it."
            raise SeriesError(msg)
    found = [_event(path.name, number, dict(zip(head, row, strict=False))) for number, row in enumerate(rows[1:], 2)]
    return [one for one in found if one is not None]


def onsets_of(events: Sequence[NamedEvent], series: Series, side: Side) -> list[Onset]:
    """The events of which rules on one side of a series should have warned, at their places in it."""
    return [
        Onset(
            one.name,
            days_since_1970(one.onset.isoformat()),
            place_of(series, days_since_1970(one.onset.isoformat())),
            place_of(series, days_since_1970(one.until.isoformat())),
        )
        for one in events
        if one.concerns(series.name, side)
    ]


def _event(file: str, row: int, cells: dict[str, str]) -> NamedEvent | None:
    if not any(value.strip() for value in cells.values()):
        return None
    name = cells.get("event", "").strip()
    if not name:
        msg = f"{file}, row {row}: the event has no name. Give it one."
        raise SeriesError(msg)
    onset = _day(file, row, "onset", cells.get("onset", ""))
    until = _day(file, row, "until", cells["until"]) if cells.get("until", "").strip() else onset
    if until < onset:
        msg = f"{file}, row {row}: until {until} lies before onset {onset}. Correct one of them."
        raise SeriesError(msg)
    series = tuple(part.strip() for part in cells.get("series", "").split(";") if part.strip())
    side = cells.get("side", "").strip() or "both"
    for known in get_args(Side):
        if side == known:
            return NamedEvent(name, onset, until, known, series)
    msg = f"{file}, row {row}: side {side!r} is not one of {', '.join(get_args(Side))}. Leave it empty for both."
    raise SeriesError(msg)


def _day(file: str, row: int, column: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        msg = f"{file}, row {row}: {column} {text!r} is not a date. Write it as 2022-04-01."
        raise SeriesError(msg) from None
