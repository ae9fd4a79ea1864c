"""The brief on its pages and in the API: who reads what, languages, renewal."""

import pytest
from django.urls import reverse
from tests import factories as make
from tests.areas.briefs.world import world

from ballast.areas.accounts.models import Role
from ballast.areas.alerts.models import LampChange
from ballast.areas.audit.models import AuditEntry
from ballast.areas.briefs.models import Brief
from ballast.areas.registry.models import Need

pytestmark = pytest.mark.django_db
TODAY = "/briefs/2022-04-28/"


@pytest.fixture
def reader(client):
    """A function that signs in someone with a role and a place."""
    world()

    def sign_in(role=Role.MINISTRY_OFFICER, **scope):
        client.force_login(make.user(role, **scope))
        return client

    return sign_in


def test_paper_opens_in_both_languages(reader):
    client = reader()
    english, chinese = client.get(TODAY + "?lang=en"), client.get(TODAY + "?lang=zh-hans")
    assert "Car plant" in english.content.decode()
    assert "整车厂" in chinese.content.decode()


def test_province_reads_only_its_own(reader):
    text = reader(Role.PROVINCE_OFFICER, region="310000").get(TODAY + "?lang=en").content.decode()
    assert "/sites/S310000/" in text
    assert "S220000" not in text


@pytest.mark.parametrize("scope", ["/", "/CN/220000/", "/CN/", "/#automobile", "/CN/999999/"])
def test_scope_of_others_is_not_found(reader, scope):
    client = reader(Role.PROVINCE_OFFICER, region="310000")
    for path in (TODAY, "/briefs/2022-04-28.pdf", "/briefs/", "/api/v1/briefs", "/api/v1/briefs/2022-04-28"):
        assert client.get(path, {"scope": scope}).status_code == 404, path


def test_ministry_reads_a_province(reader):
    answer = reader().get("/api/v1/briefs/2022-04-28", {"scope": "/CN/310000/"})
    assert [row["site"]["id"] for row in answer.json()["facts"]["reds"]] == ["S310000"]


@pytest.mark.parametrize("role", [Role.REPORTER, Role.ADMINISTRATOR])
def test_who_has_no_desk_has_no_brief(reader, role):
    client = reader(role, enterprise="E310000" if role == Role.REPORTER else "")
    for path in (TODAY, "/briefs/", "/briefs/2022-04-28.pdf", "/api/v1/briefs"):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize("path", ["/briefs/2022-04-27/", "/briefs/2022-04-29/", "/briefs/2022-13-45/", "/briefs/x/"])
def test_day_without_a_brief_is_not_found(reader, path):
    assert reader().get(path).status_code == 404


def test_pdf_is_the_same_twice(reader):
    client = reader()
    first, second = (client.get("/briefs/2022-04-28.pdf?lang=zh-hans") for _ in range(2))
    assert first["Content-Type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert first.content == second.content


def test_open_page_gets_a_new_paper_only_when_facts_changed(reader):
    client = reader()
    client.get(TODAY)
    poll = TODAY + "?part=paper&issue=1"
    assert client.get(poll).status_code == 204
    need = Need.objects.get(site__site_id="S310000")
    need.lamp.level = "blue"
    need.lamp.save()
    LampChange.objects.create(need=need, at=need.reported_at, level_before="red", level="blue", rule="r")
    renewed = client.get(poll)
    assert renewed.status_code == 200
    assert 'data-issue="2"' in renewed.content.decode()
    assert Brief.objects.count() == 2


def test_officer_issues_under_their_name_and_leader_does_not(reader):
    client = reader(Role.LEADER)
    assert client.post(TODAY + "renew/").status_code == 404
    client.force_login(make.user(username="wang"))
    assert client.post(TODAY + "renew/").status_code == 302
    assert Brief.objects.get().made_by == "wang"


def test_list_names_each_day_once(reader):
    client = reader()
    client.get(TODAY)
    brief = Brief.objects.get()
    Brief.objects.create(day="2022-04-27", scope="/", issue=1, cut_off_at=brief.cut_off_at, facts=brief.facts)
    Brief.objects.create(day="2022-04-27", scope="/", issue=2, cut_off_at=brief.cut_off_at, facts=brief.facts)
    rows = client.get("/api/v1/briefs").json()["items"]
    assert [(row["day"], row["issue"]) for row in rows] == [("2022-04-28", 1), ("2022-04-27", 2)]
    assert reverse("briefs:detail", args=["2022-04-27"]) in client.get("/briefs/").content.decode()


def test_enterprises_see_who_read_the_brief(reader):
    reader().get(TODAY)
    assert AuditEntry.objects.filter(enterprise="E310000", detail__what="brief").exists()


def test_stranger_is_asked_to_sign_in(client):
    make.authority()
    assert client.get(TODAY).status_code == 302
