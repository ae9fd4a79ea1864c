"""Departments, fallback owners, groups, fast tracks: who keeps them, what is refused, what pages and API say."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.models import User
from ballast.areas.audit.models import AuditEntry
from ballast.areas.desks import selectors, services
from ballast.areas.desks.models import Department, Fallback, FastTrack, WorkingGroup

pytestmark = pytest.mark.django_db
LATER = make.TODAY + dt.timedelta(days=30)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation", name="China")
        shanghai = make.region("310000", nation, level="province", name="Shanghai")
        jiangsu = make.region("320000", nation, level="province", name="Jiangsu")
        pudong = make.region("310115", shanghai, name="Pudong")
        make.chain()
        make.user("ministry_officer", username="mia")
        make.user("province_officer", username="olga", region="310000")
        make.user("province_officer", username="jin", region="320000")
        make.user("city_officer", username="city", region="310115")
        make.user("reporter", username="rita", enterprise="car")
        yield SimpleNamespace(nation=nation, shanghai=shanghai, jiangsu=jiangsu, pudong=pudong)
        transaction.set_rollback(True)


def person(name):
    """The person read anew, as each request does."""
    return User.objects.get(username=name)


def page(name):
    client = Client()
    client.force_login(person(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def transport(world, by="olga", **fields):
    given = {"name": "Transport", "name_zh": "交通", "members": ["city"]} | fields
    return services.save_department(person(by), world.shanghai, "transport", **given)


def test_a_department_is_kept_by_who_keeps_its_region_and_others_cannot_speak_for_it(world):
    row = transport(world)
    energy = services.save_department(person("mia"), world.shanghai, "energy", name="Energy", members=["olga"])
    assert (row.key, row.full) == ("310000/transport", "Shanghai · Transport")
    assert selectors.barred_departments(person("city")) == [energy.pk]
    assert selectors.barred_departments(person("mia")) == []
    for stranger in ("jin", "city", "rita"):
        with pytest.raises(NotAllowedError):
            transport(world, by=stranger)
    with pytest.raises(ValidationError, match=r"nobody.*no officer"):
        transport(world, members=["nobody", "olga"])
    with pytest.raises(ValidationError, match="rita"):
        transport(world, members=["rita"])
    assert selectors.department_of("310000/transport") == row
    transport(world, closed=True)
    with pytest.raises(Department.DoesNotExist):
        selectors.department_of("310000/transport")
    entry = AuditEntry.objects.filter(action="department.saved").last()
    assert (entry.subject_id, entry.detail["closed"], entry.detail["members"]) == ("310000/transport", True, ["city"])


def test_the_fallback_owner_is_that_of_the_nearest_region_and_never_the_desk_that_gives_back(world):
    Fallback.objects.all().delete()
    mia = person("mia")
    assert selectors.fallback_of(world.pudong) is None
    services.save_fallback(mia, world.nation, to_region=world.nation, to_person="mia")
    near = services.save_fallback(person("olga"), world.shanghai, to_region=world.shanghai)
    assert selectors.fallback_of(world.pudong) == near
    assert selectors.fallback_of(world.shanghai, besides=[("310000", None)]).to_person == mia
    assert selectors.fallback_of(world.jiangsu).to_region == world.nation
    with pytest.raises(NotAllowedError):
        services.save_fallback(person("olga"), world.jiangsu, to_region=world.shanghai)
    assert services.save_fallback(person("olga"), world.shanghai, to_region=None) is None
    assert selectors.fallback_of(world.pudong).to_region == world.nation


def group(by="mia", stored=None, **fields):
    given = {"name": "Battery front", "starts": make.TODAY, "ends": LATER, "members": ["jin"]} | fields
    return services.save_group(person(by), stored, **given)


def test_a_group_is_seen_by_its_members_in_its_days_only_and_by_who_keeps_all_its_regions(world):
    row = group(regions=[world.shanghai, world.jiangsu])
    later = group(starts=make.TODAY + dt.timedelta(days=1), regions=[world.shanghai])
    seen = {name: set(selectors.groups(person(name))) for name in ("mia", "olga", "jin", "city")}
    assert seen == {"mia": {row, later}, "olga": {later}, "jin": {row}, "city": set()}
    assert selectors.groups_of(person("jin")) == [row.pk]
    ended = group(stored=row, starts=make.TODAY - dt.timedelta(days=9), ends=make.TODAY - dt.timedelta(days=1))
    assert ended.pk == row.pk
    assert selectors.groups_of(person("jin")) == []
    for fields, field in (
        ({"ends": make.TODAY - dt.timedelta(days=1)}, "ends"),
        ({"ends": LATER.replace(year=2024)}, "ends"),
    ):
        with pytest.raises(ValidationError) as caught:
            group(**fields)
        assert field in caught.value.message_dict
    with pytest.raises(NotAllowedError):
        group(by="olga", stored=row, regions=[world.shanghai])
    with pytest.raises(NotAllowedError):
        group(by="olga")


def track(world, by="olga", **fields):
    given = {
        "one": world.shanghai, "one_name": "Olga", "one_phone": "021 555", "one_email": "",
        "other": world.jiangsu, "other_name": "Jin", "other_phone": "", "other_email": "jin@example.org",
    } | fields  # fmt: skip
    return services.save_track(person(by), given)


def test_a_pair_of_regions_has_one_fast_track_whichever_side_is_written_first(world):
    row = track(world)
    turned = track(
        world, by="jin", one=world.jiangsu, one_name="Jia", one_phone="025 1", other=world.shanghai, other_name="Olga",
        other_phone="021 555",
    )  # fmt: skip
    row.refresh_from_db()
    assert turned.pk == row.pk
    assert (row.one, row.one_name, row.other_name, row.other_phone) == (world.shanghai, "Olga", "Jia", "025 1")
    assert selectors.fast_track(world.jiangsu, world.pudong) == row
    assert selectors.fast_track(world.jiangsu, world.nation) is None
    with pytest.raises(ValidationError, match="two regions"):
        track(world, other=world.shanghai)
    with pytest.raises(ValidationError, match="telephone number or an e-mail"):
        track(world, one_phone=" ")
    with pytest.raises(NotAllowedError):
        track(world, by="city")
    services.end_track(person("olga"), row)
    assert not FastTrack.objects.exists()


def test_pages_show_a_form_to_who_keeps_and_answer_others_with_what_they_may_know(world):
    transport(world, members=["city", "olga"])
    olga, city = page("olga"), page("city")
    for address in ("/desks/", "/desks/fallback/", "/desks/groups/", "/desks/tracks/"):
        assert b'class="btn btn-primary"' in olga.get(address).content
        answer = city.get(address)
        assert (answer.status_code, b'class="btn btn-primary"' in answer.content) == (200, False)
        assert city.post(address, {}).status_code == 404
        assert page("rita").get(address).status_code == 404
    assert "310000/transport" in olga.get("/desks/").content.decode()
    body = {"region": "310000", "code": "water", "name": "Water", "members": "olga， city"}
    assert olga.post("/desks/", body).status_code == 302
    assert sorted(Department.objects.get(code="water").members.values_list("username", flat=True)) == ["city", "olga"]
    wrong = olga.post("/desks/", body | {"region": "999"}).content.decode()
    assert "“999” is not known." in wrong
    assert 'value="Water"' in wrong
    assert olga.post("/desks/", body | {"region": "320000"}).status_code == 404
    assert (
        olga.post("/desks/fallback/", {"region": "310000", "to": "310000/water", "to_person": "city"}).status_code
        == 302
    )
    assert Fallback.objects.get(region=world.shanghai).to_department.code == "water"
    asked = "310000/nowhere"
    assert "region/department" in olga.post("/desks/fallback/", {"region": "310000", "to": asked}).content.decode()
    change = f"/desks/?change={Department.objects.get(code='water').pk}"
    assert 'value="city, olga"' in olga.get(change).content.decode()


def api(client, method, address, **body):
    answer = client.generic(method, f"/api/v1{address}", __import__("json").dumps(body), "application/json")
    return answer.status_code, answer.json() if answer.content else None


def test_the_api_says_and_sets_the_same(world):
    client = page("olga")
    client.handler.enforce_csrf_checks = False
    made = {"name": "Front", "regions": ["310000"], "members": ["city"], "starts": "2022-04-28", "ends": "2022-05-31"}
    status, found = api(client, "POST", "/groups", **made)
    assert (status, found["members"], found["regions"]) == (201, ["city"], ["310000"])
    status, found = api(client, "PUT", f"/groups/{found['id']}", **made | {"ends": "2022-05-01"})
    assert (status, found["ends"]) == (200, "2022-05-01")
    assert api(client, "POST", "/groups", **made | {"regions": ["320000"]})[0] == 404
    status, found = api(client, "POST", "/groups", **made | {"chain": "none"})
    assert (status, found["fields"][0]["field"]) == (422, "chain")
    body = {
        "one": "310000",
        "one_name": "A",
        "one_phone": "1",
        "other": "320000",
        "other_name": "B",
        "other_phone": "2",
    }
    status, found = api(client, "POST", "/fast-tracks", **body)
    assert (status, found["other_name"]) == (200, "B")
    assert [row["id"] for row in api(page("jin"), "GET", "/fast-tracks")[1]["items"]] == [found["id"]]
    assert api(client, "DELETE", f"/fast-tracks/{found['id']}")[0] == 204
    assert api(client, "POST", "/fallbacks", region="310000", to="CN")[1]["to_region"] == "CN"
    assert api(client, "POST", "/fallbacks", region="310000")[0] == 204
    status, found = api(client, "POST", "/departments", region="310000", code="rail", name="Rail", members=["olga"])
    assert (status, found["key"], found["members"]) == (200, "310000/rail", ["olga"])
    seen = {row["key"]: row["members"] for row in api(page("jin"), "GET", "/departments")[1]["items"]}
    assert seen["310000/rail"] is None
    assert WorkingGroup.objects.filter(name="Front").count() == 1
