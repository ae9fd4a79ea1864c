"""Who sends a form after the session ended comes back to the page with the form, not to an address without a page."""

import pytest
from django.test import Client
from tests import factories as make

pytestmark = pytest.mark.django_db
SAY = "/cases/C-1/say/"
SIGN_IN = "/login/?next="


@pytest.mark.parametrize(
    ("told", "back"),
    [
        ({"HTTP_REFERER": "http://testserver/cases/C-1/?tab=story"}, "/cases/C-1/%3Ftab%3Dstory"),
        ({"HTTP_REFERER": "http://elsewhere.example/cases/C-1/"}, "/"),
        ({}, "/"),
    ],
)
def test_a_form_sent_without_a_session_leads_back_to_its_page(told, back):
    answer = Client().post(SAY, {"text": "words"}, **told)

    assert (answer.status_code, answer.headers["Location"]) == (302, SIGN_IN + back)


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in():
    answer = Client().post(
        "/stops/ends/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/stops/?chain=auto"
    )

    assert answer.headers["HX-Redirect"] == SIGN_IN + "/stops/%3Fchain%3Dauto"
    assert not answer.content


def test_the_address_of_a_form_opened_by_hand_says_what_it_is():
    client = Client()
    client.force_login(make.user(role="ministry_officer"), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(SAY)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "This address only takes a form" in answer.content.decode()
    # A page that is read leads to itself, as ever.
    assert Client().get("/cases/").headers["Location"] == SIGN_IN + "/cases/"
