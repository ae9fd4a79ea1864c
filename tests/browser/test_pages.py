"""Every main page in a real browser: no console error, no remote host, accessible, both languages, narrow, printed."""

from urllib.parse import urlparse

import pytest

# Who reads their pages, in how many parts, which the workers share.
PEOPLE = {"ministry": 6, "reporter": 2, "administrator": 1, None: 1}
SHARES = [(person, slice(part, None, parts)) for person, parts in PEOPLE.items() for part in range(parts)]
PHONE = {"width": 390, "height": 844}
# What a minister is shown is judged in Chinese too: timeline, cause path, queue, board, case, brief, portal. The dark
# theme has the same colours in every language.
BEGINS = {"/", "/portal/", "/portal/stocks/"}
# Where a desk, an enterprise and an administrator begin: what frames all their pages is judged there.
FRAMED = {"/", "/portal/", "/people/"}
SHOWN = ("/stops/", "/cases/", "/briefs/2", "/portal/problems/new/")


def visit(page, address):
    answer = page.goto(address)
    assert answer.status == 200, f"{address}: {answer.status}"
    return page


RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
# Of a long table every fourth row: all levels stand in it, and they share their markup.
REPEATED = [["tbody tr:nth-child(n+10):not(:nth-child(4n))"]]
FRAME = [[".rail"], [".topbar"]]
# What of them can differ between the themes.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def faults(page):
    """Serious faults of access in the light theme, then those of its colours in the dark one."""
    found = _faults(page, RULES)
    # Colours that still fade from one theme to the other would be judged half way.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_selector("html[data-bs-theme=dark]")
    found += [f"dark: {fault}" for fault in _faults(page, COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def _faults(page, only):
    from axe_playwright_python.base import AXE_SCRIPT

    # Half a megabyte: read once a page.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    known = REPEATED if urlparse(page.url).path in FRAMED else REPEATED + FRAME
    asked = [{"exclude": known}, {"resultTypes": ["violations"], "runOnly": only}]
    found = page.evaluate("asked => axe.run(...asked).then(answer => answer.violations)", asked)
    return [
        f"{v['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"][:3]
    ]


def width_on_a_phone(page):
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(size)
    return width


@pytest.mark.parametrize(("person", "share"), SHARES)
def test_no_serious_fault_of_access_in_either_theme_and_no_wider_than_a_phone(open_page, places, person, share):
    page, found, wide = open_page(person), {}, {}
    for address in places[person][share]:
        if bad := faults(visit(page, address)):
            found[address] = bad
        if (width := width_on_a_phone(page)) > PHONE["width"]:
            wide[address] = width
    assert (found, wide) == ({}, {})


@pytest.mark.parametrize(("person", "share"), SHARES)
def test_every_page_in_chinese(open_page, places, person, share):
    page, found, wide = open_page(person, language="zh-hans"), {}, {}
    for address in places[person][share]:
        visit(page, address)
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
        if (address in BEGINS or address.startswith(SHOWN)) and (bad := _faults(page, RULES)):
            found[address] = bad
        if (width := width_on_a_phone(page)) > PHONE["width"]:
            wide[address] = width
    assert (found, wide) == ({}, {})


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


def test_on_a_phone_a_stop_a_case_and_a_stock_are_read_without_scrolling_sideways(open_page):
    """Their tables fold into cards: no cell lies outside the screen."""
    for person, address, rows in (
        ("ministry", "/stops/", ".timeline tbody td"),
        ("ministry", "/cases/", ".queue tbody td"),
        ("ministry", "/dispatch/ledger/?state=all", ".queue tbody td"),
        ("reporter", "/portal/stocks/", ".stock-table tbody td"),
    ):
        page = visit(open_page(person, width=390, height=844), address)
        cells = [box for cell in page.locator(rows).all()[:40] if (box := cell.bounding_box())]
        assert cells, address
        assert max(box["x"] + box["width"] for box in cells) <= 390, address
        # A cell as narrow as one letter is as high as its text is long.
        assert max(box["height"] for box in cells) < 200, address
