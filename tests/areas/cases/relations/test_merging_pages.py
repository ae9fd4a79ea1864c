"""Duplicates and merges on the pages and over the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make
from tests.areas.cases.conftest import problem
from tests.areas.cases.test_api import call  # noqa: F401 - a fixture
from tests.areas.cases.test_pages import as_, form

from ballast.areas.cases import services
from ballast.areas.cases.models import Case


def address_of(case, act=""):
    return f"/cases/{case.number}/{act}"


def test_a_desk_sees_the_duplicate_merges_it_and_takes_that_back(client, world):
    stays, goes = problem(world), problem(world, blocked="Sixty people locked out")
    as_(client, world.olga)
    assert address_of(stays) in client.get(address_of(goes)).text
    given = {"into": stays.number, "text": "Filed twice."}
    page = client.post(address_of(goes, "merge/"), given, follow=True).text
    assert f"{goes.number} is merged into {stays.number}." in page
    assert f'It goes on in <a href="{address_of(stays)}">{stays.number}</a>' in page
    assert "Keep as internal note" not in page
    there = client.get(address_of(stays)).text
    assert f'Another case was merged into this one <span class="num">({goes.number})</span>' in there
    assert "Filed twice." in there
    assert address_of(goes) not in client.get("/cases/").text
    assert address_of(goes) in client.get("/cases/?state=merged").text
    page = client.post(address_of(goes, "unmerge/"), follow=True).text
    assert f"The merge is undone. {goes.number}: Filed." in page
    assert "Another case was merged" not in client.get(address_of(stays)).text
    assert address_of(goes) in client.get("/cases/").text


def test_the_enterprise_is_led_from_the_merged_case_to_the_one_that_goes_on(client, world):
    stays, goes = problem(world), problem(world)
    services.merge_case(world.olga, goes.number, into=stays.number, text="Filed twice.")
    services.add_reply(world.olga, stays.number, text="The gate opens at noon.")
    page = as_(client, world.rita).get(f"/portal/problems/{goes.number}/").text
    assert f'It goes on in <a href="/portal/problems/{stays.number}/">{stays.number}</a>' in page
    assert "Filed twice." in page
    assert "The gate opens at noon." not in page
    assert "Write to the desk" not in page
    there = client.get(f"/portal/problems/{stays.number}/").text
    assert f'<a href="/portal/problems/{goes.number}/">{goes.number}</a> was merged into this problem.' in there
    assert "The gate opens at noon." in there


def test_a_merge_that_cannot_be_is_said_on_the_page(client, world):
    case = problem(world)
    as_(client, world.olga)
    page = client.post(address_of(case, "merge/"), {"into": "SH-0", "text": "x"}, follow=True).text
    assert "There is no case “SH-0” that you may work on" in page
    assert "nothing to undo" in client.post(address_of(case, "unmerge/"), follow=True).text


@pytest.mark.parametrize("user", ["otto", "jin"])
def test_a_merge_of_another_s_case_is_404(client, world, user):
    stays, goes = problem(world), problem(world)
    as_(client, getattr(world, user))
    assert client.post(address_of(goes, "merge/"), {"into": stays.number, "text": "x"}).status_code == 404
    services.merge_case(world.olga, goes.number, into=stays.number, text="x")
    assert client.post(address_of(goes, "unmerge/")).status_code == 404
    assert client.get(address_of(goes)).status_code == 404


def test_a_reader_of_the_merged_case_alone_is_not_told_where_it_goes_on(client, world):
    stays, goes = problem(world), problem(world)
    services.make_move(world.olga, goes.number, move="hand_over", region=world.jiangsu, text="x")
    services.make_move(world.jin, goes.number, move="take_over")
    services.merge_case(world.mia, goes.number, into=stays.number, text="Filed twice.")
    page = as_(client, world.jin).get(address_of(goes)).text
    assert "It goes on in a case outside your scope." in page
    assert stays.number not in page
    assert "Undo the merge" not in page


def test_the_form_comes_back_once_when_the_problem_is_open_already(client, world):
    known = problem(world, kind="logistics")
    services.make_move(world.olga, known.number, move="assign", owner=world.olga)
    as_(client, world.rita)
    answer = client.post("/portal/problems/new/", form(world))
    assert answer.status_code == 409
    for words in (f"/portal/problems/{known.number}/", "Trucks turned back", "The desk of Shanghai has it.", "olga"):
        assert words in answer.text
    assert Case.objects.count() == 1
    wrong = client.post("/portal/problems/new/", form(world, again="1", needed_by="2022-04-01"))
    assert wrong.status_code == 422
    assert 'name="again"' in wrong.text
    filed = client.post("/portal/problems/new/", form(world, again="1"))
    assert filed.url != f"/portal/problems/{known.number}/"
    assert Case.objects.count() == 2
    assert client.post("/portal/problems/new/", form(world)).url == filed.url


@pytest.mark.parametrize(
    "changes", [{"kind": "energy"}, {"product": "other"}, {"state": "withdrawn"}, {"whose": "other"}]
)
def test_the_form_is_taken_at_once_when_nothing_open_is_the_same(client, world, changes):
    product = make.product("used")
    make.need(world.plant, product)
    if "whose" in changes:
        problem(world, user=world.otto, site=world.elsewhere, kind="logistics")
    else:
        case = problem(world, kind=changes.get("kind", "logistics"))
        if "state" in changes:
            services.make_move(world.rita, case.number, move="withdraw", text="x")
        if "product" in changes:
            Case.objects.update(product=product)
    as_(client, world.rita)
    assert client.post("/portal/problems/new/", form(world)).status_code == 302


def test_a_case_page_takes_as_many_queries_for_many_duplicates_and_merges_as_for_one(client, world):
    stays = problem(world)

    def grow(n):
        for _ in range(n):
            problem(world)
            services.merge_case(world.olga, problem(world).number, into=stays.number, text="x")

    def count(person, address):
        as_(client, person).get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    pages = [(world.olga, address_of(stays)), (world.rita, f"/portal/problems/{stays.number}/")]
    grow(1)
    few = [count(*page) for page in pages]
    grow(6)
    assert [count(*page) for page in pages] == few


def test_the_api_merges_says_so_and_undoes(call, world):  # noqa: F811
    stays, goes = problem(world), problem(world)
    assert call("olga", "GET", f"/cases/{goes.number}").json()["similar"] == [stays.number]
    body = {"into": stays.number, "text": "Filed twice."}
    merged = call("olga", "POST", f"/cases/{goes.number}/merge", body)
    assert merged.status_code == 200, merged.text
    shown = merged.json()
    assert (shown["state"], shown["merged_into"], shown["moves"]) == ("merged", stays.number, [])
    assert (shown["story"][-1]["move"], shown["story"][-1]["other"]) == ("merge", stays.number)
    assert call("rita", "GET", f"/cases/{stays.number}").json()["merged_here"] == [goes.number]
    again = call("mia", "POST", f"/cases/{goes.number}/merge", body)
    assert (again.status_code, again.json()["code"]) == (409, "move_refused")
    assert f"{goes.number} was merged into {stays.number} by olga already" in again.text
    assert call("jin", "POST", f"/cases/{goes.number}/unmerge").status_code == 404
    undone = call("olga", "POST", f"/cases/{goes.number}/unmerge")
    assert (undone.json()["state"], undone.json()["merged_into"]) == ("filed", None)
    assert call("olga", "POST", f"/cases/{goes.number}/unmerge").status_code == 409


def test_the_api_names_a_case_out_of_scope_as_unknown(call, world):  # noqa: F811
    mine = problem(world)
    theirs = problem(world, user=world.otto, site=world.elsewhere, place=world.jiangsu)
    answer = call("olga", "POST", f"/cases/{mine.number}/merge", {"into": theirs.number, "text": "x"})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "into")
    assert call("olga", "POST", f"/cases/{theirs.number}/merge", {"into": mine.number, "text": "x"}).status_code == 404
