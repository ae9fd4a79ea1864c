"""Every main page in a real browser: no console error, no remote host, accessible, both languages, narrow, printed."""

import pytest

PEOPLE = ["ministry", "reporter", "administrator", None]


def visit(page, address):
    answer = page.goto(address)
    assert answer.status == 200, f"{address}: {answer.status}"
    return page


def faults(page):
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{v['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("person", PEOPLE)
def test_no_serious_fault_of_access(open_page, places, person, theme):
    page = open_page(person, theme=theme)
    found = {address: bad for address in places[person] if (bad := faults(visit(page, address)))}
    assert found == {}


@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_is_wider_than_a_phone(open_page, places, person):
    page = open_page(person, width=390, height=844)
    wide = {}
    for address in places[person]:
        width = visit(page, address).evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[address] = width
    assert wide == {}


@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_in_chinese(open_page, places, person):
    page = open_page(person, language="zh-hans")
    for address in places[person]:
        visit(page, address)
        assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_every_link_of_today_opens(open_page, desk):
    """Every figure opens the list that it counts."""
    page = visit(open_page("ministry"), "/")
    addresses = {a.get_attribute("href") for a in page.locator("main a[href^='/']").all()}
    assert len(addresses) > 30
    refused = {a: s for a in addresses if (s := page.request.get(a).status) != 200}
    assert refused == {}


def test_leader_sees_no_button_that_changes_anything(open_page, places):
    page = open_page("leader")
    events = [a for a in places["ministry"] if a.startswith("/events/") and "change" not in a and "new" not in a]
    for address in ["/", "/cases/", places["ministry"][6], "/stops/", "/lamps/", "/briefs/", *events]:
        visit(page, address)
        assert page.locator("main form[method=post] :is(button, input[type=submit])").count() == 0, address


def test_paper_has_no_rail_and_keeps_the_exercise_band(open_page):
    page = visit(open_page("ministry"), "/")
    page.emulate_media(media="print")
    assert not page.locator(".rail").is_visible()
    assert not page.locator(".topbar").is_visible()
    assert page.locator(".exercise").is_visible()
