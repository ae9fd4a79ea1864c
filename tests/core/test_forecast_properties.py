"""What must hold of every forecast, whatever the network."""

import random
from dataclasses import replace

import numpy as np
import pytest
from tests.core.oracle import Link, Need, Oracle, Site, World
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event, forecast

SEEDS = range(200)


def _run(world):
    return forecast(network_of(world), world.events, horizon=world.horizon).low


def _at_least(more, less):
    """Cumulative output of every site on every day is no smaller in `more`."""
    known = less.shortfall.shape[1]
    return bool((np.cumsum(more.shortfall[:, :known], axis=0) <= np.cumsum(less.shortfall, axis=0) + 1e-9).all())


def test_the_random_worlds_hold_what_they_shall_test():
    seen = dict.fromkeys(["stops", "joint", "unsure", "back", "refused", "lanes", "long paths"], 0)
    for seed in SEEDS:
        world = random_world(seed)
        found = forecast(network_of(world), world.events, horizon=world.horizon)
        stops = found.low.stop_day >= 0
        seen["stops"] += int((found.low.stop_day > 0).sum())
        seen["unsure"] += int((stops & ~found.certain).sum())
        seen["back"] += int((found.low.recovery_day > 0).sum())
        seen["refused"] += int((found.low.slot_refused > 0).sum())
        seen["lanes"] += int(found.holds.links.size)
        seen["joint"] += sum(len(found.explain(int(i)).events) > 1 for i in np.flatnonzero(stops))
        seen["long paths"] += sum(len(found.explain(int(i)).path) > 3 for i in np.flatnonzero(stops))
    assert min(seen.values()) >= 3, seen


@pytest.mark.parametrize("change", ["one event fewer", "more stock", "a further supplier"])
def test_help_never_lowers_anyones_cumulative_output(change):
    for seed in SEEDS:
        world, rng = random_world(seed, plain=True), random.Random(seed)
        if change == "one event fewer" and world.events:
            better = world.without({rng.choice(world.events).event_id})
        elif change == "more stock" and world.needs:
            k = rng.randrange(len(world.needs))
            need = replace(world.needs[k], cover=(world.needs[k].cover or 0.0) + rng.choice([0.25, 1.0, 5.0]))
            better = replace(world, needs=[*world.needs[:k], need, *world.needs[k + 1 :]])
        elif change == "a further supplier" and world.needs:
            better = _with_supplier(world, rng.choice(world.needs))
        else:
            continue
        assert _at_least(_run(better), _run(world)), (seed, change)


def _with_supplier(world, need):
    """A supplier on top of what arrives: shares and the outside share stay as they are."""
    oracle = Oracle(world)
    key = (need.site, need.product)
    outside = oracle.base[key] - sum(oracle.share[link] for link in oracle.into[key])
    fixed = [replace(x, share=oracle.share[x]) if (x.customer, x.product) == key else x for x in world.links]
    return replace(
        world,
        sites=[*world.sites, Site("helper")],
        needs=[replace(n, outside=max(0.0, outside)) if n == need else n for n in world.needs],
        links=[*fixed, Link("helper", need.site, need.product, 0.4)],
    )


def test_a_ceiling_can_turn_one_event_fewer_into_a_loss():
    """Why the property above holds without ceilings only: what comes while the customer stands still is refused.

    The maker has ore for four days. Held for four days by event "pause", it ships when the customer is open again;
    without "pause" it ships into a full store.
    """
    world = World(
        [Site("ore"), Site("maker"), Site("user")],
        [Need("maker", "ore", 4.0), Need("user", "good", 1.0)],
        [Link("ore", "maker", "ore"), Link("maker", "user", "good")],
        [
            Event("no ore", "site", "ore", -1),
            Event("pause", "site", "maker", 0, 4),
            Event("user shut", "site", "user", 0, 5),
        ],
        14,
    )
    assert not _at_least(_run(world.without({"pause"})), _run(world))
    endless = replace(world, needs=[replace(n, target=1e9) for n in world.needs])
    assert _at_least(_run(endless.without({"pause"})), _run(endless))


def test_material_is_conserved():
    for seed in SEEDS:
        world = random_world(seed)
        network, run, oracle = network_of(world), _run(world), Oracle(world)
        for k in range(network.slots):
            key = (network.site_ids[network.slot_site[k]], network.slot_product[k])
            arrived = sum(oracle.arrived[key, day] for day in range(world.horizon))
            gone = oracle.used[key] + run.slot_refused[k] + run.slot_end[k]
            assert oracle.start(key) + arrived == pytest.approx(gone, abs=1e-9)


def test_rates_do_not_change_with_the_unit_of_money():
    for seed in SEEDS[:60]:
        world = random_world(seed)
        scaled = replace(
            world, sites=[replace(s, value=None if s.value is None else s.value * 1024) for s in world.sites]
        )
        a, b = _run(world), _run(scaled)
        assert (a.rate == b.rate).all()
        assert np.array_equal(b.lost_output, a.lost_output * 1024, equal_nan=True)


def test_results_do_not_change_with_the_order_of_rows():
    for seed in SEEDS[:100]:
        world, rng = random_world(seed), random.Random(seed)
        mixed = replace(
            world, **{name: rng.sample(rows, len(rows)) for name, rows in vars(world).items() if name != "horizon"}
        )
        a, b = (forecast(network_of(w), w.events, horizon=w.horizon) for w in (world, mixed))
        order = [b.network.site_index[site] for site in a.network.site_ids]
        assert (a.low.rate == b.low.rate[:, order]).all()
        assert a.low.total_lost_output == b.low.total_lost_output
        for i, j in enumerate(order):
            assert a.explain(i).to_dict() == b.explain(j).to_dict()


def test_without_events_normal_is_exactly_one():
    for seed in SEEDS:
        world = random_world(seed)
        whole = replace(world, events=[], needs=[replace(n, outside=None, target=None) for n in world.needs])
        run = _run(whole)
        assert (run.rate == 1.0).all()
        assert run.total_lost_output == 0.0


def test_without_its_joint_set_no_site_falls_short_by_that_day():
    tried = 0
    for seed in SEEDS:
        world = random_world(seed)
        network = network_of(world)
        found = forecast(network, world.events, horizon=world.horizon)
        for i in np.flatnonzero(found.low.stop_day >= 0):
            path = found.explain(int(i))
            if path.tables or path.unknown_stock:
                continue
            rest = forecast(network, world.without(set(path.events)).events, horizon=world.horizon)
            day = int(rest.low.stop_day[i])
            assert day < 0 or day > path.day, (seed, path)
            tried += 1
    assert tried > 200


def test_every_path_runs_from_its_root_to_the_site_over_edges_of_the_graph():
    for seed in SEEDS:
        world = random_world(seed)
        found = forecast(network_of(world), world.events, horizon=world.horizon)
        for i in np.flatnonzero(found.low.slow_day >= 0):
            path = found.explain(int(i))
            edges = {(edge.source, edge.target) for edge in path.edges}
            assert path.path[-1] == path.site
            assert all(step in edges for step in zip(path.path, path.path[1:], strict=False))
            assert len(set(path.path)) == len(path.path)
            assert {node.id for node in path.nodes} >= set(path.path)
            assert path.lead_event is None or path.events[0] == path.lead_event
