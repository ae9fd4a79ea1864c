"""Texts for replies: kept with the right, filled in from a case, and a placeholder that nobody knows is named."""

import json

import pytest
from tests.areas.cases.conftest import problem

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases.models import ReplyText
from ballast.areas.cases.talk import reply_texts

pytestmark = pytest.mark.django_db
GOOD = {"title": "Received", "language": "en", "text": "{enterprise}: {number} ({blocked}) is due {due}. {desk}, {{x}}"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Due {deu}", "“{deu}” is not a placeholder"), ("{number.__class__}", "“{number.__class__}”"),
        ("{due!r}", "“{due!r}”"), ("{due:>9}", "“{due:>9}”"), ("{}", "“{}”"), ("50 } of", "A brace stands alone"),
        ("x" * 20_001, "20001 characters"), (" ", "Fill in this field."),
    ],
)  # fmt: skip
def test_a_placeholder_that_cannot_be_filled_in_is_named(world, text, named):
    with pytest.raises(Exception, match="text") as refused:
        reply_texts.keep(world.olga, title="a", text=text, language="en")
    assert named in str(refused.value)


def test_a_text_is_kept_filled_in_from_the_case_and_dropped(world, client):
    case = problem(world)
    client.force_login(world.olga)
    assert client.post("/cases/texts/", GOOD).status_code == 302
    row = ReplyText.objects.get()
    other = reply_texts.keep(world.olga, title="已收到", text="{number}", language="zh-hans", kind="energy")
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert (">Received</option>" in page, "已收到" in page) == (True, False)
    part = client.get(f"/cases/{case.number}/text/?reply_text={row.pk}").content.decode()
    assert f"Car works: {case.number} (60 staff cannot come in) is due" in part
    assert "Shanghai, {x}</textarea>" in part
    assert client.get(f"/cases/{case.number}/text/?reply_text=x").content.decode().count("Car works") == 0
    assert client.get(f"/cases/{case.number}/text/?reply_text={other.pk}").status_code == 404
    assert client.get(f"/api/v1/cases/{case.number}/reply-texts/{row.pk}").json()["text"].startswith("Car works")
    again = client.post("/cases/texts/", GOOD)
    assert (again.status_code, "There is a text “Received”" in again.content.decode()) == (422, True)
    assert "Received" in client.get(f"/cases/texts/{row.pk}/").content.decode()
    assert client.post(f"/cases/texts/{row.pk}/", GOOD | {"title": "Taken in"}).status_code == 302
    assert {one["title"] for one in client.get("/api/v1/reply-texts").json()["texts"]} == {"Taken in", "已收到"}
    assert client.post(f"/cases/texts/{row.pk}/drop/").status_code == 302
    body = json.dumps(GOOD | {"kind": "weather", "language": "fr"})
    refused = client.post("/api/v1/reply-texts", body, content_type="application/json")
    assert {field["field"] for field in refused.json()["fields"]} == {"kind", "language"}
    changed = client.put(f"/api/v1/reply-texts/{other.pk}", json.dumps(GOOD), content_type="application/json")
    assert changed.json()["title"] == "Received"
    assert client.delete(f"/api/v1/reply-texts/{other.pk}").status_code == 204
    acts = list(AuditEntry.objects.filter(action__startswith="reply text").values_list("action", flat=True))
    assert (acts.count("reply text.kept"), acts.count("reply text.dropped")) == (4, 2)


def test_who_works_on_cases_reads_the_texts_and_only_officers_above_keep_them(world, client):
    case = problem(world)
    row = reply_texts.keep(world.mia, **GOOD)
    client.force_login(world.city)
    page = client.get("/cases/texts/").content.decode()
    assert ("Received" in page, "New text" in page) == (True, False)
    assert client.post("/cases/texts/", GOOD).status_code == 404
    assert client.post(f"/cases/texts/{row.pk}/drop/").status_code == 404
    for person, status in ((world.rita, 404), (world.analyst, 404), (world.jin, 200)):
        client.force_login(person)
        assert client.get("/cases/texts/").status_code == status
        assert client.get(f"/cases/{case.number}/text/?reply_text={row.pk}").status_code == 404
        assert client.get(f"/cases/{case.number}/text/").status_code == 404
