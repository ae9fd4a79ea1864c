"""People, rights and tokens: who may change them, and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make

from ballast.areas.accounts import selectors, services
from ballast.areas.accounts.access import NotAllowedError, can
from ballast.areas.accounts.models import ApiToken, Grant, User
from ballast.areas.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make.user("administrator")


def test_an_administrator_makes_a_person_with_a_right_and_both_are_recorded(admin):
    person = services.create_user(admin, "wang", name="Wang Fang", password="blue-horse-42-stair")
    services.grant(admin, person, role="city_officer", region="220100")
    assert can(User.objects.get(username="wang"), "work_cases")
    assert list(AuditEntry.objects.values_list("action", "actor")) == [
        ("user.created", admin.username),
        ("grant.given", admin.username),
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "wang", "password": "short"}, "password"),
        ({"username": "wang", "language": "fr"}, "language"),
        ({"username": "taken"}, "username"),
    ],
)
def test_a_wrong_person_is_refused_by_field(admin, fields, wrong):
    make.user(username="taken")
    with pytest.raises(ValidationError) as caught:
        services.create_user(admin, **fields)
    assert set(caught.value.message_dict) == {wrong}
    assert not User.objects.filter(username="wang").exists()


def test_only_an_administrator_makes_people_rights_and_passwords():
    officer, person = make.user(), make.user(None)
    acts = (
        lambda: services.create_user(officer, "wang"),
        lambda: services.grant(officer, person, role="analyst"),
        lambda: services.revoke_grant(officer, officer.grants.get().pk),
        lambda: services.set_password(officer, person, "blue-horse-42-stair"),
        lambda: services.set_active(officer, person, active=False),
        lambda: services.issue_token(person, "x", acting=officer),
        lambda: selectors.people(officer),
    )
    for act in acts:
        with pytest.raises(NotAllowedError):
            act()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"role": "king"}, "role"),
        ({"role": "reporter"}, "enterprise"),
        ({"role": "analyst", "enterprise": "E1"}, "enterprise"),
        ({"role": "province_officer"}, "region"),
        ({"role": "city_officer", "chain": "automobile"}, "region"),
        ({"role": "reporter", "enterprise": "E1", "region": "310000"}, "region"),
    ],
)
def test_a_role_whose_scope_does_not_fit_is_refused(admin, fields, wrong):
    with pytest.raises(ValidationError) as caught:
        services.grant(admin, make.user(None), **fields)
    assert set(caught.value.message_dict) == {wrong}
    assert Grant.objects.count() == 1


def test_the_same_right_given_again_changes_nothing_but_its_end(admin):
    person = make.user(None)
    services.grant(admin, person, role="analyst")
    services.grant(admin, person, role="analyst")
    assert AuditEntry.objects.count() == 1
    services.grant(admin, person, role="analyst", valid_until=dt.date(2022, 5, 1))
    assert [g.valid_until for g in person.grants.all()] == [dt.date(2022, 5, 1)]
    assert not can(User.objects.get(pk=person.pk), "view_desk")


def test_an_ended_right_is_gone_at_once(admin):
    person = make.user("analyst")
    services.revoke_grant(admin, person.grants.get().pk)
    assert not can(User.objects.get(pk=person.pk), "view_desk")


def test_an_administrator_cannot_lock_themselves_out(admin):
    with pytest.raises(ValidationError):
        services.revoke_grant(admin, admin.grants.get().pk)
    with pytest.raises(ValidationError):
        services.set_active(admin, admin, active=False)


def test_a_token_is_bound_to_its_person_and_its_days():
    person = make.user()
    row, text = services.issue_token(person, "script", days=1)
    assert selectors.user_of_token(text) == person
    assert selectors.user_of_token(text + "x") is None
    services.revoke_token(person, row.pk)
    services.revoke_token(person, row.pk)
    assert selectors.user_of_token(text) is None
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["token.issued", "token.revoked"]


@pytest.mark.parametrize("days", [0, 367])
def test_a_token_lasts_at_least_a_day_and_at_most_a_year(days):
    with pytest.raises(ValidationError):
        services.issue_token(make.user(), "script", days=days)


def test_nobody_revokes_another_persons_token():
    row, _text = services.issue_token(make.user(), "script")
    with pytest.raises(ApiToken.DoesNotExist):
        services.revoke_token(make.user(), row.pk)


def test_a_language_is_kept_and_an_unknown_one_refused():
    person = make.user()
    services.set_language(person, "zh-hans")
    services.set_language(person, "zh-hans")
    assert User.objects.get(pk=person.pk).language == "zh-hans"
    assert AuditEntry.objects.count() == 1
    with pytest.raises(ValidationError):
        services.set_language(person, "tlh")
