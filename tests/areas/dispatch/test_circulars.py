"""Circulars: the system drafts from the ledger, a second person approves, the desks concerned read their own part."""

import datetime as dt
import io
import zipfile

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from tests import factories as make

from ballast.areas.accounts.models import Grant, User
from ballast.areas.audit.models import AuditEntry
from ballast.areas.briefs.services import make_brief
from ballast.areas.cases.models import Case
from ballast.areas.dispatch import circular_reading, circulars
from ballast.areas.dispatch.models import Circular
from ballast.areas.dispatch.services import make_sheet
from ballast.areas.notices.models import Notice
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db
REPLY = make.TODAY + dt.timedelta(days=3)
IN_HAND = ["filed", "accepted", "assigned", "solving", "disputed"]


def drafted(room, **words):
    return circulars.draft(room.mia, reply_by=REPLY, words=words)


def overdue(desk):
    rows = Case.objects.filter(lead_region=desk, state__in=IN_HAND, due_at__lt=now())
    return list(rows.order_by("due_at", "number").values_list("number", flat=True))


def test_the_draft_lists_the_overdue_cases_of_each_desk_and_cites_its_data_date(undone):
    circular = drafted(undone)
    listed = {row["id"]: [case["number"] for case in row["cases"]] for row in circular.facts["regions"]}
    assert listed == {"310000": overdue("310000"), "220000": overdue("220000")}
    assert all(listed.values())
    assert {row["id"]: row["in_hand"] for row in circular.facts["regions"]} == {
        code: Case.objects.filter(lead_region=code, state__in=IN_HAND).count() for code in listed
    }
    assert (circular.state, circular.serial, circular.cut_off_at) == ("draft", None, now())
    assert max(case["late"] for row in circular.facts["regions"] for case in row["cases"]) == 3
    document = circular_reading.document_of(undone.mia, circular, "en")
    text = str(document)
    assert "2022-04-28 15:00" in text
    assert "Draft: not approved" in document.mark
    assert "Exercise" in document.mark
    assert "Olga" not in text, "a circular names units, no persons"
    # A province has nobody below it here.
    with pytest.raises(ValidationError, match="nothing to write about"):
        circulars.draft(undone.olga, reply_by=REPLY)


def test_who_looks_wider_than_they_issue_issues_papers_of_their_own_desk_alone(undone):
    circular = drafted(undone)
    Grant.objects.create(user=undone.olga, role="leader")
    olga = User.objects.get(username="olga")
    for act in (
        lambda: circulars.issue(olga, circular.pk),
        lambda: make_sheet("/", actor=olga),
        lambda: make_brief(make.TODAY, "/", actor=olga),
    ):
        with pytest.raises(ObjectDoesNotExist):
            act()
    with pytest.raises(ValidationError, match="nothing to write about"):
        circulars.draft(olga, reply_by=REPLY)
    assert not circular_reading.may_issue(olga, circular)


def test_a_second_person_approves_it_then_it_has_a_number_and_the_desks_are_told(undone):
    circular = drafted(undone, contact="Mia, 555-0100", copies="The board of 3")
    with pytest.raises(ValidationError, match="second person"):
        circulars.issue(undone.mia, circular.pk)
    for person in (undone.olga, undone.jin, undone.city, undone.rita, make.user("leader")):
        with pytest.raises(ObjectDoesNotExist):
            circulars.issue(person, circular.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Circular.objects.filter(pk=circular.pk).update(approved_by=undone.mia)
    issued = circulars.issue(undone.max, circular.pk)
    assert (issued.state, issued.year, issued.serial, issued.approved_by) == ("issued", 2022, 1, undone.max)
    assert {n.person.username for n in Notice.objects.filter(template="circular")} == {"olga", "otto", "jin"}
    with pytest.raises(ValidationError, match="no draft any more"):
        circulars.issue(undone.max, circular.pk)
    with pytest.raises(ValidationError, match="no draft any more"):
        circulars.change(undone.mia, circular.pk, reply_by=REPLY, words={})
    second = circulars.draft(undone.max, reply_by=REPLY)
    assert circulars.issue(undone.mia, second.pk).serial == 2
    acts = list(AuditEntry.objects.filter(subject_type="circular").order_by("sequence").values_list("action", "actor"))
    assert acts == [
        ("circular.drafted", "mia"), ("circular.issued", "max"),
        ("circular.drafted", "max"), ("circular.issued", "mia"),
    ]  # fmt: skip


def test_only_the_drafter_changes_or_discards_a_draft(undone):
    circular = drafted(undone)
    words = {"text": "Call us at 9:00.", "contact": " Mia ", "copies": ""}
    assert circulars.change(undone.mia, circular.pk, reply_by=REPLY, words=words).contact == "Mia"
    for act in (
        lambda: circulars.change(undone.max, circular.pk, reply_by=REPLY, words=words),
        lambda: circulars.discard(undone.max, circular.pk),
    ):
        with pytest.raises(ValidationError, match="Only the person who drafted it"):
            act()
    with pytest.raises(ValidationError) as refused:
        circulars.change(
            undone.mia, circular.pk, reply_by=make.TODAY - dt.timedelta(days=1),
            words={"text": "x" * 5001, "contact": "a\x00b"},
        )  # fmt: skip
    assert set(refused.value.message_dict) == {"reply_by", "text", "contact"}
    assert "2022-04-27" in str(refused.value)
    assert circulars.discard(undone.mia, circular.pk).state == "discarded"
    with pytest.raises(ValidationError):
        circulars.issue(undone.max, circular.pk)


def test_it_is_withdrawn_with_a_reason_that_its_readers_see_and_keeps_its_number(undone):
    circular = circulars.issue(undone.max, drafted(undone).pk)
    with pytest.raises(ValidationError, match="why"):
        circulars.withdraw(undone.mia, circular.pk, reason="  ")
    with pytest.raises(ObjectDoesNotExist):
        circulars.withdraw(undone.olga, circular.pk, reason="No.")
    found = circulars.withdraw(undone.mia, circular.pk, reason="2 cases were counted twice.")
    assert (found.state, found.serial) == ("withdrawn", 1)
    document = circular_reading.document_of(undone.olga, found, "zh-hans")
    assert "本通报已撤回" in document.mark
    assert "2 cases were counted twice." in str(document)
    assert (
        AuditEntry.objects.filter(action="circular.withdrawn").get().detail["reason"] == "2 cases were counted twice."
    )
    with pytest.raises(ValidationError, match="Only an issued circular"):
        circulars.withdraw(undone.mia, circular.pk, reason="Again.")


def text_of(answer):
    if answer["Content-Type"].startswith("text/html"):
        return answer.content.decode()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        return "".join(files.read(name).decode("utf-8", "replace") for name in files.namelist())


def test_a_desk_reads_its_own_part_once_it_is_issued_and_nothing_of_another_s(client, undone):
    circular = drafted(undone)
    address = f"/dispatch/circulars/{circular.pk}"
    client.force_login(undone.olga)
    assert client.get(f"{address}/").status_code == 404
    assert str(circular.pk) not in [str(row.pk) for row in circular_reading.visible_circulars(undone.olga)]
    circulars.issue(undone.max, circular.pk)
    other = [case["number"] for row in circular.facts["regions"] if row["id"] == "220000" for case in row["cases"]]
    own = [case["number"] for row in circular.facts["regions"] if row["id"] == "310000" for case in row["cases"]]
    pages = [
        f"{address}/",
        f"{address}.html",
        f"{address}.docx",
        f"{address}.xlsx",
        f"/api/v1/dispatch/circulars/{circular.pk}",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        text = text_of(answer) if "api" not in page else answer.content.decode()
        assert all(number in text for number in own), page
        assert not any(number in text for number in other), page
        assert "Jilin" not in text, page
    assert client.get(f"{address}.pdf").content.startswith(b"%PDF-")
    assert client.get("/api/v1/dispatch/circulars").json()["items"][0]["serial"] == 1
    client.force_login(undone.mia)
    assert all(number in client.get(f"{address}/").text for number in own + other)
    for person in (undone.city, undone.rita):
        client.force_login(person)
        for page in [*pages, f"{address}.pdf"]:
            assert client.get(page).status_code == 404, page


def test_from_draft_to_withdrawal_on_the_pages(client, undone):
    client.force_login(undone.mia)
    assert "Draft to every desk" in client.get("/dispatch/circulars/").text
    bad = client.post("/dispatch/circulars/draft/", {"reply_by": "soon"}, follow=True)
    assert "“soon” is not a date" in bad.text
    made = client.post("/dispatch/circulars/draft/", {"reply_by": REPLY})
    page = client.get(made["Location"])
    assert "A second person has to approve it" in page.text
    assert "Approve and issue" not in page.text
    act = f"{made['Location']}act/"
    client.post(act, {"act": "change", "reply_by": REPLY, "text": "Call <b>us</b>."})
    assert "Call &lt;b&gt;us&lt;/b&gt;." in client.get(made["Location"]).text
    Case.objects.filter(number=overdue("310000")[0]).update(state="solved")
    client.force_login(undone.max)
    page = client.get(made["Location"])
    assert "1 case of the draft is not in hand any more" in page.text
    assert "Approve and issue" in page.text
    assert "is not possible" in client.post(act, {"act": "burn"}, follow=True).text
    assert "Dispatch circular No. 1 of 2022" in client.post(act, {"act": "issue"}, follow=True).text
    chinese = client.get(f"{made['Location']}?lang=zh-hans").text
    assert "调度通报〔2022〕1号" in chinese
    assert "示例主管部门文件" in chinese
    client.post(act, {"act": "withdraw", "reason": "Wrong."})
    assert "This circular was withdrawn" in client.get(made["Location"]).text
    client.force_login(undone.olga)
    assert client.post("/dispatch/circulars/draft/", {"reply_by": REPLY, "scope": "/"}).status_code == 404
    assert client.post(act, {"act": "withdraw", "reason": "x"}).status_code == 404
