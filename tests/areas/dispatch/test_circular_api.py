"""Circulars over the API: one person drafts, another approves, and what one may not do is told by who asks."""

import datetime as dt
import json

import pytest
from tests import factories as make

from ballast.areas.dispatch.models import Circular

pytestmark = pytest.mark.django_db
REPLY = (make.TODAY + dt.timedelta(days=3)).isoformat()
LIST = "/api/v1/dispatch/circulars"


@pytest.fixture
def send(client):
    """Ask as a person; the status and what came back."""

    def ask(user, address, method="post", headers=None, **body):
        client.force_login(user)
        kind = {"content_type": "application/json", "headers": headers or {}}
        found = getattr(client, method)(address, json.dumps(body), **kind)
        return found.status_code, found.json()

    return ask


def test_one_drafts_another_approves_and_withdraws(client, undone, send):
    once = {"Idempotency-Key": "circular-of-today"}
    status, draft = send(undone.mia, LIST, headers=once, reply_by=REPLY, text="Please answer.", contact="Mia")
    assert (status, draft["state"], draft["serial"], draft["may"]) == (201, "draft", None, ["change", "discard"])
    assert draft["facts"]["regions"]
    again = send(undone.mia, LIST, headers=once, reply_by=REPLY, text="Please answer.", contact="Mia")
    assert again == (201, draft)
    assert Circular.objects.count() == 1
    address = f"{LIST}/{draft['id']}"
    assert send(undone.mia, address, "patch", reply_by=REPLY, text="By nine.")[1]["text"] == "By nine."
    refused = send(undone.mia, f"{address}/approve")
    assert (refused[0], refused[1]["fields"][0]["field"]) == (422, "state")
    assert "second person" in refused[1]["message"]
    assert client.get(address).json()["may"] == ["change", "discard"]
    status, issued = send(undone.max, f"{address}/approve")
    assert (status, issued["state"], issued["year"], issued["serial"], issued["may"]) == (
        200, "issued", 2022, 1, ["withdraw"],
    )  # fmt: skip
    assert send(undone.max, f"{address}/approve")[0] == 422
    assert send(undone.mia, f"{address}/withdraw", reason=" ")[0] == 422
    assert send(undone.mia, f"{address}/withdraw", reason="Counted twice.")[1]["reason"] == "Counted twice."
    assert [row["id"] for row in client.get(f"{LIST}?state=withdrawn").json()["items"]] == [draft["id"]]
    assert client.get(f"{LIST}?state=draft").json()["items"] == []
    assert client.get(f"{LIST}?state=moon").status_code == 422


def test_who_may_not_is_refused_on_every_door(undone, send):
    draft = send(undone.mia, LIST, reply_by=REPLY)[1]
    address = f"{LIST}/{draft['id']}"
    assert send(undone.max, address, "patch", reply_by=REPLY, text="Mine")[0] == 422
    assert send(undone.max, f"{address}/discard")[0] == 422
    for person in (undone.olga, undone.jin, undone.rita):
        refused = {send(person, f"{address}/{act}", reason="No")[0] for act in ("approve", "discard", "withdraw")}
        assert refused <= {403, 404}, person
        assert send(person, address, "patch", reply_by=REPLY)[0] in {403, 404}
    assert send(undone.rita, LIST, reply_by=REPLY)[0] in {403, 404}
    assert send(undone.olga, LIST, reply_by=REPLY, scope="/CN/")[0] in {403, 404}
    past = send(undone.mia, LIST, reply_by="2022-04-01", scope="")
    assert (past[0], "2022-04-01" in past[1]["message"]) == (422, True)
    assert Circular.objects.get().state == "draft"
    assert send(undone.mia, f"{address}/discard")[1]["state"] == "discarded"
