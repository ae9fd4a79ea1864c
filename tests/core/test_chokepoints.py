"""Dominators, cuts and losses against removal one by one."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import dependence_oracle as oracle

from ballast.core.columns import NetworkError
from ballast.core.dependence import Chokepoints
from ballast.core.network import build_network


def world(rng):
    n = rng.randint(2, 12)
    slots = [(i, p) for i in range(n) for p in range(rng.randint(1, 3)) if rng.random() < 0.6]
    slots = sorted(set(slots))
    drawn = {(rng.randrange(n), k) for k in range(len(slots)) for _ in range(rng.randint(0, 3))}
    links = [(i, k) for i, k in sorted(drawn) if i != slots[k][0]]
    return build_network(
        site_ids=[f"s{x}" for x in rng.sample(range(100), n)],
        output_value=[rng.choice([float("nan"), 0.0, 1.0, 7.0]) for _ in range(n)],
        slot_site=[i for i, _ in slots],
        slot_product=[f"p{p}" for _, p in slots],
        slot_essential=[rng.random() < 0.7 for _ in slots],
        slot_outside=[rng.choice([0.0, 0.0, 0.0, 0.2]) for _ in slots],
        link_supplier=[i for i, _ in links],
        link_slot=[k for _, k in links],
        link_share=[rng.choice([0.0, 0.3, 0.8]) for _ in links],
    )


def asked(network, unknown=None):
    return Chokepoints(network, product=network.slot_product.codes, unknown=unknown)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6))
def test_all_readings_equal_removal_one_by_one(seed):
    rng = random.Random(seed)
    network = world(rng)
    points, product = asked(network), network.slot_product.codes
    sizes = (network.sites, rng.randint(1, network.sites))
    for groups in sizes:
        group = [i if groups == network.sites else rng.randrange(groups) for i in range(network.sites)]
        found = points.stopped_by(group, groups)
        for g in range(groups):
            stops = oracle.stops(network, points.live, group, g)
            assert found[g, 0] == len(stops)
            assert found[g, 1] == np.nansum([network.output_value[i] for i in stops])
        cuts = {(int(g), int(k)) for g, k in zip(*points.cut_by(group, groups), strict=True)}
        assert cuts == oracle.cuts(network, product, points.live, group)
    dominated = {(int(i), int(k)) for k, i in zip(*points.dominators.pairs, strict=True)}
    assert dominated == oracle.cuts(network, product, points.live, list(range(network.sites)))
    whole = oracle.supplied(network, product, points.live)
    assert set(np.flatnonzero(points.dominators.supplied[: network.slots])) == whole
    for k in range(network.slots):
        assert sorted(points.dominators.passes(k)) == sorted(i for i, slot in dominated if slot == k)


def test_a_single_importer_stands_before_many_makers():
    # Two makers abroad ship to one port, the port to two plants: the port is the only choke point.
    network = build_network(
        site_ids=["maker-1", "maker-2", "port", "plant-1", "plant-2"],
        output_value=[1.0, 1.0, 1.0, 5.0, 7.0],
        slot_site=[2, 3, 4],
        slot_product=["gas", "gas", "gas"],
        link_supplier=[0, 1, 2, 2],
        link_slot=[0, 0, 1, 2],
        link_share=[0.5, 0.5, 1.0, 1.0],
    )
    points = asked(network)
    assert [points.dominators.passes(k) for k in range(3)] == [[], [2], [2]]
    assert points.stopped_by([0, 1, 2, 3, 4], 5).tolist() == [[0, 0], [0, 0], [2, 12.0], [0, 0], [0, 0]]
    # Both makers belong to one enterprise: its loss cuts the port and both plants.
    assert points.stopped_by([0, 0, 1, 2, 3], 4)[0].tolist() == [3, 13.0]


def test_a_chain_of_ports_is_named_from_the_nearest_on():
    network = build_network(
        site_ids=["maker", "port", "depot", "plant"], slot_site=[1, 2, 3], slot_product=["gas"] * 3,
        link_supplier=[0, 1, 2], link_slot=[0, 1, 2], link_share=[1.0] * 3,
    )  # fmt: skip
    assert asked(network).dominators.passes(2) == [2, 1, 0]


def test_a_link_of_unknown_quantity_or_supply_from_outside_is_another_way():
    network = build_network(
        site_ids=["a", "b", "plant"], slot_site=[2], slot_product=["p"],
        link_supplier=[0, 1], link_slot=[0, 0], link_share=[1.0, 0.0],
    )  # fmt: skip
    assert asked(network).dominators.passes(0) == [0]
    assert asked(network, unknown=[False, True]).dominators.passes(0) == []
    partly = build_network(
        site_ids=["a", "plant"], slot_site=[1], slot_product=["p"],
        link_supplier=[0], link_slot=[0], link_share=[0.9], slot_outside=[0.1],
    )  # fmt: skip
    assert asked(partly).dominators.passes(0) == []
    assert asked(partly).stopped_by([0, 1], 2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_change_one_bit(seed):
    rng = random.Random(seed)
    network = world(rng)
    order = rng.sample(range(network.sites), network.sites)
    back = {site: at for at, site in enumerate(order)}
    turned = build_network(
        site_ids=[network.site_ids[i] for i in order],
        output_value=[network.output_value[i] for i in order],
        slot_site=[back[int(i)] for i in network.slot_site],
        slot_product=list(network.slot_product),
        slot_essential=network.slot_essential,
        slot_outside=network.slot_outside,
        link_supplier=[back[int(i)] for i in network.link_supplier],
        link_slot=network.link_slot,
        link_share=network.link_share,
    )
    one = asked(network).stopped_by(list(range(network.sites)), network.sites)
    two = asked(turned).stopped_by(list(range(network.sites)), network.sites)
    assert one[order].tobytes() == two.tobytes()


def test_threads_give_the_same_cuts():
    network = world(random.Random(4))
    group = list(range(network.sites))
    one, two = (asked(network).cut_by(group, network.sites, threads=t) for t in (1, 2))
    assert [part.tolist() for part in one] == [part.tolist() for part in two]


def test_groups_that_cannot_be_are_named():
    network = build_network(site_ids=["a"])
    with pytest.raises(NetworkError, match="2 numbers"):
        asked(network).stopped_by([0, 0], 1)
    with pytest.raises(NetworkError, match="3 is not within"):
        asked(network).cut_by([3], 2)
