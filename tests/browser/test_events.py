"""An officer records an event by keyboard alone, sees its effect first, takes it back and undoes that."""

import pytest

from ballast.areas.registry.models import Event

SITE = "Sheet Steel 0007 plant"


@pytest.fixture
def page(open_page):
    page = open_page("ministry")
    page.goto("/events/new/")
    yield page
    Event.objects.filter(name="Roof damaged").delete()


def tab_to(page, selector):
    """Press the tabulator until the element has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the tabulator never reaches {selector}")


def test_recording_by_keyboard_with_the_effect_first(page):
    tab_to(page, "#id_site")
    page.keyboard.type("0007")
    page.locator(f"#site-options option[value^='{SITE}']").wait_for(state="attached")
    tab_to(page, "#id_reason")
    page.keyboard.type("Roof damaged")
    page.keyboard.press("Enter")
    effect = page.locator("#effect")
    effect.get_by_text("site held").wait_for()
    assert not Event.objects.filter(name="Roof damaged").exists()
    promised = effect.locator(".kpi strong").all_inner_texts()
    tab_to(page, "button[value=record]")
    page.keyboard.press("Enter")
    page.get_by_text("The event is recorded.").wait_for()
    # The forecast runs by itself; the page asks for it until it has counted the event.
    page.get_by_text("do not count the last change").wait_for(state="detached")
    risk, held = page.locator("#outlook .kpi strong").all_inner_texts()[:2]
    assert [held, risk] == [promised[0], promised[-1]]


def test_only_the_field_of_the_chosen_kind_is_there(page):
    fields = page.locator(".event-subject input")
    shown = {}
    for kind in ("site", "region", "product", "lane"):
        page.check(f"[name=kind][value={kind}]")
        shown[kind] = [field.get_attribute("name") for field in fields.all() if field.is_visible()]
    assert shown == {"site": ["site"], "region": ["region"], "product": ["product"], "lane": ["lane_from", "lane_to"]}


def test_a_mistake_is_withdrawn_and_undone(page):
    page.fill("#id_site", SITE)
    page.fill("#id_reason", "Roof damaged")
    page.get_by_role("button", name="Show what it does").click()
    page.get_by_role("button", name="Record the event").click()
    page.get_by_role("button", name="Withdraw: a mistake").click()
    page.get_by_text("no forecast counts this event").wait_for()
    assert page.get_by_role("link", name="Change it").count() == 0
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("The event counts again.").wait_for()
    assert page.locator(".event-history li").count() == 3
