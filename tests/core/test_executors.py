"""Questions in pieces: what answers them may be anything that keeps to the pieces."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Uncertainty, ensemble
from ballast.core.parallel import Threads, in_pieces, joined
from ballast.core.stops import single_failures, worst_pairs


@dataclass
class Backwards:
    """Pieces in an odd order, each made ready anew, as by workers that know nothing of each other."""

    pieces: int = 0

    def answers(self, question, network, parts):
        self.pieces += len(parts)
        for number in reversed(range(len(parts))):
            yield number, question.ready(network)(*parts[number])


@dataclass(frozen=True)
class Squares:
    plus: int

    def ready(self, network: int) -> Callable[[int, int], tuple[np.ndarray, ...]]:
        return lambda first, last: (np.arange(first, last) ** 2 + network + self.plus,)


@pytest.mark.parametrize("executor", [Threads(1), Threads(3), Backwards()])
def test_pieces_stand_in_their_order_whatever_computes_them(executor):
    seen = []
    found = in_pieces(Squares(1), 10, 23, size=5, executor=executor, progress=seen.append)
    assert joined(found, 0, np.int64).tolist() == [k * k + 11 for k in range(23)]
    assert seen[-1] == 23
    assert seen == sorted(seen)


@pytest.mark.parametrize("executor", [Threads(2), Backwards()])
def test_nothing_asked_is_nothing_answered(executor):
    assert joined(in_pieces(Squares(0), 0, 0, size=5, executor=executor), 0, np.int64).tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_sweeps_pairs_and_draws_have_the_same_bits_from_any_executor(seed):
    world = random_world(seed)
    network, other = network_of(world), Backwards()
    one, two = (single_failures(network, executor=e) for e in (None, other))
    assert one.lost_output.tobytes() == two.lost_output.tobytes()
    one, two = (worst_pairs(network, executor=e) for e in (None, other))
    assert (one.first.tobytes(), one.lost_output.tobytes()) == (two.first.tobytes(), two.lost_output.tobytes())
    about = Uncertainty(stock_error=0.3, end_days=3)
    one, two = (ensemble(network, world.events, draws=9, uncertainty=about, executor=e) for e in (None, other))
    assert one.total_lost.tobytes() == two.total_lost.tobytes()
    assert other.pieces > 5


def test_progress_of_pairs_ends_where_it_says():
    told = []
    worst_pairs(network_of(random_world(3)), top=2, progress=lambda done, most: told.append((done, most)))
    assert all(done <= most for done, most in told)
    assert told[-1][0] == told[-1][1]
