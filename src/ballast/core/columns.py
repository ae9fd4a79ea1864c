"""Columns of a network as they come in: sizes, ranges and names checked, with errors that show the value."""

from collections.abc import Sequence
from typing import NoReturn, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "NetworkError",
    "column",
    "flags",
    "frozen",
    "index",
    "refuse",
    "refuse_duplicates",
    "refuse_size",
    "texts",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]
Bools: TypeAlias = NDArray[np.bool_]

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
    name: str, values: ArrayLike | None, size: int, default: float, rows: Sequence[str], upper: float = np.inf
) -> Floats:
    """Figures from 0 to `upper`, nan for unknown; `rows` name the rows in errors."""
    if values is None:
        return np.full(size, default)
    figures = np.array(values, dtype=np.float64)
    refuse_size(name, figures.size, size)
    for bad in np.flatnonzero((figures < 0) | (figures > upper))[:1]:
        limit = "below 0" if figures[bad] < 0 else f"above {upper:g}"
        refuse(name, f"{figures[bad]:g} ({rows[bad]})", f"is {limit}", "Correct it, or leave it empty when unknown")
    if name not in _MAY_BE_ENDLESS:
        for bad in np.flatnonzero(np.isinf(figures))[:1]:
            refuse(name, f"{figures[bad]} ({rows[bad]})", "is not finite", "Give a number")
    return figures


def flags(name: str, values: ArrayLike | None, size: int, *, default: bool) -> Bools:
    """Yes or no, one a row."""
    answers = np.full(size, default) if values is None else np.array(values, dtype=bool)
    refuse_size(name, answers.size, size)
    return answers


def index(name: str, values: ArrayLike, size: int, bound: int) -> Ints:
    """Positions from 0 to below `bound`."""
    places = np.array(values, dtype=np.int64)
    refuse_size(name, places.size, size)
    for bad in np.flatnonzero((places < 0) | (places >= bound))[:1]:
        refuse(name, str(places[bad]), f"points outside 0..{bound - 1}", "Point to a row that exists")
    return places.astype(np.int32)


def texts(name: str, values: Sequence[str] | None, size: int) -> tuple[str, ...]:
    """Texts, empty for what is missing."""
    found = ("",) * size if values is None else tuple("" if value is None else str(value) for value in values)
    refuse_size(name, len(found), size)
    return found


def refuse_size(name: str, size: int, expected: int) -> None:
    """Raise unless there is one value for each row."""
    if size != expected:
        refuse(name, f"{size} values", f"where {expected} rows stand", "Give one value for each row")


def refuse_duplicates(names: Sequence[str], what: str) -> None:
    """Raise when a name stands twice."""
    if len(set(names)) == len(names):
        return
    seen: set[str] = set()
    for name in names:
        if name in seen:
            refuse(what, name, "stands twice", "Keep one of them")
        seen.add(name)


def refuse(what: str, value: str, fault: str, way_out: str) -> NoReturn:
    """Raise NetworkError: what, which value, what is wrong with it, and the way out."""
    msg = f"{what}: {value} {fault}. {way_out}."
    raise NetworkError(msg)
