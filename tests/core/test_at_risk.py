"""Asking again after a change gives what asking for the first time gives, to the last digit."""

import random
from dataclasses import replace

from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event, forecast, output_at_risk
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


def test_many_events_at_one_place_are_worth_what_a_new_forecast_says():
    world, rng = random_world(4), random.Random(4)
    link = world.links[0]
    places = (("site", link.supplier), ("lane", f"{link.supplier}>{link.customer}"))
    many = []
    for number in range(30):
        kind, subject = places[number % 2]
        start = rng.randint(-3, 9)
        many.append(Event(f"m{number}", kind, subject, start, start + rng.randint(0, 6), rng.choice([0.1, 0.3, 0.7])))
    network, half = network_of(world), [event.event_id for event in many[::3]]
    full = forecast(network, many, horizon=world.horizon)
    assert full.low.total_lost_output > 0.0
    for gone in (["m0"], ["m1"], half):
        rest = [event for event in many if event.event_id not in gone]
        assert full.total_without(gone) == forecast(network, rest, horizon=world.horizon).low.total_lost_output
