"""Systemic risk (ESRI): the part of all output that is lost when a firm fails, down- and upstream.

Compatible mode: the iterates, the step counts and the stop rule of Diem, Borsos, Reisch, Kertész and Thurner
(Scientific Reports 12, 7719, 2022). With its default stop rule a cascade ends before it has settled; `eps` says when.
Exact mode: the same cascade settled, as far as `accuracy` says, with bounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, NetworkError
from ballast.core.parallel import Executor, Question, Threads, in_pieces, joined
from ballast.core.systemic_risk import compatible, exact
from ballast.core.systemic_risk.compatible import BOTH, DOWN, STEPS, UP, Failures
from ballast.core.systemic_risk.exact import Settled
from ballast.core.systemic_risk.trade_network import TradeNetwork

__all__ = ["DEFAULT_EPS", "RANKING", "REPORT", "Mode", "SystemicRisk", "systemic_risk"]

Mode = Literal["compatible", "exact"]

# The authors' stop: the largest change of a step.
DEFAULT_EPS = 1e-2
# Accuracy that does to rank firms, and to report the figure of one.
RANKING, REPORT = 2e-4, 1e-6
# Wished widths of the bounds below this are lost in rounding.
_FINEST = 1e-11


@dataclass(frozen=True, eq=False)
class SystemicRisk:
    """The failure of each firm asked about, by itself."""

    network: TradeNetwork
    mode: Mode
    eps: float  # nan in exact mode
    accuracy: float  # nan in compatible mode
    firms: NDArray[np.intp]  # [k] the failed firm
    steps: NDArray[np.int64]  # [k] until no change exceeded eps; 0 in exact mode
    esri: Floats  # [k] 0..1, weighted loss of the larger of both directions
    downstream: Floats  # [k]
    upstream: Floats  # [k]
    lower: Floats  # [k] the fixed point of esri is not below this; nan in compatible mode
    upper: Floats  # [k] nor above this; nan where no bound is proven, and in compatible mode


def systemic_risk(
    network: TradeNetwork,
    firms: Sequence[int] | None = None,
    *,
    mode: Mode = "compatible",
    eps: float = DEFAULT_EPS,
    accuracy: float = RANKING,
    by_growth: bool = False,
    market_shares: bool = True,
    threads: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> SystemicRisk:
    """Losses when each of `firms` (positions; absent: every firm) fails alone.

    Compatible mode stops when no firm changes by more than `eps`; with `by_growth`, when the loss grows by less than
    `eps`, relatively. Exact mode gives bounds about `accuracy` apart, in parts of all output, wherever it can.
    `market_shares` lets the firms left in a market stand in for what fails, the less the fewer are left. Computed
    by `executor`, or else by `threads` threads here. NetworkError for a firm that is not there, an unknown mode, or
    an eps or accuracy that cannot be.
    """
    asked = _asked(network, firms)
    named = None if firms is None else asked

    def answers(question: Question[TradeNetwork], size: int, columns: Sequence[int]) -> list[Floats]:
        parts = in_pieces(
            question, network, asked.size, size=size, executor=executor or Threads(threads), progress=progress
        )
        return [joined(parts, column, np.float64) for column in columns]

    if mode == "compatible":
        iterated = Failures(named, _within("eps", eps, 0.0), by_growth, market_shares)
        steps, both, down, up = answers(iterated, compatible.PIECE, (STEPS, BOTH, DOWN, UP))
        unknown = np.full(asked.size, np.nan)
        return SystemicRisk(network, mode, eps, np.nan, asked, steps.astype(np.int64), both, down, up, unknown, unknown)
    if mode != "exact":
        msg = f"mode is {mode!r}; give 'compatible' or 'exact'."
        raise NetworkError(msg)
    settled = Settled(named, _within("accuracy", accuracy, _FINEST), market_shares)
    both, down, up, low, high = answers(
        settled, exact.PIECE, (exact.LIKELY, exact.DOWN, exact.UP, exact.LOW, exact.HIGH)
    )
    none = np.zeros(asked.size, np.int64)
    return SystemicRisk(network, mode, np.nan, accuracy, asked, none, both, down, up, low, high)


def _asked(network: TradeNetwork, firms: Sequence[int] | None) -> NDArray[np.intp]:
    asked = np.arange(network.firms) if firms is None else np.asarray(firms, dtype=np.intp)
    wrong = asked[(asked < 0) | (asked >= network.firms)]
    if wrong.size:
        msg = f"firms: {int(wrong[0])} is not there; give positions 0 to {network.firms - 1}."
        raise NetworkError(msg)
    return asked


def _within(name: str, value: float, least: float) -> float:
    if not least < value < 1.0:
        msg = f"{name} is {value}; give a number above {least:g} and below 1."
        raise NetworkError(msg)
    return value
