"""Ore, part, car: the example that docs/explanation/forecast.md works by hand, day by day."""

import re
from pathlib import Path

import pytest
from tests.core.oracle import Link, Need, Oracle, Site, World

from ballast.core.forecast import Event, forecast, output_at_risk
from ballast.core.network import build_network

DOC = Path(__file__).parents[2] / "docs" / "explanation" / "forecast.md"
EVENTS = [Event("ore-shut", "site", "ore", 0, 9)]
WORLD = World(
    [Site("ore"), Site("part"), Site("car")],
    [Need("part", "ore", 4), Need("car", "part", 2.5)],
    [Link("ore", "part", "ore", 1, 1), Link("part", "car", "part", 1, 2)],
    EVENTS,
)


@pytest.fixture
def network():
    return build_network(
        site_ids=["ore", "part", "car"],
        output_value=[1, 1, 1],
        slot_site=[1, 2],
        slot_product=["ore", "part"],
        slot_cover=[4, 2.5],
        link_supplier=[0, 1],
        link_slot=[0, 1],
        link_share=[1, 1],
        link_lead=[1, 2],
    )


def test_part_stops_on_day_5_and_car_on_day_10(network):
    run = forecast(network, EVENTS).low
    assert run.stop_day.tolist() == [0, 5, 10]
    assert run.slow_day.tolist() == [0, 5, 9]
    assert run.recovery_day.tolist() == [10, 11, 13]
    assert run.red_day.tolist() == [-1, 3, 0]
    assert run.lost_days.tolist() == [10, 6, 3.5]
    assert run.total_lost_output == 19.5
    assert output_at_risk(network, EVENTS, {"the case": ["ore-shut"]}) == {"the case": 19.5}


def test_the_table_in_the_documentation_is_what_the_engine_says(network):
    run, oracle = forecast(network, EVENTS).low, Oracle(WORLD)
    rows = re.findall(r"^\| (\d+) +\|(.+)\|$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [int(day) for day, _ in rows] == list(range(15))
    for day, cells in rows:
        numbers = [float(cell) for cell in cells.split("|")]
        ore, part, car = run.rate[int(day)]
        assert (numbers[0], numbers[3], numbers[6]) == (ore, part, car)
        for slot, cells_of_slot in ((("part", "ore"), numbers[1:3]), (("car", "part"), numbers[4:6])):
            assert cells_of_slot == [oracle.cover[slot, int(day)], oracle.arrived[slot, int(day)]]
