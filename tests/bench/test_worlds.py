import numpy as np

from ballast.bench.worlds import essentiality, synthetic


def test_the_same_seed_gives_the_same_network():
    one, two = synthetic(500, seed=3), synthetic(500, seed=3)
    assert np.array_equal(one.value, two.value)
    assert not np.array_equal(one.industry, synthetic(500, seed=4).industry)


def test_no_self_links_no_pair_twice_and_sales_leave_as_asked():
    trade = synthetic(2000, leak=0.3)
    assert (trade.supplier != trade.buyer).all()
    assert np.unique(trade.supplier.astype(np.int64) * trade.firms + trade.buyer).size == trade.links
    inside = np.bincount(trade.supplier, trade.value, minlength=trade.firms)
    sells = inside > 0
    assert np.allclose(inside[sells] / trade.revenue[sells], 0.7)
    assert 3.5 < trade.links / trade.firms < 5.0


def test_essentiality_has_all_three_kinds_in_their_shares():
    counts = np.bincount(essentiality(200).ravel(), minlength=3) / 200**2
    assert np.allclose(counts, [0.2, 0.5, 0.3], atol=0.02)
