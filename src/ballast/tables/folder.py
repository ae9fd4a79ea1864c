"""A table folder in and out: read, check whole, write; nothing is guessed and nothing is left out silently."""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ballast.tables import cells, rules
from ballast.tables.checks import ROW, Book
from ballast.tables.files import SUFFIXES, read_file, write_file
from ballast.tables.guards import LIMITS, Limits, RefusedError
from ballast.tables.problems import Problem, nearest
from ballast.tables.raw import BAD_REASON, BAD_ROW, ROW_TYPE, as_text
from ballast.tables.schema import TABLES, empty_frame, table, tables

__all__ = ["BadRows", "Folder", "digest_of", "read_folder", "replace_folder", "write_folder"]

# Rows that are written out at a time to be hashed.
_WRITTEN = 500_000


@dataclass(frozen=True)
class BadRows:
    """Rows of one table that were refused, as they stand in the file, with the reason of each."""

    table: str
    frame: pl.DataFrame


@dataclass(frozen=True)
class Folder:
    """The checked tables. Every table has a frame, without rows when it is not in the folder.

    `problems` is empty when all is good. `digest` (SHA-256) depends on content and not on the file format.
    """

    path: Path
    frames: dict[str, pl.DataFrame]
    problems: list[Problem]
    digest: str
    files: dict[str, str] = field(default_factory=dict)
    bad_rows: dict[str, BadRows] = field(default_factory=dict)
    # Row number in the file of each row of a frame.
    rows: dict[str, pl.Series] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def unreadable(self) -> list[Problem]:
        """Problems of whole files, which no partial load can pass over."""
        return [p for p in self.problems if p.row is None]

    @property
    def counts(self) -> dict[str, int]:
        """Number of good rows of each table in the folder."""
        return {name: self.frames[name].height for name in TABLES if name in self.files}


def read_folder(
    path: Path | str,
    *,
    day0: dt.date | None = None,
    partial: bool = False,
    base: Mapping[str, pl.DataFrame] | None = None,
    codes: Mapping[str, Mapping[str, str]] | None = None,
    limits: Limits = LIMITS,
) -> Folder:
    """The tables of a folder with everything that is wrong with them.

    With `day0`, `day` columns are whole days from it; else they stay text. With `partial`, the frames hold
    the good rows and `bad_rows` the others. `base` are rows outside the folder that may be referred to. `codes` are the
    known codes by kind of column ("region", "industry"), each with the form in which it is kept; without them
    only their form is checked. Wrong input is never raised but reported in `problems`.
    """
    path = Path(path)
    book = Book(partial=partial, base=base or {}, codes=codes or {})
    found = _find(path, book.problems)
    for name in TABLES:
        if name not in found:
            continue
        try:
            raw = read_file(found[name], table(name).names, limits=limits)
        except RefusedError as error:
            book.problems.append(error.problem)
            book.unreadable.add(name)
            continue
        book.add(name, raw)
        rules.check(book, name)
    numbered = {name: _good(book, name) for name in TABLES}
    frames = {name: frame.drop(ROW) for name, frame in numbered.items()}
    rows = {name: frame[ROW] for name, frame in numbered.items()}
    digest = digest_of(frames)
    if day0 is not None:
        frames = {name: _with_days(name, frame, day0) for name, frame in frames.items()}
    return Folder(path, frames, _sorted(book.problems), digest, book.files, _bad_rows(book), rows)


def _find(path: Path, problems: list[Problem]) -> dict[str, Path]:
    """The file of each table; names that are no table and tables in two files are problems."""
    names = ", ".join(TABLES)
    if not path.is_dir():
        code = "not_a_folder" if path.exists() else "no_folder"
        problems.append(Problem(str(path), None, "", str(path), code))
        return {}
    found: dict[str, Path] = {}
    files = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(("~$", ".")))
    for file in files:
        name = file.stem.lower()
        if name not in TABLES:
            details = {"nearest": nearest(name, TABLES), "tables": names}
            problems.append(Problem(file.name, None, "", file.stem, "unknown_table", details))
        elif name in found:
            problems.append(Problem(file.name, None, "", found[name].name, "two_files"))
        else:
            found[name] = file
    if not found and not problems:
        problems.append(Problem(str(path), None, "", "", "empty_folder", {"tables": names}))
    return found


def _good(book: Book, name: str) -> pl.DataFrame:
    frame = book.frames.get(name)
    if frame is None:
        return empty_frame(name).with_columns(pl.lit(None, ROW_TYPE).alias(ROW))
    bad = book.bad[name]
    return frame.filter(~pl.col(ROW).is_in(list(bad))) if bad else frame


def digest_of(frames: Mapping[str, pl.DataFrame]) -> str:
    """SHA-256 over the tables' content, whatever the order of their rows."""
    digest = hashlib.sha256()
    for name in TABLES:
        if name in frames and not frames[name].is_empty():
            digest.update(name.encode() + b"\n")
            order = frames[name].select(pl.arg_sort_by(table(name).key)).to_series()
            for start in range(0, len(order), _WRITTEN):
                rows = frames[name][order.slice(start, _WRITTEN)]
                digest.update(rows.write_csv(include_header=not start).encode())
    return digest.hexdigest()


def _with_days(name: str, frame: pl.DataFrame, day0: dt.date) -> pl.DataFrame:
    columns = [c.name for c in table(name).columns if c.kind == "day"]
    return frame.with_columns([cells.days(frame[c], day0) for c in columns])


def _sorted(problems: list[Problem]) -> list[Problem]:
    order = {f: i for i, f in enumerate(dict.fromkeys(p.file for p in problems))}
    return sorted(problems, key=lambda p: (order[p.file], p.row or 0))


def _bad_rows(book: Book) -> dict[str, BadRows]:
    out = {}
    for name, bad in book.bad.items():
        if not bad:
            continue
        raw, file = book.raws[name], book.files[name]
        reasons: dict[int, list[str]] = {}
        for p in book.problems:
            if p.file == file and p.row is not None:
                reasons.setdefault(p.row, []).append(f"{p.column}: {p.reason} {p.hint}".strip(": "))
        here = raw.rows.is_in(list(bad))
        frame = pl.DataFrame([as_text(cells) for cells in raw.frame.filter(here).iter_columns()])
        frame = frame.with_columns(raw.rows.filter(here).alias(BAD_ROW))
        told = pl.Series(BAD_REASON, ["; ".join(reasons.get(r, [])) for r in frame[BAD_ROW]], dtype=pl.String)
        out[name] = BadRows(name, frame.with_columns(told))
    return out


def write_folder(frames: Mapping[str, pl.DataFrame], path: Path | str, *, format: str = "csv") -> list[Path]:
    """Write the tables that have rows as csv, xlsx or parquet; the same frames give the same bytes.

    Columns are written in the order of the schema. Raises KeyError for a table that has no schema.
    """
    path = Path(path)
    path.mkdir(parents=True, exist_ok=True)
    written = []
    for name in sorted(frames, key=list(TABLES).index):
        schema, frame = tables()[name], frames[name]
        if frame.is_empty():
            continue
        ordered = empty_frame(name).clear().columns
        frame = frame.select([pl.col(c) if c in frame.columns else pl.lit(None).alias(c) for c in ordered])
        written.append(write_file(frame, path / f"{name}.{format}", schema))
    return written


def replace_folder(frames: Mapping[str, pl.DataFrame], path: Path | str, *, format: str = "csv") -> dict[Path, int]:
    """Write the tables to a folder in place of those in it; the files written with their numbers of rows.

    The tables are complete in a folder beside it before the first file of the old ones goes. Files that are
    no tables stay. Raises OSError when the place cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as beside:
        made = write_folder(frames, beside, format=format)
        path.mkdir(exist_ok=True)
        for old in path.iterdir():
            if old.suffix.lower() in SUFFIXES and old.stem.lower() in TABLES:
                old.unlink()
        return {new.replace(path / new.name): frames[new.stem].height for new in made}
