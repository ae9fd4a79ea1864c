"""What has a cause of its own has its own notice; what is above the budget is in one digest; nothing is dropped."""

import pytest
from tests import factories as make

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.chains.services import run_forecast
from ballast.areas.notices.models import Message, Notice
from ballast.areas.reference.selectors import now
from ballast.areas.registry.models import Need
from ballast.areas.registry.services import end_event
from ballast.areas.responses.jobs import tell_rest
from ballast.areas.responses.models import Told, Warned

pytestmark = pytest.mark.django_db
PLANTS = 30


def _red(site, product, cover=1.0, **fields):
    need = Need.objects.get(site=site, product=product)
    return Lamp.objects.create(need=need, level=Level.RED, since=now(), cover_days=cover, **fields)


def _notices(person):
    return list(Notice.objects.filter(person=person).order_by("pk"))


def test_what_has_a_cause_of_its_own_is_told_apart_and_again_when_only_the_root_recovers(undone):
    fire = make.event("S-mine", event_id="FIRE", name="Fire")
    make.event("220000>220000", "lane", event_id="FLOOD", name="Flood")
    Need.objects.filter(site=undone.maker).update(stock=100.0)
    tool, buyer = (make.site(name, of=make.enterprise(region=undone.jilin)) for name in ("S-tool", "S-buyer"))
    make.need(buyer, tool.product, stock=0.0)
    make.link(tool, buyer)
    own, behind = undone.sites[5], undone.sites[6]
    glass = make.product("glass")
    make.need(own, glass, daily_use=10.0, stock=10.0)
    make.link(make.site("S-glass", product=glass), own)
    _red(own, glass)
    _red(behind, undone.part)
    run_forecast()
    before = {tuple(row.events) or row.site.site_id: row for row in Warned.objects.select_related("site")}
    held = {cause: row.members.count() for cause, row in before.items()}
    # The buyer of tools waits for the road alone; the maker for road and mine, and the plants for the maker.
    assert held == {("FIRE",): 1, ("FLOOD",): 1, ("FIRE", "FLOOD"): 32, "S-005": 1}
    assert before["FIRE", "FLOOD"].members.exclude(product=None).get().site == behind
    assert before["S-005"].members.get().product == glass
    end_event(fire, acting_user="test", withdraw=True)
    Notice.objects.all().delete()
    run_forecast()
    standing = {tuple(row.events) or row.site.site_id: row for row in Warned.objects.filter(ended_at=None)}
    present = {cause: row.members.filter(left_at=None).count() for cause, row in standing.items()}
    assert present == {("FLOOD",): 33, "S-005": 1}
    for person, stops, reds in ((undone.mia, "31", "1"), (undone.olga, "20", "1"), (undone.jin, "11", "0")):
        (notice,) = _notices(person)
        assert (notice.template, notice.values["stops"], notice.values["reds"]) == ("warning_left", stops, reds)
    assert not before["FIRE",].members.filter(left_at=None).exists()
    run_forecast()
    assert Notice.objects.count() == 3, "told of those left red, once"


def test_above_the_budget_one_digest_names_the_rest_and_nothing_is_lost(undone, settings):
    settings.WARNINGS_A_DAY = 2
    for k in range(5):
        make.event(f"S-{k:03}", event_id=f"EV-{k}", name=f"Closed {k}")
    run_forecast()
    assert Warned.objects.count() == 5
    subjects = [notice.subject for notice in _notices(undone.olga)]
    assert subjects == ["Closed 0", "Closed 1"], "the dearest first"
    assert Told.objects.filter(person=undone.olga, state="held").count() == 3
    assert not _notices(undone.jin)
    assert tell_rest.call() == 2
    digest = _notices(undone.olga)[-1]
    assert (digest.template, digest.values["count"]) == ("warnings_more", "3")
    assert digest.path == f"/warnings/?digest={Told.objects.filter(person=undone.olga, state='bundled').first().pk}"
    assert tell_rest.call() == 0
    assert not Told.objects.filter(state="held").exists()
    assert not Message.objects.exists(), "no mail server, no e-mail"
