"""An officer confirms a warning, which opens coordination due by the forecast, or dismisses it with a reason."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.audit.models import AuditEntry
from ballast.areas.chains.services import run_forecast
from ballast.areas.registry.services import end_event
from ballast.areas.responses.models import Warned
from ballast.areas.responses.selectors import rows_of
from ballast.areas.responses.warnings.deciding import confirm, dismiss
from ballast.areas.responses.warnings.naming import title_for

pytestmark = pytest.mark.django_db
PLANTS = 35


@pytest.fixture(scope="module")
def burning(world, django_db_blocker):
    """The network after the mine has burned and the forecast has told of it."""
    with django_db_blocker.unblock():
        world.fire = make.event("S-mine", event_id="FIRE", name="Fire at the mine")
        world.run = run_forecast()
    return world


@pytest.fixture
def warned(burning, undone):
    undone.warning = Warned.objects.get()
    return undone


def test_a_confirmed_warning_opens_cases_that_are_due_before_the_forecast_stop(warned):
    member = warned.warning.members.get(site__site_id="S-007")
    first, second = confirm(warned.olga, warned.warning.pk, sites=["S-007", "S-003"], text="What do you need?")
    assert (first.kind, first.site.site_id, first.stops_on) == ("coordination", "S-007", member.stops_on)
    zone = dt.timezone(dt.timedelta(hours=8))
    assert first.due_at.astimezone(zone) == dt.datetime.combine(member.stops_on, dt.time(18), zone) - dt.timedelta(
        days=1
    )
    assert first.due_at < first.policy_due
    assert first.event is None, "the mine is outside her scope, and so is its name"
    assert second.text == "What do you need?"
    warned.warning.refresh_from_db()
    assert (warned.warning.state, warned.warning.decided_by) == ("confirmed", warned.olga)
    assert list(warned.warning.cases.order_by("pk")) == [first, second]
    with pytest.raises(ValidationError, match="olga has decided"):
        dismiss(warned.mia, warned.warning.pk, reason="Too late.")
    run_forecast()
    assert Warned.objects.get().state == "confirmed", "the next forecast does not ask again"
    assert AuditEntry.objects.filter(action="warning.confirmed").count() == 1


def test_the_ministry_names_the_event_and_without_a_choice_the_first_to_stop_is_coordinated(warned):
    (case,) = confirm(warned.mia, warned.warning.pk)
    assert (case.site, case.event, case.blocked) == (warned.mine, warned.fire, "Fire at the mine")


def test_what_cannot_be_decided_is_refused_with_the_way_out_and_nothing_is_written(warned):
    pk = warned.warning.pk
    for sites, said in ((["S-nowhere"], "S-nowhere"), (["S-030"], "S-030"), ([f"S-{k:03}" for k in range(21)], "21")):
        with pytest.raises(ValidationError, match=said):
            confirm(warned.olga, pk, sites=sites)
    with pytest.raises(ValidationError, match="Give a reason"):
        dismiss(warned.olga, pk, reason=" ")
    for person in (warned.anna, warned.rita):
        with pytest.raises(NotAllowedError):
            dismiss(person, pk, reason="No.")
    with pytest.raises(Warned.DoesNotExist):
        dismiss(make.user("city_officer", region="999999"), pk, reason="No.")
    assert Warned.objects.get().state == "open"
    dismiss(warned.olga, pk, reason="The mine works again tomorrow.")
    assert Warned.objects.get().reason == "The mine works again tomorrow."
    end_event(warned.fire, acting_user="test", withdraw=True)
    run_forecast()
    with pytest.raises(ValidationError, match="is over since"):
        confirm(warned.mia, pk)


def test_pages_and_api_show_and_decide_within_scope(warned, client):
    client.force_login(warned.olga)
    page = client.get("/warnings/").content.decode()
    assert "an event at a site outside your scope" in page
    assert "Fire at the mine" not in page
    assert rows_of(warned.mia, [warned.warning])[0].title == "Fire at the mine (Mine)"
    assert title_for(warned.mia, warned.warning) == "Fire at the mine"
    address = f"/warnings/{warned.warning.pk}/"
    shown = client.get(address)
    assert shown.context["row"].stops == 25
    assert "Mine" not in shown.content.decode().replace("Ministry", "")
    assert client.get("/warnings/999999/").status_code == 404
    assert client.post(address + "dismiss/", {"reason": ""}).status_code == 422
    found = client.get(f"/api/v1/warnings/{warned.warning.pk}").json()
    assert (found["stops"], len(found["members"]), found["state"]) == (25, 25, "open")
    assert client.post(address + "confirm/", {"site": ["S-001"]}).status_code == 302
    assert client.get("/api/v1/warnings?state=confirmed").json()["items"][0]["id"] == warned.warning.pk
    (case,) = warned.warning.cases.all()
    assert case.number in client.get(address).content.decode()
    client.force_login(make.user("province_officer", region="440000"))
    for path in (address, f"/api/v1/warnings/{warned.warning.pk}"):
        assert client.get(path).status_code == 404
    assert client.get("/api/v1/warnings").json()["items"] == []
