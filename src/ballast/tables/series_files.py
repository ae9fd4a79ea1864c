"""Series for a back-test from a CSV file: long (a row per value) or wide (a column per series), with its publications.

Unlike the tables of a folder, such files come from anywhere: their columns may be named, and dates of publication may
be missing. Then a lag must be assumed in words, because without any date nobody can say what was known when.
"""

import calendar
import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ballast.core.series.measures import Frequency
from ballast.core.series.vintages import LookAhead, Vintages, vintages
from ballast.tables.csv_files import decode, separator_of
from ballast.tables.guards import RefusedError
from ballast.tables.problems import nearest
from ballast.tables.raw import NARROW, WIDE

__all__ = [
    "COLUMNS",
    "Series",
    "SeriesError",
    "assumed_series",
    "date_of",
    "days_since_1970",
    "end_of",
    "place_of",
    "published_series",
    "read_series",
]

COLUMNS = ("series_id", "period", "value", "unit", "published_at")
_EPOCH = dt.date(1970, 1, 1)
_PLAIN = str.maketrans(WIDE, NARROW)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PERIOD = re.compile(r"^([0-9]{4})(?:-?Q([1-4])|-([0-9]{1,2})(?:-([0-9]{1,2}))?)?$")


class SeriesError(ValueError):
    """A file of series that cannot be used; names file, row and value, and the way out."""


@dataclass(frozen=True, eq=False)
class Series:
    """One series as published. `lag_days` is the assumed lag, None when its dates of publication were given."""

    name: str
    unit: str
    frequency: Frequency
    first_month: int  # calendar month 1-12 of its first period
    vintages: Vintages
    lag_days: int | None


@dataclass(frozen=True)
class _Cell:
    row: int
    series: str
    period: str
    value: float
    unit: str
    published: str


def read_series(
    path: Path, *, columns: Mapping[str, str] | None = None, wide: str = "", lag_days: int | None = None
) -> dict[str, Series]:
    """The series of a CSV file by name, in the order of the file.

    `columns` gives the file's name of a column of `COLUMNS` where it differs. `wide` is the column of the period in a
    file with a column for each series. `lag_days` are the days after the end of a period at which its value is taken
    to have been published; dates in the file are then not used. SeriesError for bad input; LookAhead when nothing says
    what was known when.
    """
    cells: dict[str, list[_Cell]] = {}
    for cell in _cells(path, columns or {}, wide):
        cells.setdefault(cell.series, []).append(cell)
    if not cells:
        msg = f"{path.name} has no rows. Give a file with at least one value."
        raise SeriesError(msg)
    return {name: _series(path.name, name, rows, lag_days) for name, rows in cells.items()}


def published_series(name: str, unit: str, rows: Sequence[tuple[str, float, float]]) -> Series:
    """A series from (period, value, day published) of its publications; nan is published as not available.

    Days count from 1970-01-01. SeriesError and LookAhead as for a file.
    """
    cells = [_Cell(k, name, period, value, unit, "") for k, (period, value, _) in enumerate(rows, start=1)]
    return _built(name, name, cells, [day for _, _, day in rows])


def assumed_series(name: str, unit: str, rows: Sequence[tuple[str, float]], lag_days: int) -> Series:
    """A series from (period, value), each taken to have been published so many days after its period ended."""
    cells = [_Cell(k, name, period, value, unit, "") for k, (period, value) in enumerate(rows, start=1)]
    return _built(name, name, cells, None, lag_days)


def days_since_1970(text: str) -> float:
    """Days since 1970-01-01 of a date or a time (UTC where it names no zone). ValueError when it is neither."""
    moment = dt.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds() / 86400.0


def place_of(series: Series, day: float) -> int:
    """Place of the period of a series in which a day lies; may be before its first or after its last."""
    date = _EPOCH + dt.timedelta(days=int(day))
    return _number(series.frequency, date) - series.vintages.first


def date_of(frequency: Frequency, number: int) -> dt.date:
    """A day in the period of a number."""
    match frequency:
        case "year":
            return dt.date(1970 + number, 1, 1)
        case "quarter":
            return dt.date(1970 + number // 4, 3 * (number % 4) + 1, 1)
        case "month":
            return dt.date(1970 + number // 12, number % 12 + 1, 1)
        case "week":
            return _EPOCH + dt.timedelta(days=7 * number)
        case _:
            return _EPOCH + dt.timedelta(days=number)


def end_of(frequency: Frequency, date: dt.date) -> dt.date:
    """Last day of the period that begins on a day; weeks and days are known by that day alone."""
    match frequency:
        case "year":
            return date.replace(month=12, day=31)
        case "quarter" | "month":
            month = date.month + (2 if frequency == "quarter" else 0)
            return date.replace(month=month, day=calendar.monthrange(date.year, month)[1])
        case _:
            return date


def _cells(path: Path, columns: Mapping[str, str], wide: str) -> Iterator[_Cell]:
    try:
        text = decode(path.name, path.read_bytes())
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Give a CSV file."
        raise SeriesError(msg) from error
    except RefusedError as error:
        raise SeriesError(str(error)) from error
    lines = text.splitlines()
    reader = csv.reader(lines, delimiter=separator_of(lines[0] if lines else "", [*COLUMNS, *columns.values(), wide]))
    head = [name.strip() for name in next(reader, [])]
    rows = _rows(path.name, len(head), reader)
    if wide:
        yield from _wide(path.name, head, rows, wide)
    else:
        yield from _long(path.name, head, rows, columns)


def _rows(file: str, width: int, reader: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something. A cell beyond the header is refused: figures with thousands separators make one."""
    for number, row in enumerate(reader, start=2):
        if any(cell.strip() for cell in row[width:]):
            said = f"the row has {len(row)} cells; the header has {width}"
            msg = f"{file}, row {number}: {said}. Write figures without separators of thousands."
            raise SeriesError(msg)
        if any(cell.strip() for cell in row):
            yield number, row


def _long(
    file: str, head: Sequence[str], rows: Iterable[tuple[int, list[str]]], named: Mapping[str, str]
) -> Iterator[_Cell]:
    places = {name: _place(file, head, named.get(name, name), name in named) for name in COLUMNS}
    for name in ("period", "value"):
        if places[name] is None:
            msg = f"{file} has no column {name!r}; it has {', '.join(head)}. Name it: --columns {name}=..."
            raise SeriesError(msg)
    for number, row in rows:
        got = {name: row[k].strip() if k is not None and k < len(row) else "" for name, k in places.items()}
        yield _Cell(
            number, got["series_id"] or Path(file).stem, got["period"], _figure(file, number, got["value"]),
            got["unit"], got["published_at"],
        )  # fmt: skip


def _wide(file: str, head: Sequence[str], rows: Iterable[tuple[int, list[str]]], period: str) -> Iterator[_Cell]:
    at = _place(file, head, period, True)
    for number, row in rows:
        for k, name in enumerate(head):
            if k != at and k < len(row) and row[k].strip():
                yield _Cell(number, name, row[at or 0].strip(), _figure(file, number, row[k].strip()), "", "")


def _place(file: str, head: Sequence[str], name: str, must: bool) -> int | None:
    if name in head:
        return head.index(name)
    if not must:
        return None
    guess = nearest(name, head)
    hint = f"Did you mean {guess!r}?" if guess else f"It has {', '.join(head)}."
    msg = f"{file} has no column {name!r}. {hint}"
    raise SeriesError(msg)


def _figure(file: str, row: int, text: str) -> float:
    if not text:
        return float("nan")
    plain = text.translate(_PLAIN)
    value = float(plain) if _NUMBER.fullmatch(plain) else float("inf")
    if not np.isfinite(value):
        msg = f"{file}, row {row}: {text!r} is not a number. Write it with a point, or leave it empty when unknown."
        raise SeriesError(msg)
    return value


def _series(file: str, name: str, rows: Sequence[_Cell], lag_days: int | None) -> Series:
    return _built(file, name, rows, None, lag_days)


def _built(
    file: str, name: str, rows: Sequence[_Cell], times: Sequence[float] | None, lag_days: int | None = None
) -> Series:
    dates = [_begin(file, cell) for cell in rows]
    kinds = {kind for kind, _ in dates}
    if len(kinds) > 1:
        msg = f"{file}: {name!r} mixes periods of {' and '.join(sorted(kinds))}. Give each its own name."
        raise SeriesError(msg)
    frequency = _frequency(kinds.pop(), [date for _, date in dates])
    start = min(date for _, date in dates)
    numbers = [_number(frequency, date) for _, date in dates]
    ends = [_days(end_of(frequency, date)) for _, date in dates]
    published = _published(file, name, rows, ends, lag_days) if times is None else times
    _once(file, rows, numbers, published)
    try:
        found = vintages(numbers, published, [cell.value for cell in rows], ends=ends)
    except LookAhead as error:
        msg = f"{file}, {name}: {error}"
        raise LookAhead(msg) from None
    return Series(name, rows[0].unit, frequency, start.month, found, lag_days)


def _published(file: str, name: str, rows: Sequence[_Cell], ends: Sequence[int], lag_days: int | None) -> list[float]:
    if lag_days is not None:
        return [end + float(lag_days) for end in ends]
    without = next((cell for cell in rows if not cell.published), None)
    if without is not None:
        msg = (
            f"{file}, row {without.row}: {name} {without.period} has no published_at. A back-test without dates of "
            "publication looks ahead. Give them, or say --assume-lag DAYS after the end of each period."
        )
        raise LookAhead(msg)
    times: list[float] = []
    for cell in rows:
        try:
            times.append(days_since_1970(cell.published))
        except ValueError:
            msg = f"{file}, row {cell.row}: published_at {cell.published!r} is not a time. Write 2022-04-02T09:00Z."
            raise SeriesError(msg) from None
    if len(rows) > 1 and len(set(times)) == 1:
        msg = (
            f"{file}: every value of {name} was published at {rows[0].published}: before that nothing was known, and "
            "nothing can be tested. Give earlier publications, or say --assume-lag DAYS."
        )
        raise LookAhead(msg)
    return times


def _once(file: str, rows: Sequence[_Cell], numbers: Sequence[int], published: Sequence[float]) -> None:
    """SeriesError where a period, however it is written, has two values of one publication."""
    seen: dict[tuple[int, float], int] = {}
    for cell, number, time in zip(rows, numbers, published, strict=True):
        first = seen.setdefault((number, time), cell.row)
        if first != cell.row:
            msg = (
                f"{file}, row {cell.row}: {cell.series} {cell.period} stands in row {first} already. Keep one of them."
            )
            raise SeriesError(msg)


def _begin(file: str, cell: _Cell) -> tuple[Frequency, dt.date]:
    """Kind of a period and its first day."""
    match = _PERIOD.match(cell.period.translate(_PLAIN))
    year, quarter, month, day = match.groups() if match else ("0", None, None, None)
    kind: Frequency = "quarter" if quarter else "day" if day else "month" if month else "year"
    try:
        return kind, dt.date(int(year), 3 * int(quarter) - 2 if quarter else int(month or 1), int(day or 1))
    except ValueError:
        msg = f"{file}, row {cell.row}: {cell.period!r} is not a period. Write YYYY, YYYY-Qn, YYYY-MM or YYYY-MM-DD."
        raise SeriesError(msg) from None


def _frequency(kind: Frequency, dates: Sequence[dt.date]) -> Frequency:
    """Days that always lie whole weeks apart are a weekly series."""
    if kind != "day" or len(dates) < 2:
        return kind
    first = min(dates)
    return "week" if all((date - first).days % 7 == 0 for date in dates) else "day"


def _number(frequency: Frequency, date: dt.date) -> int:
    """Number of the period that holds a date, counted from that of 1970-01-01; weeks begin on Thursdays, as 1970."""
    match frequency:
        case "year":
            return date.year - 1970
        case "quarter":
            return (date.year - 1970) * 4 + (date.month - 1) // 3
        case "month":
            return (date.year - 1970) * 12 + date.month - 1
        case "week":
            return _days(date) // 7
        case _:
            return _days(date)


def _days(date: dt.date) -> int:
    return (date - _EPOCH).days
