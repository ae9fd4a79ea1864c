"""The spine: a stock corrected in the enterprise's page shows in lamp, forecast, case order and brief within 5 s."""

import datetime as dt
import time

import pytest

from ballast.areas.accounts.models import Role, User
from ballast.areas.cases import services as cases
from ballast.areas.reference.models import Region, Unit
from ballast.areas.reports.services import report_stocks
from tests import factories as make


@pytest.fixture(scope="module")
def two_plants(desk):
    """Two plants, each fed by one closed supplier with an open case; the first loses more, for it has less stock."""
    region = Region.objects.get(pk="310101")
    made = []
    for name, value, days in (("First", 4e9, 2.0), ("Second", 3e9, 6.0)):
        part = make.product(f"PART-{name}", name=f"{name} part", unit=Unit.objects.get(pk="piece"))
        supplier = make.site(
            f"{name}-SUPPLIER", of=make.enterprise(region=region), product=part, daily_output_value=1.0
        )
        firm = make.enterprise(f"{name}-FIRM", region=region, name=f"{name} firm")
        plant = make.site(f"{name}-PLANT", of=firm, name=f"{name} plant", daily_output_value=value)
        need = make.need(plant, part, daily_use=100.0, stock=None)
        make.link(supplier, plant, daily_quantity=100.0)
        event = make.event(supplier.site_id, name=f"{name} closure")
        person = make.user(Role.REPORTER, username=f"{name.lower()}-reporter", enterprise=firm.enterprise_id)
        case = cases.file_case(
            person, kind="upstream_supply", site=plant, product=part, blocked=f"{name} part does not come",
            place=region, needed_by=dt.date(2022, 5, 4), contact="duty desk", text="It is closed.", linked_event=event,
        )  # fmt: skip
        report_stocks(person, [(need, 100.0 * days)], source="page")
        made.append((need, case))
    return made


def shown_order(page, numbers):
    """The numbers in the order in which the case list shows them."""
    page.goto("/cases/?q=part+does+not+come")
    listed = page.locator("main tbody tr").all_inner_texts()
    return [number for row in listed for number in numbers if number in row]


def test_a_corrected_stock_is_everywhere_within_five_seconds(open_page, two_plants):
    (need, first), (_other, second) = two_plants
    numbers = [first.number, second.number]
    desk_page, page = open_page("ministry"), open_page("first-reporter")
    assert shown_order(desk_page, numbers) == [first.number, second.number]
    desk_page.goto("/briefs/2022-04-28/")
    brief = desk_page.locator("main").inner_text()
    assert "First plant" in brief
    page.goto("/portal/stocks/")
    assert page.locator(f"#need-{need.pk} .lamp-red").count() == 1

    page.fill(f"#stock-{need.pk}", "90000")
    started = time.monotonic()
    page.click("button[form=stocks]")
    page.wait_for_selector("#receipt .lamp-normal")
    desk_page.goto(f"/lamps/{need.lamp.pk}/")
    assert desk_page.locator("h2 .lamp-normal").count() == 1
    desk_page.goto("/stops/?q=First+plant")
    assert desk_page.locator("main >> text=First plant").count() == 0
    assert shown_order(desk_page, numbers) == [second.number, first.number]
    desk_page.goto("/briefs/2022-04-28/")
    assert "First plant" not in desk_page.locator("main").inner_text()
    assert time.monotonic() - started < 5


def test_the_enterprise_reads_when_it_stops_and_through_which_part(open_page, two_plants):
    page = open_page("second-reporter")
    page.goto("/portal/")
    told = page.locator(".outlook").inner_text()
    assert "Second plant stops in about 7 days" in told
    assert "Second part" in told
    assert "SUPPLIER" not in page.locator("body").inner_text()
    assert User.objects.filter(username="second-reporter").exists()
