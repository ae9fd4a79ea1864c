"""Enterprises, sites and chains: what each person sees, on page, API, export and search."""

import datetime as dt

import pytest
from django.urls import reverse
from tests import factories as make

from ballast.areas.alerts.services import relight
from ballast.areas.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def world():
    make.authority()
    nation = make.region("CN", level="nation")
    shanghai, jilin = make.region("310000", nation), make.region("220000", nation)
    chain = make.chain()
    here = make.enterprise("E-here", region=shanghai, chains=[chain], name="Harbour Gears", operation="restarted")
    there = make.enterprise("E-there", region=jilin, chains=[chain], name="Northern Castings")
    supplier, customer = make.site("S-there", of=there), make.site("S-here", of=here)
    make.link(supplier, customer)
    need = make.need(customer, of=supplier.product, stock=200.0, reported_at=MORNING)
    other = make.need(supplier, stock=200.0, reported_at=MORNING)
    relight(at=MORNING)
    return {"need": need, "other": other}


def officer(client, role="province_officer", region="310000", **more):
    user = make.user(role, region=region, **more)
    client.force_login(user)
    return user


HIDDEN = ["/enterprises/E-there/", "/sites/S-there/", "/api/v1/enterprises/E-there", "/api/v1/sites/S-there"]


@pytest.mark.parametrize("address", HIDDEN)
def test_another_regions_object_is_not_found(client, world, address):
    officer(client)
    assert client.get(address).status_code == 404
    officer(client, region="220000")
    assert client.get(address).status_code == 200


def test_another_regions_lamp_is_not_found(client, world):
    officer(client)
    hidden = world["other"].lamp.pk
    assert client.get(f"/lamps/{hidden}/").status_code == 404
    assert client.get(f"/api/v1/lamps/{hidden}").status_code == 404
    assert client.get(f"/lamps/{world['need'].lamp.pk}/").status_code == 200


LISTS = ["/enterprises/", "/sites/", "/lamps/", "/reports/?late=1", "/reports/?reported=1"]


@pytest.mark.parametrize("address", [*LISTS, "/enterprises/?q=Northern", "/sites/?q=S-there", "/lamps/?q=S-there"])
def test_no_list_or_search_names_what_is_out_of_scope(client, world, address):
    officer(client)
    page = client.get(address)
    assert page.status_code == 200
    assert "Northern Castings" not in page.content.decode()
    assert "E-there" not in page.content.decode().replace("q=S-there", "")


@pytest.mark.parametrize("address", ["/enterprises/?format=csv", "/sites/?format=csv", "/lamps/?format=csv"])
def test_an_export_holds_only_what_is_in_scope_and_is_noted(client, world, address):
    user = officer(client)
    text = client.get(address).content.decode("utf-8-sig")
    assert "E-here" in text
    assert "E-there" not in text
    noted = AuditEntry.objects.filter(action="list.exported", actor=user.username)
    assert noted.count() == 1
    assert AuditEntry.objects.filter(actor=user.username, enterprise="E-here").exists()


def test_a_leader_may_look_but_not_export(client, world):
    officer(client, "leader")
    assert client.get("/enterprises/").status_code == 200
    assert client.get("/enterprises/?format=csv").status_code == 404


def test_a_formula_in_a_name_is_exported_as_text(client, world):
    make.enterprise("E-f", name="=1+1", region=make.region("310000"))
    officer(client)
    assert "'=1+1" in client.get("/enterprises/?format=csv").content.decode("utf-8-sig")


@pytest.mark.parametrize("address", [*LISTS, "/chains/", "/api/v1/links", "/api/v1/events"])
def test_the_desks_lists_are_not_for_reporters(client, world, address):
    client.force_login(make.user("reporter", enterprise="E-here"))
    assert client.get(address).status_code == 404


def test_a_reporter_sees_the_own_enterprise_without_its_partners(client, world):
    client.force_login(make.user("reporter", enterprise="E-here"))
    for address in ("/enterprises/E-here/", "/sites/S-here/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Northern Castings" not in page.content.decode()
        assert "S-there" not in page.content.decode()
    assert client.get("/enterprises/E-there/").status_code == 404


def test_an_officer_sees_partners_by_tier_and_may_open_only_those_in_scope(client, world):
    officer(client)
    page = client.get("/enterprises/E-here/").content.decode()
    assert "Northern Castings" in page
    assert reverse("registry:enterprise", args=["E-there"]) not in page


def test_reading_an_enterprises_page_is_noted_for_the_enterprise(client, world):
    user = officer(client)
    client.get("/enterprises/E-here/")
    assert AuditEntry.objects.filter(enterprise="E-here", actor=user.username).exists()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=harbour", {"Harbour Gears"}),
        ("q=E-THERE", {"Northern Castings"}),
        ("region=310000", {"Harbour Gears"}),
        ("region=CN", {"Harbour Gears", "Northern Castings"}),
        ("region=999999", set()),
        ("chain=automobile&operation=at_work", {"Harbour Gears"}),
        ("operation=unknown", {"Northern Castings"}),
        ("level=red", {"Harbour Gears", "Northern Castings"}),
        ("level=blue", set()),
        ("key_list=1", set()),
        ("batch=abc", {"Harbour Gears", "Northern Castings"}),
    ],
)
def test_filters_of_the_enterprise_list(client, world, query, names):
    officer(client, "ministry_officer", "")
    page = client.get(f"/enterprises/?{query}").content.decode()
    assert {n for n in ("Harbour Gears", "Northern Castings") if f">{n}</a>" in page} == names


def test_the_list_sorts_by_name_both_ways(client, world):
    officer(client, "ministry_officer", "")
    up = client.get("/enterprises/?sort=name").content.decode()
    down = client.get("/enterprises/?sort=-name").content.decode()
    assert up.index("Harbour Gears") < up.index("Northern Castings")
    assert down.index("Northern Castings") < down.index("Harbour Gears")


def test_the_api_pages_by_cursor(client, world):
    officer(client, "ministry_officer", "")
    first = client.get("/api/v1/enterprises?limit=1").json()
    second = client.get(f"/api/v1/enterprises?limit=1&cursor={first['next']}").json()
    assert [row["enterprise_id"] for row in first["items"] + second["items"]] == ["E-here", "E-there"]
    assert second["next"] is None


def grown(count):
    for number in range(count):
        owner = make.enterprise(f"E-{number:03}", chains=[make.chain()])
        make.need(make.site(of=owner), stock=100.0 * number, reported_at=MORNING)
    relight(at=MORNING)


ADDRESSES = ["/enterprises/", "/sites/", "/lamps/", "/lamps/?level=red", "/chains/", "/reports/", "/reports/?late=1"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_costs_as_many_queries_for_60_rows_as_for_10(client, address, django_assert_num_queries):
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make.authority()
    officer(client, "ministry_officer", "")
    grown(10)
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(address).status_code == 200
    grown_more()
    cache.clear()
    with django_assert_num_queries(len(few)):
        assert client.get(address).status_code == 200


def grown_more():
    for number in range(10, 60):
        owner = make.enterprise(f"E-{number:03}", chains=[make.chain()])
        make.need(make.site(of=owner), stock=100.0 * number, reported_at=MORNING)
    relight(at=MORNING)


@pytest.mark.parametrize("kind", ["enterprises", "sites"])
def test_a_detail_page_costs_as_many_queries_with_many_partners(client, kind):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make.authority()
    officer(client, "ministry_officer", "")
    owner = make.enterprise("E-hub")
    hub = make.site("S-hub", of=owner)

    def partners(count):
        for _ in range(count):
            make.link(make.site(), hub)
            make.need(hub, stock=10.0, reported_at=MORNING)
        relight(at=MORNING)

    address = "/enterprises/E-hub/" if kind == "enterprises" else "/sites/S-hub/"
    partners(3)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    partners(40)
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few)


def test_an_input_that_has_no_lamp_yet_is_shown_without_one(client, world):
    officer(client)
    make.need(world["need"].site, of=make.product("P-new"), stock=None)
    page = client.get("/sites/S-here/")
    assert page.status_code == 200
    assert "P-new" in page.content.decode()
