"""ESRI at the fixed point of the cascade, with bounds: closed form upstream, walked downstream while it matters.

Equations, proofs of the bounds and where there is none: docs/explanation/systemic-risk.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, Ints
from ballast.core.parallel import Arrays
from ballast.core.systemic_risk.caps import caps_of
from ballast.core.systemic_risk.layout import Layout, Spares
from ballast.core.systemic_risk.trade_network import TradeNetwork
from ballast.core.systemic_risk.walks import Walks

if TYPE_CHECKING:
    from ballast.core.kernels.systemic_risk_above import Caps
    from ballast.core.kernels.systemic_risk_down import Fall, Links
    from ballast.core.kernels.systemic_risk_up import Chain, Rise

__all__ = ["DOWN", "HIGH", "LIKELY", "LOW", "PIECE", "UP", "VISITS", "Exact", "Settled"]

# Failures of a piece.
PIECE = 256
# Columns of an answer: loss in both directions from below, likely and from above; downstream; upstream; links walked.
LOW, LIKELY, HIGH, DOWN, UP, VISITS = range(6)
COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Settled:
    """The k-th of `firms` (None: of all) fails alone in row k of the question (core/parallel.py)."""

    firms: NDArray[np.intp] | None
    accuracy: float
    market_shares: bool

    def ready(self, network: TradeNetwork) -> Callable[[int, int], Arrays]:
        """The columns of an answer."""
        model = Exact(Layout(network), self.market_shares)
        places = model.layout.place if self.firms is None else model.layout.place[self.firms]
        model.prepare()

        def piece(start: int, stop: int) -> Arrays:
            return tuple(np.ascontiguousarray(column) for column in model.answer(places[start:stop], self.accuracy).T)

        return piece


@dataclass(frozen=True, eq=False)
class Exact:
    """The fixed points of one network, made ready once and asked many times."""

    layout: Layout
    market_shares: bool

    def answer(self, places: Ints, accuracy: float) -> Floats:
        """[questions, 6] the failure of each firm alone, bounds about `accuracy` apart."""
        group = self.walks.closed[places]
        found = np.empty((places.size, COLUMNS))
        for number in np.unique(group):
            rows = np.flatnonzero(group == number)
            if number >= 0:
                found[rows] = self._answer(places[rows], accuracy, *self.walks.reach(int(number)))
            elif self.walks.solved:
                for row in rows:
                    found[row] = self._answer(places[[row]], accuracy, *self.walks.column(int(places[row])))
            else:
                found[rows] = self._answer(places[rows], accuracy, np.empty(0), 0.0, self.walks.uncounted)
        return found

    def _answer(self, places: Ints, accuracy: float, given: Floats, total: float, missing: float) -> Floats:
        """Answers where the loss upstream is `given`, too low by no more than `missing` of all output."""
        from ballast.core.kernels.systemic_risk_exact import failures

        out = np.empty((places.size, COLUMNS))
        with self._spares.one() as (fall, rise):
            failures(self._net, self.caps, self._chain, places, accuracy, fall, rise, given, total, out)
        out[:, LOW] = np.maximum(0.0, out[:, LOW] - missing)
        out[:, HIGH] = np.minimum(1.0, out[:, HIGH] + missing)
        return out

    def prepare(self) -> None:
        """Make what all questions need, before several threads ask for it."""
        self.caps, self._net, self._chain, self._spares, self.walks.uncounted  # noqa: B018
        if self.walks.solved:
            self.walks.column(0)

    @cached_property
    def walks(self) -> Walks:
        """Walks along customers."""
        return Walks(self.layout)

    @cached_property
    def caps(self) -> "Caps":
        """What a unit that was not sent can cost."""
        return caps_of(self.layout, self.market_shares)

    @cached_property
    def _net(self) -> "Links":
        from ballast.core.kernels.systemic_risk_down import Links

        layout, n = self.layout, self.layout.network.firms
        start, links = layout.down
        worth = links["share"] * layout.weight[links["firm"]]
        supplier = np.repeat(np.arange(n), np.diff(start))
        onward = np.bincount(supplier, worth, minlength=n).astype(np.float64, copy=False)
        share = layout.share if self.market_shares else np.ones(n)
        return Links(layout.slots, start, links, layout.market, share, layout.weight, onward)

    @cached_property
    def _chain(self) -> "Chain":
        from ballast.core.kernels.systemic_risk_up import Chain

        start, links = self.walks.links
        weight, visits = self.layout.weight, self.walks.visits
        buyer = np.repeat(np.arange(weight.size), np.diff(start))
        widest = np.zeros(weight.size)
        np.maximum.at(widest, buyer, links["share"])
        worth = links["share"] * weight[links["firm"]]
        direct = np.bincount(buyer, worth, minlength=weight.size).astype(np.float64, copy=False)
        later = max(np.finfo(np.float64).tiny, float((visits - weight).sum()))
        return Chain(start, links, visits, later, direct, self.walks.length, widest)

    @cached_property
    def _spares(self) -> "Spares[tuple[Fall, Rise]]":
        return Spares(self._work)

    def _work(self) -> "tuple[Fall, Rise]":
        from ballast.core.kernels.systemic_risk_down import DEEP, GATE, Fall
        from ballast.core.kernels.systemic_risk_up import Rise

        n, s, k, caps = self.layout.network.firms, self.layout.network.slots, self.layout.network.markets, self.caps

        def listed() -> Ints:
            return np.empty(n, dtype=np.int32)

        columns = np.zeros((n, 4))
        columns[:, GATE] = np.minimum(1.0, DEEP * self._net.share)
        fall = Fall(
            fall=columns, slot=np.zeros(s), sent=np.zeros(n), room=np.ones(k),
            hits=listed(), heavy=listed(), queue=listed(),
            kept=caps.kept.copy(), unit=caps.unit.copy(), passed=caps.passed.copy(), load=caps.load.copy(),
            within=caps.within.copy(), floor=np.full(k, 1.0 - caps.loss), altered=listed(),
            flag=np.zeros(n, dtype=np.int8),
        )  # fmt: skip
        return fall, Rise(rise=np.zeros((n, 2)), shorts=listed(), queue=fall.queue)
