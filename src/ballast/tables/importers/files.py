"""One file of a published data set, with the columns that it must have and figures where figures must stand."""

from pathlib import Path

import polars as pl

from ballast.core.columns import Floats, NetworkError

__all__ = ["columns_of", "figures", "lines_of"]


def columns_of(path: Path, *names: str) -> pl.DataFrame:
    """Columns of a CSV file as text, empty cells null; all columns when none is named.

    NetworkError when the file or a column is not there.
    """
    _refuse_missing(path)
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        msg = f"{path}: cannot be read ({str(error).splitlines()[0]}). Fetch it again."
        raise NetworkError(msg) from None
    for name in names:
        if name not in frame.columns:
            msg = f"{path.name}: column {name!r} is missing; there are {', '.join(frame.columns[:12])}."
            raise NetworkError(msg)
    return frame.select(names) if names else frame


def figures(texts: pl.Series, file: str, *, empty: bool = False) -> Floats:
    """The texts as numbers; with `empty` a missing one is nan. NetworkError names the first that is none."""
    numbers = texts.cast(pl.Float64, strict=False)
    bad = texts.filter(numbers.is_null() & (texts.is_not_null() | (not empty)))
    if bad.len():
        msg = f"{file}, {texts.name}: {bad[0]!r} is no number. Fetch the file again."
        raise NetworkError(msg)
    return numbers.fill_null(float("nan")).to_numpy()


def lines_of(path: Path) -> list[str]:
    """The lines of a text file. NetworkError when it is not there."""
    _refuse_missing(path)
    return path.read_text(encoding="utf-8").splitlines()


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        msg = f"{path}: there is no such file. Give the folder of the data set as it is published."
        raise NetworkError(msg)
