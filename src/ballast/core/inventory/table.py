"""The adaptive regional input-output model (ARIO): regions and sectors of a table through months of lost capacity.

Hallegatte (Risk Analysis 28, 2008; Risk Analysis 34, 2014); the day is ordered as in BoARIO 0.7.2 (Juhel), whose
variant with psi this is. docs/explanation/inventory.md gives the equations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ballast.core.columns import Floats, frozen, refuse
from ballast.core.dependence import CountryTable
from ballast.core.sums import offsets

__all__ = ["ArioParameters", "TableRun", "capital_loss", "simulate_table"]

DAYS_OF_YEAR = 365.0
# A flow below this part of output is no input (BoARIO's limit, a hundred-thousandth of a day's output in a year).
_NO_INPUT = 1e-5 / DAYS_OF_YEAR
# Overproduction begins to move on this day.
_FIRST_OVER = 2


@dataclass(frozen=True)
class ArioParameters:
    """Settings of the model; the defaults are BoARIO's. Days count from the start of the run."""

    stock_days: ArrayLike = 90.0  # days of inputs held, one for all sectors or one each; inf never limits
    psi: float = 0.8  # part of the target stock below which output is held back
    tau_stock: float = 60.0  # days in which a gap in stock is made up for
    alpha_base: float = 1.0  # capacity in normal times, of normal output
    alpha_max: float = 1.25  # the most that overproduction reaches
    tau_alpha: float = 365.0  # days in which overproduction follows scarcity
    by_capacity: bool = True  # orders go to where capacity is left, else by normal shares


@dataclass(frozen=True, eq=False)
class TableRun:
    """Daily figures of each country-sector, in the table's currency a day."""

    table: CountryTable
    normal: Floats  # [n] output of a normal day: all that is sold
    output: Floats  # [days, n]
    demand: Floats  # [days, n] orders and final demand that it met
    unmet: Floats  # [days, n] final demand for its product that was not met
    stock: Floats  # [sectors, n] inputs held at the end, by sector of the input

    @property
    def lost(self) -> Floats:
        """[n] output lost over the run, below 0 where more was made than normal."""
        lost: Floats = (self.normal - self.output).sum(axis=0)
        return lost


def capital_loss(table: CountryTable, lost: ArrayLike, *, ratio: float = 4.0) -> Floats:
    """[n] part of capacity that goes with `lost` capital, in the table's currency; capital is `ratio` value added.

    NetworkError where more is lost than there is.
    """
    added = np.maximum(0.0, _sales(table) - table.purchases.sum(axis=0))
    gone, capital = np.asarray(lost, dtype=np.float64), added * ratio
    for row in np.flatnonzero(~((gone >= 0.0) & (gone <= capital)))[:1]:
        value = f"{gone[row]:g} ({table.names[row]})"
        refuse("lost capital", value, f"is not within 0 and its capital, {capital[row]:g}", "Correct it")
    part: Floats = np.divide(gone, capital, out=np.zeros(gone.size), where=capital > 0.0)
    return part


def simulate_table(
    table: CountryTable,
    loss: ArrayLike,
    parameters: ArioParameters | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> TableRun:
    """Run the model over the days of `loss` [days, n], the part of each country-sector's capacity that is gone.

    Every day: overproduction follows scarcity; output is the smaller of demand and capacity, cut to the scarcest input;
    it is shared out in proportion to orders and final demand; stocks take in what arrives; orders replace what was used
    and make up for the gap to the target. A year's table; a day is 1/365 of it. Normal output is what the rows sell,
    whatever the table's output says; final demand below 0 (stocks drawn down) counts 0. O(days * n^2), memory of one
    copy of the purchases. NetworkError for what cannot be.
    """
    from ballast.core.kernels.inventory_table import advance, produce

    given = parameters or ArioParameters()
    gone = _losses(loss, table)
    model = _Model(table, given)
    days, n = gone.shape
    found = np.empty((3, days, n))
    state = _State(model)
    for day in range(days):
        state.follow_scarcity(given, day)
        left = (1.0 - gone[day][model.order]) * state.alpha
        wanted = np.minimum(state.demand, model.output * left)
        produce(wanted, state.stock, model.need, state.output)
        filled = np.divide(state.output, state.demand, out=np.zeros(n), where=state.demand > 0.0)
        found[:, day] = state.output, state.demand, model.final * (1.0 - filled)
        weight = left if given.by_capacity else state.weight
        advance(
            model.flows, model.starts, model.input_share, model.days, model.endless, model.pace, state.output, wanted,
            filled, state.weight, weight, state.stock, state.level, state.asked,
        )  # fmt: skip
        state.weight, state.demand = weight, state.asked + model.final
        if progress is not None:
            progress(day + 1)
    back = np.argsort(model.order)
    output, demand, unmet = (frozen(rows[:, back]) for rows in found)
    return TableRun(table, frozen(model.output[back]), output, demand, unmet, frozen(state.stock[:, back]))


class _Model:
    """The table by sector of the supplier, in figures of a day."""

    def __init__(self, table: CountryTable, given: ArioParameters) -> None:
        self.order = np.lexsort((table.country, table.sector))
        sectors = len(table.sectors)
        self.flows = np.ascontiguousarray(table.purchases[np.ix_(self.order, self.order)]) / DAYS_OF_YEAR
        self.final = _final(table)[self.order] / DAYS_OF_YEAR
        self.output = self.flows.sum(axis=1) + self.final
        self.starts = offsets(table.sector, sectors)
        for row in np.flatnonzero((self.output <= 0.0) & (self.flows.sum(axis=0) > 0.0))[:1]:
            name = table.names[self.order[row]]
            refuse("table", name, "buys inputs and sells nothing", "Give its sales, or drop its purchases")
        self.days = _stock_days(given, sectors, table)
        self.endless = np.isinf(self.days)
        self.pace = np.full(sectors, 1.0 / given.tau_stock)
        bought = np.stack([self.flows[a:b].sum(axis=0) for a, b in pairwise(self.starts)])
        self.input_share = np.divide(bought, self.output, out=np.zeros_like(bought), where=self.output > 0.0)
        held_back = (self.input_share > _NO_INPUT) & ~self.endless[:, None]
        self.need = np.where(held_back, self.input_share * np.where(self.endless, 0.0, self.days)[:, None], 0.0)
        self.need *= given.psi


class _State:
    def __init__(self, model: _Model) -> None:
        finite = np.where(model.endless, 0.0, model.days)[:, None]
        self.stock = model.input_share * model.output * finite
        self.level = np.ones_like(self.stock)
        self.alpha = np.ones(model.output.size)
        self.weight = np.ones(model.output.size)
        self.asked = np.empty(model.output.size)
        self.output = model.output.copy()
        self.demand = model.output.copy()

    def follow_scarcity(self, given: ArioParameters, day: int) -> None:
        """Overproduction rises with the part of today's demand that yesterday's output would not have met."""
        if day == 0:
            self.alpha[:] = given.alpha_base
        if day < _FIRST_OVER:
            return
        lack = np.divide(
            self.demand - self.output, self.demand, out=np.zeros_like(self.demand), where=self.demand != 0.0
        )
        towards = np.where(lack == 0.0, given.alpha_base - self.alpha, (given.alpha_max - self.alpha) * lack)
        self.alpha = np.maximum(1.0, self.alpha + towards / given.tau_alpha)


def _final(table: CountryTable) -> Floats:
    """[n] final demand of a year for what each country-sector makes."""
    final: Floats = np.maximum(0.0, table.final.sum(axis=1))
    return final


def _sales(table: CountryTable) -> Floats:
    sales: Floats = table.purchases.sum(axis=1) + _final(table)
    return sales


def _stock_days(given: ArioParameters, sectors: int, table: CountryTable) -> Floats:
    days = np.array(np.broadcast_to(np.asarray(given.stock_days, dtype=np.float64), sectors))
    for row in np.flatnonzero(~(days > 1.0))[:1]:
        refuse("stock_days", f"{days[row]:g} ({table.sectors[row]})", "is not above the day's use", "Give more than 1")
    for name, value, low in (
        ("tau_stock", given.tau_stock, 1.0),
        ("tau_alpha", given.tau_alpha, 1.0),
        ("alpha_base", given.alpha_base, 1.0),
        ("alpha_max", given.alpha_max, given.alpha_base),
    ):
        if not low <= value < np.inf:
            refuse(name, f"{value:g}", f"is below {low:g} or endless", f"Give a number from {low:g} up")
    if not 0.0 <= given.psi <= 1.0:
        refuse("psi", f"{given.psi:g}", "is no part of a stock", "Give a number from 0 to 1")
    return days


def _losses(loss: ArrayLike, table: CountryTable) -> Floats:
    gone = np.asarray(loss, dtype=np.float64)
    n = table.output.size
    if gone.ndim != 2 or gone.shape[0] < 1 or gone.shape[1] != n:
        refuse("loss", f"shape {gone.shape}", "does not fit", f"Give a row a day and {n} columns, one a country-sector")
    for day, row in np.argwhere(~((gone >= 0.0) & (gone <= 1.0)))[:1]:
        value = f"{gone[day, row]:g} ({table.names[row]}, day {day})"
        refuse("loss", value, "is no part of capacity", "Give a number from 0 to 1")
    return gone
