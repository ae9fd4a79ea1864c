import numpy as np
import pytest

from ballast.bench.survive import plain_time, rows, three_tiers
from ballast.core.survive import survive_chain


def test_the_reference_and_ours_agree_on_every_node():
    chain = three_tiers(85)
    nodes = np.flatnonzero(chain.demand == 0.0)
    found = survive_chain(chain, nodes.tolist(), np.full(85, np.nan)).time_to_survive
    times = [plain_time(chain, node) for node in nodes]
    assert np.where(np.isinf(found), 3660.0, found) == pytest.approx(times, rel=1e-9)
    assert len(set(np.round(times, 6))) > 10


def test_rows_say_how_far_the_two_are_apart():
    (row,) = rows([85], repeat=1)
    assert row.difference <= 1e-9
    assert row.ratio > 1.0
