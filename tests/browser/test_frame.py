"""The frame by keyboard and click: search, skip link, theme, language, scope, menu, sign-in."""

from tests.browser.conftest import PASSWORD


def test_slash_goes_to_the_search_and_a_word_finds(open_page):
    page = open_page("ministry")
    page.goto("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    assert page.locator("#search").input_value() == ""
    page.keyboard.type("plant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=plant")
    assert page.locator(".results tbody tr").count() > 0


def test_skip_link_is_first_and_leads_to_the_content(open_page):
    page = open_page("ministry")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_theme_is_kept_and_there_before_the_first_paint(open_page):
    page = open_page("ministry")
    page.goto("/")
    page.click("[data-theme-switch]")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.goto("/map/", wait_until="commit")
    page.wait_for_selector("body", state="attached")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_automatic_theme_follows_the_system(open_page):
    page = open_page("ministry", theme="dark")
    page.goto("/")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("html[data-bs-theme=light]")


def test_language_switch_stays_on_the_page(open_page):
    # The choice is kept with the account, so no other test uses this person.
    page = open_page("analyst")
    page.goto("/map/?measure=stops")
    page.click("button[lang=zh-Hans]")
    page.wait_for_selector("html[lang=zh-Hans]")
    assert page.url.endswith("/map/?measure=stops")


def test_scope_switch_narrows_and_widens(open_page):
    page = open_page("ministry")
    page.goto("/")
    everything = int(page.locator(".lamp-card strong").nth(3).inner_text().replace(",", ""))
    with page.expect_navigation():
        page.select_option("#scope-region", "310000")
    assert page.locator("#scope-region").input_value() == "310000"
    narrowed = int(page.locator(".lamp-card strong").nth(3).inner_text().replace(",", ""))
    assert 0 < narrowed < everything
    with page.expect_navigation():
        page.select_option("#scope-region", "")
    assert int(page.locator(".lamp-card strong").nth(3).inner_text().replace(",", "")) == everything


def test_menu_opens_on_a_phone(open_page):
    page = open_page("ministry", width=390, height=844)
    page.goto("/")
    assert not page.locator(".rail-links").is_visible()
    page.click(".rail-open")
    page.click(".rail-links >> text=Stops")
    page.wait_for_url("**/stops/")


def test_rail_folds_and_stays_folded(open_page):
    page = open_page("ministry")
    page.goto("/")
    page.click("[data-fold-rail]")
    page.goto("/map/")
    assert not page.locator(".rail-links").is_visible()


def test_person_signs_in_and_out(open_page):
    page = open_page()
    page.goto("/")
    page.fill("input[name=username]", "ministry")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".lamps")
    page.click(".person")
    page.click(".dropdown-menu form button")
    page.wait_for_url("**/login/**")


def test_a_name_is_suggested_after_the_sign_and_taken_by_keyboard(open_page):
    page = open_page("ministry")
    page.goto("/cases/")
    page.goto(page.locator("tbody a[href^='/cases/']").first.get_attribute("href"))
    field, list_ = page.locator("#say-text"), page.locator("#say-people")
    field.press_sequentially("Ask x@prov and @")
    list_.locator("[role=option]").nth(1).wait_for()
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "say-person-2"
    field.press_sequentially("provi")
    list_.locator("[role=option]").nth(1).wait_for(state="detached")
    field.press("Enter")
    assert (field.input_value(), list_.is_visible()) == ("Ask x@prov and @province ", False)
    field.press_sequentially("@")
    list_.wait_for()
    field.press("Escape")
    assert (field.input_value()[-1], list_.is_visible()) == ("@", False)
