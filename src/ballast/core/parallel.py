"""Work over many rows in pieces: the same pieces, and so the same bits, whatever computes them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrays", "Executor", "Question", "Threads", "in_pieces", "joined", "pieces", "spread"]

N = TypeVar("N")
T = TypeVar("T")
N_contra = TypeVar("N_contra", contravariant=True)

# What answers a piece: one-dimensional arrays, so that every piece can be sent and kept in one way.
Arrays: TypeAlias = tuple[NDArray[Any], ...]


class Question(Protocol[N_contra]):
    """A question over rows of a network. A frozen dataclass of small fields, without the network: it travels."""

    def ready(self, network: N_contra) -> Callable[[int, int], Arrays]:
        """What answers rows start..stop; made once per network, called by several threads at a time."""


class Executor(Protocol):
    """What computes the pieces of a question: threads here, or workers elsewhere."""

    def answers(
        self,
        question: Question[Any],
        network: Any,  # noqa: ANN401 - of the kind that the question is about
        parts: Sequence[tuple[int, int]],
    ) -> Iterator[tuple[int, Arrays]]:
        """Number and answer of each piece, as they come. The first error is raised."""


@dataclass(frozen=True)
class Threads:
    """So many threads of this process. Pieces gain where they release the interpreter's lock (Numba's nogil, NumPy)."""

    threads: int = 1

    def answers(
        self, question: Question[N], network: N, parts: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, Arrays]]:
        """Number and answer of each piece, as they come. The first error is raised."""
        return _answers(question.ready(network), parts, self.threads) if parts else iter(())


def in_pieces(
    question: Question[N],
    network: N,
    count: int,
    *,
    size: int,
    executor: Executor,
    progress: Callable[[int], None] | None = None,
) -> list[Arrays]:
    """Answers to the pieces of rows 0..count, in their order. `progress` is told how many rows are done."""
    parts = pieces(count, size)
    return _collected(executor.answers(question, network, parts), parts, progress)


def joined(found: Sequence[Arrays], place: int, dtype: type[np.generic]) -> NDArray[Any]:
    """The arrays that stand at `place` of each piece, one after the other."""
    return np.concatenate([np.empty(0, dtype), *(part[place] for part in found)])


def pieces(count: int, size: int) -> list[tuple[int, int]]:
    """Ranges start, stop of at most `size` rows that together are 0..count.

    >>> pieces(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(start, min(count, start + size)) for start in range(0, count, size)]


def spread(
    call: Callable[[int, int], T],
    count: int,
    *,
    size: int,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> list[T]:
    """`call(start, stop)` over the pieces of 0..count, in `threads` threads; answers in the order of the pieces.

    What `call` runs has to release the interpreter's lock (Numba's nogil, NumPy) for threads to gain, and must
    write nothing that another piece reads. `progress` is told how many rows are done. The first error is raised.
    """
    parts = pieces(count, size)
    return _collected(_answers(call, parts, threads), parts, progress)


def _collected(
    answers: Iterator[tuple[int, T]], parts: Sequence[tuple[int, int]], progress: Callable[[int], None] | None
) -> list[T]:
    found: dict[int, T] = {}
    done = 0
    for number, answer in answers:
        found[number] = answer
        done += parts[number][1] - parts[number][0]
        if progress is not None:
            progress(done)
    return [found[number] for number in range(len(parts))]


def _answers(call: Callable[[int, int], T], parts: Sequence[tuple[int, int]], threads: int) -> Iterator[tuple[int, T]]:
    if threads <= 1 or len(parts) <= 1:
        yield from ((number, call(*part)) for number, part in enumerate(parts))
        return
    with ThreadPoolExecutor(threads) as pool:
        running: dict[Future[T], int] = {pool.submit(call, *part): number for number, part in enumerate(parts)}
        try:
            while running:
                done, _rest = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        finally:
            for future in running:
                future.cancel()
