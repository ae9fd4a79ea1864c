"""The benchmark's reference and ours agree on small sizes."""

import numpy as np

from ballast.bench.dependence import bought_network, rows, world_table
from ballast.bench.references.dependence import stopped_without
from ballast.core.dependence import Chokepoints


def test_both_sides_agree():
    found = list(rows([300], repeat=1))
    assert len(found) == 4
    assert all(row.difference is not None and row.difference < 1e-9 for row in found)
    assert all(row.ratio is not None and row.ratio > 0 for row in found)


def test_every_loss_of_a_small_network():
    network = bought_network(200)
    points = Chokepoints(network, product=network.slot_product.codes)
    ours = points.stopped_by(np.arange(200), 200)[:, 0]
    assert ours.tolist() == [stopped_without(network, site) for site in range(200)]
    assert ours.max() > 10


def test_the_table_is_the_size_of_the_world():
    assert world_table().output.size == 1435
