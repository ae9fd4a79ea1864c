"""Splitting a case: parts under it with their own words and places, nothing lost, the same request once."""

import pytest
from tests import factories as make
from tests.areas.cases.conftest import problem
from tests.areas.cases.relations.test_merging import history, row

from ballast.areas.accounts.services import issue_token
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases import selectors, services
from ballast.areas.cases.models import Attachment, Case, ParentLink
from ballast.areas.cases.talk.attachments import FileGiven

PDF = FileGiven("plan.pdf", b"%PDF-1.4 plan")


@pytest.fixture
def world(shared, db):
    return shared


def parts(world):
    return [
        services.SplitPart("Gate in Pudong", "The east gate."),
        services.SplitPart("Gate in Jiangsu", place=world.jiangsu, product=make.product("mould")),
    ]


def split(world, case, token="", given=None, user=None):
    given = parts(world) if given is None else given
    return services.split_case(user or world.olga, case.number, given, client_token=token)


def test_the_parts_are_cases_of_their_own_and_both_stories_say_so(world):
    case = problem(world, kind="logistics")
    services.make_move(world.olga, case.number, move="assign", owner=world.olga)
    before, told = row(case), history(case)
    first, second = split(world, case)
    assert {k: v for k, v in row(case).items() if "due" not in k} == {k: v for k, v in before.items() if "due" not in k}
    assert history(case)[: len(told)] == told
    assert (first.blocked, first.text, first.place) == ("Gate in Pudong", "The east gate.", case.place)
    assert (second.text, second.place, second.product_id) == (case.text, world.jiangsu, "mould")
    assert {one.state for one in (first, second)} == {"filed"}
    assert {(one.kind, one.site, one.contact, one.needed_by, one.lead_region) for one in (first, second)} == {
        (case.kind, case.site, case.contact, case.needed_by, case.lead_region)
    }
    assert first.event == case.event, "the same lane is one event"
    assert second.event.subject == f"320000>{world.plant.site_id}"
    assert [line.words for line in first.entries.all()] == [
        "Reported", "Split off from another case, which waits for this one",
    ]  # fmt: skip
    assert [line.facts["case"] for line in case.entries.filter(move="has_child")] == [first.number, second.number]
    assert set(ParentLink.objects.values_list("parent", "blocks")) == {(case.pk, True)}
    with pytest.raises(services.MoveRefusedError, match=f"waits for {first.number}, {second.number}"):
        services.make_move(world.olga, case.number, move="solve", text="x", outcome="solved_by_authority")
    acts = AuditEntry.objects.filter(subject_id=first.number).values_list("action", flat=True)
    assert {"case.filed", "case.as_child"} <= set(acts)
    assert verify().whole


def test_files_of_report_and_replies_are_read_from_the_parts_and_those_of_notes_are_not(world):
    case = problem(world, attachment=PDF)
    services.add_reply(world.rita, case.number, text="See this.", files=[FileGiven("list.csv", b"a,b\n")])
    services.add_note(world.olga, case.number, text="Ours.", files=[FileGiven("secret.csv", b"x,y\n")])
    part = split(world, case)[0]
    services.add_reply(world.rita, case.number, text="Later.", files=[FileGiven("later.csv", b"c,d\n")])
    Attachment.objects.filter(name="later.csv").update(added_at=part.filed_at.replace(year=2023))
    again = split(world, part, given=[services.SplitPart("A part of the part")])[0]
    for one in (Case.objects.get(pk=part.pk), Case.objects.get(pk=again.pk)):
        for files in (selectors.attachments(world.olga, one), selectors.own_attachments(one)):
            assert [file.name for file in files] == ["plan.pdf", "list.csv"]
    for file in Attachment.objects.filter(name__in=["plan.pdf", "list.csv"]):
        assert selectors.attachment(world.rita, again.number, file.pk) == file
    for name in ("secret.csv", "later.csv"):
        with pytest.raises(Attachment.DoesNotExist):
            selectors.attachment(world.olga, part.number, Attachment.objects.get(name=name).pk)
    with pytest.raises(Attachment.DoesNotExist):
        selectors.attachment(world.otto, part.number, Attachment.objects.get(name="plan.pdf").pk)
    # Another region that takes a part over reads its files, and nothing of the case above.
    services.make_move(world.olga, part.number, move="hand_over", region=world.jiangsu, text="Yours?")
    services.make_move(world.jin, part.number, move="take_over")
    assert [file.name for file in selectors.attachments(world.jin, part)] == ["plan.pdf", "list.csv"]
    with pytest.raises(Case.DoesNotExist):
        selectors.case_for(world.jin, case.number)


def test_the_same_request_again_gives_the_same_parts(world):
    case = problem(world)
    made = split(world, case, token="t" * 60)
    assert split(world, case, token="t" * 60) == made
    assert Case.objects.count() == 3
    with pytest.raises(services.MoveRefusedError, match="has split another case; send a new one"):
        split(world, problem(world), token="t" * 60)
    assert len(split(world, case)) == len(split(world, case)) == 2
    assert Case.objects.count() == 8


def test_what_cannot_stand_is_named_by_part_and_splits_nothing(world):
    case = problem(world)
    given = [services.SplitPart(" "), services.SplitPart("x" * 201), services.SplitPart("y", site=world.elsewhere)]
    with pytest.raises(services.MoveRefusedError) as caught:
        split(world, case, given=given)
    assert caught.value.messages == [
        "Part 1: Say what is blocked.",
        "Part 2: This text has 201 characters; give at most 200.",
        "Part 3: oth-01 is not a site of Car works; a part is about the enterprise of the case.",
    ]
    for wrong, words in (([], "Name at least one part"), ([services.SplitPart("z")] * 21, "21 parts are too many")):
        with pytest.raises(services.MoveRefusedError, match=words):
            split(world, case, given=wrong)
    for user in (world.jin, world.otto):
        with pytest.raises(Exception, match=r"does not exist|work_cases"):
            split(world, case, user=user)
    services.make_move(world.rita, case.number, move="withdraw", text="x")
    with pytest.raises(services.MoveRefusedError, match="only a case that a desk has in hand is split"):
        split(world, case)
    assert Case.objects.count() == 1


def test_the_page_suggests_rows_splits_and_keeps_what_was_typed(world, client):
    case = problem(world)
    client.force_login(world.olga)
    address = f"/cases/{case.number}/split/"
    assert f'href="{address}"' in client.get(f"/cases/{case.number}/").text
    make.site("car-08", of=world.plant.enterprise, name="Second plant")
    shown = client.get(f"{address}?by=sites").text
    for words in ("60 staff cannot come in · Car plant", "60 staff cannot come in · Second plant", "as in the case"):
        assert words in shown
    rows = {"part-TOTAL_FORMS": "3", "part-INITIAL_FORMS": "0", "client_token": "once"}
    typed = {
        "part-0-blocked": "East gate",
        "part-0-place": "320000",
        "part-1-text": "No head",
        "part-2-blocked": "West",
    }
    wrong = client.post(address, rows | typed | {"part-2-place": "none"})
    assert wrong.status_code == 422
    assert 'value="East gate"' in wrong.text
    assert Case.objects.count() == 1
    for _ in range(2):
        page = client.post(address, rows | typed, follow=True).text
        assert f"{case.number} is split: 2 cases are under it." in page
    assert [one.blocked for one in Case.objects.order_by("pk")[1:]] == ["East gate", "West"]
    asked = client.get(f"{address}?by=sites").context["rows"]
    sent = {f"{row.prefix}-{name}": row[name].value() or "" for row in asked for name in row.fields}
    sent |= {f"part-{name}": asked.management_form[name].value() for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    client.post(f"{address}?by=sites", sent | {"client_token": "as suggested"})
    assert [one.site.site_id for one in Case.objects.order_by("pk")[3:]] == ["car-07", "car-08"]
    assert client.post(address).status_code == 422
    assert len(client.get(f"{address}?by=more").context["rows"]) == 10
    client.force_login(world.jin)
    assert client.get(address).status_code == 404
    assert client.post(address, rows | typed).status_code == 404


def test_the_api_splits_once_for_a_key(world, client):
    case = problem(world)
    token = issue_token(world.olga, "test")[1]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    body = {"parts": [{"blocked": "East", "place": "320000"}, {"blocked": "West", "site_id": "car-07"}]}
    address = f"/api/v1/cases/{case.number}/split"
    answers = [client.post(address, body, content_type="application/json", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(answers[0].json()["numbers"]) == 2
    unknown = client.post(
        address, {"parts": [{"blocked": "x", "place": "999"}]}, content_type="application/json",
        headers=headers | {"Idempotency-Key": "k2"},
    )  # fmt: skip
    assert (unknown.status_code, unknown.json()["fields"][0]["field"]) == (422, "place")
