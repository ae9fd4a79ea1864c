"""ESRI with the iterates and the stop rule of its authors: the same numbers and step counts, at a fraction of the work.

Source: Diem, Borsos, Reisch, Kertész, Thurner, Scientific Reports 12, 7719 (2022), and their package GLcascade.
Equations and what is done differently: docs/explanation/systemic-risk.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, Ints
from ballast.core.parallel import Arrays
from ballast.core.systemic_risk.layout import Layout, Spares
from ballast.core.systemic_risk.trade_network import TradeNetwork

if TYPE_CHECKING:
    from ballast.core.kernels.systemic_risk import Firms, Shocks, Work

__all__ = ["BOTH", "DOWN", "PIECE", "STEPS", "UP", "Compatible", "Failures"]

# Columns of an answer.
STEPS, BOTH, DOWN, UP, VISITS = range(5)
# Failures of a piece.
PIECE = 64
# A change within this part of eps counts as eps, so that rounding decides no step count.
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Failures:
    """The k-th of `firms` (None: of all) fails alone in row k of the question (core/parallel.py)."""

    firms: NDArray[np.intp] | None
    eps: float
    by_growth: bool
    market_shares: bool

    def ready(self, network: TradeNetwork) -> Callable[[int, int], Arrays]:
        """The columns of an answer."""
        from ballast.core.kernels.systemic_risk import Shocks

        model = Compatible(Layout(network), self.eps, self.by_growth, self.market_shares)
        places = model.layout.place if self.firms is None else model.layout.place[self.firms]

        def piece(start: int, stop: int) -> Arrays:
            whole = np.ones(stop - start)
            alone = Shocks(np.arange(stop - start + 1), places[start:stop], whole, whole)
            return tuple(np.ascontiguousarray(column) for column in model.answer(alone).T)

        return piece


@dataclass(frozen=True, eq=False)
class Compatible:
    """The cascade of one network, made ready once and asked many times."""

    layout: Layout
    eps: float
    by_growth: bool
    market_shares: bool

    def answer(self, shocks: "Shocks") -> Floats:
        """[questions, 5] steps, loss in both directions, downstream, upstream, links walked."""
        from ballast.core.kernels.systemic_risk import cascades

        out, nothing = np.empty((len(shocks.start) - 1, 5)), np.empty((2, 0))
        with self._spares.one() as work:
            cascades(self._firms, shocks, work, *self._rule, out, nothing)
        return out

    def losses(self, shocks: "Shocks") -> tuple[Floats, Floats]:
        """Answer [5] of one question, and the losses [2, n] downstream and upstream of each firm by place."""
        from ballast.core.kernels.systemic_risk import cascades

        out, kept = np.empty((1, 5)), np.empty((2, self.layout.network.firms))
        with self._spares.one() as work:
            cascades(self._firms, shocks, work, *self._rule, out, kept)
        return out[0], kept

    @property
    def _rule(self) -> tuple[float, bool, bool]:
        return self.eps * (1.0 + _TIE), self.by_growth, self.market_shares

    @cached_property
    def _firms(self) -> "Firms":
        from ballast.core.kernels.systemic_risk import Firms

        layout = self.layout
        start, sales = layout.sales
        supplier = np.repeat(np.arange(layout.network.firms), np.diff(start))
        weighted = sales["share"] * layout.weight[supplier]
        ahead = np.bincount(sales["firm"], weighted, minlength=layout.network.firms).astype(np.float64, copy=False)
        return Firms(
            layout.slots, *layout.down, *layout.fill, *layout.up, *layout.sales, *layout.members,
            layout.market, layout.share, layout.weight, ahead,
        )  # fmt: skip

    @cached_property
    def _spares(self) -> "Spares[Work]":
        return Spares(self._work)

    def _work(self) -> "Work":
        from ballast.core.kernels.systemic_risk import Work

        n, s, k = self.layout.network.firms, self.layout.network.slots, self.layout.network.markets

        def zeros() -> Floats:
            return np.zeros(n)

        def listed() -> Ints:
            return np.empty(n, dtype=np.int32)

        return Work(
            loss=zeros(), slot=np.zeros(s), settled=zeros(), sent=zeros(), hits=listed(),
            told=zeros(), news=zeros(), coming=zeros(), seen=np.zeros(n, dtype=np.int8),
            pin=zeros(), inflow=zeros(), shorts=listed(),
            room=np.ones(k), counted=np.zeros(k, dtype=np.int64),
        )  # fmt: skip
