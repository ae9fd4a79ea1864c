"""Columns of a network as they come in: sizes, ranges and names checked, with errors that show the value."""

from collections.abc import Callable
from typing import NoReturn, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "NetworkError",
    "RowName",
    "column",
    "flags",
    "frozen",
    "index",
    "ranges",
    "refuse",
    "refuse_size",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]
Bools: TypeAlias = NDArray[np.bool_]
# Names of rows are made when an error shows one, not for millions of good rows.
RowName: TypeAlias = Callable[[int], str]

_Scalar = TypeVar("_Scalar", bound=np.generic)
_MAY_BE_ENDLESS = {"slot_cover", "slot_cover_upper", "slot_target"}


class NetworkError(ValueError):
    """Input from which no network can be made; says what, which value, and the way out."""


def frozen(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """The array, contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def column(
    name: str,
    values: ArrayLike | None,
    size: int,
    row_name: RowName,
    *,
    default: float | Floats = np.nan,
    upper: float = np.inf,
) -> Floats:
    """A new array of figures from 0 to `upper`, with the default where a figure is unknown (nan)."""
    if values is None:
        return np.array(np.broadcast_to(np.asarray(default, dtype=np.float64), size))
    figures = np.array(values, dtype=np.float64)
    refuse_size(name, figures.size, size)
    for bad in np.flatnonzero((figures < 0) | (figures > upper))[:1]:
        limit = "below 0" if figures[bad] < 0 else f"above {upper:g}"
        refuse(name, f"{figures[bad]:g} ({row_name(bad)})", f"is {limit}", "Correct it, or leave it empty when unknown")
    if name not in _MAY_BE_ENDLESS:
        for bad in np.flatnonzero(np.isinf(figures))[:1]:
            refuse(name, f"{figures[bad]} ({row_name(bad)})", "is not finite", "Give a number")
    # One form of zero and of nan, so that equal columns are equal bits.
    figures += 0.0
    unknown = np.isnan(figures)
    figures[unknown] = default[unknown] if isinstance(default, np.ndarray) else default
    return figures


def flags(name: str, values: ArrayLike | None, size: int, *, default: bool) -> Bools:
    """Yes or no, one a row."""
    answers = np.full(size, default) if values is None else np.array(values, dtype=bool)
    refuse_size(name, answers.size, size)
    return answers


def index(name: str, values: ArrayLike, size: int, bound: int) -> Ints:
    """Positions from 0 to below `bound`."""
    places = np.asarray(values)
    refuse_size(name, places.size, size)
    for bad in np.flatnonzero(~((places >= 0) & (places < bound)))[:1]:
        refuse(name, str(places[bad]), f"points outside 0..{bound - 1}", "Point to a row that exists")
    whole = places.astype(np.int32)
    for bad in np.flatnonzero(whole != places)[:1]:
        refuse(name, str(places[bad]), "is no whole number", "Point to a row by its number")
    return whole


def ranges(offsets: NDArray[np.int64], rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Positions offsets[r] .. offsets[r + 1] of every row r, one after the other."""
    starts = offsets[rows]
    counts = offsets[rows + 1] - starts
    total = int(counts.sum())
    shift = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) if total else 0
    return np.arange(total, dtype=np.int64) + shift


def refuse_size(name: str, size: int, expected: int) -> None:
    """Raise unless there is one value for each row."""
    if size != expected:
        refuse(name, f"{size} values", f"where {expected} rows stand", "Give one value for each row")


def refuse(what: str, value: str, fault: str, way_out: str) -> NoReturn:
    """Raise NetworkError: what, which value, what is wrong with it, and the way out."""
    msg = f"{what}: {value} {fault}. {way_out}."
    raise NetworkError(msg)
