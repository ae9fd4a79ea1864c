"""Input-output tables: a published example, dense inverses, and what the site walk says of the same table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.columns import NetworkError
from ballast.core.dependence import country_table, foreign_shares, table_dependence, total_requirements
from ballast.core.network import build_network


def table(purchases, output, country=None, final=None):
    n = len(output)
    country = list(range(n)) if country is None else country
    countries = [chr(ord("A") + c) for c in range(max(country) + 1)]
    sector = [country[:at].count(c) for at, c in enumerate(country)]
    return country_table(
        countries=countries,
        sectors=[f"c{s + 1}" for s in range(max(sector) + 1)],
        country=country,
        sector=sector,
        purchases=purchases,
        output=output,
        final=final,
    )


def random_table(seed, *, countries=3, sectors=4):
    rng = np.random.default_rng(seed)
    n = countries * sectors
    purchases = rng.gamma(0.5, 1.0, (n, n)) * (rng.random((n, n)) < 0.7)
    output = purchases.sum(axis=0) * rng.uniform(1.05, 3.0, n) + 0.1
    final = rng.gamma(1.0, 1.0, (n, countries))
    return table(purchases, output, [c for c in range(countries) for _ in range(sectors)], final)


def test_two_sectors_of_miller_and_blair():
    """Miller and Blair, Input-Output Analysis, 2nd edition 2009, section 2.3: Z, x, A, L and new output."""
    two = table([[150.0, 500.0], [200.0, 100.0]], [1000.0, 2000.0])
    inverse = total_requirements(two)
    assert inverse == pytest.approx(np.array([[1.2541, 0.3300], [0.2640, 1.1221]]), abs=5e-5)
    assert inverse @ [600.0, 1500.0] == pytest.approx([1247.5, 1841.6], abs=0.05)
    # The same two as sectors of two countries. By hand: A's column holds 150 of A and 200 of B in 350 bought.
    found = table_dependence(two)
    assert found.face[0] == pytest.approx(200 / 350)
    assert found.through[0] == pytest.approx(0.2640 / (0.2541 + 0.2640), abs=1e-4)
    assert found.value_added[0] == pytest.approx(0.70 * 0.2640, abs=1e-4)
    assert found.value_added_by_source[:, 0] == pytest.approx([0.65 * 1.2541, 0.70 * 0.2640], abs=1e-4)


@pytest.mark.parametrize("seed", range(12))
def test_equals_a_dense_inverse(seed):
    world = random_table(seed)
    n = len(world.output)
    a = world.purchases / world.output
    inverse = np.linalg.inv(np.eye(n) - a)
    added = 1.0 - a.sum(axis=0)
    found = table_dependence(world)
    for j in range(n):
        foreign = [i for i in range(n) if world.country[i] != world.country[j]]
        inputs = inverse[:, j] - np.eye(n)[:, j]
        assert found.face[j] == pytest.approx(a[foreign, j].sum() / a[:, j].sum(), abs=1e-12)
        assert found.through[j] == pytest.approx(inputs[foreign].sum() / inputs.sum(), abs=1e-12)
        assert found.value_added[j] == pytest.approx((added[foreign] * inverse[foreign, j]).sum(), abs=1e-12)
    assert total_requirements(world) == pytest.approx(inverse, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.sampled_from([1e-6, 7.0, 1e10]))
def test_shares_sum_to_one_and_know_no_currency(seed, scale):
    world = random_table(seed)
    found = table_dependence(world)
    for shares in (found.face_by_source, found.through_by_source, found.value_added_by_source):
        assert shares.sum(axis=0) == pytest.approx(1.0, abs=1e-10)
        assert (shares >= -1e-12).all()
    other = table_dependence(
        country_table(
            countries=world.countries, sectors=world.sectors, country=world.country, sector=world.sector,
            purchases=world.purchases * scale, output=world.output * scale,
        )
    )  # fmt: skip
    assert other.through == pytest.approx(found.through, rel=1e-9)
    assert other.value_added == pytest.approx(found.value_added, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_home_of_several_countries_counts_their_trade_as_its_own(seed):
    world = random_table(seed)
    apart, together = table_dependence(world), table_dependence(world, home=[0, 0, 1])
    ours = world.country < 2
    assert (together.face[ours] <= apart.face[ours] + 1e-12).all()
    assert (together.value_added[ours] <= apart.value_added[ours] + 1e-12).all()
    assert together.face[~ours] == pytest.approx(apart.face[~ours])


@pytest.mark.parametrize("seed", range(6))
def test_the_site_walk_on_the_same_table_ends_at_the_border(seed):
    """It gives the import content u A_f (I - A_d)^-1 (Hummels, Ishii and Yi 2001): at least the foreign value added."""
    world = random_table(seed)
    n = len(world.output)
    a = world.purchases / world.output
    same = world.country[:, None] == world.country[None, :]
    content = np.linalg.solve((np.eye(n) - a * same).T, (a * ~same).sum(axis=0))
    # A site sells nothing to itself in a network: its purchases from itself drop out of inputs and output alike.
    outer = a - np.diag(np.diag(a))
    supplier, customer = np.nonzero(outer > 0)
    pairs = [(int(j), int(i)) for i, j in zip(supplier, customer, strict=True)]
    slot_of = {pair: k for k, pair in enumerate(sorted(pairs))}
    network = build_network(
        site_ids=world.names,
        slot_site=[j for j, _ in slot_of],
        slot_product=[world.names[i] for _, i in slot_of],
        link_supplier=supplier,
        link_slot=[slot_of[pair] for pair in pairs],
        link_share=np.ones(supplier.size),
    )
    slots = list(zip(network.slot_site, network.slot_product, strict=True))
    weight = [outer[world.names.index(product), site] for site, product in slots]
    own = (1.0 - a.sum(axis=0)) / (1.0 - np.diag(a))
    found = foreign_shares(network, home=world.country, weight=weight, own=own)
    assert found.site_through_low == pytest.approx(content, abs=1e-10)
    assert (content >= table_dependence(world).value_added - 1e-12).all()
    assert (content >= (a * ~same).sum(axis=0) - 1e-12).all()


def test_sectors_without_output_or_purchases_are_no_number():
    found = table_dependence(table([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]], [0.0, 4.0, 2.0]))
    assert np.isnan(found.face[[0, 2]]).all()
    assert np.isnan(found.value_added[0])
    assert found.face[1] == 0.5
    assert found.value_added[2] == 0.0


def test_flows_add_all_uses_and_stocks_drawn_down_are_no_sales():
    world = table([[0.0, 3.0], [1.0, 0.0]], [9.0, 9.0], final=[[5.0, 1.0], [-2.0, 8.0]])
    assert world.flows(0).tolist() == [[5.0, 4.0], [0.0, 8.0]]


@pytest.mark.parametrize(
    ("purchases", "output", "named"),
    [
        ([[-1.0, 0.0], [0.0, 0.0]], [1.0, 1.0], "-1 from A.c1 to A.c1"),
        ([[np.nan, 0.0], [0.0, 0.0]], [1.0, 1.0], "nan from A.c1"),
        ([[0.0, 0.0], [0.0, 0.0]], [1.0, -3.0], "-3 of B.c1"),
        ([[0.0, 2.0], [0.0, 0.0]], [1.0, 0.0], "0 of B.c1 buys inputs"),
        ([[0.0, 2.0], [2.0, 0.0]], [1.0, 1.0], "A.c1 buys 2 for 1 of output"),
        ([[1.0, 0.0], [0.0, 0.0]], [1.0, 1.0], "A.c1 buys 1 for 1 of output"),
        ([[0.0]], [1.0, 1.0], "do not fit 2 rows"),
    ],
)
def test_impossible_tables_are_named(purchases, output, named):
    with pytest.raises(NetworkError, match=named):
        table_dependence(table(purchases, output))


def test_a_sector_may_buy_more_than_it_sells_if_the_others_make_up_for_it():
    found = table_dependence(table([[0.0, 0.1], [1.2, 0.0]], [1.0, 1.0]))
    assert found.value_added_by_source.sum(axis=0) == pytest.approx(1.0)
