import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.core.parallel import pieces, spread


@given(st.integers(0, 200), st.integers(1, 50))
def test_pieces_cover_every_row_once(count, size):
    rows = [row for start, stop in pieces(count, size) for row in range(start, stop)]
    assert rows == list(range(count))
    assert all(stop - start <= size for start, stop in pieces(count, size))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_answers_come_in_order_whatever_the_threads(threads):
    values = np.random.default_rng(1).random(1000)
    answers = spread(lambda a, b: values[a:b].sum(), 1000, size=7, threads=threads)
    assert answers == [values[a:b].sum() for a, b in pieces(1000, 7)]


def test_threads_work_at_the_same_time():
    both = threading.Barrier(2, timeout=10)
    assert spread(lambda a, b: both.wait() >= 0, 2, size=1, threads=2) == [True, True]


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_a_piece_is_raised(threads):
    def call(start, stop):
        if start == 4:
            raise ValueError("piece 4")
        return start

    with pytest.raises(ValueError, match="piece 4"):
        spread(call, 10, size=2, threads=threads)


def test_progress_counts_rows_up_to_all():
    seen = []
    spread(lambda a, b: None, 10, size=4, threads=2, progress=seen.append)
    assert seen[-1] == 10
    assert seen == sorted(seen)
