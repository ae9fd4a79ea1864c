"""A table as it stands in its file: its cells, and the row number that its author sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ballast.tables.guards import refuse
from ballast.tables.problems import Problem, nearest

__all__ = ["NARROW", "OPEN_FORMULA", "WIDE", "Header", "Raw", "as_text", "frame_of", "read_header"]

_CHUNK = 20_000
# Columns that a partial load adds to refused rows, so that the mended file can be loaded as it is.
BAD_ROW, BAD_REASON = "bad_row", "bad_reason"
# What stands in a cell whose formula was never worked out, before the formula.
OPEN_FORMULA = "#FORMULA! ="
# Digits and signs as they come from an input method for Chinese, and what they mean in figures and dates.
WIDE, NARROW = "０１２３４５６７８９．－−＋：／", "0123456789.--+:/"
# Row numbers stand beside every row of every table; half the width does.
ROW_TYPE = pl.UInt32


@dataclass
class Raw:
    """Cells under the table's own names, the row number of each, and what is wrong.

    A cell is text, or what a Parquet file says it is; empty is null.
    """

    file: str
    frame: pl.DataFrame
    rows: pl.Series
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether something is wrong with the file as a whole."""
        return any(p.row is None for p in self.problems)


@dataclass(frozen=True)
class Header:
    """Where each known column stands in the file."""

    row: int
    width: int
    places: Mapping[str, int]
    problems: tuple[Problem, ...]


def as_text(cells: pl.Series) -> pl.Series:
    """The cells as they would stand in a text file."""
    dtype = cells.dtype
    if isinstance(dtype, pl.Datetime):
        utc = cells.dt.convert_time_zone("UTC") if dtype.time_zone else cells
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if isinstance(dtype, pl.List):
        return cells.cast(pl.List(pl.String)).list.join(";")
    if isinstance(dtype, pl.Duration):
        return cells.dt.to_string("iso")
    return cells.cast(pl.String)


def read_header(
    file: str, cells: Sequence[str], row: int, names: Sequence[str], labels: Mapping[str, str] | None = None
) -> Header:
    """Where the known columns stand; unknown, nameless and repeated ones are problems."""
    known = {name.casefold(): name for name in names} | {k.casefold(): v for k, v in (labels or {}).items()}
    places: dict[str, int] = {}
    problems = []
    width = max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=0)
    for place, cell in enumerate(cells[:width]):
        title = cell.strip()
        name = known.get(title.casefold())
        if title in {BAD_ROW, BAD_REASON}:
            continue
        if name is None:
            code = "unknown_column" if title else "nameless_column"
            details = {"nearest": nearest(title, names), "columns": ", ".join(names)}
            problems.append(Problem(file, None, title, title or str(place + 1), code, details))
        elif name in places:
            problems.append(Problem(file, None, name, name, "repeated_column"))
        else:
            places[name] = place
    if not places:
        raise refuse(file, "no_header", columns=", ".join(names))
    return Header(row, width, places, tuple(problems))


def frame_of(file: str, lines: Iterable[tuple[int, Sequence[str]]], header: Header) -> Raw:
    """The raw table of numbered rows of text under a header; rows without any cell are passed over.

    A row of another length than the header is a problem, because its cells may stand under the wrong names.
    """
    frames, numbers = [], []
    problems = list(header.problems)
    chunk: list[Sequence[str]] = []

    def close() -> None:
        columns = list(zip(*chunk, strict=True))
        data = {name: columns[place] for name, place in header.places.items()}
        frames.append(pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)))
        chunk.clear()

    for number, cells in lines:
        if not any(map(str.strip, cells)):
            continue
        row = cells
        if len(row) != header.width:
            if len(row) > header.width and not any(row[header.width :]):
                row = row[: header.width]
            else:
                code = "too_many_cells" if len(row) > header.width else "too_few_cells"
                problems.append(Problem(file, number, "", str(len(row)), code, {"columns": header.width}))
                row = [*row, *[""] * header.width][: header.width]
        chunk.append(row)
        numbers.append(number)
        if len(chunk) == _CHUNK:
            close()
    if chunk:
        close()
    if not frames:
        frames.append(pl.DataFrame(schema=dict.fromkeys(header.places, pl.String)))
    frame = pl.concat(frames, rechunk=True).with_columns(pl.all().str.strip_chars().replace("", None))
    return Raw(file, frame, pl.Series("row", numbers, dtype=ROW_TYPE), problems)
