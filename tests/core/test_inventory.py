"""The inventory model beside a plain program, and what must hold of every run."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import inventory_oracle
from tests.core.worlds import network_of, random_world

from ballast.core.columns import NetworkError
from ballast.core.forecast import Event, forecast
from ballast.core.inventory import (
    CURVES,
    ORDERS,
    RATIONINGS,
    Damage,
    damage_of,
    of_sites,
    recovered,
    simulate,
    supply_network,
)
from ballast.core.network import build_network


def _trade(seed, firms=8, links=16, industries=3):
    """Links {(supplier, customer): money}, final demand and industries of a random economy."""
    rng = np.random.default_rng(seed)
    sales = {}
    for _ in range(links):
        s, c = rng.choice(firms, 2, replace=False)
        sales[int(s), int(c)] = round(float(rng.lognormal(1, 1)), 3)
    final = {f: round(float(rng.lognormal(1, 1)), 3) if rng.random() < 0.7 else 0.0 for f in range(firms)}
    for f in range(firms):
        if not any(s == f for s, _ in sales) and final[f] == 0.0:
            final[f] = 1.0
    return sales, final, [int(k) for k in rng.integers(0, industries, firms)]


def _network(sales, final, industry, *, scale=1.0, order=None, **more):
    keys = list(sales) if order is None else [list(sales)[k] for k in order]
    return supply_network(
        [s for s, _ in keys],
        [c for _, c in keys],
        [sales[key] * scale for key in keys],
        industry,
        final=[final[f] * scale for f in range(len(industry))],
        **more,
    )


def _hit(seed, firms, days):
    """Two firms that lose part of their capacity over some days."""
    rng = np.random.default_rng(seed + 1)
    hit = np.sort(rng.choice(firms, 2, replace=False))
    loss = np.zeros((days, 2))
    loss[1:12, 0], loss[3:25, 1] = rng.uniform(0.3, 1.0), rng.uniform(0.0, 1.0)
    return Damage(hit, loss, np.empty(0, dtype=np.intp), np.ones((days, 0)))


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("rationing", RATIONINGS)
@pytest.mark.parametrize("seed", range(12))
def test_every_firm_and_day_is_as_in_the_plain_program(seed, rationing, orders):
    sales, final, industry = _trade(seed)
    days, n = 60, [15.0, 4.0, 1.5][seed % 3]
    damage, first = _hit(seed, 8, days), [5, 2] if rationing == "priority" else []
    column = {int(f): k for k, f in enumerate(damage.firms)}
    plain, met = inventory_oracle.run(
        range(8), sales, final, industry, days=days, n=n, tau=5.0, rationing=rationing, first=first, by=orders,
        loss=lambda day, f: damage.loss[day, column[f]] if f in column else 0.0,
    )  # fmt: skip
    network = _network(sales, final, industry, target_days=n)
    found = simulate(network, damage, days=days, tau=5.0, rationing=rationing, orders=orders, first=first, rates=True)
    expected = np.array([[day[f] for f in range(8)] for day in plain])
    assert found.rates * network.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found.output == pytest.approx(expected.sum(axis=1), rel=1e-9)
    missed = [sum(final.values()) - sum(day.values()) for day in met]
    assert found.unmet == pytest.approx(missed, rel=1e-9, abs=1e-8)
    assert found.rates.min() < 0.99


@given(seed=st.integers(0, 10_000), rationing=st.sampled_from(RATIONINGS), days=st.sampled_from([1.0, 1.3, 7.0, 15.0]))
@settings(max_examples=40, deadline=None)
def test_without_damage_every_day_is_normal(seed, rationing, days):
    sales, final, industry = _trade(seed, 20, 50)
    network = _network(sales, final, industry, target_days=days)
    found = simulate(network, days=90, rationing=rationing, rates=True)
    assert np.abs(found.rates - 1.0).max() <= 1e-12
    assert found.unmet.max() <= 1e-12 * found.output[0]
    assert (found.stop_day == -1).all()
    assert (found.recovery_day == -1).all()


@given(seed=st.integers(0, 10_000), rationing=st.sampled_from(RATIONINGS), scale=st.sampled_from([1e-3, 1e10]))
@settings(max_examples=40, deadline=None)
def test_the_currency_unit_and_the_order_of_rows_change_nothing(seed, rationing, scale):
    sales, final, industry = _trade(seed)
    damage, order = _hit(seed, 8, 40), np.random.default_rng(seed).permutation(len(sales))
    found = simulate(_network(sales, final, industry), damage, days=40, rationing=rationing, rates=True)
    scaled = _network(sales, final, industry, scale=scale, order=order)
    again = simulate(scaled, damage, days=40, rationing=rationing, rates=True)
    assert again.rates == pytest.approx(found.rates, rel=1e-9, abs=1e-9)
    assert again.total_lost_output == pytest.approx(found.total_lost_output * scale, rel=1e-8, abs=1e-8 * scale)


@given(seed=st.integers(0, 10_000), rationing=st.sampled_from(RATIONINGS))
@settings(max_examples=40, deadline=None)
def test_goods_are_neither_made_nor_lost_on_the_way(seed, rationing):
    """Stocks in money on the last morning: those of the first, and all that was sent on, less all that was used."""
    sales, final, industry = _trade(seed)
    damage, days, n = _hit(seed, 8, 40), 40, 5.0
    network = _network(sales, final, industry, target_days=n)
    found = simulate(network, damage, days=days, rationing=rationing, rates=True)
    bought = network.value - network.value_added
    worth = {}
    for (s, c), money in sales.items():
        worth[c, industry[s]] = worth.get((c, industry[s]), 0.0) + money
    in_stock = found.stock @ [worth[key] for key in sorted(worth)]
    sent = (found.rates @ network.value)[:-1].sum() - (days - 1) * sum(final.values()) + found.unmet[:-1].sum()
    used = (found.rates @ bought)[:-1].sum()
    assert in_stock == pytest.approx(n * bought.sum() + sent - used, rel=1e-9)


def test_hand_computed_chain():
    """1 sells 10 a day to 2, which sells 20 to final demand; 3 days of stock; 1 stands still from day 0 on.

    Firm 2 has 3 days in the morning of day 0, so it makes 20 on days 0, 1 and 2 and then nothing.
    """
    network = supply_network([0], [1], [10.0], [0, 1], final=[0.0, 20.0], target_days=3.0)
    damage = Damage(np.array([0]), np.ones((6, 1)), np.empty(0, int), np.ones((6, 0)))
    found = simulate(network, damage, days=6, rates=True)
    assert found.rates[:, 1].tolist() == pytest.approx([1, 1, 1, 0, 0, 0], abs=1e-12)
    assert found.lost_days.tolist() == pytest.approx([6.0, 3.0], abs=1e-12)
    assert found.output[0] == pytest.approx(20.0)
    assert found.value_added[:4] == pytest.approx([10.0, 10.0, 10.0, 0.0], abs=1e-9)  # 20 - 10 of the idle firm 1
    assert found.unmet.tolist() == pytest.approx([0, 0, 0, 20, 20, 20], abs=1e-9)
    assert found.stop_day.tolist() == [0, 3]


def test_more_stock_than_the_target_costs_the_supplier_what_is_too_much():
    """No damage at all, yet output is lost: why "more stock never loses more" is not promised."""
    network = supply_network([0], [1], [10.0], [0, 1], final=[0.0, 20.0], target_days=15.0)
    found = simulate(replace(network, stock=network.stock + 5.0), days=200)
    assert found.lost_days.tolist() == pytest.approx([5.0, 0.0], abs=1e-9)


def test_more_stock_can_leave_more_final_demand_unmet():
    """The stock shifts orders into days on which a third firm needs the goods."""
    sales = {(3, 2): 8.466, (0, 1): 13.94, (0, 2): 1.043}
    final = {0: 0.0, 1: 1.0, 2: 1.0, 3: 0.849}
    network, damage = _network(sales, final, [0, 1, 2, 3], target_days=3.0), _hit(5, 4, 60)
    more = network.stock.copy()
    more[1] += 5.0
    unmet = [simulate(replace(network, stock=days), damage, days=60).unmet.sum() for days in (network.stock, more)]
    assert unmet[1] > unmet[0] + 0.1


def test_demand_falls_upstream_too():
    """The customer stands still, so its supplier sells less though nothing hinders it."""
    network = supply_network([0], [1], [10.0], [0, 1], final=[0.0, 20.0])
    damage = Damage(np.array([1]), np.ones((5, 1)), np.empty(0, int), np.ones((5, 0)))
    found = simulate(network, damage, days=5, rates=True)
    assert found.rates[0, 0] == 1.0
    assert found.rates[1:, 0].tolist() == [0.0] * 4


def test_smallest_orders_are_filled_first():
    """Customer 2 runs at half and asks for less than usual: it gets all of that, at the cost of customer 1."""
    network = supply_network([0, 0], [1, 2], [10.0, 10.0], [0, 1, 2], final=[0.0, 10.0, 10.0], target_days=2.0)
    damage = Damage(np.array([0, 2]), np.tile([0.6, 0.5], (4, 1)), np.empty(0, int), np.ones((4, 0)))
    stock = {
        rationing: simulate(network, damage, days=3, rationing=rationing).stock
        for rationing in ("proportional", "smallest")
    }
    # Day 0: both order 1 and get 0.4. Day 1: 1 has 1.4 left and orders 1.1, 2 has 1.9 and orders 0.5 - 0.9 / 6 = 0.35.
    assert stock["proportional"].tolist() == pytest.approx([0.4 + 1.1 / 1.45 * 0.8, 1.4 + 0.35 / 1.45 * 0.8])
    assert stock["smallest"].tolist() == pytest.approx([0.4 + 0.45, 1.4 + 0.35])


def test_the_first_on_the_list_goes_without_loss():
    network = supply_network([0, 0], [1, 2], [10.0, 10.0], [0, 1, 2], final=[0.0, 10.0, 10.0], target_days=2.0)
    damage = Damage(np.array([0]), np.full((30, 1), 0.5), np.empty(0, int), np.ones((30, 0)))
    found = simulate(network, damage, days=30, rationing="priority", first=[2])
    assert found.lost_days[2] == pytest.approx(0.0, abs=1e-9)
    assert found.lost_days[1] > 20.0


@pytest.mark.parametrize("curve", CURVES)
def test_capacity_comes_back_along_the_curve(curve):
    back = recovered(curve, 10, np.arange(0, 31))
    assert (np.diff(back) >= 0.0).all()
    assert back[0] == (1.0 if curve == "at-once" else 0.0)
    assert back[10] == pytest.approx(0.95 if curve == "exponential" else 1.0)


def test_a_loss_fades_after_the_event_ends():
    network = build_network(site_ids=["a"], output_value=[1.0], recovery_days=[4.0])
    held = damage_of(network, [Event("e", "site", "a", 1, 2, 0.2)], 8)
    assert held.loss[:, 0].tolist() == pytest.approx([0.0, 0.8, 0.8, 0.6, 0.4, 0.2, 0.0, 0.0])
    assert damage_of(network, [Event("e", "site", "a", 1, 2, 0.2)], 8, curve="at-once").loss[3:].max() == 0.0
    assert damage_of(network, [Event("e", "site", "z", 1, 2)], 8).unmatched == ("e",)


def test_a_chain_of_sites_stops_when_the_forecast_says():
    """With leads of one day, full orders and no demand side in play the two models agree."""
    network = build_network(
        site_ids=["ore", "part", "car"], output_value=[1.0, 1.0, 1.0],
        slot_site=[1, 2], slot_product=["ore", "part"], slot_cover=[4.0, 3.0],
        link_supplier=[0, 1], link_slot=[0, 1], link_share=[1.0, 1.0],
    )  # fmt: skip
    event = [Event("e", "site", "ore", 0)]
    found = simulate(of_sites(network), damage_of(network, event, 20), days=20)
    assert found.stop_day.tolist() == forecast(network, event, horizon=20).low.stop_day.tolist() == [0, 5, 9]


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("rationing", RATIONINGS)
@given(seed=st.integers(0, 5000))
@settings(max_examples=30, deadline=None)
def test_any_network_of_tables_runs_as_in_the_plain_program(rationing, orders, seed):
    """Lanes, inputs that can be done without, supply from outside, unknown and odd stocks, spare capacity."""
    world = random_world(seed)
    network = network_of(world)
    supply = of_sites(network)
    damage = damage_of(network, world.events, 25, recovery_days=3.0)
    first = [network.sites - 1, 0] if rationing == "priority" else []
    options = {"rationing": rationing, "tau": 3.0, "capacity": [1.0, 1.2][seed % 2], "first": first}
    found = simulate(supply, damage, days=25, orders=orders, rates=True, **options)
    plain = inventory_oracle.run_network(supply, damage, days=25, by=orders, **options)
    assert found.rates == pytest.approx(np.array(plain), rel=1e-7, abs=1e-7)


def test_sales_and_shares_come_from_quantities_and_use():
    """a ships 30 to b and 70 to c; b has another 10 from outside the tables; d is in reserve for c."""
    network = build_network(
        site_ids=["a", "b", "c", "d"], output_value=[5.0, 7.0, 9.0, 1.0], slot_site=[1, 2], slot_product=["p", "p"],
        slot_use=[40.0, 70.0], slot_cover=[2.0, float("nan")], slot_target=[4.0, float("nan")],
        link_supplier=[0, 0, 3], link_slot=[0, 1, 1], link_quantity=[30.0, 70.0, 0.0], link_share=[0.75, 1.0, 0.0],
        link_lead=[3, 1, 1],
    )  # fmt: skip
    supply = of_sites(network)
    assert supply.supplier.tolist() == [0, 4, 0]
    assert supply.part.tolist() == pytest.approx([0.75, 0.25, 1.0])
    assert supply.sale.tolist() == pytest.approx([0.3, 0.0, 0.7])
    assert supply.final.tolist() == [0.0, 1.0, 1.0, 0.0]
    assert supply.value_added.tolist() == pytest.approx([5.0, 7.0 - 1.5, 9.0 - 3.5, 1.0])
    assert (supply.stock.tolist(), supply.target.tolist()) == ([3.0, 15.0], [5.0, 15.0])
    assert supply.notes == (
        "unknown stocks, counted as 15 days: 1",
        "links of more than a day, counted as one day: 1",
    )
    leaks = of_sites(network, final_share=0.5)
    assert leaks.sale.tolist() == pytest.approx([0.15, 0.0, 0.35])
    assert leaks.final.tolist() == [0.5, 1.0, 1.0, 0.5]
    assert (supply.final_share, leaks.final_share) == (pytest.approx(16 / 22), pytest.approx(19 / 22))
    with pytest.raises(NetworkError, match="final_share: 1 is no part of output"):
        of_sites(network, final_share=1.0)


def test_a_closed_ring_collapses_and_final_demand_holds_it():
    """Two sites that sell all they make to one another: a loss is a loss of demand, too, and nothing brings it back."""
    network = build_network(
        site_ids=["a", "b"], output_value=[1.0, 1.0], slot_site=[0, 1], slot_product=["p", "q"], slot_cover=[5.0, 5.0],
        link_supplier=[1, 0], link_slot=[0, 1], link_share=[1.0, 1.0],
    )  # fmt: skip
    damage = damage_of(network, [Event("e", "site", "a", 0, 2, 0.5)], 200)
    assert simulate(of_sites(network), damage, days=200).output[-1] < 0.1
    assert simulate(of_sites(network, final_share=0.7), damage, days=200).output[-1] == pytest.approx(2.0, rel=1e-3)


def test_runs_beside_one_another_give_the_same_bits():
    network = _network(*_trade(3, 60, 200))
    damage = _hit(3, 60, 80)

    def run(rationing):
        return simulate(network, damage, days=80, rationing=rationing, rates=True).rates.tobytes()

    alone = [run(rationing) for rationing in RATIONINGS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, RATIONINGS * 4)) == alone * 4


@given(seed=st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_any_world_runs_and_stays_within_bounds(seed):
    world = random_world(seed)
    network = network_of(world)
    supply = of_sites(network)
    damage = damage_of(network, world.events, world.horizon, recovery_days=3.0)
    for rationing in RATIONINGS:
        found = simulate(supply, damage, days=world.horizon, rationing=rationing, rates=True)
        assert np.isfinite(found.rates).all()
        assert found.rates.min() >= 0.0
        assert found.rates.max() <= 1.0
        assert (found.unmet >= -1e-9).all()
        assert np.array_equal(found.rates, simulate(supply, damage, days=world.horizon, rationing=rationing,
                                                    rates=True).rates)  # fmt: skip
    rest = simulate(of_sites(network, target_days=15.0), days=20, rates=True)
    supplied = ~np.isin(np.arange(network.sites), supply.customer[supply.supplier == network.sites + 1])
    if supplied.all():
        assert np.abs(rest.rates - 1.0).max() <= 1e-12


def test_a_lane_that_is_shut_brings_nothing_and_the_goods_are_not_made():
    network = build_network(
        site_ids=["a", "b"], output_value=[1.0, 1.0], slot_site=[1], slot_product=["p"], slot_cover=[2.0],
        link_supplier=[0], link_slot=[0], link_share=[1.0],
    )  # fmt: skip
    found = simulate(of_sites(network), damage_of(network, [Event("e", "lane", "a>b", 0)], 8), days=8, rates=True)
    assert found.rates[:, 0].max() == 0.0
    assert found.rates[:, 1].tolist() == pytest.approx([1, 1, 1, 0, 0, 0, 0, 0], abs=1e-12)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"days": 0}, "days: 0 is no run. Give at least 1."),
        ({"rationing": "lottery"}, "rationing: 'lottery' is not known. Choose among proportional, smallest, priority."),
        ({"orders": "none"}, "orders: 'none' are not known. Choose among demand, output."),
        ({"tau": 0.5}, "tau: 0.5 is less than a day or endless. Give a number of days from 1 up."),
        ({"capacity": 0.5}, "capacity: 0.5 is below normal or endless. Give a number from 1 up."),
        ({"first": [0]}, "first: a list of firms has no meaning under proportional rationing."),
        ({"rationing": "priority", "first": [0, 0]}, "first: 0 stands twice. Name each once."),
        ({"rationing": "priority", "first": [7]}, "first: 7 is not there. Give positions 0 to 1."),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    network = supply_network([0], [1], [10.0], [0, 1], final=[0.0, 20.0])
    with pytest.raises(NetworkError) as error:
        simulate(network, **({"days": 5} | wrong))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("firms", "loss", "message"),
    [
        ([9], np.zeros((5, 1)), "damage: firm 9 is not there. Give positions 0 to 1."),
        ([1], np.zeros((4, 1)), "loss: shape (4, 1) does not fit 5 days and 1 columns."),
        ([1], np.zeros((5, 2)), "loss: shape (5, 2) does not fit 5 days and 1 columns."),
        ([1], np.full((5, 1), 1.5), "loss: 1.5 to 1.5 leaves 0..1. Give parts of capacity."),
        ([1], np.full((5, 1), np.nan), "loss: nan to nan leaves 0..1. Give parts of capacity."),
    ],
)
def test_damage_that_does_not_fit_is_refused(firms, loss, message):
    network = supply_network([0], [1], [10.0], [0, 1], final=[0.0, 20.0])
    with pytest.raises(NetworkError) as error:
        simulate(network, Damage(np.array(firms), loss, np.empty(0, int), np.ones((5, 0))), days=5)
    assert message in str(error.value)


def test_a_run_is_the_same_however_often_it_tells_how_far_it_is(monkeypatch):
    network, damage = _network(*_trade(5)), _hit(5, 8, 40)
    whole = simulate(network, damage, days=40, rates=True)
    monkeypatch.setattr("ballast.core.inventory.run._CHUNK", 1)
    told = []
    pieces = simulate(network, damage, days=40, rates=True, progress=told.append)
    assert told == list(range(1, 41))
    assert pieces.rates.tobytes() == whole.rates.tobytes()
    first = simulate(network, damage, days=15, rates=True)
    assert first.rates.tobytes() == whole.rates[:15].tobytes()


def test_bad_rows_of_a_network_are_refused():
    with pytest.raises(NetworkError, match="value: -1 "):
        supply_network([0], [1], [-1.0], [0, 1], final=[0.0, 20.0])
    with pytest.raises(NetworkError, match=r"supplier: 7 points outside 0\.\.1"):
        supply_network([7], [1], [1.0], [0, 1], final=[0.0, 20.0])
    with pytest.raises(NetworkError, match="value: 1 links hold no sale above 0"):
        supply_network([0], [1], [0.0], [0, 1], final=[1.0, 20.0])
    with pytest.raises(NetworkError, match=r"final: -1 \(firm 0\) is below 0"):
        supply_network([0], [1], [1.0], [0, 1], final=[-1.0, 20.0])
    with pytest.raises(NetworkError, match=r"final: 0 \(firm 1\) and no sale make no output"):
        supply_network([0], [1], [1.0], [0, 1], final=[0.0, 0.0])
    with pytest.raises(NetworkError, match=r"target_days: 0\.5 is less than the day's use"):
        supply_network([0], [1], [1.0], [0, 1], final=[0.0, 1.0], target_days=0.5)
