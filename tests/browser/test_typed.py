"""What a person typed is in the form again after a refusal and after signing in anew; nobody else gets it."""

from tests.browser.conftest import PASSWORD

TEXT = "form[action$='/say/'] textarea"
SEND = "form[action$='/say/'] button"


def send_without_a_session(page, problem):
    """Send the form after the session ended, sign in as the sign-in asks; what the form holds on its page then."""
    page.context.clear_cookies(name="sessionid")
    page.click(SEND)
    page.fill("input[name=username]", "reporter")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{problem}")
    return page.input_value(TEXT)


def test_what_was_typed_comes_back_until_it_is_sent(open_page, places):
    page = open_page("reporter", width=390)
    problem = places["reporter"][-2]
    page.goto(problem)
    page.fill(TEXT, "Twelve lorries wait")
    files = {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    page.set_input_files("form[action$='/say/'] input[type=file]", files)
    page.click(SEND)
    assert "yard.jpg" in page.locator("[role=alert]").inner_text()
    assert page.input_value(TEXT) == "Twelve lorries wait"

    page.fill(TEXT, "Thirteen by now")
    assert send_without_a_session(page, problem) == "Thirteen by now"
    assert page.locator("form[action$='/say/'] [role=status]").is_visible()

    # A colleague who used this tab before had typed it.
    page.evaluate("document.body.dataset.person = 'colleague'")
    assert send_without_a_session(page, problem) == ""

    page.fill(TEXT, "Fourteen")
    page.click(SEND)
    page.wait_for_url(f"**{problem}")
    assert "Fourteen" in page.locator("main").inner_text()
    assert page.input_value(TEXT) == ""
