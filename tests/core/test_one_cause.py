"""One notice per cause: groups against the plain forecast on random worlds, and the cases that go wrong elsewhere."""

import itertools

import pytest
from tests.core.oracle import Oracle
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import forecast
from ballast.core.one_cause import Cause, Group, Trouble, changes, group_by_cause


def _troubles(world):
    """The forecast's stops as the desk reads them, and the sites that a stock nobody reported holds too."""
    found = forecast(network_of(world), world.events, horizon=world.horizon)
    troubles, unknown = [], set()
    for site, name in enumerate(found.network.site_ids):
        if found.low.stop_day[site] >= 0:
            path = found.explain(site)
            events = found.needed(site, path.events) or path.events
            troubles.append(Trouble(name, events, int(found.low.slow_day[site]), int(found.low.stop_day[site])))
            if path.unknown_stock or path.tables:
                unknown.add(name)
    return troubles, unknown


@pytest.mark.parametrize("seed", range(40))
def test_a_group_does_not_stop_without_its_events_and_does_when_one_is_left(seed):
    world = random_world(seed)
    troubles, unknown = _troubles(world)
    stops = {trouble.site: trouble.stop_day for trouble in troubles}
    groups = group_by_cause(troubles, {})
    told = [site for group in groups for site in group.stops]
    assert sorted(told) == sorted(stops), "each in one group, none in two, none dropped"
    assert len({group.cause for group in groups}) == len(groups)
    for group in groups:
        events = set(group.cause.events)
        freed = Oracle(world.without(events))
        for site in group.stops if events else ():
            assert freed.stop_day(site) > stops[site] or freed.stop_day(site) == -1 or site in unknown
        if all(freed.stop_day(site) == -1 for site in group.stops):
            for fewer in itertools.combinations(sorted(events), len(events) - 1):
                less = Oracle(world.without(set(fewer)))
                assert all(less.stop_day(site) >= 0 for site in group.stops), "no event of the set can be left out"


A, B = "fire at A", "strike at B"


def _plants(count, events, *, stop_day=4):
    return [Trouble(f"plant-{k:03}", events, 2, stop_day) for k in range(count)]


def test_four_hundred_plants_behind_one_stop_are_one_group():
    (group,) = group_by_cause(_plants(400, (A,)), {})
    assert (group.cause, len(group.stops)) == (Cause((A,)), 400)


def test_a_red_with_a_cause_of_its_own_has_its_own_group():
    troubles = [*_plants(3, (A,)), Trouble("torn", (B, A), 1, 2), Trouble("alone", (), 0, 1, root="silent")]
    supplier = Trouble("maker", (A,), 0, 0)
    reds = {
        ("plant-000", "glass"): ["runs well"],  # its own: the supplier of glass runs
        ("plant-001", "part"): ["maker"],  # waits for the fire
        ("buyer", "part"): ["maker", "runs well"],  # not seen to stop, but waits for the fire all the same
        ("late", "part"): ["plant-002"],  # its supplier falls short on day 2, within what a red stock lasts
    }
    found = {group.cause: group for group in group_by_cause([*troubles, supplier], reds)}
    assert found[Cause((A,))].stops == ("maker", "plant-000", "plant-001", "plant-002")
    assert found[Cause((A,))].reds == (("buyer", "part"), ("late", "part"), ("plant-001", "part"))
    assert found[Cause((A, B))] == Group(Cause((A, B)), ("torn",))
    assert found[Cause(site="silent")].stops == ("alone",)
    assert found[Cause(site="plant-000")].reds == (("plant-000", "glass"),)
    assert len(found) == 4


def test_a_supplier_that_falls_short_later_than_the_stock_lasts_explains_nothing():
    late = Trouble("maker", (A,), 3, 9)
    assert {g.cause for g in group_by_cause([late], {("p", "x"): ["maker"]})} == {Cause((A,)), Cause(site="p")}
    lane = Trouble("p", (B,), 1, None, through=frozenset({"x"}))
    found = group_by_cause([late, lane], {("p", "x"): ["maker"]})
    assert {g.cause: g.reds for g in found} == {Cause((A,)): (), Cause((B,)): (("p", "x"),)}, "a lane it feels itself"


def test_who_is_still_red_after_the_root_recovers_is_told_for_the_other_reason_and_only_once():
    before = group_by_cause([*_plants(3, (A,)), Trouble("torn", (A, B), 1, 2), Trouble("other", (B,), 1, 2)], {})
    held = {group.cause: group.members for group in before}
    assert changes({}, before).begun == before
    assert changes(held, before) == changes(held, tuple(reversed(before)))
    assert not any([changes(held, before).begun, changes(held, before).over, changes(held, before).left])
    after = group_by_cause([Trouble("torn", (B,), 1, 2), Trouble("other", (B,), 1, 2), Trouble("new", (B,), 1, 2)], {})
    told = changes(held, after)
    assert told.begun == ()
    assert told.over == (Cause((A,)), Cause((A, B)))
    assert told.left == {Cause((B,)): {("torn", "")}}, "neither who was told before nor who joins the same stop"
    assert not changes({group.cause: group.members for group in after}, after).left


def test_a_stop_without_any_event_explains_the_reds_behind_it_and_a_slow_supplier_without_one_does_not():
    stopped = [Trouble("maker", (), 0, 0), Trouble("dealer", (), 1, 2, root="maker")]
    reds = {(f"plant-{k:03}", "part"): ["maker"] for k in range(400)} | {("far", "part"): ["dealer"]}
    (group,) = group_by_cause(stopped, reds)
    assert (group.cause, group.stops, len(group.reds)) == (Cause(site="maker"), ("maker", "dealer"), 401)
    slow = [Trouble("maker", (), 0, None)]
    assert group_by_cause(slow, {("p", "part"): ["maker"]})[0].cause == Cause(site="p"), "nobody knows that it is short"
    own = [Trouble("p", (), 1, 4, through=frozenset({"part"}), root="deep")]
    assert group_by_cause(own, {("p", "part"): []})[0] == Group(Cause(site="deep"), ("p",), (("p", "part"),))


def test_inputs_that_wait_for_the_first_delivery_after_the_root_recovered_are_no_new_matter():
    reds = {(f"plant-{k:03}", "part"): ["maker"] for k in range(400)} | {("both", "part"): ["maker", "other"]}
    standing = group_by_cause([Trouble("maker", (A,), 0, 0), Trouble("other", (B,), 9, 9)], reds)
    held = {group.cause: group.members for group in standing}
    causes = {slot: group.cause for group in standing for slot in group.members}
    # The maker works again; one plant is held by the strike by now, one runs short of the part for another reason.
    now = [Trouble("other", (B,), 1, 9), Trouble("plant-007", (), 0, 3, through=frozenset({"part"}))]
    found = {group.cause: group for group in group_by_cause(now, reds, before=causes)}
    assert [len(found[cause].reds) for cause in (Cause((A,)), Cause((B,)), Cause(site="plant-007"))] == [399, 1, 1]
    assert [found[cause].waning for cause in (Cause((A,)), Cause((B,)), Cause(site="plant-007"))] == [
        True,
        False,
        False,
    ]
    told = changes(held, found.values())
    assert {group.cause for group in told.begun} == {Cause(site="plant-007")}
    assert (told.over, told.left) == ((), {Cause((B,)): {("both", "part")}})
    # Their lamps go down one after the other, and with the last of them it is over.
    left = found[Cause((A,))].members
    assert changes({Cause((A,)): left}, ()).over == (Cause((A,)),)
