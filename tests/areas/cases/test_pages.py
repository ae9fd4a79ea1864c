"""The pages of desk and enterprise: what they show, do, and hide."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.cases import services
from ballast.areas.cases.models import Case
from ballast.areas.cases.talk.attachments import FileGiven

SECRET = "we think they exaggerate"


def as_(client, user):
    client.force_login(user)
    return client


def form(world, **changes):
    fields = {
        "kind": "logistics", "site": world.plant.pk, "product": world.plant.product.pk, "blocked": "Trucks turned back",
        "place": "320000", "needed_by": "2022-04-30", "contact": "Rita", "text": "At the toll gate.",
        "client_token": "abc",
    }  # fmt: skip
    return fields | changes


def test_a_problem_goes_from_the_form_to_the_enterprise_s_word(client, world):
    answer = as_(client, world.rita).post("/portal/problems/new/", form(world), follow=True)
    case = Case.objects.get()
    assert case.number in answer.text
    assert case.event.subject == "320000>car-07"
    as_(client, world.olga)
    assert case.number in client.get("/cases/").text
    page = f"/cases/{case.number}/"
    assert client.post(page + "move/", {"move": "accept"}, follow=True).status_code == 200
    client.post(page + "move/", {"move": "assign", "owner": "olga"})
    client.post(page + "move/", {"move": "start"})
    client.post(page + "move/", {"move": "solve", "text": "The gate is open."})
    as_(client, world.rita)
    assert "The gate is open." in client.get(f"/portal/problems/{case.number}/").text
    client.post(f"/portal/problems/{case.number}/move/", {"move": "confirm"})
    case.refresh_from_db()
    assert case.state == "confirmed"


def test_what_was_typed_stays_when_a_field_is_wrong_and_nothing_is_filed(client, world):
    answer = as_(client, world.rita).post("/portal/problems/new/", form(world, needed_by="2022-04-01"))
    assert answer.status_code == 422
    assert "Trucks turned back" in answer.text
    assert "2022-04-01 has passed" in answer.text
    assert not Case.objects.exists()


def test_the_same_form_sent_twice_files_one_case(client, world):
    as_(client, world.rita)
    first = client.post("/portal/problems/new/", form(world))
    again = client.post("/portal/problems/new/", form(world))
    assert first.url == again.url
    assert Case.objects.count() == 1


@pytest.mark.parametrize("user", ["otto", "jin", "leader_of_jiangsu", "admin"])
def test_another_region_s_or_enterprise_s_case_is_404(client, world, user):
    case = problem(world, attachment=FileGiven("a.txt", b"hello"))
    people = {
        "leader_of_jiangsu": lambda: make.user("leader", region="320000"),
        "admin": lambda: make.user("administrator"),
    }
    person = people[user]() if user in people else getattr(world, user)
    as_(client, person)
    file = case.attachments.get()
    for address in (
        f"/cases/{case.number}/", f"/portal/problems/{case.number}/", f"/cases/{case.number}/files/{file.pk}/",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    for address in (f"/cases/{case.number}/move/", f"/cases/{case.number}/say/", f"/cases/{case.number}/event/"):
        assert client.post(address, {"move": "accept", "text": "x", "event": case.event.event_id}).status_code == 404
    listed = client.get(f"/cases/?q={case.number}&state=all", follow=True)
    assert listed.status_code == 404 or case.blocked not in listed.text
    case.refresh_from_db()
    assert case.state == "filed"


def test_internal_notes_never_reach_the_enterprise(client, world):
    case = problem(world)
    services.make_move(world.olga, case.number, move="accept")
    services.add_note(world.olga, case.number, text=SECRET)
    services.add_reply(world.olga, case.number, text="We are on it.")
    as_(client, world.olga)
    assert SECRET in client.get(f"/cases/{case.number}/").text
    as_(client, world.rita)
    page = client.get(f"/portal/problems/{case.number}/").text
    assert "We are on it." in page
    assert SECRET not in page
    assert SECRET not in client.get("/portal/problems/").text
    assert client.get(f"/cases/{case.number}/").status_code == 404


def test_the_enterprise_s_page_names_no_event_and_no_output_at_risk(client, world):
    case = problem(world)
    event = make.event("oth-01", name="Fire at a supplier")
    services.link_event(world.mia, case.number, event=event)
    services.record_output_at_risk({case.number: 98_765_432.0})
    page = as_(client, world.rita).get(f"/portal/problems/{case.number}/").text
    assert "Fire" not in page
    assert "98.8" not in page


def test_the_story_tells_of_another_event_in_the_reader_s_language(client, world):
    case = problem(world)
    event = make.event("oth-01")
    with translation.override("zh-hans"):
        services.link_event(world.mia, case.number, event=event)
    assert f"Now about event {event.event_id}." in as_(client, world.mia).get(f"/cases/{case.number}/").text
    story = client.get(f"/cases/{case.number}/", headers={"Accept-Language": "zh-hans"}).text
    assert f"现关联事件{event.event_id}。" in story


@pytest.mark.parametrize("form_", ["csv", "xlsx"])
def test_the_exported_list_holds_only_cases_in_scope_and_no_notes(client, world, form_):
    from io import BytesIO

    import python_calamine

    case = problem(world, blocked="=1+1 staff")
    services.add_note(world.olga, case.number, text=SECRET)

    def rows(user):
        answer = as_(client, user).get(f"/cases/?format={form_}")
        if form_ == "csv":
            return answer.content.decode("utf-8-sig")
        return str(
            python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        )

    assert case.number in rows(world.olga)
    assert SECRET not in rows(world.olga)
    assert case.number not in rows(world.jin)
    if form_ == "csv":
        assert "'=1+1 staff" in rows(world.olga)


def test_who_may_not_export_gets_404(client, world):
    assert as_(client, world.leader).get("/cases/").status_code == 200
    assert client.get("/cases/?format=csv").status_code == 404


def test_a_file_comes_back_as_a_download_that_no_browser_opens(client, world):
    upload = SimpleUploadedFile("../../photo 厂.png", b"\x89PNG\r\n\x1a\n123")
    as_(client, world.rita).post("/portal/problems/new/", form(world, attachment=upload))
    case = Case.objects.get()
    answer = client.get(f"/cases/{case.number}/files/{case.attachments.get().pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"MZ\x90"), ("a.exe", b"MZ"), ("a.png", b"<svg onload=x>"), ("a.xlsx", b"PK\x03\x04"),
     ("a.txt", b"\x00\x01"), ("a.csv", b""), ("a.pdf", b"%PDF-" + b"0" * (5 * 2**20))],
)  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused_by_name(client, world, name, content):
    upload = SimpleUploadedFile(name, content)
    answer = as_(client, world.rita).post("/portal/problems/new/", form(world, attachment=upload))
    assert answer.status_code == 422
    assert name in answer.text or not content
    assert not Case.objects.exists()


def test_bulk_assign_says_what_was_not_assigned(client, world):
    mine, foreign = problem(world), problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu)
    as_(client, world.olga)
    numbers = [mine.number, foreign.number]
    page = client.post("/cases/assign/", {"number": numbers, "owner": "olga"}, follow=True).text
    assert "1 case was assigned." in page
    assert f"{foreign.number} was not assigned: There is no such case." in page


@pytest.mark.parametrize(
    "address", ["/cases/", "/cases/board/", "/cases/?sort=owner&kind=staff_return&chain=automobile"]
)
def test_lists_take_as_many_queries_for_one_case_as_for_twenty(client, world, django_assert_num_queries, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    as_(client, world.olga)
    problem(world)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    for _ in range(19):
        problem(world)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address)
    assert answer.status_code == 200
    assert len(many) == len(few)


def test_a_reporter_at_the_desk_s_address_is_led_to_the_portal(client, world):
    assert as_(client, world.rita).get("/cases/").url == "/portal/problems/"
    assert client.get("/cases/new/").url == "/portal/problems/new/"


def test_a_stranger_is_asked_to_sign_in(client, world):
    assert client.get("/cases/").status_code == 302
    assert client.get("/portal/problems/").status_code == 302


def test_windows_of_time_count_the_cases_that_the_brief_counts(client, world):
    case = problem(world)
    as_(client, world.olga)
    since, until = case.filed_at - dt.timedelta(hours=1), case.filed_at + dt.timedelta(hours=1)
    inside = client.get("/cases/", {"filed_from": since.isoformat(), "filed_to": until.isoformat()})
    outside = client.get("/cases/", {"filed_from": until.isoformat()})
    assert (case.number in inside.text, case.number in outside.text) == (True, False)
    unsolved = client.get("/cases/", {"solved_from": since.isoformat()})
    assert case.number not in unsolved.text


def test_the_region_that_was_asked_sees_the_case_but_no_way_to_what_is_not_its_own(client, world):
    case = problem(world)
    services.make_move(world.olga, case.number, move="hand_over", region=world.jiangsu, text="Open your gate.")
    services.link_event(world.mia, case.number, event=make.event("car-07", name="Fire at the plant"))
    page = as_(client, world.jin).get(f"/cases/{case.number}/").text
    assert "Take over" in page
    assert "Refuse" in page
    assert "/stops/car-07/" not in page
    assert "Fire at the plant" not in page
    client.post(f"/cases/{case.number}/move/", {"move": "refuse", "text": "Not ours."})
    assert client.get(f"/cases/{case.number}/").status_code == 404
    assert "Not ours." in as_(client, world.olga).get(f"/cases/{case.number}/").text


def test_opening_a_case_is_noted_for_its_enterprise(client, world):
    from ballast.areas.audit.models import AuditEntry

    case = problem(world)
    as_(client, world.olga).get(f"/cases/{case.number}/")
    assert AuditEntry.objects.filter(actor="olga", enterprise="car", detail__what="case").count() == 1


@pytest.mark.parametrize("address", ["/cases/nothing/", "/portal/problems/nothing/", "/cases/nothing/files/1/"])
def test_an_unknown_number_is_404(client, world, address):
    assert as_(client, world.rita).get(address).status_code == 404


def test_a_move_with_nonsense_says_so_and_changes_nothing(client, world):
    case = problem(world)
    as_(client, world.olga)
    page = client.post(f"/cases/{case.number}/move/", {"move": "accept", "capacity_left": "much"}, follow=True).text
    assert "“much” is not a number of per cent" in page
    page = client.post(f"/cases/{case.number}/move/", {"move": "explode"}, follow=True).text
    assert "“explode” is not a move" in page
    case.refresh_from_db()
    assert case.state == "filed"
