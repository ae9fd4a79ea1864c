"""Sign-in, error shape, paging and idempotent writes, seen through real operations."""

import datetime as dt
import json

import pytest
from django.utils import timezone
from ninja import Schema
from tests import factories as make

from ballast.areas.accounts import services
from ballast.areas.accounts.apikit import ApiError, paginate
from ballast.areas.accounts.models import ApiToken, IdempotencyKey
from ballast.areas.reference.models import Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make.user()


@pytest.fixture
def token(person):
    return services.issue_token(person, "test")[1]


@pytest.fixture
def call(client, token):
    def send(method, path, body=None, **headers):
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        headers = {"Authorization": f"Bearer {token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)

    return send


def _shape(answer):
    body = answer.json()
    assert set(body) == {"code", "message", "fields"}
    assert body["message"]
    return body


def test_a_token_acts_with_the_rights_of_its_person(call, person):
    answer = call("GET", "/me")
    assert answer.status_code == 200
    assert answer.json()["username"] == person.username
    assert [g["role"] for g in answer.json()["grants"]] == ["ministry_officer"]


def test_without_a_token_the_answer_is_401_in_the_error_shape(client):
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert _shape(answer)["code"] == "not_signed_in"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("change", ["expired", "revoked", "inactive", "altered"])
def test_a_token_that_no_longer_holds_is_refused(call, person, change):
    row = ApiToken.objects.get()
    if change == "expired":
        row.expires_at = timezone.now() - dt.timedelta(seconds=1)
    elif change == "revoked":
        row.revoked_at = timezone.now()
    elif change == "altered":
        row.digest = "0" * 64
    row.save()
    person.is_active = change != "inactive"
    person.save()
    assert call("GET", "/me").status_code == 401


def test_only_the_digest_of_a_token_is_stored(token):
    assert token not in json.dumps(list(ApiToken.objects.values()), default=str)


def test_a_session_may_read_and_needs_the_csrf_token_to_write(person):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.get("/api/v1/me").status_code == 200
    answer = client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json")
    assert answer.status_code == 403
    assert _shape(answer)["code"] == "csrf_failed"
    assert not ApiToken.objects.exists()


def test_a_wrong_token_is_not_replaced_by_the_session(client, person):
    client.force_login(person)
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_unknown_address_and_unknown_method_have_the_error_shape(call):
    answer = call("GET", "/nothing/here")
    assert (answer.status_code, _shape(answer)["code"]) == (404, "not_found")
    answer = call("PUT", "/me", {})
    assert (answer.status_code, _shape(answer)["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"name": NaN}', '{"name": "a", "days": Infinity}', "[" * 5000, b"\xff\xfe", '"\\u0000"'],
)
def test_a_body_that_cannot_be_used_is_422(call, body):
    answer = call("POST", "/tokens", body)
    assert answer.status_code == 422
    _shape(answer)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a\x00b"}, "name"),
        ({"name": "a", "days": 2**63}, "days"),
        ({"name": "a", "days": 10**400}, "days"),
        ({"name": "\ud800"}, "name"),
        ({"name": "a", "days": 0}, "given.days"),
        ({}, "given.name"),
    ],
)
def test_a_refused_value_is_named(call, body, field):
    answer = call("POST", "/tokens", body)
    assert answer.status_code == 422
    assert [f["field"] for f in _shape(answer)["fields"]] == [field]


def test_a_nul_in_path_or_query_is_refused(call):
    assert call("GET", "/regions/%00").status_code == 422
    assert call("GET", "/regions?q=%00").status_code == 422


def test_a_body_above_the_limit_is_413(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = call("POST", "/tokens", {"name": "x" * 200}, Idempotency_Key="k1")
    assert (answer.status_code, _shape(answer)["code"]) == (413, "too_large")
    assert call("POST", "/tokens", {"name": "x" * 200}).status_code == 413


def test_the_same_key_and_body_gets_the_first_answer_and_writes_once(call):
    first = call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")
    again = call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert ApiToken.objects.filter(name="one").count() == 1


def test_the_same_key_with_another_body_is_409(call):
    call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")
    answer = call("POST", "/tokens", {"name": "two"}, Idempotency_Key="k1")
    assert (answer.status_code, _shape(answer)["code"]) == (409, "idempotency_key_reused")
    assert not ApiToken.objects.filter(name="two").exists()


def test_keys_of_two_people_do_not_meet(call, client):
    call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")
    other = services.issue_token(make.user(), "test")[1]
    answer = client.post(
        "/api/v1/tokens",
        {"name": "two"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {other}", "Idempotency-Key": "k1"},
    )
    assert answer.status_code == 201


def test_a_refused_request_leaves_its_key_free(call):
    assert call("POST", "/tokens", {"name": ""}, Idempotency_Key="k1").status_code == 422
    assert call("POST", "/tokens", {"name": "mended"}, Idempotency_Key="k1").status_code == 201


def test_a_key_is_forgotten_after_48_hours(call):
    call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(hours=49))
    assert call("POST", "/tokens", {"name": "two"}, Idempotency_Key="k1").status_code == 201


def test_a_key_that_is_too_long_is_refused(call):
    assert call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k" * 201).status_code == 422


def test_a_fault_is_500_in_the_error_shape_and_undoes_the_write(call, client, monkeypatch):
    def fail(*_args, **_given):
        raise ZeroDivisionError

    client.raise_request_exception = False
    monkeypatch.setattr("ballast.areas.accounts.services._say", fail)
    answer = call("POST", "/tokens", {"name": "one"}, Idempotency_Key="k1")
    assert (answer.status_code, _shape(answer)["code"]) == (500, "fault")
    assert not ApiToken.objects.filter(name="one").exists()
    assert not IdempotencyKey.objects.exists()


def test_pages_cover_the_list_once_and_end(call):
    for number in range(5):
        make.region(f"R{number}")
    seen, cursor = [], None
    for _turn in range(3):
        answer = call("GET", f"/regions?limit=2{f'&cursor={cursor}' if cursor else ''}").json()
        seen += [row["code"] for row in answer["items"]]
        cursor = answer["next"]
    assert seen == ["R0", "R1", "R2", "R3", "R4"]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "!!", "e30", "W1td", "W251bGxd", "WyJcdTAwMDAiXQ"])
def test_a_cursor_that_the_list_did_not_give_is_422(call, cursor):
    answer = call("GET", f"/regions?cursor={cursor}")
    assert (answer.status_code, _shape(answer)["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
def test_a_limit_outside_1_to_200_is_422(call, limit):
    assert call("GET", f"/regions?limit={limit}").status_code == 422


def test_a_list_of_dicts_is_paged_backwards_by_a_descending_key():
    rows = [{"n": n} for n in range(5)]
    first = paginate(rows, None, 2, key="-n")
    assert [r["n"] for r in first["items"]] == [4, 3]
    assert [r["n"] for r in paginate(rows, first["next"], 9, key="-n")["items"]] == [2, 1, 0]
    with pytest.raises(ApiError):
        paginate(rows, paginate([{"n": "a"}, {"n": "b"}], None, 1, key="n")["next"], key="n")


def test_a_cursor_of_another_column_type_is_refused():
    make.region("R0")
    make.region("R1")
    text = paginate(Region.objects.all(), None, 1, key="code")["next"]
    with pytest.raises(ApiError):
        paginate(ApiToken.objects.all(), text, key="pk")


def test_the_documentation_page_lists_the_routes_without_a_script_of_its_own(client):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/api/v1/regions" in page.content.decode()
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {"401", "404", "409", "422"} <= set(schema["paths"]["/api/v1/tokens"]["post"]["responses"])


def test_no_two_schemas_share_a_name():
    """The description of the API names a schema by its class alone: of two with one name it would hold one."""

    def below(schema):
        return {schema}.union(*(below(child) for child in schema.__subclasses__()))

    homes = {}
    for schema in below(Schema):
        if schema.__module__.startswith("ballast."):
            homes.setdefault(schema.__name__, set()).add(schema.__module__)
    assert {name: sorted(modules) for name, modules in homes.items() if len(modules) > 1} == {}
