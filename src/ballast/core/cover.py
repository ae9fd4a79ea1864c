"""Days of cover: how long the stock at hand lasts at the planned use."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["cover_columns", "days_of_cover"]


def days_of_cover(stock: float | None, daily_use: float | None, blocked: float = 0.0) -> float | None:
    """Days that the usable stock lasts at the planned daily use; None when unknown or not in use.

    Usable is the stock without its blocked part, never below 0; what is on the way does not count.
    ValueError when a figure is negative.

    >>> days_of_cover(600, 240)
    2.5
    >>> days_of_cover(600, 0) is None
    True
    """
    blocked = 0.0 if _unknown(blocked) else float(blocked)
    _refuse_negative(stock=stock, daily_use=daily_use, blocked=blocked)
    if stock is None or daily_use is None or _unknown(stock) or _unknown(daily_use) or daily_use == 0:
        return None
    return max(0.0, float(stock) - blocked) / float(daily_use)


def cover_columns(
    stock: NDArray[np.float64], daily_use: NDArray[np.float64], blocked: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`days_of_cover` of columns [n]; nan stands for unknown, in and out. ValueError when a figure is negative."""
    for name, values in (("stock", stock), ("daily_use", daily_use), ("blocked", blocked)):
        if (values < 0).any():
            _refuse_negative(**{name: float(values[values < 0][0])})
    found = np.full(len(stock), np.nan)
    np.divide(np.maximum(0.0, stock - np.nan_to_num(blocked)), daily_use, out=found, where=daily_use > 0)
    return found


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _refuse_negative(**figures: float | None) -> None:
    for name, value in figures.items():
        if value is not None and value < 0:
            msg = f"{name} is {value}: it cannot be below 0. Correct the figure, or leave it empty when unknown."
            raise ValueError(msg)
