"""Plans with interventions: every set tried with a plain day loop that knows what each intervention brings."""

import itertools
import random

import numpy as np
import pytest
from tests.core.oracle import Link, Need, Site, World
from tests.core.worlds import network_of, random_world

from ballast.core.columns import NetworkError
from ballast.core.forecast import Event, forecast, match_events, resolve
from ballast.core.forecast.dayloop import ceilings, unknown_low
from ballast.core.plan import Intervention, plan


def lost_days(network, events, rows, horizon):
    """[n] days of output lost with these rows of interventions, day by day and slot by slot."""
    holds = resolve(match_events(network, events), horizon)
    cover = unknown_low(network).copy()
    target = ceilings(network, cover)
    slot_of = {(network.site_ids[network.slot_site[k]], network.slot_product[k]): k for k in range(network.slots)}
    for row in rows:
        target[slot_of[row.site, row.product]] += row.stock
    rate = np.ones((horizon, network.sites))
    for day in range(horizon):
        come = network.slot_base.copy()
        for link in range(network.links):
            sent = day - network.link_lead[link]
            if sent >= 0:
                left = holds.lane_left[sent, list(holds.links).index(link)] if link in holds.links else 1.0
                come[network.link_slot[link]] -= network.link_share[link] * (
                    1.0 - left * rate[sent, network.link_supplier[link]]
                )
        for row in rows:
            come[slot_of[row.site, row.product]] += _brought(network, events, row, day, rate)
        _one_day(network, holds, day, cover, target, come, rate)
    return (1.0 - rate).sum(axis=0)


def _brought(network, events, row, day, rate):
    last = 10**6 if row.last_day is None else row.last_day
    if row.stock:
        open_ = [e for e in events if _on_the_way("", row, e, day, network)]
        return row.stock * min([e.capacity_left for e in open_], default=1.0) * (day == row.first_day)
    if not row.supplier:
        open_ = [e for e in events if _on_the_way("", row, e, day, network)]
        return row.share * min([e.capacity_left for e in open_], default=1.0) * (row.first_day <= day <= last)
    sent = day - row.lead
    if not (sent >= 0 and row.first_day <= sent <= last):
        return 0.0
    held = [e for e in events if _on_the_way(row.supplier, row, e, sent, network)]
    left = min([e.capacity_left for e in held], default=1.0)
    return row.share * left * rate[sent, network.site_index[row.supplier]]


def _on_the_way(supplier, row, event, day, network):
    """Whether a lane event holds the way to the row's site that day; from outside only lanes from everywhere do."""
    if event.kind != "lane" or not event.holds_on(day):
        return False
    probe = Event("probe", "lane", event.subject, 0)
    sites = [Site(name, network.site_region[network.site_index[name]]) for name in {supplier or "@", row.site} - {"@"}]
    sites += [] if supplier else [Site("@", "")]
    world = World(sites, [Need(row.site, "x", 0.0)], [Link(supplier or "@", row.site, "x")], [], 2)
    return bool(match_events(network_of(world), [probe])[0].links.size)


def _one_day(network, holds, day, cover, target, come, rate):
    for i in range(network.sites):
        held = holds.site_loss[day, list(holds.sites).index(i)] if i in holds.sites else 0.0
        short, lack = held, 0.0
        slots = range(network.site_slots[i], network.site_slots[i + 1])
        for k in slots:
            missing = 1.0 - cover[k] - come[k]
            if network.slot_essential[k]:
                short = max(short, missing)
            else:
                lack += network.slot_weight[k] * min(max(missing, 0.0), 1.0)
        rate[day, i] = 1.0 - min(1.0, max(short, lack, 0.0))
        for k in slots:
            cover[k] = min(target[k], max(0.0, cover[k] + come[k] - rate[day, i]))


def best_of_all(network, events, groups, interventions, limit, horizon):
    """[limit] the largest value of any set of at most 1, 2, ... of the groups and interventions."""
    value, ids = np.nan_to_num(network.output_value), {row.intervention_id for row in interventions}
    before = lost_days(network, events, [], horizon)
    best = [0.0]
    for size in range(1, limit + 1):
        best.append(best[-1])
        for names in itertools.combinations(sorted({*groups, *ids}), size):
            gone = {event for name in names if name in groups for event in groups[name]}
            rows = [row for row in interventions if row.intervention_id in names]
            rest = lost_days(network, [e for e in events if e.event_id not in gone], rows, horizon)
            best[-1] = max(best[-1], float(value @ (before - rest)))
    return best[1:]


def _random_interventions(rng, network):
    rows = []
    for number in range(rng.randint(1, 3)):
        slot = rng.randrange(network.slots)
        site, product = network.site_ids[network.slot_site[slot]], network.slot_product[slot]
        others = [name for name in network.site_ids if name != site]
        kind = rng.choice(["stock", "stock", "outside", "supplier"])
        first = rng.randint(0, 6)
        rows.append(
            Intervention(
                f"i{number}", site, product,
                stock=rng.choice([0.5, 2.0, 7.3]) if kind == "stock" else 0.0,
                share=0.0 if kind == "stock" else rng.choice([0.3, 1.0]),
                supplier=rng.choice(others) if kind == "supplier" else "",
                lead=rng.randint(1, 4), first_day=first, last_day=rng.choice([None, first + 5]),
            )
        )  # fmt: skip
    return rows


def test_plans_with_interventions_equal_the_best_of_all_sets():
    chosen = 0
    for seed in range(60):
        world = random_world(seed)
        network = network_of(world)
        if not world.events or not network.slots:
            continue
        rows = _random_interventions(random.Random(seed), network)
        groups = {event.event_id: [event.event_id] for event in world.events[:4]}
        found = plan(network, world.events, groups, limit=2, interventions=rows, horizon=world.horizon)
        every = best_of_all(network, world.events, groups, rows, len(found.sizes), world.horizon)
        for size, best in zip(found.sizes, every, strict=True):
            assert size.value == pytest.approx(best, rel=1e-7, abs=1e-7), (seed, size)
            assert size.bound >= best - 1e-7, (seed, size)
            assert size.gap <= 1e-6
        chosen += any(name in found.interventions for name in found.chosen.groups)
    assert chosen > 8


def _works():
    """A works with four days of ore and a car plant; the pit is shut for ten days. Output 1 and 100 a day."""
    return network_of(
        World(
            [Site("pit", value=0.0), Site("works", value=1.0), Site("plant", value=100.0), Site("far", value=0.0)],
            [Need("works", "ore", 4.0), Need("plant", "part", 2.5)],
            [Link("pit", "works", "ore", 1.0, 1), Link("works", "plant", "part", 1.0, 2)],
            [],
            20,
        )
    ), [Event("shut", "site", "pit", 0, 9)]


def test_stock_lent_in_time_stands_beside_the_case():
    network, events = _works()
    rows = [
        Intervention("lend", "works", "ore", stock=4.0, first_day=0),
        Intervention("second", "works", "ore", share=1.0, supplier="far", lead=3, first_day=1),
        Intervention("late", "works", "ore", stock=4.0, first_day=19),
    ]
    found = plan(network, events, {"case": ["shut"]}, limit=1, interventions=rows, horizon=20)
    # Works stand still on days 5 to 10, the plant from day 10 (half of day 9) to 12: 6 + 350 are lost.
    assert found.at_stake == pytest.approx(6 + 350)
    worth = {
        row.intervention_id: plan(network, events, {}, limit=1, interventions=[row], horizon=20).chosen.value
        for row in rows
    }
    # Four days more: works stand still for two days; what the plant has at hand covers these.
    assert worth["lend"] == pytest.approx(4 + 350)
    # Sent from day 1, there on day 4: nothing is ever short.
    assert worth["second"] == pytest.approx(6 + 350)
    assert worth["late"] == 0.0
    assert found.chosen.value == pytest.approx(356)
    assert found.chosen.groups in {("case",), ("second",)}
    (choice,) = found.choices
    assert {choice.group, *choice.as_good} == {"case", "second"}
    assert choice.events == (("shut",) if choice.group == "case" else ())


def test_without_interventions_the_forecast_is_the_plain_one():
    network, events = _works()
    found = plan(network, events, {"case": ["shut"]}, limit=1, horizon=20)
    assert found.forecast.low.total_lost_output == forecast(network, events, horizon=20).low.total_lost_output
    assert found.interventions == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Intervention("i", "works", "steel", stock=1.0), "no input in use"),
        (Intervention("i", "nowhere", "ore", stock=1.0), "no input in use"),
        (Intervention("i", "works", "ore"), "brings 0.0 at once"),
        (Intervention("i", "works", "ore", stock=1.0, share=1.0), "Give one of them"),
        (Intervention("i", "works", "ore", share=1.0, supplier="moon"), "not among the sites"),
        (Intervention("i", "works", "ore", share=1.0, supplier="works"), "the site itself"),
        (Intervention("i", "works", "ore", share=1.0, first_day=5, last_day=4), "cannot be on days 5 to 4"),
        (Intervention("case", "works", "ore", stock=1.0), "named like a case"),
    ],
)
def test_impossible_interventions_are_refused(row, said):
    network, events = _works()
    with pytest.raises(NetworkError, match=said):
        plan(network, events, {"case": ["shut"]}, limit=1, interventions=[row], horizon=20)
