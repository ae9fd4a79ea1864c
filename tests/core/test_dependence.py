"""Foreign shares of site networks against dense solves over all corners of what is unknown."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import dependence_oracle as oracle

from ballast.core.columns import NetworkError
from ballast.core.dependence import foreign_shares
from ballast.core.network import build_network

NAN = float("nan")
PARTS = ("slot_face", "slot_through", "site_face", "site_through")


def world(rng, *, unknown=0.3):
    """A small random network, its homes, and which shares are known."""
    n = rng.randint(2, 7)
    slots = [(i, p) for i in range(n) for p in range(2) if rng.random() < 0.6]
    drawn = {(rng.randrange(n), k) for k in range(len(slots)) for _ in range(rng.randint(0, 3))}
    links = [(i, k) for i, k in sorted(drawn) if i != slots[k][0]]
    network = build_network(
        site_ids=[f"s{x}" for x in rng.sample(range(50), n)],
        slot_site=[i for i, _ in slots],
        slot_product=[f"p{p}" for _, p in slots],
        slot_outside=[rng.choice([0.0, 0.0, 0.25]) for _ in slots],
        link_supplier=[i for i, _ in links],
        link_slot=[k for _, k in links],
        link_share=[rng.choice([0.25, 0.5, 1.0]) for _ in links],
    )
    home = [rng.choice([0, 0, 1]) for _ in range(n)]
    known = [rng.random() >= unknown for _ in range(network.links)]
    return network, home, known


@pytest.mark.parametrize("seed", range(60))
def test_equals_the_best_and_worst_corner_of_a_dense_solve(seed):
    rng = random.Random(seed)
    network, home, known = world(rng)
    weight = [rng.choice([1.0, 2.0, 5.0]) for _ in range(network.slots)]
    own = [rng.choice([0.0, 0.0, 0.5, NAN]) for _ in range(network.sites)]
    found = foreign_shares(network, home=home, known=known, weight=weight, own=own)
    expected = oracle.foreign(network, home, known, weight, own)
    for bound in ("low", "high"):
        for part in PARTS:
            assert getattr(found, f"{part}_{bound}") == pytest.approx(expected[bound][part], abs=1e-11), (part, bound)


def test_worked_by_hand():
    # A car plant takes 80 % of its parts from a works at home, which takes half its steel from abroad.
    network = build_network(
        site_ids=["car", "works", "mill", "abroad"],
        slot_site=[0, 1],
        slot_product=["part", "steel"],
        link_supplier=[1, 3, 2, 3],
        link_slot=[0, 0, 1, 1],
        link_share=[0.8, 0.2, 0.5, 0.5],
    )
    found = foreign_shares(network, home=[0, 0, 0, 1])
    assert found.site_face_low.tolist() == [0.2, 0.5, 0.0, 0.0]
    assert found.site_through_low == pytest.approx([0.6, 0.5, 0.0, 0.0])
    # Half of what the works is worth it adds itself.
    half = foreign_shares(network, home=[0, 0, 0, 1], own=[0.0, 0.5, 0.0, 0.0])
    assert half.site_through_low == pytest.approx([0.4, 0.25, 0.0, 0.0])


def test_unknown_shares_and_origins_are_bounds():
    network = build_network(
        site_ids=["car", "home", "abroad"],
        slot_site=[0, 0],
        slot_product=["part", "steel"],
        slot_outside=[0.0, 1.0],
        link_supplier=[1, 2],
        link_slot=[0, 0],
        link_share=[0.5, 0.5],
    )
    found = foreign_shares(network, home=[0, 0, 1], known=[False, False])
    assert (found.slot_through_low.tolist(), found.slot_through_high.tolist()) == ([0.0, 0.0], [1.0, 1.0])
    assert (found.site_through_low[0], found.site_through_high[0]) == (0.0, 1.0)


def test_an_input_that_nothing_supplies_is_of_unknown_origin():
    network = build_network(site_ids=["car"], slot_site=[0], slot_product=["part"], slot_outside=[0.0])
    found = foreign_shares(network, home=[0])
    assert (found.site_through_low[0], found.site_through_high[0]) == (0.0, 1.0)


@pytest.mark.parametrize("leak", [1e-3, 1e-6, 1e-9])
def test_loops_that_hardly_leak_are_exact(leak):
    network = build_network(
        site_ids=["a", "b", "abroad", "home"],
        slot_site=[0, 1],
        slot_product=["p", "p"],
        link_supplier=[1, 2, 0, 3],
        link_slot=[0, 0, 1, 1],
        link_share=[1.0 - leak, leak, 1.0 - 3.0 * leak, 3.0 * leak],
    )
    found = foreign_shares(network, home=[0, 0, 1, 0])
    expected = leak / (1.0 - (1.0 - leak) * (1.0 - 3.0 * leak))
    assert found.site_through_low[0] == pytest.approx(expected, rel=1e-6)


def test_a_loop_of_sites_at_home_that_nothing_enters_stays_at_home():
    network = build_network(
        site_ids=["a", "b"], slot_site=[0, 1], slot_product=["p", "p"],
        link_supplier=[1, 0], link_slot=[0, 1], link_share=[1.0, 1.0],
    )  # fmt: skip
    assert foreign_shares(network, home=[0, 0]).site_through_high.tolist() == [0.0, 0.0]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_looked_through_is_never_below_face_value_and_bounds_hold_what_is_drawn(seed):
    rng = random.Random(seed)
    network, home, known = world(rng)
    found = foreign_shares(network, home=home, known=known)
    for part in ("slot", "site"):
        for bound in ("low", "high"):
            face, through = getattr(found, f"{part}_face_{bound}"), getattr(found, f"{part}_through_{bound}")
            assert (through >= face - 1e-12).all()
            assert ((through >= 0.0) & (through <= 1.0)).all()
        assert (getattr(found, f"{part}_through_high") >= getattr(found, f"{part}_through_low") - 1e-12).all()
    drawn = divided(network, known, rng)
    sure = foreign_shares(drawn, home=home)
    assert (sure.site_through_low >= found.site_through_low - 1e-9).all()
    assert (sure.site_through_high <= found.site_through_high + 1e-9).all()


def divided(network, known, rng):
    """The network with the unknown rest of each slot divided at random."""
    share = np.array(network.link_share)
    for k in range(network.slots):
        links = [a for a in range(network.slot_links[k], network.slot_links[k + 1]) if not known[a]]
        drawn = np.array([rng.random() + 1e-3 for _ in links])
        if links:
            share[links] = share[links].sum() * drawn / drawn.sum()
    return build_network(
        site_ids=list(network.site_ids), slot_site=network.slot_site, slot_product=list(network.slot_product),
        slot_outside=network.slot_outside, link_supplier=network.link_supplier, link_slot=network.link_slot,
        link_share=share,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_rows_does_not_change_one_bit(seed):
    rng = random.Random(seed)
    network, home, known = world(rng)
    order, back = list(range(network.sites)), [0] * network.sites
    rng.shuffle(order)
    for at, site in enumerate(order):
        back[site] = at
    links = list(range(network.links))
    rng.shuffle(links)
    turned = build_network(
        site_ids=[network.site_ids[i] for i in order],
        slot_site=[back[i] for i in network.slot_site],
        slot_product=list(network.slot_product),
        slot_outside=network.slot_outside,
        link_supplier=[back[network.link_supplier[a]] for a in links],
        link_slot=[network.link_slot[a] for a in links],
        link_share=[network.link_share[a] for a in links],
    )
    known_of = {link_name(network, a): known[a] for a in range(network.links)}
    found = foreign_shares(network, home=home, known=known)
    other = foreign_shares(
        turned,
        home=[home[i] for i in order],
        known=[known_of[link_name(turned, a)] for a in range(turned.links)],
    )
    for bound in ("low", "high"):
        one, two = (getattr(f, f"site_through_{bound}") for f in (found, other))
        assert one[order].tobytes() == two.tobytes()


def link_name(network, a):
    k = network.link_slot[a]
    return network.site_ids[network.link_supplier[a]], network.site_ids[network.slot_site[k]], network.slot_product[k]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"home": [0]}, "1 labels"),
        ({"weight": [-1.0]}, r"-1.0 \(a / p\)"),
        ({"weight": [0.0]}, "a has inputs that all weigh 0"),
        ({"weight": [math.inf]}, "inf"),
        ({"weight": [1.0, 1.0]}, "2 values"),
        ({"own": [1.5, 0.0]}, r"1.5 \(a\)"),
        ({"own": [0.5]}, "1 values"),
    ],
)
def test_impossible_questions_are_named(more, named):
    network = build_network(site_ids=["a", "b"], slot_site=[0], slot_product=["p"], link_supplier=[1], link_slot=[0])
    with pytest.raises(NetworkError, match=named):
        foreign_shares(network, **({"home": [0, 1]} | more))
