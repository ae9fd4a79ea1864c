"""Geometry: bars that fill the horizon, boxes that do not overlap, long columns that fold."""

import datetime as dt
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from ballast.areas.chains.drawing import DAY, segments, small, ticks, tiers

days = st.none() | st.integers(0, 40)


@given(st.integers(1, 30), days, days, days, days)
def test_a_bar_fills_its_horizon_without_gap_or_overlap(horizon, stop, latest, slow, recovery):
    bar = segments(horizon, stop=stop, stop_latest=latest, slow=slow, recovery=recovery)
    assert bar[0].x == 0
    assert sum(part.width for part in bar) == horizon * DAY
    assert all(a.x + a.width == b.x for a, b in pairwise(bar))


def test_a_plant_that_may_stop_on_day_2_and_stops_by_day_5_until_day_9():
    bar = segments(14, stop=2, stop_latest=5, slow=1, recovery=9)
    assert [(part.kind, part.x // DAY, part.width // DAY) for part in bar] == [
        ("run", 0, 1), ("slow", 1, 1), ("possible", 2, 3), ("stop", 5, 4), ("run", 9, 5),
    ]  # fmt: skip


def test_without_a_latest_day_it_only_may_stop():
    assert [part.kind for part in segments(14, stop=2)] == ["run", "possible"]


def test_the_axis_names_dates():
    found = ticks(dt.date(2022, 4, 28), 14)
    assert [(t.day, t.date.day) for t in found][:2] == [(0, 28), (2, 30)]
    assert found[-1].percent < 100


def path(width):
    """A plant with `width` suppliers that one event holds."""
    nodes = [{"id": "plant", "kind": "site", "tier": 0, "day": 3}]
    nodes += [{"id": f"s{i}", "kind": "site", "tier": 1, "day": 1} for i in range(width)]
    nodes += [{"id": "ev", "kind": "event", "tier": 2, "day": 0}]
    edge = {"share": 1.0, "cover_days": 2.0, "lead_days": 1, "inferred": False, "leading": False}
    edges = [{"from": f"s{i}", "to": "plant", "product": "p"} | edge for i in range(width)]
    edges += [{"from": "ev", "to": f"s{i}", "product": ""} | edge for i in range(width)]
    edges[0]["leading"] = True
    return {"nodes": nodes, "edges": edges, "path": ["ev", "s0", "plant"], "events": ["ev"]}


@given(st.integers(1, 38))
def test_boxes_never_overlap_and_stay_inside(width):
    picture = tiers(path(width))
    for a, b in combinations(picture.boxes, 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
    for box in picture.boxes:
        assert 0 <= box.x <= picture.width - box.width
        assert 0 <= box.y <= picture.height - box.height


def test_the_plant_is_at_the_right_and_the_event_at_the_left():
    picture = tiers(path(3))
    place = {box.id: box.x for box in picture.boxes}
    assert place["ev"] < place["s0"] < place["plant"]
    assert {box.id: box.kind for box in picture.boxes}["plant"] == "plant"


def test_every_column_has_a_head_above_its_boxes():
    picture = tiers(path(3))
    assert [(head.kind, head.tier) for head in picture.heads] == [("cause", 2), ("tier", 1), ("plant", 0)]
    columns = {box.x for box in picture.boxes}
    assert {head.x for head in picture.heads} == columns
    assert min(box.y for box in picture.boxes) > 15


def test_labels_of_arrows_to_one_plant_stay_apart():
    places = [(a.label_x, a.label_y) for a in tiers(path(5)).arrows if a.target == "plant"]
    assert all(abs(y - other) > 11 for (_x, y), (_x2, other) in combinations(places, 2))


def test_a_long_column_is_folded_with_its_count_and_keeps_the_leading_path():
    picture = tiers(path(19))
    (fold,) = [box for box in picture.boxes if box.kind == "folded"]
    shown = [box.id for box in picture.boxes if box.id.startswith("s")]
    assert fold.count + len(shown) == 19
    assert "s0" in shown
    assert all({arrow.source, arrow.target} <= {box.id for box in picture.boxes} for arrow in picture.arrows)


def test_the_small_figure_keeps_the_leading_path_only():
    assert [node["id"] for node in small(path(5))["nodes"]] == ["plant", "s0", "ev"]
    assert len(small(path(5))["edges"]) == 2


def test_a_loop_is_drawn_without_leaving_the_picture():
    looped = path(2)
    looped["edges"].append(looped["edges"][0] | {"from": "s0", "to": "s1", "leading": False})
    assert len(tiers(looped).arrows) == 5
