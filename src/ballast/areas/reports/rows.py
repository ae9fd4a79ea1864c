"""One row of a stock report as it comes in, and what is wrong with it."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.registry.models import Need

__all__ = ["LARGEST", "RowProblem", "RowsError", "StockRow", "faults_of"]

# Above this a figure is a slip of the keyboard, and sums of such figures lose their digits.
LARGEST = 1e12


class StockRow(NamedTuple):
    """Figures of one input at one site, in the need's unit; `daily_use` None keeps the planned use."""

    need: Need
    stock: float | None
    blocked_stock: float = 0.0
    in_transit: float = 0.0
    daily_use: float | None = None


class RowProblem(NamedTuple):
    """One refused field: the row's place from 0, the field, and the sentence that says what and why."""

    row: int
    field: str
    message: str


class RowsError(ValidationError):
    """Some rows cannot be stored; `problems` has every one of them, and nothing was stored."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__([p.message for p in self.problems])


def _number_fault(value: float | None, field: str) -> str:
    if value is None:
        return _("Give the figure; leave the whole row out when it is not known.") if field == "stock" else ""
    if not math.isfinite(value):
        return _("“{value}” is not a number.").format(value=value)
    if value < 0:
        return _("The figure is {value}; it cannot be below 0.").format(value=f"{value:g}")
    if value > LARGEST:
        return _("The figure is {value}, more than {most}. Check the unit.").format(
            value=f"{value:g}", most=f"{LARGEST:g}"
        )
    return ""


def faults_of(row: StockRow, place: int) -> list[RowProblem]:
    """Every fault of the row, by field."""
    found = []
    for field in ("stock", "blocked_stock", "in_transit", "daily_use"):
        if message := _number_fault(getattr(row, field), field):
            found.append(RowProblem(place, field, message))
    if not found and row.stock is not None and row.blocked_stock > row.stock:
        message = _("The blocked part {blocked} is more than the whole stock {stock}.")
        found.append(
            RowProblem(
                place,
                "blocked_stock",
                message.format(blocked=f"{row.blocked_stock:g}", stock=f"{row.stock:g}"),
            )
        )
    return found
