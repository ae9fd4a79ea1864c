"""Signing in and out, tokens, language, people."""

import re

import pytest
from tests import factories as make

from ballast.areas.accounts.models import ApiToken, Grant, User

pytestmark = pytest.mark.django_db
PASSWORD = "blue-horse-42-stair"


def test_a_person_signs_in_and_out(client):
    make.user(username="wang", password=PASSWORD)
    answer = client.post("/login/", {"username": "wang", "password": PASSWORD, "next": "/tokens/"})
    assert (answer.status_code, answer["Location"]) == (302, "/tokens/")
    assert client.get("/tokens/").status_code == 200
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/tokens/").status_code == 302


def test_a_wrong_password_says_what_to_do_and_keeps_the_name(client):
    make.user(username="wang", password=PASSWORD)
    text = client.post("/login/", {"username": "wang", "password": "no"}).content.decode()
    assert "do not fit together" in text
    assert 'value="wang"' in text


def test_after_the_login_nobody_is_sent_to_another_host(client):
    make.user(username="wang", password=PASSWORD)
    answer = client.post("/login/", {"username": "wang", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_an_administrator_lands_on_people(client):
    make.user("administrator", username="root", password=PASSWORD)
    assert client.post("/login/", {"username": "root", "password": PASSWORD})["Location"] == "/people/"


def test_a_name_is_closed_after_ten_wrong_passwords(client, settings):
    settings.AXES_ENABLED = True
    make.user(username="wang", password=PASSWORD)
    codes = [client.post("/login/", {"username": "wang", "password": "no"}).status_code for _turn in range(11)]
    assert codes[:9] == [200] * 9
    assert codes[-1] == 429
    answer = client.post("/login/", {"username": "wang", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()


def test_the_logins_of_an_exercise_are_listed_only_in_an_exercise(client, settings):
    make.user(username="wang", password=PASSWORD)
    make.user(username="nobody-can-sign-in")
    assert "wang" not in client.get("/login/").content.decode()
    make.authority()
    text = client.get("/login/").content.decode()
    assert "wang" in text
    assert "nobody-can-sign-in" not in text
    settings.SHOW_LOGINS = False
    assert "wang" not in client.get("/login/").content.decode()


def test_the_language_is_kept_with_the_person_and_comes_back_with_the_next_login(client):
    person = make.user(username="wang", password=PASSWORD)
    client.force_login(person)
    client.post("/language/", {"language": "zh-hans", "next": "/tokens/"})
    assert User.objects.get().language == "zh-hans"
    client.logout()
    client.cookies.clear()
    client.post("/login/", {"username": "wang", "password": PASSWORD})
    assert client.cookies["django_language"].value == "zh-hans"
    assert client.get("/language/").status_code == 405


def test_a_token_is_shown_once_and_can_be_revoked(client):
    client.force_login(make.user())
    text = client.post("/tokens/", {"name": "script", "days": "30"}).content.decode()
    token = re.search(r"blst_[\w-]+", text).group()
    assert token not in client.get("/tokens/").content.decode()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    client.post(f"/tokens/{ApiToken.objects.get().pk}/revoke/")
    client.logout()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("days", ["0", "9999", "x", ""])
def test_a_wrong_number_of_days_makes_no_token(client, days):
    client.force_login(make.user())
    assert client.post("/tokens/", {"name": "script", "days": days}).status_code == 200
    assert not ApiToken.objects.exists()


def test_another_persons_token_is_not_there(client):
    from ballast.areas.accounts.services import issue_token

    row, _text = issue_token(make.user(), "script")
    client.force_login(make.user())
    assert client.post(f"/tokens/{row.pk}/revoke/").status_code == 404


def test_a_person_without_rights_gets_an_explanation(client):
    client.force_login(make.user(None))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "no rights" in answer.content.decode()


@pytest.fixture
def admin(client):
    client.force_login(make.user("administrator", username="root"))
    return client


def test_an_administrator_adds_a_person_gives_a_right_and_ends_it(admin):
    make.region("310000", name="Shanghai")
    given = {"username": "wang", "name": "Wang", "language": "en", "password": PASSWORD}
    assert admin.post("/people/", given)["Location"] == "/people/wang/"
    assert "wang" in admin.get("/people/?q=wan").content.decode()
    admin.post("/people/wang/", {"role": "province_officer", "region": "310000"})
    assert "Shanghai" in admin.get("/people/wang/").content.decode()
    row = Grant.objects.get(user__username="wang")
    admin.post(f"/people/wang/grants/{row.pk}/end/")
    assert not Grant.objects.filter(pk=row.pk).exists()
    admin.post("/people/wang/close/")
    assert not User.objects.get(username="wang").is_active
    admin.post("/people/wang/close/", {"open": "1"})
    assert User.objects.get(username="wang").is_active


@pytest.mark.parametrize(
    "given",
    [
        {"role": "province_officer", "region": "999999"},
        {"role": "analyst", "chain": "nothing"},
        {"role": "reporter", "enterprise": "nobody"},
        {"role": "reporter"},
    ],
)
def test_a_right_for_a_place_that_is_not_there_is_refused_on_the_page(admin, given):
    make.user(None, username="wang")
    answer = admin.post("/people/wang/", given)
    assert answer.status_code == 200
    assert "invalid-feedback" in answer.content.decode()
    assert not Grant.objects.filter(user__username="wang").exists()


def test_a_weak_password_is_refused_and_a_new_one_works(admin, client):
    make.user(username="wang", password=PASSWORD)
    admin.post("/people/wang/password/", {"password": "short"})
    assert User.objects.get(username="wang").check_password(PASSWORD)
    admin.post("/people/wang/password/", {"password": "green-lamp-77-river"})
    assert User.objects.get(username="wang").check_password("green-lamp-77-river")


def test_a_right_of_another_person_is_not_ended_under_the_wrong_name(admin):
    row = make.user("analyst", username="li").grants.get()
    make.user(None, username="wang")
    assert admin.post(f"/people/wang/grants/{row.pk}/end/").status_code == 404


@pytest.mark.parametrize("path", ["/people/", "/people/root/"])
def test_nobody_else_sees_people(client, path):
    make.user("administrator", username="root")
    client.force_login(make.user())
    assert client.get(path).status_code == 404
