"""Pages and API of the clocks: what a desk does with them, what an enterprise reads, who loads versions."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import factories as make
from tests.areas.cases.clocks.test_clocks import POLICY, at, case, dues  # noqa: F401 - fixtures
from tests.areas.cases.conftest import problem
from tests.areas.reference.test_calendars import OWN

from ballast.areas.cases import services
from ballast.areas.cases.clocks import policies as clock_policies
from ballast.areas.cases.models import Case

pytestmark = pytest.mark.django_db


def page(client, user, address, language="en"):
    client.force_login(user)
    return client.get(address, headers={"accept-language": language}).text


def test_a_desk_lets_a_case_wait_and_the_enterprise_reads_why(client, at, case, shared):  # noqa: F811
    address = f"/cases/{case.number}/"
    assert "Let it wait: the clocks stand" in page(client, shared.olga, address)
    sent = {"whom": "partner", "text": "The bridge is closed", "until": "2022-05-04"}
    assert client.post(f"{address}wait/", sent).status_code == 302
    told = page(client, shared.olga, address)
    for words in ("It goes on by Wed 05-04 at the latest.", "It goes on now", "policy: Mon 05-09 18:00", "waited, not"):
        assert words in told, words
    mine = f"/portal/problems/{case.number}/"
    assert "Waits for another authority or partner: The bridge is closed." in page(client, shared.rita, mine)
    assert "最迟" in page(client, shared.rita, mine, "zh-hans")
    client.force_login(shared.olga)
    client.post(f"{address}go-on/")
    assert "The desk is to solve it by Tue 05-03 18:00." in page(client, shared.rita, mine)
    wrong = client.post(f"{address}wait/", {"whom": "moon", "text": "", "until": "soon"}, follow=True)
    assert wrong.status_code == 404
    client.force_login(shared.olga)
    wrong = client.post(f"{address}wait/", {"whom": "moon", "text": "", "until": "soon"}, follow=True).text
    assert "“moon” is not one of enterprise" in wrong
    client.force_login(shared.jin)
    assert client.post(f"{address}wait/", sent).status_code == 404


def test_more_time_is_asked_for_and_granted_on_the_page_of_the_case(client, at, case, shared):  # noqa: F811
    address = f"/cases/{case.number}/"
    client.force_login(shared.olga)
    client.post(f"{address}extensions/", {"clock": "resolution", "days": "2", "text": "Tests take two days"})
    asked = Case.objects.get(pk=case.pk).extensions.get()
    told = page(client, shared.olga, address)
    assert "asks for 2 working days more (Solution):" in told
    assert "Another person of the desk above decides." in told
    assert client.post(f"{address}extensions/{asked.pk}/", {"grant": "1"}).status_code == 404
    assert "Grant more time" in page(client, shared.mia, address)
    client.post(f"{address}extensions/{asked.pk}/", {"grant": "1"})
    assert dues(case)["due_at"] == "05-05 18:00"
    assert "2 working days more (Solution): granted" in page(client, shared.rita, f"/portal/problems/{case.number}/")
    client.force_login(shared.olga)
    assert "30" in client.post(f"{address}extensions/", {"clock": "part", "days": "x", "text": "?"}, follow=True).text


def test_a_due_time_that_moved_is_told_with_its_reason_to_both_sides(client, at, case, shared):  # noqa: F811
    clock_policies.load_policy("test", POLICY.replace("04-29", "04-28"))
    words = "Due Thu 05-05 18:00 instead of Tue 05-03 18:00: more time, because the policy has a new version."
    assert words in page(client, shared.olga, f"/cases/{case.number}/")
    assert words in page(client, shared.rita, f"/portal/problems/{case.number}/")
    assert "时间放宽" in page(client, shared.rita, f"/portal/problems/{case.number}/", "zh-hans")
    told = client.get(f"/api/v1/cases/{case.number}").json()["story"][-1]
    assert (told["move"], told["text"], told["actor"]) == ("clock_due", words, "Ballast")


def test_the_answer_time_is_told_when_a_problem_is_filed(client, at, shared):  # noqa: F811
    at("04-30 20:00")
    late = problem(shared)
    told = page(client, shared.rita, f"/portal/problems/{late.number}/")
    assert "It is outside office hours; the office opens Mon 05-02 09:00. The desk answers by Mon 05-02 13:00." in told
    assert "现为非办公时间" in page(client, shared.rita, f"/portal/problems/{late.number}/", "zh-hans")


def test_the_same_over_the_api(client, at, case, shared):  # noqa: F811
    def send(user, path, **body):
        client.force_login(user)
        answer = client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    path = f"/cases/{case.number}"
    waits = send(shared.olga, f"{path}/wait", whom="upstream", text="Steel", until="2022-05-04")
    assert (waits[0], waits[1]["waiting_for"], waits[1]["waiting_until"]) == (200, "upstream", "2022-05-04")
    assert send(shared.olga, f"{path}/wait", whom="upstream", text="Steel", until="2022-04-04")[0] == 422
    assert send(shared.otto, f"{path}/wait", whom="upstream", text="Steel", until="2022-05-04")[0] == 404
    assert send(shared.olga, f"{path}/go-on")[1]["waiting_until"] is None
    status, asked = send(shared.olga, f"{path}/extensions", clock="part", days=1, text="One more")
    assert (status, asked["granted"], asked["desk"]) == (201, None, "310000")
    assert send(shared.olga, f"{path}/extensions/{asked['id']}", grant=True)[0] == 404
    assert send(shared.mia, f"{path}/extensions/{asked['id']}", grant=True)[1]["granted"] is True
    told = client.get(f"/api/v1{path}").json()
    assert [(one["label"], one["state"]) for one in told["clocks"]] == [
        ("First answer", "met"), ("Solution", "running"), ("Part of the desk of Shanghai", "running"),
    ]  # fmt: skip
    assert told["reasons"] == [{"words": "policy: Tue 05-03 18:00", "counts": True}]
    assert (told["answer_due"], told["stops_on"], len(told["extensions"])) == ("2022-04-29T04:00:00Z", None, 1)
    client.force_login(shared.rita)
    assert client.get(f"/api/v1{path}").json()["extensions"] == []


def test_an_administrator_loads_calendars_and_policies_and_desks_read_them(client, at, case, shared):  # noqa: F811
    admin = make.user("administrator", username="root")
    services.make_move(shared.olga, case.number, move="start")
    for what, text in (("calendar", OWN), ("policy", POLICY.replace("04-29", "04-28"))):
        client.force_login(admin)
        file = SimpleUploadedFile("given.toml", text.encode())
        assert "It is loaded." in client.post("/cases/clocks/", {"what": what, "file": file}, follow=True).text
    assert dues(case)["due_at"] == "05-05 18:00"
    texts = (("en", "Monday to Friday", "Staff return, Logistics"), ("zh-hans", "中国法定节假日及调休", "人员返岗"))
    for language, words, kinds in texts:
        told = page(client, shared.olga, "/cases/clocks/", language)
        assert [one for one in (words, "2026-12-31", "Port office", "2022-05", kinds) if one not in told] == []
    assert "TOML" not in page(client, shared.olga, "/cases/clocks/")
    client.force_login(shared.olga)
    assert client.post("/cases/clocks/", {"what": "policy"}).status_code == 404
    assert client.post("/api/v1/calendars", {"toml": OWN}, content_type="application/json").status_code == 404
    client.force_login(shared.rita)
    assert [client.get(a).status_code for a in ("/cases/clocks/", "/api/v1/calendars", "/api/v1/clock-policies")] == [
        404, 404, 404,
    ]  # fmt: skip
    client.force_login(admin)
    bad = client.post("/api/v1/clock-policies", {"toml": "x = 1"}, content_type="application/json")
    assert (bad.status_code, "x: there is no such key" in bad.text) == (422, True)
    same = client.post("/api/v1/calendars", {"toml": OWN}, content_type="application/json").json()
    assert same == {"loaded": False, "cases_moved": None}
    assert len(client.get("/api/v1/clock-policies").json()) >= 2
