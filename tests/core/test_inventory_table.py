"""The table mode of the inventory model beside BoARIO's answers and whole matrices written out."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import inventory_table_oracle

from ballast.core.columns import NetworkError
from ballast.core.dependence import country_table
from ballast.core.inventory import ArioParameters, Hit, capital_loss, losses_of, simulate_table
from ballast.tables.importers.world import read_mrio

BOARIO = json.loads((Path(__file__).parent / "boario_runs.json").read_text())
SHARED = Path(os.environ.get("BALLAST_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


def _table(regions=3, sectors=4, *, seed=None, scale=1.0, order=None):
    """A table by formula, the one that BoARIO was asked about, or a random one; rows in any order."""
    n = regions * sectors
    if seed is None:
        home = [[4.0 if a // sectors == b // sectors else 0.5 for b in range(n)] for a in range(n)]
        purchases = np.array([[1 + (7 * a + 3 * b) % 11 for b in range(n)] for a in range(n)]) * np.array(home)
        own = [[6.0 if a // sectors == r else 1.0 for r in range(regions)] for a in range(n)]
        final = np.array([[30 + (5 * a + 2 * r) % 13 for r in range(regions)] for a in range(n)]) * np.array(own)
    else:
        rng = np.random.default_rng(seed)
        purchases = rng.lognormal(0.0, 1.5, (n, n)) * (rng.random((n, n)) < 0.7)
        final = rng.lognormal(1.0, 1.0, (n, regions)) * n
    by = np.arange(n) if order is None else order
    purchases, final = purchases[np.ix_(by, by)] * scale, final[by] * scale
    return country_table(
        countries=[f"r{k}" for k in range(regions)],
        sectors=[f"s{k}" for k in range(sectors)],
        country=(np.arange(n) // sectors)[by],
        sector=(np.arange(n) % sectors)[by],
        purchases=purchases,
        output=purchases.sum(axis=1) + final.sum(axis=1),
        final=final,
    )


def _hit(table, days, seed):
    rng = np.random.default_rng(seed)
    loss = np.zeros((days, table.output.size))
    for row in rng.choice(table.output.size, 3, replace=False):
        start = int(rng.integers(0, 10))
        loss[start : start + int(rng.integers(1, 20)), row] = rng.uniform(0.1, 1.0)
    return loss


@pytest.mark.parametrize("weights", ["alt", "noalt"])
def test_boario_gives_the_same_totals_on_a_table_by_formula(weights):
    table, run = _table(), BOARIO["own"][weights]
    loss = np.zeros((120, 12))
    for row, taken in zip(run["hit"], run["loss"], strict=True):
        loss[: len(taken), row] = taken
    found = simulate_table(table, loss, ArioParameters(stock_days=10, tau_stock=15, by_capacity=weights == "alt"))
    assert found.output.sum(axis=1) == pytest.approx(run["output_by_day"], rel=1e-12)
    assert found.output.sum(axis=0) == pytest.approx(run["output_by_industry"], rel=1e-12)
    assert found.unmet.sum(axis=1) == pytest.approx(run["unmet_by_day"], rel=1e-9, abs=1e-12)
    assert found.output.sum(axis=1).min() < 0.92 * found.normal.sum()


def _pymrio_test_table():
    """pymrio's table is not ours to ship: from the shared data, else from the package where it is installed."""
    if (SHARED / "mrio_test_small").exists():
        return read_mrio(SHARED / "mrio_test_small")
    system = pytest.importorskip("pymrio").load_test()
    rows = list(system.Z.index)
    regions, sectors = list(dict.fromkeys(r for r, _ in rows)), list(dict.fromkeys(s for _, s in rows))
    purchases, final = system.Z.to_numpy(), system.Y.T.groupby("region").sum().T[regions].to_numpy()
    return country_table(
        countries=regions,
        sectors=sectors,
        country=[regions.index(region) for region, _ in rows],
        sector=[sectors.index(sector) for _, sector in rows],
        purchases=purchases,
        output=purchases.sum(axis=1) + final.sum(axis=1),
        final=final,
    )


@pytest.mark.parametrize("weights", ["alt", "noalt"])
def test_boario_gives_the_same_totals_on_its_own_test_table(weights):
    table, run = _pymrio_test_table(), BOARIO["pymrio"][weights]
    loss = np.zeros((365, 48))
    for name, taken in zip(run["hit"], run["loss"], strict=True):
        loss[: len(taken), table.names.index(name)] = taken
    found = simulate_table(table, loss, ArioParameters(stock_days=30, tau_stock=30, by_capacity=weights == "alt"))
    assert found.output.sum(axis=1)[::7] == pytest.approx(run["output_by_day"], rel=1e-12)
    by_industry = dict(zip(table.names, found.output.sum(axis=0), strict=True))
    assert by_industry == pytest.approx(run["output_by_industry"], rel=1e-12)
    assert found.unmet.sum() == pytest.approx(run["unmet"], rel=1e-9)


@given(seed=st.integers(0, 10_000), by_capacity=st.booleans(), endless=st.booleans())
@settings(max_examples=40, deadline=None)
def test_every_industry_and_day_is_as_with_whole_matrices(seed, by_capacity, endless):
    table = _table(seed=seed)
    days = np.array([3.0, np.inf if endless else 5.0, 20.0, 1.5])
    loss = _hit(table, 40, seed)
    given_ = ArioParameters(stock_days=days, psi=0.9, tau_stock=7.0, tau_alpha=30.0, by_capacity=by_capacity)
    found = simulate_table(table, loss, given_)
    output, unmet, stock = inventory_table_oracle.run(
        table.purchases, table.final.sum(axis=1), table.sector, loss,
        stock_days=days, psi=0.9, tau_stock=7.0, tau_alpha=30.0, by_capacity=by_capacity,
    )  # fmt: skip
    assert found.output == pytest.approx(output, rel=1e-9, abs=1e-9)
    assert found.unmet == pytest.approx(unmet, rel=1e-9, abs=1e-9)
    known = np.isfinite(stock)
    assert found.stock[known] == pytest.approx(stock[known], rel=1e-8, abs=1e-8)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_without_loss_every_day_is_normal(seed):
    table = _table(seed=seed)
    found = simulate_table(table, np.zeros((200, 12)), ArioParameters(stock_days=4.0, tau_stock=5.0))
    assert found.output == pytest.approx(np.tile(found.normal, (200, 1)), rel=1e-12)
    assert np.abs(found.unmet).max() <= 1e-12 * found.normal.max()


@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1e-3, 1e10]))
@settings(max_examples=20, deadline=None)
def test_the_currency_unit_and_the_order_of_rows_change_nothing(seed, scale):
    table, order = _table(seed=seed), np.random.default_rng(seed).permutation(12)
    loss = _hit(table, 30, seed)
    found = simulate_table(table, loss, ArioParameters(stock_days=4.0))
    again = simulate_table(_table(seed=seed, scale=scale, order=order), loss[:, order], ArioParameters(stock_days=4.0))
    assert again.output / scale == pytest.approx(found.output[:, order], rel=1e-9)
    assert again.lost.sum() / scale == pytest.approx(found.lost.sum(), rel=1e-8, abs=1e-8)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_goods_are_neither_made_nor_lost_on_the_way(seed):
    table = _table(seed=seed)
    found = simulate_table(table, _hit(table, 30, seed), ArioParameters(stock_days=6.0))
    bought = table.purchases.sum(axis=0) / (table.purchases.sum(axis=1) + table.final.sum(axis=1))
    final = table.final.sum() / 365.0 * 30
    sent = found.output.sum() - (final - found.unmet.sum())
    used = (found.output * bought).sum()
    assert found.stock.sum() == pytest.approx(6.0 * table.purchases.sum() / 365.0 + sent - used, rel=1e-9)


def test_hand_computed_stop_of_a_sector():
    """s0 sells 365 a year to s1 and nothing else, s1 sells 730 to users; 3 days of stock, psi 1; s0 stops on day 1."""
    table = country_table(
        countries=["r"], sectors=["s0", "s1"], country=[0, 0], sector=[0, 1],
        purchases=np.array([[0.0, 365.0], [0.0, 0.0]]), output=[365.0, 730.0], final=np.array([[0.0], [730.0]]),
    )  # fmt: skip
    loss = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    found = simulate_table(table, loss, ArioParameters(stock_days=3.0, psi=1.0))
    # Day 2 begins with 2 of 3 days of stock, and psi 1 holds output back at once.
    assert found.output[:, 1].tolist() == pytest.approx([2.0, 2.0, 2.0 * 2 / 3])
    assert found.unmet[2].tolist() == pytest.approx([0.0, 2.0 / 3])
    # With psi 0.5 two of three days are enough.
    assert simulate_table(table, loss, ArioParameters(stock_days=3.0, psi=0.5)).output[2, 1] == pytest.approx(2.0)


def test_hits_hold_places_sectors_and_all():
    table = _table()
    loss = losses_of(table, [Hit.of("r1=0.5@2-3"), Hit.of("*.s2=0.2@3"), Hit.of("r1.s2=0.1@0-1")], 6)
    row = [table.names.index(name) for name in ("r0.s0", "r0.s2", "r1.s0", "r1.s2")]
    assert loss[:, row].T.tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0.2, 0.2, 0.2],
        [0, 0, 0.5, 0.5, 0, 0],
        [0.1, 0.1, 0.5, 0.5, 0.2, 0.2],
    ]
    fading = losses_of(table, [Hit.of("*=0.4@1-1")], 5, curve="linear", recovery_days=2.0)
    assert fading[:, 0].tolist() == pytest.approx([0.0, 0.4, 0.2, 0.0, 0.0])


def test_capital_loss_is_a_part_of_capacity():
    table = _table()
    added = table.output - table.purchases.sum(axis=0)
    lost = np.zeros(12)
    lost[3] = added[3]
    assert capital_loss(table, lost)[3] == pytest.approx(0.25)
    # What BoARIO 0.7.2 takes off capacity for 300 and 100 of capital destroyed.
    hit = np.bincount([1, 6], [300.0, 100.0], minlength=12)
    assert capital_loss(table, hit)[[1, 6]] == pytest.approx([0.25125628140703515, 0.07886435331230283], rel=1e-12)
    lost[3] = added[3] * 5
    with pytest.raises(NetworkError, match=r"lost capital: .* \(r0\.s3\) is not within 0 and its capital"):
        capital_loss(table, lost)


def test_a_sector_without_rows_changes_nothing_and_one_without_sales_is_refused():
    table = _table(2, 2)
    wider = replace(table, sectors=("s0", "none", "s1"), sector=np.array([0, 2, 0, 2], dtype=np.int32))
    loss = np.zeros((10, 4))
    loss[1:4, 1] = 0.5
    found = simulate_table(table, loss, ArioParameters(stock_days=3.0)).output
    assert simulate_table(wider, loss, ArioParameters(stock_days=3.0)).output == pytest.approx(found, rel=1e-12)
    idle = replace(
        table, purchases=np.where(np.arange(4)[:, None] == 2, 0.0, table.purchases), final=table.final.copy()
    )
    idle.final[2] = 0.0
    with pytest.raises(NetworkError, match=r"table: r1\.s0 buys inputs and sells nothing"):
        simulate_table(idle, loss)


@pytest.mark.parametrize(
    ("loss", "given_", "message"),
    [
        (np.zeros((5, 3)), {}, "loss: shape \\(5, 3\\) does not fit. Give a row a day and 12 columns"),
        (np.full((1, 12), 1.5), {}, "loss: 1.5 \\(r0.s0, day 0\\) is no part of capacity"),
        (np.zeros((1, 12)), {"stock_days": 1.0}, "stock_days: 1 \\(s0\\) is not above the day's use"),
        (np.zeros((1, 12)), {"psi": 1.5}, "psi: 1.5 is no part of a stock"),
        (np.zeros((1, 12)), {"alpha_max": 0.9}, "alpha_max: 0.9 is below 1 or endless"),
        (np.zeros((1, 12)), {"tau_stock": 0.0}, "tau_stock: 0 is below 1 or endless"),
    ],
)
def test_what_cannot_be_is_refused(loss, given_, message):
    with pytest.raises(NetworkError, match=message):
        simulate_table(_table(), loss, ArioParameters(**given_))
