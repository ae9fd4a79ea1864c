"""A pack that the engine has never heard of runs from filing to the enterprise's word: services, pages, API, counts."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.services import issue_token
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases import machine, selectors, services
from ballast.areas.cases.measuring import measures
from ballast.areas.cases.models import Case

PACKS = Path(__file__).parent
SAID = {
    "kind": "arrears_goods", "blocked": "Large Works Ltd", "text": "",
    "answers": {"amount": "120,000", "owed_since": "2022-01-10", "contract": "yes", "debtor": "large"},
}  # fmt: skip


@pytest.fixture
def world(shared, db, settings):
    settings.CASE_PACKS = str(PACKS)
    return shared


def lodged(world, **changes):
    return services.file_case(world.rita, site=world.plant, **(SAID | changes))


def test_a_case_of_an_own_pack_runs_through_the_services(world):
    case = lodged(world)
    assert (case.pack, case.state, case.place, case.event) == ("arrears", "lodged", world.district, None)
    assert case.answers == {"amount": 120000.0, "owed_since": "2022-01-10", "contract": True, "debtor": "large"}
    assert case.due_at > case.filed_at + dt.timedelta(days=30)
    move = {"move": "pass_on"}
    with pytest.raises(services.MoveRefusedError, match=r"“Pass to the debtor” waits .* “The contract was seen”"):
        services.make_move(world.olga, case.number, **move)
    services.set_tick(world.olga, case.number, item="contract_seen", done=True)
    services.make_move(world.olga, case.number, move="ask_papers", text="Which invoice?")
    assert selectors.counts(world.olga)["open"] == 1
    services.make_move(world.rita, case.number, move="send_papers")
    services.make_move(world.olga, case.number, **move)
    services.set_tick(world.olga, case.number, item="bank_slip", done=True)
    with pytest.raises(services.MoveRefusedError) as caught:
        services.make_move(world.olga, case.number, move="paid", text="By transfer.")
    assert caught.value.message_dict == {"outcome": ["Fill in this field."]}
    with pytest.raises(services.MoveRefusedError, match="“no_reply” is not an outcome of “Report as paid”"):
        services.make_move(world.olga, case.number, move="paid", text="By transfer.", outcome="no_reply")
    case = services.make_move(world.olga, case.number, move="paid", text="Paid.", outcome="solved_by_authority")
    assert selectors.counts(world.olga) | {"open": 0, "waiting": 1} == selectors.counts(world.olga)
    assert list(selectors.own_cases(world.rita)) == [case]
    case = services.make_move(world.rita, case.number, move="got_it")
    assert (case.state, case.outcome, case.closed_at is None) == ("received", "solved_by_authority", False)
    assert case.state in machine.CLOSED
    line = measures.measures(world.olga, by="kind").lines[-1]
    assert (line.key, line.label, line.counts["confirmed"], line.counts["responded"]) == (
        "arrears_goods", "Goods not paid", 1, 1,
    )  # fmt: skip
    kept = AuditEntry.objects.filter(subject_id=case.number).values_list("action", flat=True)
    assert {"case.filed", "case.tick", "case.pass_on", "case.got_it"} <= set(kept)
    assert verify().whole


def test_moves_of_other_packs_and_other_people_are_refused(world):
    case = lodged(world)
    with pytest.raises(services.MoveRefusedError, match="“accept” is not a move; choose one of ask_papers"):
        services.make_move(world.olga, case.number, move="accept")
    with pytest.raises(Case.DoesNotExist):
        services.make_move(world.jin, case.number, move="accept")
    with pytest.raises(NotAllowedError):
        services.make_move(world.rita, case.number, move="pass_on")
    with pytest.raises(Case.DoesNotExist):
        services.set_tick(world.jin, case.number, item="contract_seen", done=True)
    with pytest.raises(ValidationError, match="“bank” is not an item of this case's checklist; choose one of contract"):
        services.set_tick(world.olga, case.number, item="bank", done=True)
    with pytest.raises(services.MoveRefusedError, match="such cases are not merged"):
        services.merge_case(world.olga, case.number, into=lodged(world).number, text="same")


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"amount": "lots"}, "amount", "“lots” is not a number"),
        ({"amount": "nan"}, "amount", "is not a number"),
        ({"owed_since": "10.1.2022"}, "owed_since", "“10.1.2022” is not a date"),
        ({"contract": "maybe"}, "contract", "“maybe” is neither yes nor no"),
        ({"debtor": "small"}, "debtor", "choose one of public, large"),
        ({"colour": "red"}, "colour", "“colour” is not a field of “Arrears complaint”; it asks for: amount"),
        ({"amount": None}, "amount", "Fill in this field"),
    ],
)
def test_answers_that_cannot_stand_are_named(world, answers, field, words):
    with pytest.raises(ValidationError) as caught:
        lodged(world, answers=SAID["answers"] | answers)
    assert list(caught.value.message_dict) == [field]
    assert words in caught.value.message_dict[field][0]


def test_the_pages_ask_show_and_move_what_the_pack_says(world, client):
    client.force_login(world.rita)
    assert 'href="/portal/problems/new/arrears/"' in client.get("/portal/problems/").text
    page = client.get("/portal/problems/new/arrears/", headers={"accept-language": "zh-hans"}).text
    assert [word for word in ("拖欠账款投诉", "欠款方性质", "大型企业", "元") if word not in page] == []
    given = {"kind": "arrears_works", "site": world.plant.pk, "blocked": "City hall", "answer_amount": "5000",
             "answer_owed_since": "2022-02-01", "answer_contract": "no", "answer_debtor": "public"}  # fmt: skip
    wrong = client.post("/portal/problems/new/arrears/", given | {"answer_amount": "five"})
    assert (wrong.status_code, Case.objects.count()) == (422, 0)
    filed = client.post("/portal/problems/new/arrears/", given, follow=True)
    case = Case.objects.get()
    for word in (case.number, "City hall", "5,000 CNY", "Public body", "Lodged", "The desk checks the papers."):
        assert word in filed.text, word
    client.force_login(world.olga)
    page = client.get(f"/cases/{case.number}/").text
    assert [w for w in ("Pass to the debtor", "Do not accept", "The contract was seen", "5,000") if w not in page] == []
    assert "The bank slip was seen" not in page
    assert "Merge this case" not in page
    refused = client.post(f"/cases/{case.number}/move/", {"move": "pass_on"}, follow=True).text
    assert "tick off first: “The contract was seen”" in refused
    client.post(f"/cases/{case.number}/tick/", {"item": "contract_seen", "done": "1"})
    assert "Passed to the debtor" in client.post(f"/cases/{case.number}/move/", {"move": "pass_on"}, follow=True).text
    board = client.get("/cases/board/?pack=arrears").context["columns"]
    assert {shown.column.state.name: shown.column.total for shown in board}["passed_on"] == 1
    assert case.number in client.get("/cases/?state=passed_on").text
    move = {"move": "reject", "outcome": "impossible", "text": "Bankrupt."}
    page = client.post(f"/cases/{case.number}/move/", move, follow=True).text
    assert "Cannot be solved" in page
    assert case.number in client.get("/cases/?state=all&outcome=impossible").text
    for user, address in (
        (world.jin, f"/cases/{case.number}/"), (world.olga, "/cases/new/arrears/"), (world.olga, "/cases/new/none/"),
        (world.otto, f"/portal/problems/{case.number}/"), (world.rita, "/portal/problems/new/visit/"),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(address).status_code == 404, address


def test_the_api_files_ticks_and_moves_by_the_pack(world, client):
    def call(user, method, path, body=None):
        token = issue_token(user, "test")[1]
        data = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return client.generic(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, **data)

    known = {one["name"]: one for one in call(world.rita, "GET", "/case-packs").json()}
    assert {name: one["may_file"] for name, one in known.items()} == {
        "problem": True, "arrears": True, "coordination": False, "notice": False, "request": False, "visit": False,
    }  # fmt: skip
    assert known["arrears"]["moves"][1]["from"] == ["papers"]
    said = {"kind": "arrears_goods", "site_id": "car-07", "blocked": "Large Works Ltd", "answers": SAID["answers"]}
    bad = call(world.rita, "POST", "/cases", said | {"answers": {"amount": 1}})
    assert (bad.status_code, {fault["field"] for fault in bad.json()["fields"]}) == (
        422, {"owed_since", "contract", "debtor"},
    )  # fmt: skip
    filed = call(world.rita, "POST", "/cases", said)
    assert filed.status_code == 201, filed.text
    number, told = filed.json()["number"], filed.json()
    assert (told["pack"], told["category"], told["needed_by"]) == ("arrears", "open", None)
    assert told["answers"]["amount"] == 120000
    illegal = call(world.olga, "POST", f"/cases/{number}/moves", {"move": "pass_on"})
    assert (illegal.status_code, illegal.json()["fields"][0]["field"]) == (422, "checklist")
    ticked = call(world.olga, "POST", f"/cases/{number}/ticks", {"item": "contract_seen"})
    assert [(one["item"], one["done"], one["by"]) for one in ticked.json()["checklist"]] == [
        ("contract_seen", True, "olga"), ("bank_slip", False, ""),
    ]  # fmt: skip
    moved = call(world.olga, "POST", f"/cases/{number}/moves", {"move": "pass_on"})
    assert (moved.json()["state"], moved.json()["moves"]) == ("passed_on", ["paid", "reject"])
    assert [one["number"] for one in call(world.olga, "GET", "/cases?pack=arrears").json()["items"]] == [number]
    assert call(world.jin, "POST", f"/cases/{number}/ticks", {"item": "contract_seen"}).status_code == 404
    assert call(world.otto, "GET", f"/cases/{number}").status_code == 404


def test_a_request_of_a_desk_is_offered_to_the_region_of_the_place_at_once(world, client):
    said = {
        "kind": "request_lane",
        "blocked": "Gate at G2",
        "needed_by": make.TODAY,
        "contact": "Olga",
        "text": "Open.",
    }
    with pytest.raises(NotAllowedError):
        services.file_case(world.rita, site=world.plant, place=world.jiangsu, **said)
    with pytest.raises(ValidationError, match="Shanghai leads this case already"):
        services.file_case(world.olga, site=world.plant, place=world.district, **said)
    client.force_login(world.olga)
    form = {"kind": "request_lane", "site": "car-07", "place": "320000", "blocked": "Gate", "contact": "Olga",
            "needed_by": "2022-04-30", "text": "Open it."}  # fmt: skip
    unknown = client.post("/cases/new/request/", form | {"site": "oth-01"})
    assert (unknown.status_code, "“oth-01” is not known" in unknown.text) == (422, True)
    client.post("/cases/new/request/", form)
    case = Case.objects.get()
    assert (case.pack, case.lead_region, case.offered_to) == ("request", world.shanghai, world.jiangsu)
    case = services.make_move(world.jin, case.number, move="take_over")
    assert (case.lead_region, case.offered_to, case.state) == (world.jiangsu, None, "accepted")
    services.make_move(world.jin, case.number, move="answer", text="Open since noon.")
    case = services.make_move(world.rita, case.number, move="confirm")
    assert (case.state, case.outcome) == ("confirmed", "solved_by_authority")
