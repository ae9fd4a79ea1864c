"""Cases over the API: same scope, same secrets, retries that change nothing."""

import json

import pytest
from tests.areas.cases.conftest import problem

from ballast.areas.accounts.services import issue_token
from ballast.areas.cases import services
from ballast.areas.cases.models import Case

SECRET = "we think they exaggerate"


@pytest.fixture
def call(client, world):
    def send(user, method, path, body=None, **headers):
        token = issue_token(getattr(world, user), f"{user} test")[1]
        data = json.dumps(body) if body is not None else ""
        headers = {"Authorization": f"Bearer {token}"} | headers
        return client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)

    return send


BODY = {
    "kind": "energy", "site_id": "car-07", "blocked": "No power at night", "place": "310115",
    "needed_by": "2022-05-01", "contact": "Rita", "text": "Since Monday.",
}  # fmt: skip


def body(world, **changes):
    return BODY | {"product": world.plant.product.pk} | changes


def test_a_case_is_filed_moved_and_answered(call, world):
    filed = call("rita", "POST", "/cases", body(world))
    assert filed.status_code == 201, filed.text
    number = filed.json()["number"]
    assert filed.json()["moves"] == ["withdraw"]
    moved = call("olga", "POST", f"/cases/{number}/moves", {"move": "accept"})
    assert (moved.status_code, moved.json()["state"]) == (200, "accepted")
    assert call("olga", "POST", f"/cases/{number}/replies", {"text": "We ask the grid."}).status_code == 201
    assert "We ask the grid." in call("rita", "GET", f"/cases/{number}").text


def test_a_retry_with_the_same_key_gives_the_same_case(call, world):
    first = call("rita", "POST", "/cases", body(world), **{"Idempotency-Key": "k1"})
    again = call("rita", "POST", "/cases", body(world), **{"Idempotency-Key": "k1"})
    assert first.json()["number"] == again.json()["number"]
    assert Case.objects.count() == 1


def test_an_illegal_move_is_409_and_a_missing_field_422(call, world):
    number = problem(world).number
    illegal = call("olga", "POST", f"/cases/{number}/moves", {"move": "solve", "text": "x"})
    assert (illegal.status_code, illegal.json()["code"]) == (409, "move_refused")
    missing = call("olga", "POST", f"/cases/{number}/moves", {"move": "assign"})
    assert (missing.status_code, missing.json()["fields"][0]["field"]) == (422, "owner")


@pytest.mark.parametrize("user", ["otto", "jin"])
def test_another_s_case_is_404_everywhere(call, world, user):
    number = problem(world).number
    assert call(user, "GET", f"/cases/{number}").status_code == 404
    assert call(user, "GET", "/cases").json()["items"] == []
    assert call(user, "GET", f"/cases?q={number}").json()["items"] == []
    assert call(user, "POST", f"/cases/{number}/moves", {"move": "accept"}).status_code == 404
    assert call(user, "POST", f"/cases/{number}/replies", {"text": "x"}).status_code == 404


def test_the_enterprise_gets_no_note_no_event_and_no_output_at_risk(call, world):
    case = problem(world)
    services.add_note(world.olga, case.number, text=SECRET)
    services.record_output_at_risk({case.number: 7.5})
    seen = call("rita", "GET", f"/cases/{case.number}")
    assert SECRET not in seen.text
    assert (seen.json()["event_id"], seen.json()["output_at_risk"]) == (None, None)
    desk = call("olga", "GET", f"/cases/{case.number}")
    assert SECRET in desk.text
    assert desk.json()["output_at_risk"] == 7.5
    assert call("rita", "POST", f"/cases/{case.number}/replies", {"text": "x", "internal": True}).status_code == 404


def test_pages_of_the_list_hold_every_case_once(call, world):
    numbers = {problem(world).number for _ in range(5)}
    found, cursor = [], ""
    while cursor is not None:
        page = call("olga", "GET", f"/cases?limit=2{cursor and f'&cursor={cursor}'}").json()
        found += [item["number"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(found) == sorted(numbers)
    assert len(found) == 5


def test_an_unknown_site_product_or_place_is_named(call, world):
    for field in ("site_id", "product", "place"):
        answer = call("rita", "POST", "/cases", body(world, **{field: "nowhere"}))
        assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, field)
