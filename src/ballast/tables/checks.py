"""What must hold within a row, between rows and between tables; each breach becomes a problem."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ballast.tables import cells
from ballast.tables.problems import Problem, nearest
from ballast.tables.raw import ROW_TYPE, Raw, as_text
from ballast.tables.schema import Column, Table, empty_frame, table

__all__ = ["Book"]

ROW = "_row"
# Looking for the nearest name is dear, so only the first bad rows get a guess.
_GUESSES = 50
_TORN = {"too_many_cells", "too_few_cells"}
_CANDIDATES = 2_000


@dataclass
class Book:
    """The tables of one folder while they are checked, in the order in which they refer to each other.

    `base` are rows that exist elsewhere, such as in the database, and may be referred to. `codes` are the
    known codes of a kind of column (region, industry), each with the form in which it is kept.
    With `partial`, a row that was refused may not be referred to either.
    """

    partial: bool = False
    base: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    raws: dict[str, Raw] = field(default_factory=dict)
    bad: dict[str, set[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    _guesses: int = 0
    # Rows whose cells may stand under the wrong names: more is not said of them.
    _torn: dict[str, set[int | None]] = field(default_factory=dict)

    def add(self, name: str, raw: Raw) -> None:
        """Take in one table: parse its cells, refuse missing columns, find rows that come twice.

        A table without rows counts as one that is not there, so that empty templates may stay in a folder.
        """
        schema = table(name)
        self.files[name] = raw.file
        self.problems += raw.problems
        if raw.frame.is_empty():
            return
        self.raws[name] = raw
        self.bad[name] = {p.row for p in raw.problems if p.row is not None}
        self._torn[name] = {p.row for p in raw.problems if p.code in _TORN}
        missing = [c for c in schema.required if c not in raw.frame.columns]
        self.problems += [Problem(raw.file, None, c, c, "missing_column") for c in missing]
        if missing:
            self.unreadable.add(name)
        self.frames[name] = self._parse(schema, raw)
        self._known_codes(schema)
        self._duplicates(schema)

    def _known_codes(self, schema: Table) -> None:
        """Refuse codes of a kind whose list is given and that are not on it; bring others to their kept form."""
        for column in schema.columns:
            if column.kind not in self.codes:
                continue
            kept, name = self.codes[column.kind], column.name
            frame = self.frames[schema.name]
            mapped = frame[name].replace_strict(kept, default=None, return_dtype=pl.String)
            wrong = frame.filter(mapped.is_null() & frame[name].is_not_null())
            self._flag_unknown(schema.name, wrong, column)
            self.frames[schema.name] = frame.with_columns(mapped.alias(name))

    def _flag_unknown(self, name: str, rows: pl.DataFrame, column: Column) -> None:
        known = pl.Series(list(self.codes[column.kind]), dtype=pl.String)
        self.flag_all(
            name,
            rows,
            column.name,
            f"unknown_{column.kind}",
            lambda row: {"nearest": self.guess(str(row[column.name]), known)},
        )

    def _parse(self, schema: Table, raw: Raw) -> pl.DataFrame:
        own = self.own_units()
        columns = [raw.rows.alias(ROW)]
        for column in (c for c in schema.columns if c.name in raw.frame.columns):
            found = raw.frame[column.name]
            # A products table is where units of one's own are declared.
            declares = schema.name == "products" and column.kind == "unit"
            parsed = cells.parse(column, found, own_units=set(as_text(found).drop_nulls()) if declares else own)
            columns.append(parsed.values)
            wrong = parsed.wrong
            for row, value, code in zip(raw.rows[wrong], as_text(found[wrong]), parsed.codes, strict=True):
                if row not in self._torn[schema.name]:
                    details = cells.details(column, code, value or "", own)
                    self._flag(schema.name, row, column.name, value or "", code, details)
        absent = [cells.absent(c) for c in schema.columns if c.name not in raw.frame.columns]
        return pl.DataFrame(columns).with_columns(absent).select(ROW, *schema.names)

    def _flag(
        self, name: str, row: int, column: str, value: object, code: str, details: Mapping[str, object] | None = None
    ) -> None:
        self.bad[name].add(row)
        shown = "" if value is None else str(value)
        self.problems.append(Problem(self.files[name], row, column, shown, code, details or {}))

    def flag_all(
        self,
        name: str,
        rows: pl.DataFrame,
        column: str,
        code: str,
        details: Callable[[dict[str, object]], Mapping[str, object]] | None = None,
    ) -> None:
        """Refuse the given rows of a table for what stands in one column."""
        for row in rows.iter_rows(named=True):
            self._flag(name, row[ROW], column, row[column], code, details(row) if details else None)

    def rows(self, name: str) -> pl.DataFrame:
        """Rows still to be checked: all of the table, or with `partial` those not refused so far."""
        frame = self.frames.get(name)
        if frame is None:
            return empty_frame(name).with_columns(pl.lit(None, ROW_TYPE).alias(ROW))
        out = self.bad[name] if self.partial else self._torn[name]
        return frame.filter(~pl.col(ROW).is_in(list(out))) if out else frame

    def all_rows(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """The rows that may be referred to, in the folder and outside it, by some columns."""
        parts = [self.rows(name).select(columns)]
        if name in self.base:
            parts.append(self.base[name].select(columns))
        return pl.concat(parts)

    def present(self, name: str) -> bool:
        """Whether the table is in the folder or outside it has rows."""
        return name in self.frames or (name in self.base and not self.base[name].is_empty())

    def own_units(self) -> set[str]:
        """Units that the products table declares."""
        return set(self.all_rows("products", ["unit"])["unit"].drop_nulls())

    def guess(self, value: str, known: pl.Series) -> str:
        """The name most like a wrong one, empty for later wrong names of a long list."""
        self._guesses += 1
        if self._guesses > _GUESSES:
            return ""
        candidates = known.drop_nulls()
        if len(candidates) > _CANDIDATES:
            candidates = candidates.filter(candidates.str.slice(0, 3) == value[:3]).head(_CANDIDATES)
        return nearest(value, candidates.to_list())

    def _duplicates(self, schema: Table) -> None:
        key = list(schema.key)
        frame = _alike(self.rows(schema.name), key).drop_nulls(key)
        first = frame.group_by(key, maintain_order=True).agg(pl.col(ROW).first().alias("_first"))
        again = frame.join(first, on=key, how="left", maintain_order="left").filter(pl.col(ROW) != pl.col("_first"))
        named = " + ".join(key)
        self.flag_all(schema.name, again, key[0], "duplicate", lambda row: {"key": named, "first": row["_first"]})

    def references(self, name: str) -> None:
        """Refuse rows that refer to a row of another table that is not there."""
        for column in table(name).columns:
            if not column.refers_to or name not in self.frames:
                continue
            rows = self.rows(name)
            if rows[column.name].null_count() == rows.height:
                continue
            if not self.present(column.refers_to):
                found = {"table": column.refers_to}
                self.problems.append(Problem(self.files[name], None, column.name, column.name, "no_table", found))
                continue
            self._missing(name, rows, column.name, column.refers_to)

    def _missing(self, name: str, rows: pl.DataFrame, column: str, target: str) -> None:
        key = table(target).key[0]
        known = self.all_rows(target, [key])[key]
        missing = rows.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(known.implode()))
        refused: set[str] = set()
        if self.partial and target in self.frames and not missing.is_empty():
            refused = set(self.frames[target][key].drop_nulls())
        was = pl.col(column).is_in(list(refused))
        self.flag_all(name, missing.filter(was), column, "row_refused", lambda _: {"table": target})
        self.flag_all(
            name,
            missing.filter(~was),
            column,
            "no_such_row",
            lambda row: {"table": target, "nearest": self.guess(str(row[column]), known)},
        )

    def products(self) -> pl.Series:
        """Product codes that may be named: the products table, else what sites make and need."""
        listed = self.all_rows("products", ["product"])["product"]
        if "products" in self.frames:
            return listed
        parts = [listed, *(self.all_rows(t, ["product"])["product"] for t in ("sites", "needs"))]
        return pl.concat(parts).drop_nulls().unique(maintain_order=True)


def _alike(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The rows whose key may stand twice: those that share a hash, which are few or none of millions."""
    mark = np.zeros(frame.height, dtype=np.uint64)
    for seed, name in enumerate(key):
        mark += frame[name].hash(seed).to_numpy()
    ordered = np.sort(mark)
    if not (ordered[1:] == ordered[:-1]).any():
        return frame.clear()
    return frame.filter(pl.Series(mark).is_duplicated())
