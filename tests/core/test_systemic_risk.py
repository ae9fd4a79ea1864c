"""ESRI in compatible mode beside the equations written out densely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.network import NetworkError, build_network
from ballast.core.systemic_risk import of_sites, systemic_risk, trade_network


def dense(sales, industry, essential, failed, *, eps, revenue=None, market_shares=True):
    """(steps, both, downstream, upstream) from Diem et al. 2022, firms x firms, one synchronous step after another."""
    n = len(sales)
    sold, bought = sales.sum(1), sales.sum(0)
    turnover = sold if revenue is None else revenue
    down, up = np.zeros((n, n)), np.divide(sales, turnover[:, None], out=np.zeros((n, n)), where=turnover[:, None] > 0)
    kind = essential[industry[:, None], industry[None, :]]
    for j in range(n):
        for i in range(n):
            if sales[i, j] > 0:
                same = sales[industry == industry[i], j].sum()
                down[i, j] = {2: sales[i, j] / same, 1: sales[i, j] / bought[j], 0: 0.0}[int(kind[i, j])]
    vital, helpful = np.where(kind == 2, down, 0.0), np.where(kind == 1, down, 0.0)
    weight = sold / sold.sum()
    member = (industry[:, None] == np.unique(industry)[None, :]).astype(float)
    cap = np.ones(n)
    cap[failed] = 0.0
    hd, hu, steps = cap.copy(), cap.copy(), 0
    while True:
        steps += 1
        left = member @ (member.T @ (sold * hd))
        stand_in = (
            np.minimum(1.0, np.divide(sold, left, out=np.ones(n), where=left > 0)) if market_shares else np.ones(n)
        )
        lost = (stand_in * (1 - hd))[:, None]
        must = (member.T @ (vital * lost)).max(0)  # of the worst essential input
        other = (helpful * lost).sum(0)
        nd = np.maximum(0.0, np.minimum(cap, np.minimum(1 - must, 1 - other)))
        nu = np.maximum(0.0, np.minimum(cap, 1 - up @ (1 - hu)))
        change = max((hd - nd).max(), (hu - nu).max())
        hd, hu = nd, nu
        if change <= eps:
            both = weight @ (1 - np.minimum(hd, hu))
            return steps, both, weight @ (1 - hd), weight @ (1 - hu)


def random_trade(seed):
    rng = np.random.default_rng(seed)
    n, kinds = int(rng.integers(2, 14)), int(rng.integers(1, 5))
    sales = np.where(rng.random((n, n)) < 0.35, rng.lognormal(0, 1, (n, n)), 0.0)
    np.fill_diagonal(sales, 0.0)
    sales[0, 1] = 1.0
    return sales, rng.integers(0, kinds, n), rng.integers(0, 3, (kinds, kinds))


def network(sales, industry, essential, **more):
    supplier, buyer = np.nonzero(sales)
    return trade_network(supplier, buyer, sales[supplier, buyer], industry, essentiality=essential, **more)


@pytest.mark.parametrize("market_shares", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_equals_the_dense_equations_step_by_step(seed, market_shares):
    sales, industry, essential = random_trade(seed)
    for eps in (1e-2, 1e-6):
        found = systemic_risk(network(sales, industry, essential), eps=eps, market_shares=market_shares)
        for firm in range(len(sales)):
            steps, both, down, up = dense(sales, industry, essential, [firm], eps=eps, market_shares=market_shares)
            assert found.steps[firm] == steps
            assert (found.esri[firm], found.downstream[firm], found.upstream[firm]) == pytest.approx(
                (both, down, up), abs=1e-12
            )


@pytest.mark.parametrize("seed", range(20))
def test_sales_that_leave_the_network_weaken_what_goes_up(seed):
    sales, industry, essential = random_trade(seed)
    revenue = sales.sum(1) * 1.5 + 1.0
    found = systemic_risk(network(sales, industry, essential, revenue=revenue), eps=1e-4)
    closed = systemic_risk(network(sales, industry, essential), eps=1e-4)
    for firm in range(len(sales)):
        _steps, _both, _down, up = dense(sales, industry, essential, [firm], eps=1e-4, revenue=revenue)
        assert found.upstream[firm] == pytest.approx(up, abs=1e-12)
    assert (found.upstream <= closed.upstream + 1e-12).all()


@given(st.integers(0, 500), st.sampled_from([1e-9, 0.1, 7.0, 1e10]))
@settings(max_examples=40, deadline=None)
def test_neither_the_currency_nor_threads_change_an_answer(seed, factor):
    sales, industry, essential = random_trade(seed)
    one = systemic_risk(network(sales, industry, essential))
    other = systemic_risk(network(sales * factor, industry, essential))
    two = systemic_risk(network(sales, industry, essential), threads=2)
    assert other.esri == pytest.approx(one.esri, abs=1e-12)
    assert (two.esri == one.esri).all()


def test_four_firms_by_hand():
    """The example of docs/explanation/systemic-risk.md; weights are 4/8, 3/8, 0 and 1/8."""
    sales = np.zeros((4, 4))
    sales[0, 1], sales[1, 2], sales[3, 2] = 4.0, 3.0, 1.0
    essential = np.ones((4, 4), dtype=int)
    essential[0, 1] = essential[1, 2] = 2
    found = systemic_risk(network(sales, np.arange(4), essential), [1], eps=1e-6)
    assert found.downstream[0] == pytest.approx(3 / 8)
    assert found.upstream[0] == pytest.approx(3 / 8 + 4 / 8)
    assert found.esri[0] == pytest.approx(7 / 8)


@pytest.mark.parametrize(("firms", "eps", "reason"), [([9], 1e-2, "9 is not there"), ([0], 0.0, "eps is 0.0")])
def test_impossible_questions_are_refused(firms, eps, reason):
    sales, industry, essential = random_trade(1)
    with pytest.raises(NetworkError, match=reason):
        systemic_risk(network(sales, industry, essential), firms, eps=eps)


def test_sites_of_a_network_become_firms():
    """The first example: ore -> part -> car, each of value 1; what fails takes its customers with it."""
    found = systemic_risk(
        of_sites(
            build_network(
                site_ids=["ore", "part", "car"],
                site_product=["ore", "part", "car"],
                output_value=[1.0, 1.0, 1.0],
                slot_site=[1, 2],
                slot_product=["ore", "part"],
                slot_use=[10.0, 200.0],
                slot_cover=[4.0, 2.5],
                link_supplier=[0, 1],
                link_slot=[0, 1],
                link_quantity=[10.0, 200.0],
                link_share=[1.0, 1.0],
            )
        ),
        eps=1e-6,
    )
    assert found.downstream == pytest.approx([1, 2 / 3, 1 / 3])
    assert found.upstream == pytest.approx([1 / 3, 2 / 3, 1])
