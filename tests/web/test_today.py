"""Today, map and search over the small exercise: each figure is the length of the list that it opens."""

import re

import pytest
from django.utils import translation
from tests import factories as make

from ballast.areas.accounts.models import User
from ballast.areas.alerts.models import EnterpriseLamp, Lamp
from ballast.areas.cases.models import Case
from ballast.areas.chains.models import SiteForecast
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Enterprise
from ballast.areas.reports.selectors import coverage_by_region
from ballast.web.board import regions, restart, stops
from ballast.web.board.clock import clock

pytestmark = pytest.mark.django_db

AT_WORK = ("running", "restarted")


@pytest.fixture
def desk(exercise, client):
    client.force_login(User.objects.get(username="ministry"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def total(page):
    """Rows that a list page says it has."""
    found = re.search(r"\d[\d,]*–[\d,]+ of ([\d,]+)", page)
    return int(found[1].replace(",", "")) if found else 0


def text(client, address):
    return client.get(address).content.decode()


def test_lamp_counts_are_those_of_the_list_and_of_the_database(desk):
    page = text(desk, "/")
    for level in ("red", "yellow", "blue", "normal", "no_data"):
        card = page.split(f'href="/lamps/?level={level}"')[1].split("</strong>")[0]
        shown = int(card.split("<strong>")[1].replace(",", ""))
        assert shown == Lamp.objects.filter(level=level).count() == total(text(desk, f"/lamps/?level={level}"))


def test_stop_counts_are_those_of_the_lists(desk):
    ministry = User.objects.get(username="ministry")
    ahead = stops.ahead(ministry, clock(desk.get("/").wsgi_request.authority))
    for days, count in ahead.within:
        assert count == total(text(desk, f"/stops/?days={days}"))
    assert ahead.standing == SiteForecast.objects.filter(stop_day=0).count() == total(text(desk, "/stops/?days=0"))
    assert [row.forecast.stop_day for row in ahead.rows] == sorted(row.forecast.stop_day for row in ahead.rows)


def test_case_counts_are_those_of_the_lists(desk):
    page = text(desk, "/")
    for query in ("", "?new=1", "?overdue=1", "?waiting=1"):
        shown = int(page.split(f'href="/cases/{query}"><strong>')[1].split("</strong>")[0])
        assert shown == total(text(desk, f"/cases/{query}"))
    assert Case.objects.exists()


def test_panels_and_key_list_equal_a_recount(desk):
    ministry = User.objects.get(username="ministry")
    for panel in restart.panels(ministry):
        members = [e for e in Enterprise.objects.all() if panel.code in e.panels.split(";")]
        assert (panel.restarted, panel.listed) == (sum(e.operation in AT_WORK for e in members), len(members))
        assert panel.listed == total(text(desk, f"/enterprises/?panel={panel.code}"))
    batches = restart.key_list(ministry)
    assert len(batches) == 4
    assert sum(b.listed for b in batches) == Enterprise.objects.filter(key_list=True).count()
    largest = restart.panels(ministry)[0]
    course = restart.course(ministry, largest.code, make.TODAY)
    assert course.counts[-1] == largest.restarted
    assert str(course.first) == "2022-04-16"


def test_tiles_sum_to_the_totals(desk):
    ministry = User.objects.get(username="ministry")
    at = clock(desk.get("/").wsgi_request.authority)
    tiles = regions.tiles(ministry, stops.ahead(ministry, at).run, coverage_by_region(ministry))
    assert sum(sum(t.levels.values()) for t in tiles) == EnterpriseLamp.objects.count()
    ahead = SiteForecast.objects.filter(stop_day__lte=stops.HORIZON)
    assert sum(t.at_risk for t in tiles) == pytest.approx(sum(row.lost_output for row in ahead))
    assert sum(t.stops for t in tiles) == ahead.count()


def test_province_officer_counts_only_its_own(desk, client):
    client.force_login(User.objects.get(username="province"), backend="django.contrib.auth.backends.ModelBackend")
    page = text(client, "/")
    shown = int(page.split('href="/lamps/?level=normal"')[1].split("<strong>")[1].split("<")[0].replace(",", ""))
    own = Lamp.objects.filter(level="normal", enterprise__region__path__contains="/310000/").count()
    assert 0 < shown == own < Lamp.objects.filter(level="normal").count()
    assert "Jilin" not in page.split("<main")[1]


def test_tiles_of_a_municipality_are_its_districts(desk, client):
    client.force_login(User.objects.get(username="province"), backend="django.contrib.auth.backends.ModelBackend")
    tiles = client.get("/").context["tiles"]
    assert len(tiles) > 3
    assert {tile.region.parent_id for tile in tiles} == {"310100"}


def test_tiles_name_provinces_in_short(desk):
    names = {code: regions.Tile(Region.objects.get(pk=code)) for code in ("310000", "650000", "810000", "220100")}
    with translation.override("zh-hans"):
        assert [tile.name for tile in names.values()] == ["上海", "新疆", "香港", "长春市"]
    assert names["650000"].name == "Xinjiang"


@pytest.mark.parametrize("measure", ["risk", "stops", "red", "silent", "nonsense"])
def test_map_takes_every_measure(desk, measure):
    page = text(desk, f"/map/?measure={measure}")
    assert page.count('class="tile heat-') > 30
    assert page.count('aria-current="true"') == 1


def test_search_finds_in_both_languages_and_only_in_scope(desk, client):
    firm = make.enterprise("FIND-1", region=make.Region.objects.get(pk="220100"), name="Amber Works", name_zh="琥珀厂")
    make.site("FIND-1-S", of=firm, name="Amber Works plant")
    for words in ("amber", "琥珀", "FIND-1"):
        assert "/enterprises/FIND-1/" in text(desk, f"/search/?q={words}")
    assert "/sites/FIND-1-S/" in text(desk, "/search/?q=amber")
    client.force_login(User.objects.get(username="province"), backend="django.contrib.auth.backends.ModelBackend")
    page = text(client, "/search/?q=amber")
    assert "FIND-1" not in page
    assert "Nothing in your scope has these words" in page
