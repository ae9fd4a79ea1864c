"""Work over many rows in pieces: the same pieces, and so the same bits, on any number of threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

__all__ = ["pieces", "spread"]

T = TypeVar("T")


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
    answers: dict[int, T] = {}
    for number, answer in _answers(call, parts, threads):
        answers[number] = answer
        if progress is not None:
            progress(sum(parts[k][1] - parts[k][0] for k in answers))
    return [answers[number] for number in range(len(parts))]


def _answers(call: Callable[[int, int], T], parts: list[tuple[int, int]], threads: int) -> Iterator[tuple[int, T]]:
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
