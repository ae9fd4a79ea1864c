"""Systemic risk (ESRI): the part of all output that is lost when a firm fails, down- and upstream.

Compatible mode: the iterates, the step counts and the stop rule of Diem, Borsos, Reisch, Kertész and Thurner
(Scientific Reports 12, 7719, 2022). With its default stop rule a cascade ends before it has settled; `eps` says when.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, NetworkError
from ballast.core.parallel import Executor, Threads, in_pieces, joined
from ballast.core.systemic_risk.compatible import BOTH, DOWN, PIECE, STEPS, UP, Failures
from ballast.core.systemic_risk.trade_network import TradeNetwork

__all__ = ["DEFAULT_EPS", "SystemicRisk", "systemic_risk"]

# The authors' stop: the largest change of a step.
DEFAULT_EPS = 1e-2


@dataclass(frozen=True, eq=False)
class SystemicRisk:
    """The failure of each firm asked about, by itself."""

    network: TradeNetwork
    eps: float
    firms: NDArray[np.intp]  # [k] the failed firm
    steps: NDArray[np.int64]  # [k] until no change exceeded eps
    esri: Floats  # [k] 0..1, weighted loss of the larger of both directions
    downstream: Floats  # [k]
    upstream: Floats  # [k]


def systemic_risk(
    network: TradeNetwork,
    firms: Sequence[int] | None = None,
    *,
    eps: float = DEFAULT_EPS,
    by_growth: bool = False,
    market_shares: bool = True,
    threads: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> SystemicRisk:
    """Losses when each of `firms` (positions; absent: every firm) fails alone.

    `by_growth` stops when the loss grows by less than `eps`, relatively; else when no firm changes by more.
    `market_shares` lets the firms left in a market stand in for what fails, the less the fewer are left. Computed
    by `executor`, or else by `threads` threads here. NetworkError for a firm that is not there or an eps that is no
    positive number.
    """
    asked = np.arange(network.firms) if firms is None else np.asarray(firms, dtype=np.intp)
    wrong = asked[(asked < 0) | (asked >= network.firms)]
    if wrong.size:
        msg = f"firms: {int(wrong[0])} is not there; give positions 0 to {network.firms - 1}."
        raise NetworkError(msg)
    if not 0.0 < eps < 1.0:
        msg = f"eps is {eps}; give a number above 0 and below 1."
        raise NetworkError(msg)
    question = Failures(None if firms is None else asked, eps, by_growth, market_shares)
    parts = in_pieces(
        question, network, asked.size, size=PIECE, executor=executor or Threads(threads), progress=progress
    )
    steps, both, down, up = (joined(parts, column, np.float64) for column in (STEPS, BOTH, DOWN, UP))
    return SystemicRisk(network, eps, asked, steps.astype(np.int64), both, down, up)
