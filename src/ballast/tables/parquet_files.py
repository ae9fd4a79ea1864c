"""Parquet in: every column as the text that its values are written as."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ballast.tables.guards import refuse
from ballast.tables.raw import Raw, read_header

__all__ = ["read_parquet"]

# Beyond this a small file would unpack to more than the memory of an office machine.
_MOST_CELLS = 200_000_000


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        utc = value.dt.convert_time_zone("UTC") if dtype.time_zone else value
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if isinstance(dtype, pl.List):
        return value.cast(pl.List(pl.String)).list.join(";")
    return value.cast(pl.String)


def read_parquet(file: str, path: Path, names: Sequence[str]) -> Raw:
    """The raw table of a Parquet file; row 2 is its first row, as in the other forms."""
    try:
        scan = pl.scan_parquet(path, glob=False)
        schema = scan.collect_schema()
        height = scan.select(pl.len()).collect().item()
        if height * max(len(schema), 1) > _MOST_CELLS:
            raise refuse(file, "too_large", f"{height * len(schema) / 1e6:.0f} million cells, 0", limit=0)
        frame = scan.select([_text(n, d) for n, d in schema.items()]).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refuse(file, "not_parquet", str(error).splitlines()[0][:200]) from error
    header = read_header(file, frame.columns, 1, names)
    columns = [frame.columns[place] for place in header.places.values()]
    text = frame.select(
        pl.col(c).str.strip_chars().replace("", None).alias(n) for n, c in zip(header.places, columns, strict=True)
    )
    rows = pl.int_range(2, height + 2, eager=True).alias("row")
    return Raw(file, text, rows, list(header.problems))
