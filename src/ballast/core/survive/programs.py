"""The linear programs of time to survive in HiGHS: one model for all nodes; for each only bounds change."""

from typing import Literal

import highspy
import numpy as np

from ballast.core.columns import Floats
from ballast.core.survive.times import LONGEST, Chain, Places

__all__ = ["Program"]

_ENDLESS = highspy.kHighsInf


class _Layout:
    """Where columns and rows stand. Columns: made [n], brought [m], delivered and lost [nodes with demand], run
    [nodes that can do without an input], lacking [such inputs], days. Rows: inputs [s], goods [n], capacity [n],
    demand, hours.
    """

    def __init__(self, chain: Chain) -> None:
        n, s, m = chain.demand.size, chain.slot_site.size, chain.link_slot.size
        self.strict = np.isnan(chain.slot_weight)
        self.other = np.flatnonzero(~self.strict)
        self.ends = np.flatnonzero(chain.demand > 0.0)
        self.stands = np.unique(chain.slot_site[self.other])
        self.made, self.brought, self.delivered, self.lost, run, self.lacking, days = _blocks(
            n, m, self.ends.size, self.ends.size, self.stands.size, self.other.size, 1
        )
        self.inputs, self.goods, self.capacity, self.demand, self.hours = _blocks(
            s, n, n, self.ends.size, self.stands.size
        )
        self.days, self.run = int(days[0]), run
        self.rows = s + 2 * n + self.ends.size + self.stands.size
        # A node that can do without an input may rather stand still a part of the days; any other runs all days.
        self.running = np.full(n, self.days)
        self.running[self.stands] = run


def _blocks(*sizes: int) -> list[Places]:
    """Consecutive numbers in blocks of these sizes."""
    ends = np.cumsum(sizes)
    return [np.arange(end - size, end) for end, size in zip(ends.tolist(), sizes, strict=True)]


class Program:
    """ "survive" asks for the most days without loss, "lose" for the smallest loss over given days."""

    def __init__(self, chain: Chain, question: Literal["survive", "lose"]) -> None:
        self.chain = chain
        layout = _Layout(chain)
        self.days = layout.days
        by_supplier = np.argsort(chain.link_supplier, kind="stable")
        self._links = np.split(
            by_supplier, np.searchsorted(chain.link_supplier[by_supplier], np.arange(1, chain.demand.size))
        )
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        # Devex: steepest edge would work out its weights anew for every node, twice the time of the pivots.
        options: dict[str, bool | int | str] = {
            "output_flag": False,
            "threads": 1,
            "solver": "simplex",
            "simplex_dual_edge_weight_strategy": 1,
        }
        for option, setting in options.items():
            self._highs.setOptionValue(option, setting)
        self._highs.passModel(_model(chain, layout, question))
        self._highs.run()
        self._rest = self._highs.getBasis()

    def solve(self, node: int | None, days: float | None = None) -> float:
        """Days of survival, or money lost over `days`, with the node stopped.

        Starts from the chain at rest, so that an answer does not depend on the node asked before.
        """
        highs = self._highs
        highs.setBasis(self._rest)
        if days is not None:
            highs.changeColBounds(self.days, days, days)
        self._stop(node, stopped=True)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # The basis of other bounds can lead astray; a fresh start does not.
            highs.clearSolver()
            highs.run()
        answer = float(highs.getObjectiveValue())
        self._stop(node, stopped=False)
        return answer

    def _stop(self, node: int | None, *, stopped: bool) -> None:
        """Stop a node, or let it run again: what it makes, and what is on the way from it."""
        if node is None:
            return
        chain, links = self.chain, self._links[node]
        self._highs.changeColBounds(node, 0.0, 0.0 if stopped else _ENDLESS)
        more = dict.fromkeys(chain.link_slot[links].tolist(), 0.0)
        for link in links.tolist() if stopped else ():
            more[int(chain.link_slot[link])] += float(chain.link_on_way[link])
        for slot, on_way in more.items():
            self._highs.changeRowBounds(slot, -_ENDLESS, float(chain.slot_stock[slot]) + on_way)


def _model(chain: Chain, at: _Layout, question: str) -> highspy.HighsLp:
    n = chain.demand.size
    upper, cost = np.full(at.days + 1, _ENDLESS), np.zeros(at.days + 1)
    upper[at.brought[~np.isfinite(chain.link_take)]] = 0.0
    if question == "survive":
        upper[at.lost], upper[at.days], cost[at.days] = 0.0, LONGEST, 1.0
    else:
        upper[at.days], cost[at.lost] = 0.0, chain.margin[at.ends]
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = at.days + 1, at.rows
    program.col_cost_, program.col_lower_, program.col_upper_ = cost, np.zeros(at.days + 1), upper
    program.row_lower_ = np.full(at.rows, -_ENDLESS)
    program.row_upper_ = np.concatenate([chain.slot_stock, chain.stock, np.zeros(at.rows - chain.slot_stock.size - n)])
    program.sense_ = highspy.ObjSense.kMaximize if question == "survive" else highspy.ObjSense.kMinimize
    rows, columns, values = _entries(chain, at)
    order = np.lexsort((rows, columns))
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.searchsorted(columns[order], np.arange(at.days + 2)).astype(np.int32)
    program.a_matrix_.index_, program.a_matrix_.value_ = rows[order].astype(np.int32), values[order]
    return program


def _entries(chain: Chain, at: _Layout) -> tuple[Places, Places, Floats]:
    """Row, column and factor of every entry; every row is at most its limit."""
    take = np.where(np.isfinite(chain.link_take), chain.link_take, 0.0)
    user, per_use = chain.slot_site[at.other], chain.slot_weight[at.other] / chain.slot_use[at.other]
    entries: list[tuple[Places, Places | int, Floats | float]] = [
        # Inputs: what is used, or normally used less what is lacking, is brought, at hand or from outside.
        (at.inputs, np.where(at.strict, chain.slot_site, at.running[chain.slot_site]), chain.slot_use),
        (at.other, at.lacking, -1.0),
        (chain.link_slot, at.brought, -1.0),
        (at.inputs, at.days, -chain.slot_outside),
        # Goods: what leaves is made or in stock.
        (at.goods[chain.link_supplier], at.brought, take),
        (at.goods[at.ends], at.delivered, 1.0),
        (at.goods, at.made, -1.0),
        # Capacity, less what inputs that can be done without cost when they are lacking.
        (at.capacity, at.made, 1.0),
        (at.capacity[user], at.lacking, per_use),
        (at.capacity, at.running, -chain.capacity),
        # Demand that is neither met nor counted as lost there is none.
        (at.demand, at.days, chain.demand[at.ends]),
        (at.demand, at.delivered, -1.0),
        (at.demand, at.lost, -1.0),
        (at.hours, at.run, 1.0),
        (at.hours, at.days, -1.0),
    ]
    rows = np.concatenate([row for row, _, _ in entries])
    columns = np.concatenate([np.broadcast_to(column, row.size) for row, column, _ in entries])
    values = np.concatenate([np.broadcast_to(value, row.size) for row, _, value in entries])
    used = values != 0.0
    return rows[used], columns[used], values[used]
