"""What analysis commands write: the columns of every result table, read once from results/*.csv."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources

import polars as pl

from ballast.tables.schema import Column, Table

__all__ = ["result_frame", "result_schema", "result_tables"]


@cache
def result_schema(name: str) -> Table:
    """The documented columns of one result table. KeyError when there is no such table."""
    path = resources.files("ballast.tables").joinpath(f"results/{name}.csv")
    if not path.is_file():
        raise KeyError(name)
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    columns = tuple(
        Column(row["attribute"], row["type"], row["unit"], False, "", row["description_en"], row["description_zh"])
        for row in rows
    )
    return Table(name, columns, ())


@cache
def result_tables() -> dict[str, Table]:
    """Every result table by name."""
    folder = resources.files("ballast.tables").joinpath("results")
    names = sorted(path.name.removesuffix(".csv") for path in folder.iterdir() if path.name.endswith(".csv"))
    return {name: result_schema(name) for name in names}


def result_frame(name: str, rows: Iterable[Sequence[object]] | Mapping[str, object]) -> pl.DataFrame:
    """A frame of the result table from its rows, or from its columns by name; types are those documented."""
    schema = {column.name: column.dtype for column in result_schema(name).columns}
    if isinstance(rows, Mapping):
        return pl.DataFrame({key: rows[key] for key in schema}, schema=schema, strict=False)
    return pl.DataFrame(list(rows), schema=schema, orient="row")
