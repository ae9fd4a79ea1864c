"""Parquet in: columns in the types of the file; texts without spaces around them."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ballast.tables.guards import refuse
from ballast.tables.raw import ROW_TYPE, Raw, as_text, read_header

__all__ = ["read_parquet"]

# Beyond this a small file would unpack to more than the memory of an office machine.
_MOST_CELLS = 200_000_000


def read_parquet(file: str, path: Path, names: Sequence[str]) -> Raw:
    """The raw table of a Parquet file; row 2 is its first row, as in the other forms."""
    try:
        scan = pl.scan_parquet(path, glob=False)
        titles = scan.collect_schema().names()
        height = scan.select(pl.len()).collect().item()
        if height * max(len(titles), 1) > _MOST_CELLS:
            raise refuse(file, "too_large", f"{height * len(titles) / 1e6:.0f} million cells, 0", limit=0)
        header = read_header(file, titles, 1, names)
        columns = [pl.col(titles[place]).alias(name) for name, place in header.places.items()]
        frame = scan.select(columns).collect().rechunk()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refuse(file, "not_parquet", str(error).splitlines()[0][:200]) from error
    tidy = [_tidy(column) for column in frame.iter_columns()]
    rows = pl.int_range(2, height + 2, dtype=ROW_TYPE, eager=True).alias("row")
    return Raw(file, pl.DataFrame(tidy), rows, list(header.problems))


def _tidy(cells: pl.Series) -> pl.Series:
    """Text as in the other forms: no spaces around it, and null when nothing is left. Figures and days as they are."""
    if cells.dtype.is_numeric() or cells.dtype.is_temporal() or cells.dtype == pl.Boolean:
        return cells
    text = as_text(cells)
    # Tidying copies every text, and most files need none.
    untidy = text.str.contains(r"^$|^\s|\s$").any()
    return text.str.strip_chars().replace("", None) if untidy else text
