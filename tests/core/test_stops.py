"""Stop times beside a fixed point computed from the definition, and pairs beside trying them all."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event, forecast
from ballast.core.network import NetworkError, build_network
from ballast.core.stops import single_failures, stop_times, worst_pairs

HORIZON = 40.0


def fixed_point(network, failed, horizon=HORIZON):
    """Stop times by going through the definition again and again until nothing changes."""
    times = [0.0 if i in failed else math.inf for i in range(network.sites)]
    while True:
        after = [0.0 if i in failed else _stop(network, i, times, horizon) for i in range(network.sites)]
        if after == times:
            return times
        times = after


def _stop(network, site, times, horizon):
    slots = range(network.site_slots[site], network.site_slots[site + 1])
    return min((_empty(network, k, times, horizon) for k in slots if network.slot_essential[k]), default=math.inf)


def _empty(network, slot, times, horizon):
    """When the slot is empty and too little still arrives, from the losses in the order of time."""
    losses = []
    for link in range(network.slot_links[slot], network.slot_links[slot + 1]):
        time = times[network.link_supplier[link]] + network.link_lead[link]
        if time < horizon:
            losses.append((time, float(network.link_share[link])))
    losses.sort()
    cover = network.slot_cover[slot]
    left, lost, limit = 0.0 if math.isnan(cover) else cover, 0.0, network.minimum_rate[network.slot_site[slot]]
    for place, (time, share) in enumerate(losses):
        lost += share
        until = losses[place + 1][0] if place + 1 < len(losses) else math.inf
        if lost == 0.0:
            continue
        if network.slot_base[slot] - lost < limit - 1e-9 and time + left / lost <= until:
            return time + left / lost if time + left / lost < horizon else math.inf
        left = max(0.0, left - lost * (until - time))
    return math.inf


def value_lost(network, times, horizon=HORIZON):
    value = np.nan_to_num(network.output_value)
    return sum(v * (horizon - t) for v, t in zip(value, times, strict=True) if t < horizon)


@pytest.mark.parametrize("seed", range(150))
def test_stop_times_equal_the_fixed_point(seed):
    network = network_of(random_world(seed))
    for failed in [*[(i,) for i in range(network.sites)], (0, network.sites - 1)]:
        expected = fixed_point(network, failed)
        found = stop_times(network, failed, horizon=HORIZON)
        np.testing.assert_allclose(found.stop_time, expected, rtol=0, atol=1e-9)
        assert found.lost_output == pytest.approx(value_lost(network, expected), abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_the_sweep_says_what_each_question_says(seed):
    network = network_of(random_world(seed))
    for threads in (1, 3):
        sweep = single_failures(network, horizon=HORIZON, threads=threads)
        for site in range(network.sites):
            one = stop_times(network, [site], horizon=HORIZON)
            assert sweep.stops[site] == one.sites.size
            assert sweep.lost_output[site] == one.lost_output


@pytest.mark.parametrize("seed", range(60))
def test_worst_pairs_equal_trying_all(seed):
    network = network_of(random_world(seed))
    every = sorted(
        (
            (-stop_times(network, pair, horizon=HORIZON).lost_output, *pair)
            for pair in itertools.combinations(range(network.sites), 2)
        ),
    )
    found = worst_pairs(network, top=5, horizon=HORIZON)
    assert found.lost_output.tolist() == pytest.approx([-lost for lost, _a, _b in every[:5]], abs=1e-9)
    for a, b, lost in zip(found.first, found.second, found.lost_output, strict=True):
        assert stop_times(network, [int(a), int(b)], horizon=HORIZON).lost_output == lost


def _two_makers():
    return build_network(
        site_ids=["a", "b", "plant", "other"],
        output_value=[1.0, 1.0, 100.0, 5.0],
        slot_site=[2],
        slot_product=["part"],
        slot_cover=[4.0],
        link_supplier=[0, 1],
        link_slot=[0, 0],
        link_share=[0.5, 0.5],
    )


def test_two_suppliers_are_worth_more_together():
    found = worst_pairs(_two_makers(), top=6, horizon=10.0)
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == [(2, 3), (0, 2), (1, 2), (0, 1), (0, 3), (1, 3)]
    # Both makers gone: from day 1 on four days of cover, so the plant stands still for five of ten days.
    assert found.lost_output[3] == 100.0 * 5 + 20.0
    assert found.together.tolist() == [0, 0, 0, 500, 0, 0]
    assert found.beyond[3] == 510.0


@pytest.mark.parametrize("seed", range(100, 130))
def test_pairs_that_are_passed_over_do_no_more_than_both_alone(seed):
    from ballast.core.kernels import stops as kernel
    from ballast.core.parallel import Threads
    from ballast.core.stops.pairs import Downstream, Touched, _Run, _touches
    from ballast.core.stops.times import supply_of

    network = network_of(random_world(seed))
    run, supply = _Run(network, HORIZON, Threads(), None), supply_of(network)
    alone = single_failures(network, horizon=HORIZON).lost_output
    below = np.concatenate([part[0] for part in run.sweep(Downstream())]) * HORIZON
    touches = _touches(run.sweep(Touched(HORIZON)), network)
    codes, most = kernel.bounded_pairs(supply, touches, alone, below, -1.0, 0, network.sites)
    bound = dict(zip(codes.tolist(), most.tolist(), strict=True))
    assert len(bound) == codes.size, "each pair once"
    for a, b in itertools.combinations(range(network.sites), 2):
        lost = stop_times(network, [a, b], horizon=HORIZON).lost_output
        assert lost <= bound.get(a * network.sites + b, alone[a] + alone[b]) + 1e-9


def test_a_second_loss_drains_faster():
    network = _two_makers()
    found = stop_times(network, [0, 1], horizon=10.0)
    assert found.stop_time.tolist() == [0.0, 0.0, 5.0, math.inf]
    assert found.stopped_by.tolist() == [-1, -1, 0, -1]
    assert stop_times(network, [0], horizon=100.0).sites.tolist() == [0]


@given(st.integers(0, 400), st.floats(0.0, 5.0))
@settings(max_examples=60, deadline=None)
def test_more_stock_never_stops_a_site_earlier(seed, more):
    world = random_world(seed)
    network = network_of(world)
    columns = {"cover": np.nan_to_num(network.slot_cover)}
    richer = _with_cover(network, columns["cover"] + more)
    poorer = _with_cover(network, columns["cover"])
    for site in range(network.sites):
        later = stop_times(richer, [site], horizon=HORIZON).stop_time
        assert (later >= stop_times(poorer, [site], horizon=HORIZON).stop_time - 1e-9).all()


def _with_cover(network, cover):
    return build_network(
        site_ids=list(network.site_ids),
        minimum_rate=network.minimum_rate,
        output_value=network.output_value,
        slot_site=network.slot_site,
        slot_product=list(network.slot_product),
        slot_essential=network.slot_essential,
        slot_cover=cover,
        slot_outside=network.slot_outside,
        link_supplier=network.link_supplier,
        link_slot=network.link_slot,
        link_share=network.link_share,
        link_lead=network.link_lead,
    )


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_on_chains_the_shadow_is_the_forecast(seed):
    """With one input a site, one supplier an input and whole days, nothing is partial and the two agree."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    network = build_network(
        site_ids=[f"s{i}" for i in range(n)],
        output_value=np.ones(n),
        slot_site=np.arange(1, n),
        slot_product=["input"] * (n - 1),
        slot_cover=rng.integers(0, 5, n - 1).astype(float),
        link_supplier=[int(rng.integers(0, i)) for i in range(1, n)],
        link_slot=np.arange(n - 1),
        link_lead=rng.integers(1, 4, n - 1),
    )
    days = forecast(network, [Event("e", "site", "s0", 0)], horizon=30).low.stop_day
    times = stop_times(network, [0], horizon=30.0).stop_time
    assert np.where(np.isfinite(times), times, -1).tolist() == days.tolist()


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda n: stop_times(n, [9]), r"failed: \[9\]"),
        (lambda n: stop_times(n, []), "failed: no site"),
        (lambda n: single_failures(n, horizon=0), "horizon is 0"),
        (lambda n: worst_pairs(n, top=0), "top is 0"),
    ],
)
def test_impossible_questions_are_refused(call, reason):
    with pytest.raises(NetworkError, match=reason):
        call(_two_makers())


def test_a_network_without_links_or_sites():
    lonely = build_network(site_ids=["a", "b"])
    assert single_failures(lonely).stops.tolist() == [1, 1]
    assert worst_pairs(lonely).stops.tolist() == [2]
    assert single_failures(build_network(site_ids=[])).stops.size == 0
