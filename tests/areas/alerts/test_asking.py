"""Which lamps depend on who has not reported, and whom to ask first: page, API, and what one may not see."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from tests import factories as make

from ballast.areas.accounts.models import User
from ballast.areas.alerts import asking
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.rules import parts_cover
from ballast.areas.alerts.services import relight

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
OLD = MORNING - dt.timedelta(days=5)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        nation = make.region("CN", level="nation")
        sh, js = (make.region(code, nation, level="province") for code in ("310000", "320000"))
        make.user("ministry_officer", username="mia")
        make.user("province_officer", username="olga", region=sh.code)
        make.user("reporter", username="rita", enterprise="near")
        near, far = make.enterprise("near", region=sh), make.enterprise("far", region=js)
        sure = make.enterprise("sure", region=sh)
        site = make.site(of=near)
        needs = SimpleNamespace(
            known=make.need(site, stock=500.0, reported_at=MORNING),
            old=make.need(site, stock=1100.0, reported_at=OLD),
            never=make.need(site, stock=None),
            far=make.need(make.site(of=far), stock=400.0, reported_at=OLD),
            red=make.need(make.site(of=sure), stock=100.0, reported_at=MORNING),
            beside_red=make.need(make.site(of=make.enterprise("fine", region=sh)), stock=9000.0, reported_at=MORNING),
        )
        relight(at=MORNING)
        yield needs
        transaction.set_rollback(True)


def person(name):
    return User.objects.get(username=name)


def page(name):
    client = Client()
    client.force_login(person(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_who_can_be_worst_stands_first_and_the_report_that_settles_most_is_named(world):
    found = asking.unsettled(person("mia"))
    lamps = {key: Lamp.objects.get(need=need) for key, need in vars(world).items()}
    assert [(row.mildest, row.worst) for row in found] == [("normal", "red"), ("yellow", "red")]
    assert [row.enterprise for row in found] == [lamps["far"].enterprise_id, lamps["never"].enterprise_id]
    named = asking.with_reports(person("mia"), [row.enterprise for row in found])
    (never,) = named[found[1].enterprise]
    # The known input is at 5 days. What was 11 days five days ago is at least 6: it settles nothing, the other all.
    assert (never.lamp, never.settles, never.least, never.most) == (lamps["never"], 1.0, 0.0, 60.0)
    low, high = asking.bounds_of(parts_cover(), 11.0, OLD, make.TODAY, dt.UTC)
    assert (low, high) == (6.0, 60.0)
    (far,) = named[found[0].enterprise]
    assert (far.settles, far.least, far.most) == (1.0, 0.0, 60.0)
    assert asking.can_be(lamps["old"]) == {"red": "impossible", "yellow": "possible", "blue": "possible"}


def test_page_and_api_tell_the_same_within_scope_only(world):
    shown = page("mia").get("/lamps/ask/").content.decode()
    assert "/enterprises/near/" in shown
    assert "/enterprises/far/" in shown
    told = page("mia").get("/api/v1/ask-first").json()
    assert (told["unsettled"], [row["enterprise_id"] for row in told["enterprises"]]) == (2, ["far", "near"])
    assert [one["settles"] for one in told["enterprises"][1]["reports"]] == [1.0]
    near = page("olga")
    assert "/enterprises/far/" not in near.get("/lamps/ask/").content.decode()
    assert [row["enterprise_id"] for row in near.get("/api/v1/ask-first").json()["enterprises"]] == ["near"]
    assert near.get("/api/v1/ask-first", {"limit": "0"}).status_code == 422
    for path in ("/lamps/ask/", "/api/v1/ask-first"):
        assert page("rita").get(path).status_code == 404
    lamp = Lamp.objects.get(need=world.old)
    assert "Without a present report" in page("mia").get(f"/lamps/{lamp.pk}/").content.decode()
