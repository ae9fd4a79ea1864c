"""Who has reported is counted by the duty in force for each site: on Today, the wall, the lists, in the brief."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from tests import factories as make

from ballast.areas.accounts.models import User
from ballast.areas.briefs.services import make_brief
from ballast.areas.modes.duties import asked_now
from ballast.areas.modes.models import Cadence, Switch
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Authority
from ballast.areas.registry.models import Region, Site
from ballast.areas.reports import selectors
from ballast.web.board import regions

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def local(hour, minute=0, day=28):
    """An instant of April 2022; the 28th is a Thursday."""
    return dt.datetime(2022, 4, day, hour, minute, tzinfo=ZONE)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation", name="China")
        for code, name in (("310000", "Shanghai"), ("320000", "Jiangsu")):
            place = make.region(code, nation, level="province", name=name)
            for n in (1, 2):
                make.need(make.site(f"S{code}-{n}", of=make.enterprise(f"E{code}-{n}", region=place)))
        Site.objects.count_inputs()
        for username, role, region in (("mia", "ministry_officer", ""), ("jin", "province_officer", "320000")):
            make.user(role, username=username, region=region)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def at(built, monkeypatch):
    def to(instant):
        Authority.objects.update(exercise_date=instant.date())
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    with transaction.atomic():
        # Of each province one at eight this morning and one since noon.
        for code in ("310000", "320000"):
            Site.objects.filter(site_id=f"S{code}-1").update(last_report=local(8))
            Site.objects.filter(site_id=f"S{code}-2").update(last_report=local(12, 30))
        yield to
        transaction.set_rollback(True)


def emergency(cadence="twice_daily", since=None, last=28):
    since = since or local(7)
    return Switch.objects.create(
        mode="emergency", region=Region.objects.get(pk="310000"), cadence=cadence, starts=since.date(), reason="Closed",
        ends=dt.date(2022, 4, last), state="confirmed", asked_at=since, asked_depth=0, decided_at=since,
    )  # fmt: skip


def counted(name="mia"):
    """Reported and expected, the same by every selector that tells of it."""
    person = User.objects.get(username=name)
    found = selectors.coverage(person)
    assert selectors.reported_sites(person).count() == found.reported
    assert selectors.silent_sites(person).count() == found.expected - found.reported
    tiles = regions.tiles(person, None, selectors.coverage_by_region(person))
    assert sum(tile.reported for tile in tiles) == found.reported
    return found[:2]


def test_in_a_mode_the_morning_report_does_not_stand_for_the_one_at_noon(at, client):
    emergency()
    Site.objects.filter(site_id__endswith="-2").update(last_report=local(9, day=27))
    at(local(11, 59))
    assert counted() == (2, 4), "before noon the morning's report is the one"
    Site.objects.filter(site_id__endswith="-2").update(last_report=local(12, 30))
    at(local(13))
    assert counted() == (3, 4), "Shanghai owes a second report since noon"
    assert counted("jin") == (2, 2), "no other province does"
    client.force_login(User.objects.get(username="mia"))
    said = "Emergency · Shanghai: Twice a day, since 04-28 12:00"
    for address in ("/", "/wall/", "/reports/", "/lamps/"):
        page = client.get(address).content.decode()
        assert "3 of 4 sites reported" in page, address
        assert said in page, address
    assert [site.site_id for site in client.get("/reports/?late=1").context["page"]] == ["S310000-1"]
    client.force_login(User.objects.get(username="jin"))
    assert said not in client.get("/").content.decode()


def test_the_brief_counts_by_the_duties_at_its_cut_off_and_names_them(at):
    emergency()
    at(local(13))
    facts = make_brief(make.TODAY, scopes.EVERYTHING, actor="clock").facts
    assert [facts["figures"][f"sites.{name}"]["value"] for name in ("total", "reported", "silent")] == [4, 3, 1]
    assert [(one["cadence"], one.get("mode"), one["since"]) for one in facts["duties"]] == [
        ("workdays", None, "2022-04-28T00:00:00+08:00"), ("twice_daily", "emergency", "2022-04-28T12:00:00+08:00"),
    ]  # fmt: skip


def test_a_mode_that_came_after_its_hour_asks_nothing_before_the_next(at):
    emergency(since=local(16, 30))
    at(local(17))
    assert asked_now().modes == ()
    assert counted() == (4, 4)
    Switch.objects.all().delete()
    emergency(since=local(14))
    assert counted() == (3, 4), "one that came before four in the afternoon does"


def test_on_a_day_without_a_duty_the_last_one_counts(at):
    at(local(12, day=30))
    Site.objects.filter(site_id="S320000-1").update(last_report=local(9, day=29))
    assert counted() == (1, 4), "on Saturday the report of Friday is the one that is asked"
    emergency("daily", since=local(7, day=29), last=30)
    assert counted() == (1, 4)
    Site.objects.filter(site_id="S310000-1").update(last_report=local(9, day=29))
    assert counted() == (1, 4), "it asks on Saturday, too: Friday's does not do there"


def test_where_one_report_a_week_is_asked_mondays_stands_until_sunday(at, monkeypatch):
    monkeypatch.setattr("ballast.areas.modes.duties.normal_cadence", lambda: Cadence.WEEKLY)
    Site.objects.filter(site_id="S310000-1").update(last_report=local(10, day=25))
    Site.objects.filter(site_id="S310000-2").update(last_report=local(10, day=22))
    at(local(13))
    assert counted() == (3, 4)
    assert asked_now().said == "Once a week, since 04-25 00:00"
