"""What bounds rest on: the shadow never loses more than the forecast, whatever groups are solved."""

import itertools
import random

import numpy as np
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import forecast
from ballast.core.plan.shadow import Shadow

SEEDS = range(250)


def _worlds():
    """(seed, network, events, horizon, shadow, some sets of solved events) of worlds with two events or more."""
    for seed in SEEDS:
        world, rng = random_world(seed), random.Random(seed)
        if len(world.events) >= 2:
            network = network_of(world)
            full = forecast(network, world.events, horizon=world.horizon)
            shadow = Shadow(full, [[event.event_id] for event in world.events])
            sets = [np.array([rng.random() < 0.5 for _ in world.events]) for _ in range(5)]
            sets.append(np.zeros(len(world.events), dtype=bool))
            yield seed, network, world, shadow, sets


def _run(network, world, solved):
    left = [event for event, gone in zip(world.events, solved, strict=True) if not gone]
    return forecast(network, left, horizon=world.horizon).low


def test_the_shadow_never_loses_more_than_the_forecast():
    tight = total = 0
    for seed, network, world, shadow, sets in _worlds():
        for solved in sets:
            least = shadow.lost(solved)
            real = _run(network, world, solved).lost_days
            assert (least <= real[shadow.sites] + 1e-9).all(), (seed, solved)
            tight += int((least > real[shadow.sites] - 1e-9).sum())
            total += least.size
    assert tight > 0.9 * total


def test_no_day_is_worse_than_the_worst_that_the_shadow_knows():
    for seed, network, world, shadow, sets in _worlds():
        for solved in sets:
            short = _run(network, world, solved).shortfall[:, shadow.sites]
            assert (short <= shadow.grid.most.T + 1e-9).all(), (seed, solved)


def test_the_shadow_loses_no_more_when_more_is_solved():
    for seed, _network, _world, shadow, sets in _worlds():
        for one, other in itertools.pairwise(sets):
            assert (shadow.lost(one | other) <= shadow.lost(one) + 1e-12).all(), seed


def test_slopes_bound_the_loss_of_every_larger_set():
    bent = 0
    for seed, _network, _world, shadow, sets in _worlds():
        for solved in sets:
            least, slopes = shadow.lost(solved), shadow.slopes(solved, range(shadow.sites.size))
            for other in sets:
                after = shadow.lost(solved | other)
                for site, slope in enumerate(slopes):
                    assert (slope >= 0.0).all()
                    assert after[site] >= least[site] - slope[other & ~solved].sum() - 1e-9, (seed, site)
                    bent += bool(slope.any())
    assert bent > 500


def test_one_group_alone_is_the_loss_with_all_others_solved():
    for _seed, _network, _world, shadow, sets in _worlds():
        alone = shadow.alone()
        for number in range(len(sets[0])):
            solved = np.ones(len(sets[0]), dtype=bool)
            solved[number] = False
            assert (alone[number] == shadow.lost(solved)).all()


def test_what_a_group_cannot_reach_does_not_change():
    for seed, network, world, shadow, sets in _worlds():
        reach = shadow.reach()
        before = _run(network, world, sets[-1]).lost_days[shadow.sites]
        for solved in sets:
            after = _run(network, world, solved).lost_days[shadow.sites]
            assert (after == before)[~reach[solved].any(axis=0)].all(), seed
