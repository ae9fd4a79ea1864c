"""The inventory model day by day: orders adapt to stocks and demand; inputs, capacity and demand limit output.

Hallegatte (Risk Analysis 28, 2008) and Henriet and Hallegatte (2008) for firms; Inoue and Todo (Nature Sustainability
2, 2019) for rationing and national networks. docs/explanation/inventory.md gives the equations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from ballast.core.columns import Floats, Ints, NetworkError, refuse
from ballast.core.inventory.damage import Damage
from ballast.core.inventory.layout import counts, days_of, morning, ranks_of, supply_of
from ballast.core.inventory.supply import SupplyNetwork

__all__ = ["AUTHORS_TAU", "ORDERS", "RATIONINGS", "InventoryRun", "Orders", "Rationing", "simulate"]

Rationing: TypeAlias = Literal["proportional", "smallest", "priority"]
RATIONINGS: tuple[Rationing, ...] = get_args(Rationing)
Orders: TypeAlias = Literal["demand", "output"]
ORDERS: tuple[Orders, ...] = get_args(Orders)
# Days in which a gap in stock is made up for, of Inoue and Todo.
AUTHORS_TAU = 6.0
# Links visited between two reports of progress.
_CHUNK = 20_000_000


@dataclass(frozen=True, eq=False)
class InventoryRun:
    """What each firm lost, and what all made each day. Money is that of the firms' values; unknown values count 0."""

    network: SupplyNetwork
    days: int
    rationing: Rationing
    orders: Orders
    tau: float
    capacity: float
    lost_days: Floats  # [n] days of normal output lost; below 0 where more was made than normal
    unmet_days: Floats  # [n] days of normal output that final demand did not get
    stop_day: Ints  # [n] first day below the minimum rate; -1 never
    slow_day: Ints  # [n] first day below normal; -1 never
    recovery_day: Ints  # [n] day from which on output is back within 0.1 %; -1 never lower; `days` not within the run
    output: Floats  # [days] value of all output
    value_added: Floats  # [days]
    unmet: Floats  # [days] value of final demand that is not met
    stopped: Ints  # [days] firms below their minimum rate
    stock: Floats  # [s] days of normal use on the morning of the last day
    rates: Floats  # [days, n] output of each firm, normal is 1; [0, n] unless asked for

    @property
    def lost_output(self) -> Floats:
        """[n] value of the output lost; nan where the value of a firm is unknown."""
        return self.lost_days * self.network.value

    @property
    def total_lost_output(self) -> float:
        """Value of all output lost; firms of unknown value count 0."""
        return float(np.nansum(self.lost_output))


def simulate(
    network: SupplyNetwork,
    damage: Damage | None = None,
    *,
    days: int,
    rationing: Rationing = "proportional",
    orders: Orders = "demand",
    tau: float = AUTHORS_TAU,
    capacity: float = 1.0,
    first: Sequence[int] = (),
    rates: bool = False,
    progress: Callable[[int], None] | None = None,
) -> InventoryRun:
    """Run the model over `days` days from a normal day before day 0.

    `tau` days to make up for a gap in stock, at least 1; `capacity` the most that a firm can make, of normal, at least
    1. Where orders exceed output: "proportional" fills all alike, "smallest" fills the relatively smallest first, as
    Inoue and Todo do (every order up to one level, as part of its normal size), "priority" serves the firms `first` in
    that order, then all others and final demand alike. Firms order for the "demand" that they met yesterday, as far as
    capacity allowed (Hallegatte's rule), or for yesterday's "output", as Inoue and Todo do: then a firm whose stock ran
    out orders nothing and never starts again by itself. `rates` keeps the output of every firm and day; `progress` is
    told how many days are done. NetworkError for what cannot be. One run is one thread, so its bits never vary.
    O(days * links), memory O(links).
    """
    from ballast.core.kernels.inventory import PRIORITY, PROPORTIONAL, SMALLEST, advance

    _refuse(days, rationing, orders, tau, capacity)
    _refuse_first(first, rationing)
    if damage is not None:
        _refuse_damage(damage, days, network.firms)
    mode = {"proportional": PROPORTIONAL, "smallest": SMALLEST, "priority": PRIORITY}[rationing]
    supply = supply_of(network, ranks_of(network, first))
    state, firms = morning(network, supply, mode), counts(network, days, keep=rates)
    daily = days_of(network, damage, days, mode, tau, capacity, by_output=orders == "output")
    step = max(1, _CHUNK // max(1, network.links))
    for start in range(0, days, step):
        stop = min(days, start + step)
        advance(supply, state, daily, firms, start, stop)
        if progress is not None:
            progress(stop)
    output, value_added, unmet, stopped = firms.totals.T.copy()
    return InventoryRun(
        network, days, rationing, orders, tau, capacity, lost_days=firms.lost, unmet_days=firms.unmet,
        stop_day=firms.stop, slow_day=firms.slow,
        recovery_day=np.where(firms.short < 0, -1, firms.short + 1).astype(np.int32),
        output=output, value_added=value_added, unmet=unmet, stopped=stopped.astype(np.int32),
        stock=network.target + state.mean, rates=firms.rates,
    )  # fmt: skip


def _refuse_first(first: Sequence[int], rationing: str) -> None:
    if len(first) and rationing != "priority":
        msg = f"first: a list of firms has no meaning under {rationing} rationing. Take priority, or leave it out."
        raise NetworkError(msg)


def _refuse(days: int, rationing: str, orders: str, tau: float, capacity: float) -> None:
    if days < 1:
        refuse("days", str(days), "is no run", "Give at least 1")
    if rationing not in RATIONINGS:
        refuse("rationing", repr(rationing), "is not known", f"Choose among {', '.join(RATIONINGS)}")
    if orders not in ORDERS:
        refuse("orders", repr(orders), "are not known", f"Choose among {', '.join(ORDERS)}")
    if not 1.0 <= tau < np.inf:
        refuse("tau", f"{tau:g}", "is less than a day or endless", "Give a number of days from 1 up")
    if not 1.0 <= capacity < np.inf:
        refuse("capacity", f"{capacity:g}", "is below normal or endless", "Give a number from 1 up")


def _refuse_damage(damage: Damage, days: int, firms: int) -> None:
    """The loop trusts what it is given, so a firm that is not there would be written beside the arrays."""
    for firm in damage.firms[(damage.firms < 0) | (damage.firms >= firms)][:1]:
        refuse("damage", f"firm {firm}", "is not there", f"Give positions 0 to {firms - 1}")
    for name, part, rows in (("loss", damage.loss, damage.firms), ("left", damage.left, damage.links)):
        if part.ndim != 2 or part.shape[0] < days or part.shape[1] != rows.size:
            fault = f"does not fit {days} days and {rows.size} columns"
            refuse(name, f"shape {part.shape}", fault, "Give a row for each day and a column for each that is held")
        if not np.all((part >= 0.0) & (part <= 1.0)):
            refuse(name, f"{part.min():g} to {part.max():g}", "leaves 0..1", "Give parts of capacity")
