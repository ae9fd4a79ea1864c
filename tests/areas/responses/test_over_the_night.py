"""Reports come one by one over a night, through lamps and forecasts: one cause is one notice, from begin to end."""

import pytest
from tests import factories as make
from tests.areas.responses.network import build

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.chains.services import run_forecast
from ballast.areas.notices.models import Message, Notice, Webhook
from ballast.areas.registry.models import Enterprise, Need
from ballast.areas.registry.services import end_event
from ballast.areas.reports.services import report_stocks
from ballast.areas.responses.models import Warned

pytestmark = pytest.mark.django_db
PLANTS = 4


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The network with a few plants, a second maker with two buyers, and a reporter of each plant."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        found = build(plants=PLANTS)
        Enterprise.objects.filter(enterprise_id__startswith="E-0").update(region=found.shanghai)
        found.glass = make.site(
            "S-glass", of=make.enterprise("E-glass", region=found.jilin), product=make.product("glass")
        )
        for site in found.sites[:2]:
            make.need(site, found.glass.product, daily_use=10.0, stock=500.0)
            make.link(found.glass, site, daily_quantity=10.0)
        found.reporters = [make.user("reporter", enterprise=f"E-{k:03}") for k in range(PLANTS)]
        for hook in ({"name": "all"}, {"name": "plant", "enterprise": "E-003"}, {"name": "north", "region": "220000"}):
            kinds = ["warning.begun", "warning.ended"]
            Webhook.objects.create(url="http://x.example/", secret="s" * 16, kinds=kinds, **hook)
        yield found
        transaction.set_rollback(True)


def _report(world, k, product, stock, *, forecast=True):
    """The plant reports its stock of an input; then the lamps and the forecast follow, as the worker makes them."""
    need = Need.objects.get(site=world.sites[k], product=product)
    report_stocks(world.reporters[k], [(need, stock)], source="portal")
    if forecast:
        run_forecast()


def _standing():
    rows = Warned.objects.filter(ended_at=None).select_related("site")
    return {
        tuple(row.events) or row.site.site_id: sorted(
            row.members.filter(left_at=None).exclude(product=None).values_list("site__site_id", flat=True)
        )
        for row in rows
    }


def _told():
    """How many notices each officer had."""
    return {name: Notice.objects.filter(person__username=name).count() for name in ("mia", "olga", "jin")}


def _calls():
    found = Message.objects.filter(channel="webhook").values_list("webhook__name", "kind")
    return {name: [kind for of, kind in found if of == name] for name in ("all", "plant", "north")}


def test_one_outage_stays_one_notice_while_reports_come_in_and_after_its_root_recovers(undone, client):
    fire = make.event("S-maker", event_id="FIRE", name="Fire at the maker")
    run_forecast()
    for k in range(PLANTS):
        _report(undone, k, undone.part, 15.0)
    assert Lamp.objects.filter(level=Level.RED).count() == PLANTS
    assert _standing() == {("FIRE",): [f"S-{k:03}" for k in range(PLANTS)]}
    assert _told() == {"mia": 1, "olga": 1, "jin": 1}
    strike = make.event("S-glass", event_id="STRIKE", name="Strike at the glass works")
    _report(undone, 0, undone.glass.product, 5.0)
    assert _standing()["STRIKE",] == ["S-000"], "a second root is a second warning"
    assert _told() == {"mia": 2, "olga": 2, "jin": 2}
    end_event(fire, acting_user="test", withdraw=True)
    run_forecast()
    assert _standing() == {("FIRE",): [f"S-{k:03}" for k in range(PLANTS)], ("STRIKE",): ["S-000"]}
    told = {"mia": 2, "olga": 2, "jin": 2}
    assert _told() == told, "waiting for the first delivery is no new matter"
    waning = {row.events[0]: "waning" in row.basis for row in Warned.objects.all()}
    assert waning == {"FIRE": True, "STRIKE": False}
    client.force_login(undone.olga)
    page = client.get(f"/warnings/{Warned.objects.get(basis__waning=True).pk}/").content.decode()
    assert "Nothing holds back the supply any more" in page
    for k in range(PLANTS):
        _report(undone, k, undone.part, 90.0, forecast=k == PLANTS - 1)
    assert _standing() == {("STRIKE",): ["S-000"]}
    end_event(strike, acting_user="test", withdraw=True)
    _report(undone, 0, undone.glass.product, 500.0)
    assert _standing() == {}
    assert _told() == told, "an end is no alarm"
    pairs = ["warning.begun", "warning.begun", "warning.ended", "warning.ended"]
    assert {name: sorted(kinds) for name, kinds in _calls().items()}["all"] == pairs
    call = Message.objects.filter(webhook__name="plant").first()
    assert '"sites": ["S-003"]' in call.body
    assert "Fire" not in call.body, "an enterprise hears of its own sites, not of what lies elsewhere"


def test_an_officer_whom_a_warning_reaches_only_later_is_told_then_and_once(undone):
    Need.objects.filter(site__in=undone.sites).update(stock=500.0)
    make.event("S-maker", event_id="FIRE", name="Fire at the maker")
    run_forecast()
    assert _told() == {"mia": 1, "olga": 0, "jin": 1}, "no plant of Shanghai stops within the horizon"
    _report(undone, 0, undone.part, 100.0)
    assert _told() == {"mia": 1, "olga": 1, "jin": 1}
    _report(undone, 1, undone.part, 100.0)
    assert _told() == {"mia": 1, "olga": 1, "jin": 1}


def test_a_maker_that_stands_still_without_any_event_is_one_warning_for_all_behind_it(undone):
    make.need(undone.maker, make.product("resin"), stock=0.0, outside_share=0.0)
    run_forecast()
    for k in range(3):
        _report(undone, k, undone.part, 15.0)
    assert _standing() == {"S-maker": ["S-000", "S-001", "S-002"]}
    assert _told() == {"mia": 1, "olga": 1, "jin": 1}
    assert Notice.objects.get(person=undone.jin).values["stops"] == "1", "the maker alone stands in Jilin"
