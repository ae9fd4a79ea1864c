"""Plans against every set there is, each valued by the forecast."""

import itertools

import numpy as np
import pytest
from tests.core.oracle import Link, Need, Site, World
from tests.core.worlds import network_of, random_world

from ballast.core.columns import NetworkError
from ballast.core.forecast import Event, forecast
from ballast.core.network import build_network
from ballast.core.plan import plan


def _best(network, events, groups, limit, horizon):
    """The largest value of any set of at most 1, 2, ... `limit` groups: every set is tried with a whole forecast."""
    value = np.nan_to_num(network.output_value)
    before = forecast(network, events, horizon=horizon).low.lost_days
    best = [0.0]
    for size in range(1, limit + 1):
        best.append(best[-1])
        for names in itertools.combinations(sorted(groups), size):
            gone = {event for name in names for event in groups[name]}
            rest = forecast(network, [e for e in events if e.event_id not in gone], horizon=horizon)
            best[-1] = max(best[-1], float(value @ (before - rest.low.lost_days)))
    return best[1:]


def _alone(events):
    return {event.event_id: [event.event_id] for event in events}


def test_plans_of_up_to_three_equal_the_best_of_all_sets():
    joint = 0
    for seed in range(70):
        world = random_world(seed)
        if not world.events:
            continue
        network, groups = network_of(world), _alone(world.events)
        found = plan(network, world.events, groups, limit=3, horizon=world.horizon)
        every = _best(network, world.events, groups, len(found.sizes), world.horizon)
        for size, best in zip(found.sizes, every, strict=True):
            assert size.value == pytest.approx(best, rel=1e-7, abs=1e-7), (seed, size)
            assert size.bound >= best - 1e-7
            assert size.gap <= 1e-6
        joint += any(len(choice.set_groups) > 1 for choice in found.choices)
    assert joint > 5


def _supply_chain(sites, seed):
    """A network of strict needs in layers, each with one to three suppliers, and its events."""
    rng = np.random.default_rng(seed)
    links = [(int(rng.integers(0, i)), i) for i in range(5, sites) for _ in range(rng.integers(1, 4))]
    links = sorted(set(links))
    slots, slot_of, count = np.unique([i * 3 + s % 3 for s, i in links], return_inverse=True, return_counts=True)
    network = build_network(
        site_ids=[f"s{i:03d}" for i in range(sites)],
        output_value=rng.uniform(1, 100, sites),
        slot_site=slots // 3,
        slot_product=[f"p{k % 3}" for k in slots],
        slot_cover=rng.uniform(0, 6, slots.size),
        link_supplier=[s for s, _ in links],
        link_slot=slot_of,
        link_share=1.0 / count[slot_of],
        link_lead=rng.integers(1, 4, len(links)),
    )
    closed = rng.choice(sites, 14, replace=False)
    return network, [
        Event(
            f"e{k:02d}", "site", f"s{i:03d}", int(rng.integers(-3, 4)), None if k % 2 else 12, float(k % 3 == 0) * 0.4
        )
        for k, i in enumerate(closed)
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_three_of_fourteen_at_300_sites_equal_enumeration(seed):
    network, events = _supply_chain(300, seed)
    groups = {f"g{k}": [a.event_id, b.event_id] for k, (a, b) in enumerate(zip(events[::2], events[1::2], strict=True))}
    for cases in (groups, _alone(events[:9])):
        rest = [e for e in events if any(e.event_id in case for case in cases.values())]
        found = plan(network, rest, cases, limit=3, horizon=20)
        best = _best(network, rest, cases, 3, 20)[-1]
        assert found.chosen.value == pytest.approx(best, rel=1e-9)
        assert found.chosen.bound == pytest.approx(best, rel=1e-7)


def _joint_world():
    """Two closed suppliers hold one large plant; a third event holds a small one."""
    return World(
        [Site("a", value=1.0), Site("b", value=1.0), Site("plant", value=100.0), Site("c", value=5.0)],
        [Need("plant", "x", 0.0), Need("plant", "y", 0.0)],
        [Link("a", "plant", "x"), Link("b", "plant", "y")],
        [Event("ea", "site", "a", 0), Event("eb", "site", "b", 0), Event("ec", "site", "c", 0)],
        10,
    )


def test_two_suppliers_that_hold_one_plant_are_chosen_as_a_set():
    world = _joint_world()
    found = plan(network_of(world), world.events, _alone(world.events), limit=2, horizon=10)
    # Each day: 1 + 1 + 100, but the plant still gets on day 0 what was sent before.
    assert found.sizes[0].groups == ("ec",)
    assert found.chosen.groups == ("ea", "eb")
    assert found.chosen.value == pytest.approx(10 + 10 + 900)
    first, second = found.choices
    assert first.set_groups == second.set_groups == ("ea", "eb")
    assert (first.alone, first.in_set, first.set_value) == pytest.approx((10.0, 910.0, 920.0))
    assert found.recoverable == pytest.approx(970.0)


def test_groups_that_do_as_well_are_named():
    world = World([Site("a"), Site("b")], [], [], [Event("ea", "site", "a", 0), Event("eb", "site", "b", 0)], 5)
    found = plan(network_of(world), world.events, _alone(world.events), limit=1, horizon=5)
    (choice,) = found.choices
    assert {choice.group, *choice.as_good} == {"ea", "eb"}


def test_output_lost_until_the_day_it_is_solved_stays_lost():
    world = _joint_world()
    groups = _alone(world.events)
    late = plan(network_of(world), world.events, groups, limit=2, horizon=10, gone_from={"ea": 4})
    assert late.chosen.groups == ("ea", "eb")
    # a runs from day 4 (6 days), b all 10 days, the plant from day 5 on (5 days).
    assert late.chosen.value == pytest.approx(6 + 10 + 500)
    never = plan(network_of(world), world.events, groups, limit=2, horizon=10, gone_from={"ea": 99})
    assert never.chosen.groups == ("eb", "ec")


def test_only_the_output_of_the_named_sites_counts():
    world = _joint_world()
    found = plan(network_of(world), world.events, _alone(world.events), limit=1, horizon=10, sites=["b"])
    assert found.chosen.groups == ("eb",)
    assert found.chosen.value == pytest.approx(10.0)


def test_a_group_that_adds_nothing_is_left_out():
    world = _joint_world()
    idle = [*world.events, Event("elsewhere", "region", "nowhere", 0)]
    found = plan(network_of(world), idle, _alone(idle), limit=4, horizon=10)
    assert found.chosen.groups == ("ea", "eb", "ec")
    assert found.chosen.gap == 0.0
    assert plan(network_of(world), [], {}, limit=3).chosen.groups == ()


def test_the_smallest_set_that_reaches_a_target():
    world = _joint_world()
    groups = _alone(world.events)
    found = plan(network_of(world), world.events, groups, limit=3, horizon=10, target=60.0)
    assert found.chosen.groups == ("ea", "eb")
    with pytest.raises(NetworkError, match=r"target: 5,000\.00 is out of reach: 3 of 3 groups recover at most 970\.00"):
        plan(network_of(world), world.events, groups, limit=3, horizon=10, target=5000.0)


def test_impossible_questions_are_refused():
    world = _joint_world()
    network, groups = network_of(world), _alone(world.events)
    for question, words in [
        ({"limit": 0}, "limit: 0 leaves nothing to solve"),
        ({"limit": 1, "gone_from": {"zz": 3}}, "gone_from: zz is not there"),
        ({"limit": 1, "sites": ["zz"]}, "sites: zz is not there"),
        ({"limit": 1, "horizon": 0}, "horizon is 0"),
    ]:
        with pytest.raises(NetworkError, match=words):
            plan(network, world.events, groups, **question)
    with pytest.raises(NetworkError, match="group g: event: zz is not there"):
        plan(network, world.events, {"g": ["zz"]}, limit=1)
    with pytest.raises(NetworkError, match="ea stands in the groups g and h"):
        plan(network, world.events, {"g": ["ea"], "h": ["ea"]}, limit=1)


def test_without_time_the_best_set_so_far_comes_with_its_bound():
    network, events = _supply_chain(300, 3)
    found = plan(network, events, _alone(events), limit=3, horizon=20, left=lambda: 0.0)
    best = plan(network, events, _alone(events), limit=3, horizon=20)
    assert 0.0 < found.chosen.value <= best.chosen.value <= found.chosen.bound
    assert found.chosen.gap > 0.0
    assert best.chosen.gap <= 1e-6


def test_plans_do_not_change_with_the_unit_of_money_or_the_order_of_events():
    for seed in (3, 14, 25):
        network, events = _supply_chain(60, seed)
        one = plan(network, events, _alone(events), limit=3, horizon=15)
        two = plan(network, events[::-1], _alone(events[::-1]), limit=3, horizon=15)
        assert one.chosen == two.chosen
