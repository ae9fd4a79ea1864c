"""Counts, wall, strip and filters of lamps."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.alerts import selectors
from ballast.areas.alerts.drawing import bullet
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.rules import parts_cover
from ballast.areas.alerts.services import relight
from ballast.areas.reference.selectors import now
from ballast.areas.registry.models import Enterprise

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    make.authority()
    nation = make.region("CN", level="nation")
    shanghai, jilin = make.region("310000", nation), make.region("220000", nation)
    district = make.region("310115", shanghai)
    chain = make.chain()
    here = make.enterprise("E-here", region=district, chains=[chain])
    there = make.enterprise("E-there", region=jilin)
    instant = now()
    needs = {
        "red": make.need(make.site("S1", of=here), make.product("bolt"), stock=100.0, reported_at=instant),
        "blue": make.need(make.site("S2", of=here), stock=1000.0, reported_at=instant),
        "normal": make.need(make.site("S3", of=there), stock=5000.0, reported_at=instant),
        "no_data": make.need(make.site("S4", of=there), stock=None),
    }
    relight(at=instant - dt.timedelta(days=2))
    return needs


def levels(user, **filters):
    return {row.level: (row.count, row.change) for row in selectors.level_counts(user, **filters)}


def test_counts_by_level_and_their_change_since_yesterday(world):
    user = make.user()
    assert levels(user) == {"red": (1, 0), "yellow": (0, 0), "blue": (1, 0), "no_data": (1, 0), "normal": (1, 0)}
    need = world["normal"]
    need.stock = 10.0
    need.save()
    relight([need.pk])
    after = levels(user)
    assert (after["red"], after["normal"]) if "normal" in after else after["red"] == (2, 1)
    assert after["red"] == (2, 1)


def test_a_lamp_that_changed_twice_since_yesterday_counts_from_its_first_level(world):
    need = world["normal"]
    for stock in (1000.0, 10.0):
        need.stock = stock
        need.save()
        relight([need.pk])
    assert levels(make.user()) == {"red": (2, 1), "yellow": (0, 0), "blue": (1, 0), "no_data": (1, 0)}
    local = levels(make.user("province_officer", region="220000"))
    assert local == {"red": (1, 1), "yellow": (0, 0), "blue": (0, 0), "no_data": (1, 0)}


def test_an_enterprise_of_two_chains_counts_in_both_and_once_in_all(world):
    Enterprise.objects.get(enterprise_id="E-here").chains.add(make.chain("medical"))
    relight()
    wall = selectors.wall(make.user())
    for chain in ("", "automobile", "medical"):
        assert wall.cells["310000", chain] == {"red": 1, "blue": 1}
    assert levels(make.user("analyst", chain="medical"))["red"] == (1, 0)
    assert levels(make.user("province_officer", region="220000", chain="medical"))["no_data"] == (0, None)


def test_counts_stay_inside_the_scope(world):
    assert levels(make.user("province_officer", region="310000"))["red"] == (1, 0)
    assert levels(make.user("province_officer", region="220000"))["red"] == (0, 0)
    assert levels(make.user(), region="220000")["normal"] == (1, 0)
    assert levels(make.user(), chain="automobile")["no_data"] == (0, 0)


def test_nothing_is_compared_when_nothing_was_lit_a_day_ago():
    make.authority()
    need = make.need(stock=10.0, reported_at=now())
    relight([need.pk])
    assert levels(make.user())["red"] == (1, None)


def test_the_wall_has_provinces_for_the_nation_and_districts_for_a_province(world):
    wall = selectors.wall(make.user())
    assert [r.code for r in wall.regions] == ["220000", "310000"]
    assert wall.cells["310000", ""] == {"red": 1, "blue": 1}
    assert wall.cells["310000", "automobile"] == {"red": 1, "blue": 1}
    assert ("220000", "automobile") not in wall.cells
    local = selectors.wall(make.user("province_officer", region="310000"))
    assert [r.code for r in local.regions] == ["310115"]


@pytest.mark.parametrize(
    ("filters", "sites"),
    [
        ({"level": "red"}, ["S1"]),
        ({"region": "310000"}, ["S1", "S2"]),
        ({"chain": "automobile", "level": "blue"}, ["S2"]),
        ({"product": "bolt"}, ["S1"]),
        ({"q": "s3"}, ["S3"]),
        ({"q": "BOLT"}, ["S1"]),
        ({"enterprise": "E-there"}, ["S3", "S4"]),
        ({"level": "crimson"}, []),
        ({"chain": "auto"}, []),
        ({"chain": "a" * 60_000}, []),
    ],
)
def test_filters_of_the_list(world, filters, sites):
    rows = selectors.filter_lamps(selectors.visible_lamps(make.user()), **filters)
    assert sorted(rows.values_list("need__site__site_id", flat=True)) == sites


def test_the_strip_shows_the_level_at_the_end_of_each_day(world):
    need = world["red"]
    need.stock = 5000.0
    need.save()
    relight([need.pk])
    strip = selectors.strip(Lamp.objects.get(need=need), days=4)
    assert [level for _, level in strip] == ["", "red", "red", "normal"]
    assert strip[-1][0] == make.TODAY


def test_own_lamps_are_those_of_the_reporters_enterprise(world):
    user = make.user("reporter", enterprise="E-here")
    assert [lamp.level for lamp in selectors.own_lamps(user)] == ["red", "blue"]
    assert not selectors.own_lamps(make.user()).exists()


def test_the_bullet_puts_the_value_on_the_thresholds():
    drawn = bullet(3.0, parts_cover())
    assert [band.level for band in drawn.bands] == ["red", "yellow", "blue", "normal"]
    assert drawn.value == drawn.bands[1].x
    assert sum(band.width for band in drawn.bands) == pytest.approx(drawn.width, abs=0.2)
    assert bullet(None, parts_cover()).value is None
    assert bullet(1e9, parts_cover()).value == drawn.width


def test_the_lamps_page_shows_level_reports_and_rule(world, client):
    client.force_login(make.user())
    lamp = Lamp.objects.get(need=world["red"])
    page = client.get(f"/lamps/{lamp.pk}/").content.decode()
    assert "parts-cover 2026.1" in page
    assert "below 3 days" in page
    assert "proposal" in page


def test_a_reporter_opens_own_lamps_only(world, client):
    client.force_login(make.user("reporter", enterprise="E-here"))
    assert client.get(f"/lamps/{Lamp.objects.get(need=world['red']).pk}/").status_code == 200
    assert client.get(f"/lamps/{Lamp.objects.get(need=world['normal']).pk}/").status_code == 404
