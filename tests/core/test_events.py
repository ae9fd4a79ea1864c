import numpy as np
import pytest
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event, forecast, lane_sides, match_events, region_contains, resolve
from ballast.core.network import NetworkError, build_network


def _pair(**more):
    """A supplier in Shanghai's Huangpu and its customer in Suzhou, without stock."""
    columns = {
        "site_ids": ["maker", "user"],
        "site_region": ["310101", "320500"],
        "site_product": ["part", "car"],
        "slot_site": [1],
        "slot_product": ["part"],
        "slot_cover": [0.0],
        "link_supplier": [0],
        "link_slot": [0],
        "link_share": [1.0],
    }
    return build_network(**{**columns, **more})


@pytest.mark.parametrize(
    ("outer", "inner", "inside"),
    [
        ("310000", "310101", True), ("310000", "310000", True), ("310100", "310101", True), ("310101", "310100", False),
        ("310100", "310000", False), ("320000", "310101", False), ("100000", "110000", False), ("CN", "CN-SH", True),
        ("CN", "310101", True), ("CN-SH", "CN", False), ("C", "CN", False), ("CN", "CNX", False), ("", "310000", False),
        ("310000", "", False), ("", "", False), ("DE", "DE-BY", True),
    ],
)  # fmt: skip
def test_a_region_contains_itself_and_what_its_code_begins(outer, inner, inside):
    assert region_contains(outer, inner) is inside


@pytest.mark.parametrize("text", ["maker>user", "maker -> user", "maker → user", " maker > user "])
def test_lanes_are_written_with_any_arrow(text):
    assert lane_sides(text) == ("maker", "user")


@pytest.mark.parametrize("text", ["maker", ">user", "maker>", "a>b>c", ""])
def test_what_is_no_lane_is_refused_with_its_text(text):
    with pytest.raises(NetworkError, match="is not a lane"):
        Event("e", "lane", text, 0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (("plant", "x", 0, 1, 0.0), "kind 'plant'"),
        (("site", "x", 0, 1, 1.2), "1.2"),
        (("site", "x", 0, 1, -0.1), "-0.1"),
        (("site", "x", 0, 1, float("nan")), "nan"),
        (("site", "x", 5, 4, 0.0), "ends on day 4, before it starts on day 5"),
    ],
)
def test_impossible_events_are_refused_with_their_value(fields, reason):
    with pytest.raises(NetworkError, match=reason):
        Event("e1", *fields)


def test_two_events_of_one_id_are_refused():
    with pytest.raises(NetworkError, match="e1 stands twice"):
        match_events(_pair(), [Event("e1", "site", "maker", 0), Event("e1", "site", "user", 0)])


def test_the_end_is_the_last_day_on_which_the_event_holds():
    run = forecast(_pair(), [Event("e", "site", "maker", 2, 4)], horizon=8).low
    assert run.rate[:, 0].tolist() == [1, 1, 0, 0, 0, 1, 1, 1]
    assert run.rate[:, 1].tolist() == [1, 1, 1, 0, 0, 0, 1, 1]


def test_an_open_event_holds_through_the_horizon_and_an_earlier_start_counts_from_day_0():
    run = forecast(_pair(), [Event("e", "site", "maker", -7)], horizon=4).low
    assert run.rate[:, 0].tolist() == [0, 0, 0, 0]
    assert run.rate[:, 1].tolist() == [1, 0, 0, 0]
    assert run.recovery_day.tolist() == [-1, -1]


def test_of_several_events_on_a_site_the_smallest_capacity_left_holds():
    events = [
        Event("a", "site", "maker", 0, 2, 0.5),
        Event("b", "region", "310000", 1, 1, 0.2),
        Event("c", "product", "part", 2, 3, 0.8),
    ]
    run = forecast(_pair(), events, horizon=5).low
    assert run.rate[:, 0] == pytest.approx([0.5, 0.2, 0.5, 0.8, 1.0])


@pytest.mark.parametrize(
    ("lane", "held"),
    [
        ("maker>user", True), ("310000>320000", True), ("maker>*", True), ("*>*", True), ("*->320500", True),
        ("user>maker", False), ("320000>310000", False), ("330000>*", False),
    ],
)  # fmt: skip
def test_a_lane_holds_the_links_between_its_sides(lane, held):
    run = forecast(_pair(), [Event("e", "lane", lane, 1, 2)], horizon=5).low
    assert run.rate[:, 1].tolist() == ([1, 1, 0, 0, 1] if held else [1, 1, 1, 1, 1])
    assert (run.rate[:, 0] == 1).all()


def test_a_lane_scales_what_is_dispatched_that_day_whatever_the_lead():
    network = _pair(link_lead=[3])
    events = [Event("a", "lane", "*>user", 0, 0, 0.5), Event("b", "lane", "maker>user", 0, 1, 0.75)]
    assert forecast(network, events, horizon=6).low.rate[:, 1] == pytest.approx([1, 1, 1, 0.5, 0.75, 1])


def test_events_about_something_else_hold_nothing_and_are_named():
    found = forecast(_pair(), [Event("e", "site", "elsewhere", 0), Event("f", "region", "DE", 0)])
    assert found.unmatched_events == ("e", "f")
    assert (found.low.rate == 1).all()


def test_events_beyond_the_horizon_hold_nothing():
    holds = resolve(match_events(_pair(), [Event("e", "site", "maker", 5), Event("f", "lane", "*>*", -5, -1)]), 5)
    assert holds.sites.size == 0
    assert holds.links.size == 0
    assert np.shape(holds.site_loss) == (5, 0)


def test_a_lane_finds_the_same_links_whichever_way_it_looks_them_up():
    """Sides that are sites are found by the links of that site; a look at every link is the reference."""
    network = network_of(random_world(7))
    sides = [
        "*",
        *network.site_ids[:6],
        *dict.fromkeys(network.site_region[i] for i in range(network.sites)),
        "nowhere",
    ]

    def on(side, site):
        return side in ("*", network.site_ids[site]) or region_contains(side, network.site_region[site])

    found = match_events(network, [Event(f"{a} {b}", "lane", f"{a}>{b}", 0) for a in sides for b in sides])
    assert sum(match.links.size > 0 for match in found) > 20
    for match in found:
        a, b = lane_sides(match.event.subject)
        suppliers, customers = network.link_supplier, network.link_customer
        held = [k for k in range(network.links) if on(a, suppliers[k]) and on(b, customers[k])]
        assert match.links.tolist() == held, match.event.subject
