"""What a unit that no firm has sent can cost downstream at most: u of docs/explanation/systemic-risk.md.

u is the least vector with u_j >= sum over the inputs of any slot of share . (1 + kept . u), from above. `kept` is the
share in its market that a firm has at most while no market loses more than a given part.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats
from ballast.core.systemic_risk.layout import Layout

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    from ballast.core.kernels.systemic_risk_above import Caps

__all__ = ["caps_of"]

# Losses of all markets for which a bound is tried; the first that has one for all firms is taken, else the last.
_LOSSES = (0.1, 0.02, 0.002)
# What a unit that was not sent counts for, so that changes of half as much above 1 may be left out of its bound.
_UNIT, _CLOSE, _ROUNDS = 1.1, 0.05, 500
# A firm that would lose more units has no bound.
_ENDLESS = 1e3


def caps_of(layout: Layout, market_shares: bool) -> "Caps":
    """Bounds for markets that all lose little; the kernel widens them where a market loses more."""
    from ballast.core.kernels.systemic_risk_above import Caps

    share, n = layout.share, layout.network.firms
    slots = _slots(layout)
    for loss in _LOSSES if market_shares else (np.inf,):
        kept = np.minimum(1.0, share / (1.0 - loss)) if market_shares else np.ones(n)
        unit, passed, load, endless = _units(layout, slots, kept)
        if not endless.any():
            break
    within = np.bincount(layout.market, (share if market_shares else np.ones(n)) * unit).astype(np.float64, copy=False)
    total = max(1.0, float(layout.weight @ unit))
    reaching = _reaching(layout, endless) if endless.any() else endless
    return Caps(loss, kept, unit, passed, load, within, float(within.max()), total, reaching, *layout.members)


def _units(layout: Layout, slots: "csr_array", kept: Floats) -> tuple[Floats, Floats, Floats, Bools]:
    """u [n], kept . u [n] and the sums [s] as of one round before, and the firms [n] without a bound, whose u is 0."""
    offsets = layout.slots
    buyers = np.flatnonzero(np.diff(offsets))
    unit, endless = np.zeros(kept.size), np.zeros(kept.size, dtype=np.bool_)
    for round_ in range(2 * _ROUNDS):
        passed, new = kept * unit, np.zeros(kept.size)
        load = slots @ (_UNIT + passed)
        if buyers.size:
            new[buyers] = np.maximum.reduceat(load, offsets[buyers])
        new[endless] = 0.0
        beyond = new > _ENDLESS
        if round_ == _ROUNDS:
            beyond |= new - unit > _CLOSE
        if beyond.any():
            endless = _fed_by(slots, offsets, buyers, endless | beyond)
            new[endless] = 0.0
        grown, unit = float((new - unit).max(initial=0.0)), new
        if grown <= _CLOSE and not beyond.any():
            break
    # Whatever comes to these firms, their bound is not asked for.
    load[np.repeat(endless, np.diff(offsets))] = -np.inf
    return unit, passed, load, endless


def _fed_by(slots: "csr_array", offsets: NDArray[np.integer], buyers: NDArray[np.intp], firms: Bools) -> Bools:
    """Firms and all that they deliver to, over any number of links."""
    while True:
        more = firms.copy()
        more[buyers] |= np.maximum.reduceat(slots @ firms.astype(np.float64), offsets[buyers]) > 0.0
        if (more == firms).all():
            return firms
        firms = more


def _reaching(layout: Layout, firms: Bools) -> Bools:
    """Firms and all that deliver to them, over any number of links."""
    start, links = layout.down
    supplier = np.repeat(np.arange(firms.size), np.diff(start))
    while True:
        more = firms.copy()
        more[supplier[firms[links["firm"]]]] = True
        if (more == firms).all():
            return firms
        firms = more


def _slots(layout: Layout) -> "csr_array":
    """Shares [slots, firms]."""
    from scipy.sparse import csr_array

    start, fill = layout.fill
    shape = (layout.network.slots, layout.network.firms)
    return csr_array((fill["share"].copy(), fill["firm"].copy(), start), shape=shape)
