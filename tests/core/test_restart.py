"""Restart sets beside the definition: every subset of small networks is tried."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event
from ballast.core.forecast.events import match_events
from ballast.core.network import NetworkError, build_network
from ballast.core.stops import restart_set


def holds(network, events, day):
    """(what events leave of each site, of each link) on the day."""
    site, lane = [1.0] * network.sites, [1.0] * network.links
    for match in match_events(network, events):
        if match.event.holds_on(day):
            for place in match.sites:
                site[place] = min(site[place], match.event.capacity_left)
            for link in match.links:
                lane[link] = min(lane[link], match.event.capacity_left)
    return site, lane


def runs(network, members, events, day, share):
    """Whether every member is open and gets enough of each essential input from members and outside."""
    site, lane = holds(network, events, day)
    for i in members:
        if site[i] == 0.0 or site[i] < network.minimum_rate[i] - 1e-9:
            return False
        for k in range(network.site_slots[i], network.site_slots[i + 1]):
            links = range(network.slot_links[k], network.slot_links[k + 1])
            normal = network.slot_outside[k] + sum(network.link_share[x] for x in links)
            limit = min(network.minimum_rate[i] if share is None else share, normal)
            come = network.slot_outside[k] + sum(
                network.link_share[x] * lane[x] * site[network.link_supplier[x]]
                for x in links
                if network.link_supplier[x] in members
            )
            if network.slot_essential[k] and come < limit - 1e-9:
                return False
    return True


def every_set(network, target, events, day, share):
    """All sets with the target that can run, smallest first."""
    others = [i for i in range(network.sites) if i != target]
    return [
        {target, *some}
        for size in range(len(others) + 1)
        for some in itertools.combinations(others, size)
        if runs(network, {target, *some}, events, day, share)
    ]


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([None, 0.3, 0.5, 1.0]), day=st.integers(0, 9))
def test_the_set_runs_has_none_in_it_and_is_a_smallest(seed, share, day):
    world = random_world(seed)
    network, target = network_of(world), seed % len(world.sites)
    found = restart_set(network, target, world.events, day=day, share=share)
    sets = every_set(network, target, world.events, day, share)
    members = set(found.sites.tolist())
    if not sets:
        assert not members
        assert found.blocked[0].site == target
        return
    assert found.blocked == ()
    assert members in sets
    assert not [smaller for smaller in sets if smaller < members]
    assert len(members) == len(sets[0]) == found.weight == found.bound
    assert found.proven
    always = set.intersection(*sets)
    assert found.sites[found.indispensable].tolist() == sorted(always)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([None, 0.5, 1.0]))
def test_without_time_the_set_is_minimal_and_the_bound_holds(seed, share):
    world = random_world(seed)
    network, target = network_of(world), seed % len(world.sites)
    found = restart_set(network, target, world.events, share=share, seconds=0.0)
    sets = every_set(network, target, world.events, 0, share)
    if sets:
        members = set(found.sites.tolist())
        assert members in sets
        assert not [smaller for smaller in sets if smaller < members]
        assert found.bound <= len(sets[0]) <= found.weight


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), day=st.integers(0, 9))
def test_the_lightest_set_by_any_weights(seed, day):
    world = random_world(seed)
    network, target = network_of(world), seed % len(world.sites)
    weight = np.random.default_rng(seed).choice([0.0, 0.5, 1.0, 7.25], network.sites)
    found = restart_set(network, target, world.events, day=day, weight=weight)
    sets = every_set(network, target, world.events, day, None)
    if sets:
        assert found.weight == pytest.approx(min(sum(weight[list(members)]) for members in sets))
        assert found.bound <= found.weight + 1e-9
        assert not [smaller for smaller in sets if smaller < set(found.sites.tolist())]


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([None, 0.5, 1.0]))
def test_what_blocks_the_target_leads_back_to_events(seed, share):
    """Without the events that are named, the target can run."""
    world = random_world(seed)
    network, target = network_of(world), seed % len(world.sites)
    found = restart_set(network, target, world.events, share=share)
    if found.blocked:
        named = {event for reason in found.blocked for event in reason.events}
        assert named
        rest = [event for event in world.events if event.event_id not in named]
        assert restart_set(network, target, rest, share=share).sites.size
        for reason in found.blocked:
            assert reason.slot < 0 or reason.most < reason.need - 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_steps_and_loops(seed):
    world = random_world(seed)
    network, target = network_of(world), seed % len(world.sites)
    found = restart_set(network, target, share=1.0)
    place = {int(site): k for k, site in enumerate(found.sites)}
    for link in range(network.links):
        a, b = int(network.link_supplier[link]), int(network.link_customer[link])
        if a not in place or b not in place or found.need[network.link_slot[link]] <= 1e-9:
            continue
        if found.amount[link] > 0.0:
            one, other = place[a], place[b]
            together = found.loop[one] == found.loop[other] > 0
            assert found.step[one] == found.step[other] if together else found.step[one] < found.step[other]
            assert found.tier[one] <= found.tier[other] + 1
    assert found.tier[place[target]] == 0


def _works():
    """A plant takes a part from one of two makers; one of them stands in a loop with its tool shop."""
    return build_network(
        site_ids=["plant", "maker", "other", "tools", "pit", "second pit"],
        slot_site=[0, 1, 2, 3],
        slot_product=["part", "ore", "tool", "steel"],
        link_supplier=[1, 2, 4, 5, 3, 2],
        link_slot=[0, 0, 1, 1, 2, 3],
        link_share=[0.5, 0.5, 0.5, 0.5, 1.0, 1.0],
    )


def test_the_example_of_the_page():
    network = _works()
    names = lambda found: [network.site_ids[i] for i in found.sites]  # noqa: E731
    found = restart_set(network, 0)
    assert (len(found.sites), found.proven, found.candidates) == (3, True, 6)
    assert found.indispensable.sum() == 1
    everyone = restart_set(network, 0, share=1.0)
    assert names(everyone) == ["plant", "maker", "other", "tools", "pit", "second pit"]
    assert dict(zip(names(everyone), everyone.loop, strict=True))["tools"] == 1
    assert everyone.step.tolist() == [3, 2, 1, 1, 1, 1]
    shut = restart_set(network, 0, [Event("e", "site", "maker", 0)])
    assert names(shut) == ["plant", "other", "tools"]
    assert shut.loop.tolist() == [0, 1, 1]
    events = [Event("e", "site", "maker", 0), Event("f", "lane", "tools>other", 0)]
    none = restart_set(network, 0, events)
    assert none.sites.size == 0
    assert [(network.site_ids[b.site], b.events) for b in none.blocked] == [
        ("plant", ()),
        ("maker", ("e",)),
        ("other", ("f",)),
        ("tools", ()),
    ]
    assert none.blocked[1].slot == -1
    assert [network.site_ids[i] for i in none.blocked[3].without] == ["other"]


@pytest.mark.parametrize(
    ("target", "more", "said"),
    [
        (9, {}, "target: 9"),
        (0, {"share": 1.5}, "share: 1.5"),
        (0, {"weight": np.array([-1.0, 1, 1, 1, 1, 1])}, "weight"),
    ],
)
def test_what_cannot_be_asked_is_refused(target, more, said):
    with pytest.raises(NetworkError, match=said):
        restart_set(_works(), target, **more)
