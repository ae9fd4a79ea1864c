"""Paths that are kept from the last forecast are those that tracing anew gives."""

import random

from tests.core.test_at_risk import changed
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import forecast
from ballast.core.forecast.kept_paths import KeptPaths


def answers(found, kept):
    """What is asked of every site that falls short: its path, the events that have to go, what slows it."""
    every = [event.event_id for event in found.events]
    for site in range(len(found.network.site_ids)):
        day = int(found.low.slow_day[site])
        if day >= 0:
            kept = kept or KeptPaths()
            yield (
                kept.path(found, site),
                kept.needed(found, site, every),
                kept.slowed_by(found, site, day),
            )


def test_paths_after_a_change_are_those_of_tracing_anew():
    taken_over = asked = 0
    for seed in range(8):
        rng, world, kept = random.Random(seed), random_world(seed), KeptPaths()
        for _ in range(3):
            found = forecast(network_of(world), world.events, horizon=world.horizon)
            kept.go_on(found)
            again = list(answers(found, kept))
            assert again == list(answers(found, None)), seed
            taken_over, asked = taken_over + kept.taken_over, asked + len(again)
            world = changed(world, rng)
    assert 0.1 < taken_over / asked < 0.8, "some are taken over, and some are not"
