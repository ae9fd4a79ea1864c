"""Asking again after a change gives what asking for the first time gives, to the last digit."""

import random
from dataclasses import replace

from tests.core.worlds import network_of, random_world

from ballast.core.forecast import output_at_risk
from ballast.core.forecast.at_risk import AtRisk


def changed(world, rng):
    """The world with one stock, use, event or site otherwise."""
    needs, links, events, sites = list(world.needs), list(world.links), list(world.events), list(world.sites)
    kind = rng.choice(["stock", "stock", "stock", "event", "gone", "link", "value", "nothing"])
    if kind == "stock" and needs:
        at = rng.randrange(len(needs))
        needs[at] = replace(needs[at], cover=rng.choice([None, 0.0, 1.0, 2.5, 9.0]))
    elif kind == "event" and events:
        at = rng.randrange(len(events))
        events[at] = replace(events[at], capacity_left=rng.choice([0.0, 0.5, 1.0]))
    elif kind == "gone" and events:
        events.pop(rng.randrange(len(events)))
    elif kind == "link" and links:
        at = rng.randrange(len(links))
        links[at] = replace(links[at], share=0.4)
    elif kind == "value":
        at = rng.randrange(len(sites))
        sites[at] = replace(sites[at], value=rng.choice([None, 7.0]))
    return replace(world, needs=needs, links=links, events=events, sites=sites)


def test_asking_again_gives_the_figures_of_asking_anew_to_the_last_digit():
    taken_over = asked = 0
    for seed in range(25):
        rng, world, kept = random.Random(seed), random_world(seed), AtRisk()
        for _ in range(5):
            network = network_of(world)
            groups = {event.event_id: [event.event_id] for event in world.events}
            groups["all"] = list(groups)
            groups["none"] = ["not there"]
            found = kept.ask(network, world.events, groups, horizon=world.horizon)
            assert found == output_at_risk(network, world.events, groups, horizon=world.horizon), seed
            taken_over, asked = taken_over + kept.taken_over, asked + len(groups)
            world = changed(world, rng)
    assert 0.2 < taken_over / asked < 0.8, "some are taken over, and some are not"
