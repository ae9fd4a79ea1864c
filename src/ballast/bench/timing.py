"""Times of two routines side by side: one thread, best of several, the compiled loops warmed first."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Row", "best", "marginal", "peak_mib"]

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line of the benchmark table: a question at a size, ours beside a reference on the same data."""

    model: str
    question: str
    size: str  # "100,000 sites / 472,000 links"
    seconds: float  # ours, for one question
    reference: str = ""  # what stands beside: "dense NumPy", "SciPy sparse full rescan", "BoARIO 0.7.2"
    reference_seconds: float | None = None
    difference: float | None = None  # largest difference of the two answers, in their own unit
    goal: str = ""  # as the issue or docs state it: ">= 50x", "<= 2 s"
    met: bool | None = None
    memory_mib: float | None = None  # peak of the process so far
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times longer the reference takes."""
        return None if self.reference_seconds is None else self.reference_seconds / self.seconds


def best(call: Callable[[], T], repeat: int = 3, *, warm: bool = True) -> tuple[float, T]:
    """(smallest seconds of `repeat` runs, the last answer); runs once before the clock when `warm`."""
    if warm:
        call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - start)
    return min(times), answer


def marginal(call: Callable[[int], object], few: int, many: int, repeat: int = 3) -> float:
    """Seconds of one more question: the difference of `many` and `few` questions over their number."""
    call(few)
    return max(1e-9, (best(lambda: call(many), repeat)[0] - best(lambda: call(few), repeat)[0]) / (many - few))


def peak_mib() -> float:
    """Largest resident memory of this process so far, MiB."""
    # Linux counts in KiB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0 if sys.platform != "darwin" else 1024.0**2)
