"""The frame: who sees which rail, the exercise band, the scope switch, the error pages."""

import pytest
from tests import factories as make

from ballast.areas.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    make.authority()
    make.region("310000", level="province", name="Shanghai", name_zh="上海市")
    make.region("220000", level="province", name="Jilin", name_zh="吉林省")
    client.force_login(make.user(Role.MINISTRY_OFFICER))
    return client


def test_every_page_says_that_it_is_an_exercise(desk):
    assert "Nothing here is real." in desk.get("/").content.decode()


def test_no_band_when_it_is_not_an_exercise(client):
    make.authority(is_exercise=False)
    client.force_login(make.user())
    assert 'class="exercise"' not in client.get("/").content.decode()


def test_today_of_an_empty_register_says_what_comes(desk):
    page = desk.get("/").content.decode()
    for sentence in ("No forecast yet", "No open case puts output at risk", "No enterprise in your scope is on a"):
        assert sentence in page


def test_reporter_goes_to_the_portal(client):
    firm = make.enterprise()
    client.force_login(make.user(Role.REPORTER, enterprise=firm.enterprise_id))
    assert client.get("/").url == "/portal/"
    assert 'class="frame-portal"' in client.get("/portal/").content.decode()


def test_a_person_without_rights_is_told_what_to_do(client):
    client.force_login(make.user(None))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Ask your administrator" in answer.content.decode()


def test_stranger_is_asked_to_sign_in(client):
    assert client.get("/").url.startswith("/login/")


def test_page_in_chinese_says_so_in_its_root(desk):
    page = desk.get("/", headers={"accept-language": "zh-hans"}).content.decode()
    assert '<html lang="zh-Hans"' in page
    assert "上海市" in page


def test_unknown_page_is_404_with_advice(desk):
    answer = desk.get("/nowhere/")
    assert answer.status_code == 404
    assert "outside your rights" in answer.content.decode()


def test_unknown_page_keeps_the_frame_of_who_is_signed_in(desk, client):
    page = desk.get("/nothing-here/").content.decode()
    assert 'class="rail"' in page
    assert "Exercise: invented enterprises" in page
    client.logout()
    assert 'class="rail"' not in client.get("/nothing-here/").content.decode()


def test_no_inline_script_and_csp_on_every_answer(desk):
    answer = desk.get("/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    page = answer.content.decode()
    assert all(" src=" in tag for tag in page.split("<script")[1:])
