"""Walks along customers, by which losses travel upstream: how often they visit a firm and how long they are.

A walk goes from a firm to a customer with the probability of its share in the firm's revenue and ends otherwise. A
closed group of firms sells only within itself: a walk that enters it never ends and comes to all of its firms.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, Ints
from ballast.core.systemic_risk.layout import Layout

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]
    from scipy.sparse.linalg import SuperLU  # type: ignore[import-untyped]

__all__ = ["Walks"]

# Weighted visits that may be left uncounted, and the rounds that counting may take.
_UNCOUNTED, _ROUNDS = 1e-12, 20_000
# A group that leaves less than this share of its sales to others is closed.
_LEAK = 1e-12
# Probability that a walk goes on for longer than was counted, when the length of walks is bounded.
_GOING_ON = 0.01
_ENDLESS = 1e15
# Up to so many firms whose walks are longer are solved for directly.
_DIRECT, _LONG = 4_000, 30.0


@dataclass(frozen=True, eq=False)
class Walks:
    """All arrays by the places of the layout."""

    layout: Layout

    @cached_property
    def closed(self) -> Ints:
        """[n] number of the closed group of each firm; -1 none."""
        from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

        count, group = connected_components(self._all, directed=True, connection="strong")
        leaves = 1.0 - self._all.sum(axis=1)
        start, sales = self.layout.sales
        supplier = np.repeat(np.arange(group.size), np.diff(start))
        across = group[supplier] != group[sales["firm"]]
        leaves += np.bincount(supplier[across], sales["share"][across], minlength=group.size)
        open_groups = np.bincount(group, leaves > _LEAK, minlength=count) > 0
        number = np.where(open_groups, -1, np.cumsum(~open_groups) - 1)
        closed: Ints = number[group].astype(np.int32)
        return closed

    @cached_property
    def links(self) -> tuple[Ints, NDArray[np.void]]:
        """Links by buyer, to suppliers outside closed groups: where those of each firm begin [n + 1], and the links."""
        start, links = self.layout.up
        kept = self.closed[links["firm"]] < 0
        buyer = np.repeat(np.arange(start.size - 1), np.diff(start))[kept]
        return np.searchsorted(buyer, np.arange(start.size)).astype(np.int32), links[kept]

    @cached_property
    def visits(self) -> Floats:
        """[n] visits of walks that start at each firm with its weight; into a closed group they go but once."""
        return self._counted[0]

    @property
    def uncounted(self) -> float:
        """Most that the loss upstream of a firm is above visits less returns."""
        return self._counted[1]

    @cached_property
    def length(self) -> Floats:
        """[n] most firms on a walk from each firm, itself included, on average."""
        walks = self._steps
        length = np.ones(self.layout.network.firms)
        for _round in range(_ROUNDS):
            new = 1.0 + walks @ length
            going_on, length = float((new - length).max()), new
            if going_on <= _GOING_ON:
                break
        # From below; 1 + walks . length <= length + going_on makes the quotient a bound from above.
        return np.minimum(_ENDLESS, length / max(1.0 - going_on, 1.0 / _ENDLESS))

    def reach(self, group: int) -> tuple[Floats, float, float]:
        """[n] probability that a walk from each firm comes to a closed group, its weighted sum, and what that lacks.

        That is the loss upstream of each firm when one of the group fails.
        """
        if group not in self._reached:
            inside = (self.closed == group).astype(np.float64)
            new = reached = inside
            for _round in range(_ROUNDS):
                new = self._steps @ new
                reached = reached + new
                if new @ self.layout.weight <= _UNCOUNTED:
                    break
            missing = float(self.visits @ (self._steps @ new))
            self._reached[group] = reached, float(self.layout.weight @ reached), missing
        return self._reached[group]

    @cached_property
    def solved(self) -> bool:
        """Whether the losses upstream of each firm are solved for directly: few firms, whose walks are long."""
        return self.layout.network.firms <= _DIRECT and float(self.length.max()) > _LONG

    def column(self, place: int) -> tuple[Floats, float, float]:
        """[n] loss upstream of each firm when one outside closed groups fails, its weighted sum, and their error."""
        unit = np.zeros(self.layout.network.firms)
        unit[place] = 1.0
        met = self._factors.solve(unit)
        loss = np.clip(met / met[place], 0.0, 1.0)
        wrong = np.abs(loss - self._steps @ loss)
        wrong[place] = 0.0
        return loss, float(self.layout.weight @ loss), float(wrong @ self.visits) + self.uncounted

    @cached_property
    def _factors(self) -> "SuperLU":
        from scipy.sparse import eye_array
        from scipy.sparse.linalg import splu

        return splu((eye_array(self.layout.network.firms) - self._steps).tocsc())

    @cached_property
    def _reached(self) -> dict[int, tuple[Floats, float, float]]:
        return {}

    @cached_property
    def _counted(self) -> tuple[Floats, float]:
        back = self._steps.T.tocsr()
        new = visits = self.layout.weight.copy()
        for _round in range(_ROUNDS):
            new = back @ new
            visits = visits + new
            if new.sum() <= _UNCOUNTED:
                break
        return visits, float((back @ new) @ np.minimum(self.length, _ENDLESS))

    @cached_property
    def _steps(self) -> "csr_array":
        """[n, n] probability of each step; none from a firm of a closed group."""
        from scipy.sparse import diags_array

        return (diags_array((self.closed < 0).astype(np.float64)) @ self._all).tocsr()

    @cached_property
    def _all(self) -> "csr_array":
        from scipy.sparse import csr_array

        start, sales = self.layout.sales
        n = self.layout.network.firms
        return csr_array((sales["share"].copy(), sales["firm"].copy(), start), shape=(n, n))
