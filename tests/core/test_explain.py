import pytest
from tests.core.oracle import Link, Need, Site, World
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event, forecast
from ballast.core.forecast.explain import MAX_NODES


def _forecast(sites, needs, links, events, horizon=20):
    world = World([Site(name) for name in sites], needs, links, events, horizon)
    network = network_of(world)
    return forecast(network, events, horizon=horizon), network.site_index


def test_the_largest_share_leads_and_all_joint_causes_are_kept():
    found, at = _forecast(
        ["big", "small", "plant"],
        [Need("plant", "x", 2.0)],
        [Link("big", "plant", "x", 0.7), Link("small", "plant", "x", 0.3)],
        [Event("fire", "site", "big", 0), Event("flood", "site", "small", 0)],
    )
    path = found.explain(at["plant"])
    assert path.day == int(found.low.stop_day[at["plant"]]) == 3
    assert path.path == ("fire", "big", "plant")
    assert (path.lead_event, path.events) == ("fire", ("fire", "flood"))
    assert {(e.source, e.target): e.leading for e in path.edges} == {
        ("fire", "big"): True, ("big", "plant"): True, ("small", "plant"): False, ("flood", "small"): False,
    }  # fmt: skip
    assert {node.id: node.tier for node in path.nodes} == {"plant": 0, "big": 1, "small": 1, "fire": 2, "flood": 2}


def test_a_cause_hidden_by_another_belongs_to_the_joint_set():
    """While the maker is slowed and shut its ore lasts; only without both does the strike at the mine show."""
    found, at = _forecast(
        ["mine", "maker", "plant"],
        [Need("maker", "ore", 2.5), Need("plant", "x", 4.0)],
        [Link("mine", "maker", "ore"), Link("maker", "plant", "x")],
        [
            Event("strike", "site", "mine", 0),
            Event("slow", "site", "maker", 0, 3, 0.5),
            Event("shut", "site", "maker", 4),
            Event("half shift", "site", "plant", 0, 3, 0.5),
        ],
    )
    assert found.explain(at["plant"]).day == 9
    assert set(found.explain(at["plant"], checked=False).events) == {"slow", "shut"}
    assert set(found.explain(at["plant"]).events) == {"slow", "shut", "strike"}


def test_a_blocked_lane_is_a_cause_on_its_link():
    found, at = _forecast(
        ["maker", "plant"],
        [Need("plant", "x", 1.0)],
        [Link("maker", "plant", "x", 1.0, 2, inferred=True)],
        [Event("road", "lane", "maker>plant", 0, 8)],
    )
    path = found.explain(at["plant"])
    assert path.path == ("road", "plant")
    (edge,) = path.to_dict()["edges"]
    assert edge == {
        "from": "road", "to": "plant", "product": "x", "share": 1.0, "cover_days": 1.0, "lead_days": 2,
        "inferred": True, "leading": True,
    }  # fmt: skip


def test_an_unknown_stock_is_named_as_a_cause_and_the_certain_run_does_not_stop():
    found, at = _forecast(
        ["maker", "plant"],
        [Need("plant", "x", None, upper=30.0)],
        [Link("maker", "plant", "x")],
        [Event("fire", "site", "maker", 0, 5)],
    )
    assert not found.certain[at["plant"]]
    path = found.explain(at["plant"])
    assert path.unknown_stock
    assert ("unknown_stock:plant/x", "unknown_stock") in {(node.id, node.kind) for node in path.nodes}
    assert path.edges[-1].cover_days is None
    assert found.explain(at["plant"], certain=True).day is None
    assert found.rows_unknown == 1


def test_a_site_short_without_any_event_rests_on_the_tables():
    found, at = _forecast(["plant"], [Need("plant", "x", 2.0, outside=0.5)], [], [])
    path = found.explain(at["plant"])
    assert path.day == 4
    assert path.lead_event is None
    assert path.tables
    assert path.path == ("tables:plant/x", "plant")


def test_a_site_that_runs_in_full_needs_no_explanation():
    found, at = _forecast(["plant"], [], [], [])
    assert found.explain(at["plant"]).to_dict()["day"] is None


def test_what_does_not_fit_into_the_graph_is_counted():
    makers = [f"m{i}" for i in range(60)]
    found, at = _forecast(
        ["plant", *makers],
        [Need("plant", "x", 1.0)],
        [Link(name, "plant", "x", 1 / 60) for name in makers],
        [Event(f"e{i}", "site", name, 0) for i, name in enumerate(makers)],
    )
    path = found.explain(at["plant"])
    assert len(path.nodes) == MAX_NODES
    assert len(path.events) == 60
    # Shown are the plant, e0, and m0 to m37: m38 to m59 and e1 to e37 are not.
    assert path.folded == 22 + 37


def test_an_event_named_like_a_site_keeps_its_own_node():
    found, at = _forecast(["maker"], [], [], [Event("maker", "site", "maker", 0)])
    path = found.explain(at["maker"])
    assert path.path == ("event:maker", "maker")
    assert (path.lead_event, path.events) == ("maker", ("maker",))


@pytest.fixture
def loop():
    """Two works feed one another; a lane between them is shut until both have used up what they had."""
    return {
        "sites": ["a", "b"],
        "needs": [Need("a", "y", 1.0), Need("b", "x", 1.0)],
        "links": [Link("a", "b", "x"), Link("b", "a", "y")],
        "events": [Event("road", "lane", "a>b", 0, 9)],
    }


def test_a_loop_that_cannot_restart_by_itself_is_reported(loop):
    found, at = _forecast(**loop)
    assert (found.low.rate[12:, :] == 0).all()
    assert [deadlock.sites for deadlock in found.deadlocks] == [("a", "b")]
    assert found.explain(at["a"]).path == ("road", "b", "a")


def test_a_loop_that_an_event_still_holds_is_no_deadlock(loop):
    loop["events"] = [Event("road", "lane", "a>b", 0)]
    assert _forecast(**loop)[0].deadlocks == ()


def test_a_loop_with_material_on_the_way_is_no_deadlock(loop):
    loop["links"] = [Link("a", "b", "x", 1.0, 15), Link("b", "a", "y")]
    loop["events"] = [Event("shut", "site", "b", 0, 18)]
    found, _ = _forecast(**loop)
    assert found.deadlocks == ()


def test_one_supplier_back_is_enough_where_half_the_input_keeps_the_plant_going():
    found, at = _forecast(
        ["big", "small", "plant"],
        [Need("plant", "x", 2.0)],
        [Link("big", "plant", "x", 0.7), Link("small", "plant", "x", 0.3)],
        [Event("fire", "site", "big", 0), Event("flood", "site", "small", 0)],
    )
    assert found.explain(at["plant"]).events == ("fire", "flood")
    assert found.needed(at["plant"], ("fire", "flood")) == ("fire",)


def test_two_inputs_are_needed_together():
    found, at = _forecast(
        ["a", "b", "plant"],
        [Need("plant", "x", 2.0), Need("plant", "y", 3.0)],
        [Link("a", "plant", "x"), Link("b", "plant", "y")],
        [Event("fire", "site", "a", 0), Event("flood", "site", "b", 0), Event("other", "site", "nobody", 0)],
    )
    assert found.needed(at["plant"], ("fire", "flood", "other")) == ("fire", "flood")
    assert found.needed(at["plant"], ("fire", "other")) == ()


@pytest.mark.parametrize("seed", range(60))
def test_needed_events_free_the_plant_and_none_can_be_left_out(seed):
    world = random_world(seed)
    network = network_of(world)
    found = forecast(network, world.events, horizon=world.horizon)
    for site in [int(i) for i in (found.low.stop_day >= 0).nonzero()[0]]:
        needed = found.needed(site, found.explain(site).events)
        for gone, frees in [(needed, bool(needed)), *(([e for e in needed if e != out], False) for out in needed)]:
            rest = [event for event in world.events if event.event_id not in gone]
            stops = forecast(network, rest, horizon=world.horizon).low.stop_day[site] >= 0
            assert bool(stops) is not frees
