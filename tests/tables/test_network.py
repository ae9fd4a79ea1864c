import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.network import NetworkError
from ballast.tables.folder import read_folder
from ballast.tables.network import build_from_frames, event_day, remarks
from ballast.tables.schema import empty_frame

DAY0 = dt.date(2022, 4, 1)
EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _frames(**rows):
    """Frames of two makers and a user, with rows changed or added by table."""
    base = {
        "sites": [
            {"site_id": "m1", "region": "310000", "product": "x", "daily_output_value": 5.0, "recovery_days": 9},
            {"site_id": "m2", "region": "310000", "product": "x", "minimum_rate": 0.2},
            {"site_id": "user", "region": "320000", "product": "car"},
        ],
        "needs": [{"site_id": "user", "product": "x", "daily_use": 20.0, "unit": "t", "stock": 100.0}],
        "links": [
            {"supplier_site": "m1", "customer_site": "user", "product": "x", "daily_quantity": 15.0, "lead_days": 2.5},
            {"supplier_site": "m2", "customer_site": "user", "product": "x", "provenance": "inferred"},
        ],
        "events": [],
    }
    return {name: _frame(name, rows.get(name, base[name])) for name in base}


def _frame(name, rows):
    empty = empty_frame(name)
    return pl.DataFrame([{c: row.get(c) for c in empty.columns} for row in rows], schema=empty.schema)


def _need(**change):
    return {"site_id": "user", "product": "x", "daily_use": 20.0, "unit": "t", **change}


def test_quantities_become_shares_and_days():
    network, events = build_from_frames(_frames(), day0=DAY0)
    assert events == []
    assert network.link_share.tolist() == [0.75, 0.25]
    assert network.link_lead.tolist() == [3, 1]
    assert network.link_inferred.tolist() == [False, True]
    assert network.slot_cover.tolist() == [5.0]
    assert network.slot_use.tolist() == [20.0]
    assert np.array_equal(network.link_quantity, [15.0, np.nan], equal_nan=True)
    assert np.array_equal(network.recovery_days, [9.0, np.nan, np.nan], equal_nan=True)
    assert network.minimum_rate.tolist() == [0.05, 0.2, 0.05]
    assert network.output_value[0] == 5.0
    assert np.isnan(network.output_value[1:]).all()


def test_cover_counts_neither_blocked_stock_nor_what_is_on_the_way():
    frames = _frames(needs=[_need(stock=100.0, blocked_stock=40.0, in_transit=500.0)])
    assert build_from_frames(frames, day0=DAY0)[0].slot_cover.tolist() == [3.0]
    frames = _frames(needs=[_need(stock=10.0, blocked_stock=40.0)])
    assert build_from_frames(frames, day0=DAY0)[0].slot_cover.tolist() == [0.0]


def test_an_unknown_stock_is_bounded_by_its_upper_stock_or_the_largest_known_cover_of_the_product():
    needs = [
        _need(site_id="m1", stock=60.0), _need(site_id="m2", daily_use=10.0),
        _need(stock_upper=30.0), _need(product="y"),
    ]  # fmt: skip
    network, _ = build_from_frames(_frames(needs=needs), day0=DAY0)
    upper = dict(zip(zip(network.slot_site, network.slot_product, strict=True), network.slot_cover_upper, strict=True))
    assert upper == {(0, "x"): 3.0, (1, "x"): 3.0, (2, "x"): 1.5, (2, "y"): np.inf}
    assert np.isnan(network.slot_cover[1:]).all()


def test_a_need_that_is_not_in_use_is_left_out_with_its_links():
    network, _ = build_from_frames(_frames(needs=[_need(daily_use=0.0, stock=5.0)]), day0=DAY0)
    assert (network.slots, network.links) == (0, 0)


def test_the_weight_of_a_non_essential_input_is_what_cannot_be_replaced():
    needs = [_need(essential=False, substitutable_share=0.75), _need(product="y", essential=False)]
    network, _ = build_from_frames(_frames(needs=needs), day0=DAY0)
    assert network.slot_weight.tolist() == [0.25, 0.5]
    assert network.slot_essential.tolist() == [False, False]


@pytest.mark.parametrize(
    ("value", "day"),
    [(3, 3), ("3", 3), ("-2", -2), ("2022-04-03", 2), ("2022-03-28", -4), (dt.date(2022, 4, 1), 0), (None, None)],
)
def test_days_are_whole_numbers_or_dates(value, day):
    assert event_day(value, DAY0) == day


@pytest.mark.parametrize("value", ["2022-02-30", "soon", "1.5", ""])
def test_what_is_no_day_is_refused_with_its_text(value):
    with pytest.raises(NetworkError, match=f"Event e9: '{value}' is not a day"):
        event_day(value, DAY0, "e9")


def test_events_come_with_days_from_the_analysis_date():
    row = {
        "event_id": "e1",
        "kind": "site",
        "subject": "m1",
        "start": "2022-03-30",
        "end": "2022-04-05",
        "capacity_left": 0.25,
    }
    _, (event,) = build_from_frames(
        _frames(
            events=[
                row,
            ]
        ),
        day0=DAY0,
    )
    assert (event.start, event.end, event.capacity_left) == (-2, 4, 0.25)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({"needs": [_need(), _need(site_id="m1", unit="kg")]}, "x is counted in kg and in t"),
        ({"needs": [_need(site_id="nowhere")]}, "needs, site_id: 'nowhere' is not among the sites"),
        ({"needs": [_need(stock=-1.0)]}, "needs, stock: -1.0 is below 0"),
        ({"links": [{"supplier_site": "q", "customer_site": "user", "product": "x"}]}, "supplier_site: 'q'"),
        ({"links": [{"supplier_site": "user", "customer_site": "user", "product": "x"}]}, "links a site to itself"),
        ({"events": [{"event_id": "e", "kind": "site", "subject": "m1"}]}, "Event e: it has no start"),
    ],
)
def test_impossible_tables_are_refused_with_the_value(rows, reason):
    with pytest.raises(NetworkError, match=reason):
        build_from_frames(_frames(**rows), day0=DAY0)


@pytest.mark.parametrize("day0", [DAY0, None])
def test_the_reader_s_days_are_taken_as_numbers_or_as_text(day0):
    folder = read_folder(EXAMPLE, day0=day0)
    assert folder.good
    _, (event,) = build_from_frames(folder.frames, day0=DAY0)
    assert (event.start, event.end) == (0, 9)


def test_what_a_rule_had_to_fill_is_remarked():
    links = [{"supplier_site": "m1", "customer_site": "user", "product": "x", "daily_quantity": 30.0}]
    needs = [_need(), _need(product="y"), _need(site_id="m1", product="z", outside_share=0.5)]
    network, _ = build_from_frames(_frames(needs=needs, links=links), day0=DAY0)
    assert remarks(network) == [
        "Needs without a supplier in the tables: 2; they are supplied from outside.",
        "Needs supplied with more than they use: 1; all of it arrives.",
        "Needs supplied with less than they use: 1; their sites run short without any event.",
    ]
    assert remarks(build_from_frames(_frames(), day0=DAY0)[0]) == [
        "Links without a quantity: 1; they share equally what the others leave."
    ]


def test_quantities_of_ten_billion_units_are_fine():
    links = [
        {"supplier_site": s, "customer_site": "user", "product": "x", "daily_quantity": 0.5e10} for s in ("m1", "m2")
    ]
    network, _ = build_from_frames(_frames(needs=[_need(daily_use=1e10, stock=7e10)], links=links), day0=DAY0)
    assert network.link_share.tolist() == [0.5, 0.5]
    assert network.slot_cover.tolist() == [7.0]
    assert network.slot_base.tolist() == [1.0]


def test_what_cannot_be_counted_is_refused_with_its_row():
    link = {"supplier_site": "m1", "customer_site": "user", "product": "x", "daily_quantity": 1e300}
    with pytest.raises(NetworkError, match=r"link_share: inf \(m1 > user / x\) is not finite"):
        build_from_frames(_frames(needs=[_need(daily_use=1e-300)], links=[link]), day0=DAY0)


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
def test_the_order_of_the_rows_of_a_folder_changes_nothing(random):
    frames = read_folder(EXAMPLE, day0=DAY0).frames
    turned = {n: f[random.sample(range(f.height), f.height)] if f.height else f for n, f in frames.items()}
    assert build_from_frames(turned, day0=DAY0)[0].digest == build_from_frames(frames, day0=DAY0)[0].digest
