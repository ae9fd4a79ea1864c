"""Rows of concentration.csv from bounds on shares, for every kind of source of data."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ballast.core.columns import Floats
from ballast.core.dependence import Concentration
from ballast.tables.results import result_frame

__all__ = ["concentration_frame", "floats", "names_at"]


def concentration_frame(
    found: Concentration,
    sources: Sequence[str],
    *,
    subject: pl.Series | str | None,
    product: pl.Series | str | None,
    by: str,
    name: pl.Series | None = None,
    year: pl.Series | int | None = None,
    note: pl.Series | str = "",
) -> pl.DataFrame:
    """One row for each subject of `found`; `sources` are the names of its source codes."""
    n = found.sources.size
    single = np.where(found.single, "certain", np.where(found.possibly_single, "possible", "no"))
    single = np.where(np.isnan(found.hhi_low), None, single)  # type: ignore[call-overload]  # NumPy's stubs know no None
    return result_frame(
        "concentration",
        {
            "subject": _column(subject, n),
            "product": _column(product, n),
            "name": _column(name, n),
            "by": _column(by, n),
            "year": _column(year, n),
            "sources": found.sources,
            "unknown_share": floats(found.unknown),
            "largest_source": names_at(sources, found.largest),
            "largest_low": floats(found.largest_low),
            "largest_high": floats(found.largest_high),
            "hhi_low": floats(found.hhi_low),
            "hhi_high": floats(found.hhi_high),
            "effective_low": floats(found.effective_low),
            "effective_high": floats(found.effective_high),
            "single_source": pl.Series(single.tolist(), dtype=pl.String),
            "note": _column(note, n),
        },
    )


def floats(values: Floats) -> pl.Series:
    """Figures with nothing where there is none: neither nan nor inf is a value in a table."""
    series = pl.Series(np.asarray(values, dtype=np.float64))
    return series.set(~series.is_finite(), None)


def names_at(names: Sequence[str], codes: np.ndarray[tuple[int], np.dtype[np.integer]]) -> pl.Series:
    """The name of each code, nothing for -1."""
    places = pl.Series(codes).cast(pl.Int64)
    return pl.Series(list(names), dtype=pl.String).gather(places.set(places < 0, None))


def _column(value: object, n: int) -> object:
    if isinstance(value, pl.Series):
        return value
    return pl.Series([value]).cast(pl.Null if value is None else pl.Series([value]).dtype).new_from_index(0, n)
