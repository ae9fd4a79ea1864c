"""ESRI in exact mode: bounds beside the equations written out densely and iterated until nothing changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_systemic_risk import dense, network, random_trade

from ballast.core.network import NetworkError
from ballast.core.systemic_risk import RANKING, REPORT, systemic_risk
from ballast.core.systemic_risk.exact import Exact
from ballast.core.systemic_risk.layout import Layout

SETTLED = 1e-13
ROUNDING = 1e-9


def ring(firms, leak=0.0):
    """(sales, industry, essentiality, revenue): each firm sells all to the next, every input essential."""
    sales = np.zeros((firms, firms))
    sales[np.arange(firms), (np.arange(firms) + 1) % firms] = 1.0
    return sales, np.arange(firms), np.full((firms, firms), 2), np.full(firms, 1.0 / (1.0 - leak))


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("market_shares", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_bounds_hold_the_settled_cascade(seed, market_shares, leak):
    sales, industry, essential = random_trade(seed)
    revenue = sales.sum(1) / (1.0 - leak)
    net = network(sales, industry, essential, revenue=revenue)
    settled = [
        dense(sales, industry, essential, [firm], eps=SETTLED, revenue=revenue, market_shares=market_shares)[1:]
        for firm in range(len(sales))
    ]
    both, down, up = np.array(settled).T
    for accuracy in (RANKING, REPORT, 1e-9):
        found = systemic_risk(net, mode="exact", accuracy=accuracy, market_shares=market_shares)
        assert (found.lower <= both + ROUNDING).all()
        proven = ~np.isnan(found.upper)
        assert (both[proven] <= found.upper[proven] + ROUNDING).all()
        assert (found.upper - found.lower)[proven].max(initial=0.0) <= accuracy + ROUNDING
        assert (found.lower - ROUNDING <= found.esri).all()
        assert (found.esri <= np.where(proven, found.upper, 1.0) + ROUNDING).all()
        assert found.downstream[proven] == pytest.approx(down[proven], abs=2 * accuracy)
        assert found.upstream[proven] == pytest.approx(up[proven], abs=2 * accuracy)


@given(st.integers(0, 500), st.sampled_from([1e-9, 0.1, 7.0, 1e10]), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_neither_currency_nor_order_of_firms_changes_an_answer(seed, factor, random):
    sales, industry, essential = random_trade(seed)
    order = list(range(len(sales)))
    random.shuffle(order)
    one = systemic_risk(network(sales, industry, essential), mode="exact", accuracy=REPORT)
    other = systemic_risk(
        network(sales[np.ix_(order, order)] * factor, industry[order], essential), mode="exact", accuracy=REPORT
    )
    known = ~np.isnan(one.upper[order]) & ~np.isnan(other.upper)
    # Both hold the same figure between their bounds; the walks may take another order.
    assert (other.lower <= np.where(known, one.upper[order], 1.0) + ROUNDING).all()
    assert (one.lower[order][known] <= other.upper[known] + ROUNDING).all()
    assert other.esri[known] == pytest.approx(one.esri[order][known], abs=2 * REPORT)


@given(st.integers(0, 500), st.booleans())
@settings(max_examples=20, deadline=None)
def test_threads_and_company_change_no_bit(seed, market_shares):
    sales, industry, essential = random_trade(seed)
    firms = np.resize(np.arange(len(sales)), 600)
    net = network(sales, industry, essential)
    one = systemic_risk(net, firms, mode="exact", market_shares=market_shares)
    two = systemic_risk(net, firms, mode="exact", market_shares=market_shares, threads=2)
    for name in ("esri", "lower", "upper", "downstream", "upstream"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        # A firm's answer does not depend on what was asked before it.
        np.testing.assert_array_equal(getattr(one, name), np.resize(getattr(one, name)[: len(sales)], 600))


@given(st.integers(0, 300))
@settings(max_examples=30, deadline=None)
def test_a_finer_accuracy_stays_within_the_coarser_bounds(seed):
    sales, industry, essential = random_trade(seed)
    net = network(sales, industry, essential)
    coarse = systemic_risk(net, mode="exact", accuracy=1e-2)
    fine = systemic_risk(net, mode="exact", accuracy=1e-8)
    known = ~np.isnan(coarse.upper)
    assert (fine.lower[known] <= coarse.upper[known] + ROUNDING).all()
    assert (fine.lower >= coarse.lower - 1e-2).all()
    assert (fine.esri[known] <= coarse.upper[known] + ROUNDING).all()


@pytest.mark.parametrize("firms", [2, 3, 12])
def test_a_closed_ring_loses_everything_and_its_bound_downstream_is_not_claimed(firms):
    sales, industry, essential, _revenue = ring(firms)
    found = systemic_risk(network(sales, industry, essential), mode="exact")
    assert found.lower == pytest.approx(np.ones(firms))
    assert found.upstream == pytest.approx(np.ones(firms))
    # Every loss comes round undiminished: what is unsent has no bound but all output.
    assert np.isnan(found.upper).all()


def test_a_ring_whose_sales_leave_in_part():
    """Up the ring a half is left at each firm; down it, all inputs are essential, so all is lost."""
    sales, industry, essential, revenue = ring(3, leak=0.5)
    found = systemic_risk(network(sales, industry, essential, revenue=revenue), mode="exact", accuracy=1e-9)
    # 1 of the failed firm, 1/2 of its supplier, 1/4 of that one's; equal weights.
    assert found.upstream == pytest.approx(np.full(3, 1.75 / 3), abs=1e-9)
    assert found.downstream == pytest.approx(np.ones(3))


def test_long_walks_are_solved_for():
    """A ring that sells a hundredth to a shop: walks go round it, about a hundred firms long."""
    sales = np.zeros((6, 6))
    sales[np.arange(5), (np.arange(5) + 1) % 5] = 99.0
    sales[np.arange(5), 5] = 1.0
    industry, essential = np.arange(6), np.ones((6, 6), dtype=int)
    net = network(sales, industry, essential)
    assert Exact(Layout(net), True).walks.solved
    found = systemic_risk(net, mode="exact", accuracy=1e-9)
    for firm in range(6):
        _steps, both, _down, up = dense(sales, industry, essential, [firm], eps=SETTLED)
        assert found.upstream[firm] == pytest.approx(up, abs=1e-9)
        assert found.lower[firm] - ROUNDING <= both
        assert np.isnan(found.upper[firm]) or both <= found.upper[firm] + ROUNDING


def test_closed_groups_fail_as_one():
    """Two firms sell to each other alone: whatever fails of the two, walks from both end there."""
    sales = np.zeros((3, 3))
    sales[0, 1] = sales[1, 0] = 3.0
    sales[2, 0] = 2.0
    net = network(sales, np.arange(3), np.ones((3, 3), dtype=int))
    assert (Exact(Layout(net), True).walks.closed >= 0).sum() == 2
    found = systemic_risk(net, mode="exact", accuracy=1e-9)
    assert found.upstream == pytest.approx([1.0, 1.0, 2 / 8])


def test_three_firms_by_hand():
    """The example of docs/explanation/systemic-risk.md: a mill and a works that buy from each other."""
    sales = np.array([[0.0, 3.0, 0.0], [2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    essential = np.ones((3, 3), dtype=int)
    found = systemic_risk(network(sales, np.arange(3), essential, revenue=[6.0, 4.0, 1.0]), mode="exact", accuracy=1e-9)
    # Mill fails. Up: the works sells 1/2 to it, the carrier all to the works.
    assert found.upstream[0] == pytest.approx((3 * 1 + 2 * 1 / 2 + 1 * 1 / 2) / 6)
    # Down: the works buys 3/4 from it.
    assert found.downstream[0] == pytest.approx((3 * 1 + 2 * 3 / 4 + 0) / 6)
    assert found.esri[0] == pytest.approx((3 * 1 + 2 * 3 / 4 + 1 * 1 / 2) / 6)
    assert found.upper[0] - found.lower[0] <= 2e-9


def test_no_bound_without_market_shares_where_losses_come_round():
    sales, industry, essential, revenue = ring(4, leak=0.5)
    sales = np.block([[sales, np.zeros((4, 2))], [np.zeros((2, 4)), np.array([[0, 1.0], [0, 0]])]])
    industry, essential = np.arange(6), np.full((6, 6), 2)
    found = systemic_risk(
        network(sales, industry, essential, revenue=np.append(revenue, [1.0, 1.0])), mode="exact", market_shares=False
    )
    assert np.isnan(found.upper[:4]).all()
    # The pair beside the ring never reaches it, so its bound stands.
    assert found.upper[4:] == pytest.approx(found.lower[4:], abs=RANKING)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"mode": "fast"}, "mode is 'fast'"),
        ({"mode": "exact", "accuracy": 0.0}, "accuracy is 0.0"),
        ({"mode": "exact", "accuracy": 1e-14}, "accuracy is 1e-14"),
        ({"mode": "exact", "firms": [-1]}, "-1 is not there"),
    ],
)
def test_impossible_questions_are_refused(options, reason):
    sales, industry, essential = random_trade(1)
    with pytest.raises(NetworkError, match=reason):
        systemic_risk(network(sales, industry, essential), **options)
