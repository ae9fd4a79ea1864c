"""The shift handover: what changed, what was promised, what is due; signed by who takes over."""

import datetime as dt

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from tests.areas.dispatch.room import DAY, HOUR

from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases.models import Case, CaseEntry, ParentLink
from ballast.areas.cases.selectors import filtered
from ballast.areas.dispatch import handovers
from ballast.areas.dispatch.handover_paper import compose
from ballast.areas.dispatch.models import Handover
from ballast.areas.papers.blocks import Table
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db
IN_HAND = ["filed", "accepted", "assigned", "solving", "disputed"]


def written(room, by=None, **fields):
    at = now()
    given = {"since": at - 12 * HOUR, "until": at, "next_until": at + 12 * HOUR, "remarks": "The lane is shut till 9."}
    return handovers.write(by or room.olga, **(given | fields))


def test_the_note_tells_what_befell_the_shift_and_what_falls_due_in_the_next(undone):
    secret = Case.objects.get(number="C-001")
    CaseEntry.objects.create(case=secret, at=now(), actor_name="Olga", side="desk", type="note", text="SECRET")
    note = written(undone)
    at = now()
    seen = filtered(undone.olga, {"state": "all"})
    told = CaseEntry.objects.filter(case__in=seen, at__gt=at - 12 * HOUR, at__lte=at).exclude(type="note")
    assert note.facts["changed"]["value"] == told.values("case").distinct().count() > 5
    due = seen.filter(state__in=IN_HAND, due_at__gt=at, due_at__lte=at + 12 * HOUR)
    assert {row["number"] for row in note.facts["due"]["rows"]} == set(due.values_list("number", flat=True)) != set()
    fresh = seen.filter(filed_at__gt=at - 12 * HOUR)
    assert note.facts["figures"]["new"]["value"] == fresh.count() > 0
    text = str(compose(note, "en"))
    assert "The lane is shut till 9." in text
    assert "SECRET" not in text
    assert "Not signed" in compose(note, "en").mark


def test_what_befell_three_children_of_one_case_is_said_once(undone):
    parent, *children = Case.objects.filter(number__in=["C-024", "C-001", "C-002", "C-003"]).order_by("-number")
    Case.objects.filter(pk__in=[one.pk for one in (parent, *children)]).update(
        state="solving", lead_region="310000", enterprise=parent.enterprise
    )
    line = {"actor_name": "Olga", "side": "desk", "type": "move", "state_before": "solving", "state_after": "solving"}
    CaseEntry.objects.filter(case__in=children).delete()
    ParentLink.objects.all().delete()
    split = {"case": "C-000", "how": "split", "blocks": True}
    for child in children:
        CaseEntry.objects.create(case=child, at=now(), move="as_child", facts=split, **line)
        CaseEntry.objects.create(case=parent, at=now(), move="has_child", facts=split, **line)
        ParentLink.objects.create(parent=parent, child=child, rests_on=child, blocks=True)
    waits = {"whom": "policy", "until": "2022-04-30", "by": "Olga"}
    CaseEntry.objects.create(case=parent, at=now(), move="clock_waits", facts=waits, **line)
    note = written(undone)
    rows = {row["number"]: row for row in note.facts["changed"]["rows"]}
    assert (rows["C-024"]["waits_for"], {rows[one.number]["family"] for one in children}) == (3, {1})
    assert "C-000" not in str([rows[one.number]["acts"] for one in (parent, *children)])
    for language, once, thrice, waiting in (
        ("en", "Split off from another case", "this case waits for it (3 times)", "waits for 3 cases"),
        ("zh-hans", "由另一事项拆分而来", "（3次）", "等待3件子事项"),
    ):
        rows = [row for block in compose(note, language).blocks if isinstance(block, Table) for row in block.rows]
        texts = ["".join(p if isinstance(p, str) else p.text for p in cell) for row in rows for cell in row]
        said = [text for text in texts if once in text]
        assert len(said) == 1, texts
        assert "C-001\nC-002\nC-003" in texts
        for words in (thrice, waiting):
            assert sum(words in text for text in texts) == 1, (words, texts)
    # A note from before these facts were kept still prints.
    for act in (act for row in note.facts["changed"]["rows"] for act in row["acts"]):
        act.pop("facts", None)
    assert "The clock waits" in str(compose(note, "en"))


def test_each_figure_with_a_list_opens_as_many_cases(client, undone):
    note = written(undone)
    client.force_login(undone.olga)
    links = {name: figure for name, figure in note.facts["figures"].items() if figure["href"]}
    assert len(links) == 6
    for figure in (*links.values(), note.facts["due"]):
        assert client.get(figure["href"]).context["page"].paginator.count == figure["value"], figure["href"]


def test_who_takes_over_signs_and_never_who_wrote_it(undone):
    note = written(undone)
    with pytest.raises(ValidationError, match="take over from themselves"):
        handovers.sign(undone.olga, note.pk)
    for person in (undone.jin, undone.city, undone.rita):
        with pytest.raises(ObjectDoesNotExist):
            handovers.sign(person, note.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=note.pk).update(signed_by=undone.olga)
    signed = handovers.sign(undone.otto, note.pk)
    assert (signed.signed_by, signed.signed_at) == (undone.otto, now())
    with pytest.raises(ValidationError, match="signed already"):
        handovers.sign(undone.mia, note.pk)
    assert "未经接班人签收" not in compose(signed, "zh-hans").mark
    acts = AuditEntry.objects.filter(subject_type="handover").order_by("sequence").values_list("action", "actor")
    assert list(acts) == [("handover.written", "olga"), ("handover.signed", "otto")]


def test_a_promise_stands_in_every_note_until_it_is_kept(undone):
    handovers.promise(undone.olga, text=" Call the plant ", due_at=now() - HOUR, case="C-001")
    free = handovers.promise(undone.otto, text="Ask the ministry", due_at=now() + DAY)
    first = written(undone)
    assert [(row["text"], row["case"], row["late"]) for row in first.facts["promises"]] == [
        ("Call the plant", "C-001", True), ("Ask the ministry", "", False),
    ]  # fmt: skip
    with pytest.raises(ObjectDoesNotExist):
        handovers.keep(undone.jin, free.pk)
    handovers.keep(undone.olga, free.pk)
    with pytest.raises(ObjectDoesNotExist):
        handovers.keep(undone.olga, free.pk)
    assert [row["text"] for row in written(undone).facts["promises"]] == ["Call the plant"]
    assert written(undone, by=undone.jin).facts["promises"] == []
    for bad in ({"text": " "}, {"text": "x" * 501}, {"case": "C-404"}, {"case": "a\x00"}):
        with pytest.raises(ValidationError):
            handovers.promise(undone.olga, **({"text": "Call", "due_at": now(), "case": ""} | bad))


def test_a_shift_runs_forward_and_has_ended(undone):
    at = now()
    for fields, field in (
        ({"since": at}, "since"), ({"since": at - 8 * DAY}, "since"), ({"until": at + HOUR}, "until"),
        ({"next_until": at}, "next_until"), ({"remarks": "x" * 10_001}, "remarks"),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            written(undone, **fields)
        assert field in refused.value.message_dict
    with pytest.raises(ObjectDoesNotExist):
        written(undone, by=undone.olga, scope="/")


def test_from_writing_to_signing_on_the_pages(client, undone):
    client.force_login(undone.olga)
    page = client.get("/dispatch/handovers/")
    assert page.context["until"] == "2022-04-28T15:00"
    form = {name: page.context[name] for name in ("since", "until", "next_until", "scope")}
    promised = {"text": "Call <the> plant", "due_at": "2022-04-28T20:00", "case": "C-001"}
    assert "Call &lt;the&gt; plant" in client.post("/dispatch/handovers/promises/", promised, follow=True).text
    bad = client.post("/dispatch/handovers/write/", form | {"since": "noon"}, follow=True)
    assert "“noon” is not a time" in bad.text
    made = client.post("/dispatch/handovers/write/", form | {"remarks": "Mind C-001."})
    address = made["Location"]
    assert "I take over" not in client.get(address).text
    client.force_login(undone.otto)
    assert "I take over" in client.get(address).text
    assert "You have taken over" in client.post(f"{address}sign/", follow=True).text
    chinese = client.get(f"{address.rstrip('/')}.html?lang=zh-hans").content.decode()
    assert "交接班记录" in chinese
    assert "接班人：" in chinese
    for form_, begins in (("pdf", b"%PDF-"), ("docx", b"PK"), ("xlsx", b"PK")):
        assert client.get(f"{address.rstrip('/')}.{form_}").content.startswith(begins)
    kept = client.post(f"/dispatch/handovers/promises/{undone.plant.cases.get(number='C-001').promises.get().pk}/keep/")
    assert kept.status_code == 302
    for person in (undone.jin, undone.rita):
        client.force_login(person)
        for page in (address, f"{address.rstrip('/')}.pdf"):
            assert client.get(page).status_code == 404
    assert client.get("/dispatch/handovers/").status_code == 404
    assert now() - DAY < dt.datetime.fromisoformat(Handover.objects.get().facts["day"])
