"""One table file in and out, by its suffix: CSV, XLSX or Parquet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ballast.tables.csv_files import read_csv, write_csv
from ballast.tables.guards import LIMITS, Limits, check_size, refuse
from ballast.tables.parquet_files import read_parquet
from ballast.tables.raw import Raw
from ballast.tables.schema import Table
from ballast.tables.xlsx_files import read_xlsx, write_xlsx

__all__ = ["SUFFIXES", "read_bytes", "read_file", "write_file"]

SUFFIXES = (".csv", ".xlsx", ".parquet")


def read_file(path: Path, names: Sequence[str], *, limits: Limits = LIMITS) -> Raw:
    """The raw table of a file. RefusedError when the file is too large, damaged or of no known form."""
    file = path.name
    try:
        check_size(file, path.stat().st_size, limits)
        if path.suffix.lower() == ".parquet":
            return read_parquet(file, path, names)
        data = path.read_bytes()
    except OSError as error:
        raise refuse(file, "unreadable", error.strerror or str(error)) from error
    return read_bytes(file, data, names, limits=limits)


def read_bytes(
    file: str,
    data: bytes,
    names: Sequence[str],
    *,
    labels: Mapping[str, str] | None = None,
    sheet: str = "",
    limits: Limits = LIMITS,
) -> Raw:
    """The raw table of a CSV or XLSX file held in memory, such as an upload. `labels` are other column titles."""
    check_size(file, len(data), limits)
    if file.lower().endswith(".xlsx"):
        return read_xlsx(file, data, names, labels=labels, sheet=sheet or Path(file).stem, limits=limits)
    return read_csv(file, data, names, labels)


def _as_text(frame: pl.DataFrame, schema: Table) -> pl.DataFrame:
    """Every column as the text that a reader would take back to the same value."""
    out = []
    for column in schema.columns:
        value = pl.col(column.name)
        if frame.schema[column.name] == pl.Datetime:
            value = value.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
        out.append(value.cast(pl.String))
    return frame.select(out)


def write_file(frame: pl.DataFrame, path: Path, schema: Table) -> Path:
    """Write one table in the form that the suffix names. ValueError for a suffix that is not known."""
    if path.suffix == ".csv":
        path.write_bytes(write_csv(_as_text(frame, schema)))
    elif path.suffix == ".xlsx":
        path.write_bytes(write_xlsx(frame, schema))
    elif path.suffix == ".parquet":
        frame.write_parquet(path, compression="zstd")
    else:
        msg = f"A table is written as csv, xlsx or parquet, not as {path.suffix!r}."
        raise ValueError(msg)
    return path
