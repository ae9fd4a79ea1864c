"""One warning from an enterprise's report through lamp, notice, confirmation and case to the lamp that goes down.

The enterprise reads English, the desk Chinese, so that one walk goes through the pages in both.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.rulebook.in_force import shipped
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.alerts.services import relight
from ballast.areas.cases.models import Case
from ballast.areas.chains.models import SiteForecast
from ballast.areas.chains.services import run_forecast
from ballast.areas.reference.models import Authority, Product, Region, Unit
from ballast.areas.reference.selectors import now, today
from ballast.areas.registry.models import Enterprise, Event
from ballast.areas.registry.services import end_event
from tests import factories as make

KEEP = 2  # days
JOBS = "ballast.areas.chains.jobs._enqueue"


@pytest.fixture
def plant(desk, monkeypatch, settings):
    """A plant in Shanghai with stock for a hundred days of a part whose only maker, far away, has burnt down."""
    # Other stories may have used up what an officer is told of in a day.
    settings.WARNINGS_A_DAY = 1_000
    # A forecast would run inside each request; this story needs the one of its first report.
    monkeypatch.setattr(JOBS, lambda: None)
    rule = shipped()["parts-cover"]
    text = rule.text.replace("keep = 0", f"keep = {KEEP}")
    version = PackVersion.objects.create(
        pack="parts-cover", version="kept", title="Cover", title_zh="Cover", text=text, why="Two quiet days.",
        effective_from=today(), state="approved", proposed_at=now(), decided_at=now(),
    )  # fmt: skip
    unit = Unit.objects.first()
    part = Product.objects.create(code="fork", name="Fork", name_zh="拨叉", unit=unit)
    maker, buyer = (
        make.enterprise(name, name=name, region=Region.objects.get(code=code))
        for name, code in (("Fork maker", "220000"), ("Fork buyer", "310000"))
    )
    source = make.site("fork-source", of=maker, product=part, name="Fork works")
    site = make.site("fork-user", of=buyer, product=Product.objects.exclude(pk="fork").first(), name="Fork user")
    need = make.need(site, part, daily_use=10.0, stock=1000.0, unit=unit)
    make.link(source, site, daily_quantity=10.0)
    reporter = make.user("reporter", username="fork-reporter", enterprise="Fork buyer")
    make.event("fork-source", event_id="FORK-FIRE", name="Fire at the fork works")
    relight([need.pk])
    exercise = Authority.objects.get()
    yield site
    Authority.objects.filter(pk=exercise.pk).update(exercise_date=exercise.exercise_date)
    Event.objects.filter(event_id="FORK-FIRE").delete()
    Case.objects.filter(site=site).delete()
    Enterprise.objects.filter(pk__in=[maker.pk, buyer.pk]).delete()
    part.delete()
    version.delete()
    reporter.delete()


def report(page, site, stock):
    """The enterprise's own form; saving it lights the lamp and runs the forecast."""
    page.goto("/portal/stocks/", wait_until="domcontentloaded")
    field = page.locator(f"tr[data-site='{site.site_id}'] input[name^='stock-']")
    field.fill(str(stock))
    page.locator("#stocks button[type=submit]").click()
    page.wait_for_load_state("domcontentloaded")
    return page.locator(f"tr[data-site='{site.site_id}']").inner_text()


def lamp_word(page, lamp):
    page.goto(f"/lamps/{lamp.pk}/", wait_until="domcontentloaded")
    return page.locator("main .card-head h2").first.inner_text().strip()


def a_day_later():
    """The exercise goes on by a day."""
    exercise = Authority.objects.get()
    Authority.objects.filter(pk=exercise.pk).update(exercise_date=exercise.exercise_date + dt.timedelta(days=1))


def test_a_red_lamp_is_warned_of_coordinated_and_goes_down_only_after_its_hold(open_page, plant, monkeypatch):
    enterprise, desk = open_page("fork-reporter"), open_page("province", language="zh-hans")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(JOBS, run_forecast)
        assert report(enterprise, plant, 25).startswith("red")
    lamp = Lamp.objects.get(need__site=plant)
    assert lamp_word(desk, lamp) == "红灯"
    # The notice arrives and leads to the warning.
    desk.goto("/notices/", wait_until="domcontentloaded")
    # Notices of other stories of the same minute may stand above it.
    first = desk.locator("main li", has_text="预警").first
    assert first.inner_text().startswith("预警")
    first.locator("a").first.click()
    row = desk.locator("#members tr", has_text="Fork user").first
    stop = dt.date.fromisoformat(row.locator("a").first.inner_text())
    found = SiteForecast.objects.select_related("run").get(run__is_current=True, site=plant)
    assert stop == found.run.day + dt.timedelta(days=found.stop_day)
    # Confirmed: a case of coordination, due at 18:00 on the day before the forecast's stop.
    row.locator("input[name=site]").check()
    desk.get_by_role("button", name="确认并发起协调").click()
    case = Case.objects.get(site=plant)
    due = dt.datetime.combine(stop - dt.timedelta(days=1), dt.time(18), ZoneInfo("Asia/Shanghai"))
    assert (case.kind, case.due_at, case.stops_on) == ("coordination", due, stop)
    assert f"{due:%Y-%m-%d %H:%M}" in desk.locator(f"tr:has(a[href='/cases/{case.number}/'])").inner_text()
    desk.goto(f"/cases/{case.number}/", wait_until="domcontentloaded")
    assert f"{due:%m-%d %H:%M}" in desk.locator("main").inner_text()
    enterprise.goto(f"/portal/problems/{case.number}/", wait_until="domcontentloaded")
    assert "Keep a plant running" in enterprise.locator("main").inner_text()
    # The supply returns and is reported; the lamp stays red for as many good days as it is kept, and then goes down.
    end_event(Event.objects.get(event_id="FORK-FIRE"), acting_user="test", withdraw=True)
    words = []
    for stock in range(500, 500 + KEEP + 1):
        a_day_later()
        words.append((report(enterprise, plant, stock).split()[0], lamp_word(desk, lamp)))
    assert words == [("red", "红灯")] * KEEP + [("normal", "正常")]
