"""The pages that a minister is shown, in Chinese and both themes: accessible, and whole on a phone.

English is walked by test_pages.py, on every page.
The page's fixture fails each of them for an error on the console or a request to another host.
"""

import pytest

from tests.browser.test_pages import PHONE, faults, visit, width_on_a_phone


@pytest.fixture
def shown(places):
    """Today, the timeline, a cause path, the queue, the board, a case, the brief; the enterprise's pages."""
    desk = [a for a in places["ministry"] if a == "/" or a.startswith(("/stops/", "/cases/", "/briefs/2"))]
    portal = [a for a in places["reporter"] if a in {"/portal/", "/portal/stocks/", "/portal/problems/new/"}]
    return [("ministry", desk), ("reporter", portal)]


def test_pages_that_are_shown(open_page, shown):
    found, wide = {}, {}
    for person, addresses in shown:
        page = open_page(person, language="zh-hans")
        assert len(addresses) > 2
        for address in addresses:
            if bad := faults(visit(page, address)):
                found[address] = bad
            if (width := width_on_a_phone(page)) > PHONE["width"]:
                wide[address] = width
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert (found, wide) == ({}, {})


def test_on_a_phone_a_stop_a_case_and_a_stock_are_read_without_scrolling_sideways(open_page):
    """Their tables fold into cards: no cell lies outside the screen."""
    for person, address, rows in (
        ("ministry", "/stops/", ".timeline tbody td"),
        ("ministry", "/cases/", ".queue tbody td"),
        ("reporter", "/portal/stocks/", ".stock-table tbody td"),
    ):
        page = visit(open_page(person, width=390, height=844), address)
        cells = [box for cell in page.locator(rows).all()[:40] if (box := cell.bounding_box())]
        assert cells, address
        assert max(box["x"] + box["width"] for box in cells) <= 390, address
