"""Events: who may record and end them, and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from tests import factories as make

from ballast.areas.audit.models import AuditEntry
from ballast.areas.registry.frames import frames
from ballast.areas.registry.models import Event
from ballast.areas.registry.services import end_event, upsert_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    make.authority()
    nation = make.region("CN", level="nation")
    shanghai, jilin = make.region("310000", nation), make.region("220000", nation)
    make.site("S-sh", of=make.enterprise(region=shanghai), product=make.product("car"))
    make.site("S-jl", of=make.enterprise(region=jilin), product=make.product("part"))


def save(user, kind="site", subject="S-sh", event_id="EV-1", **more):
    return upsert_event(event_id, acting_user=user, kind=kind, subject=subject, start=make.TODAY, **more)


def test_the_same_event_again_changes_nothing(world):
    user = make.user()
    save(user)
    entries = AuditEntry.objects.count()
    save(user)
    assert (Event.objects.count(), AuditEntry.objects.count()) == (1, entries)


def test_a_correction_is_audited_with_the_old_value(world):
    user = make.user()
    save(user)
    save(user, capacity_left=0.5)
    assert Event.objects.get().capacity_left == 0.5
    assert AuditEntry.objects.latest("sequence").detail == {"capacity_left": [0, 0.5]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subject": "S-none"}, "subject"),
        ({"kind": "region", "subject": "999999"}, "subject"),
        ({"kind": "product", "subject": "none"}, "subject"),
        ({"kind": "lane", "subject": "310000"}, "subject"),
        ({"kind": "lane", "subject": "310000>nowhere"}, "subject"),
        ({"kind": "storm"}, "kind"),
        ({"end": make.TODAY - dt.timedelta(days=1)}, "end"),
        ({"capacity_left": 1.5}, "capacity_left"),
        ({"capacity_left": float("nan")}, "capacity_left"),
        ({"event_id": " "}, "event_id"),
    ],
)
def test_a_bad_event_is_refused_by_field(world, values, field):
    with pytest.raises(ValidationError) as error:
        save(make.user(), **values)
    assert list(error.value.message_dict) == [field]
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("kind", "subject", "allowed"),
    [
        ("site", "S-sh", True),
        ("site", "S-jl", False),
        ("region", "310000", True),
        ("region", "220000", False),
        ("region", "CN", False),
        ("lane", "220000>310000", True),
        ("lane", "*>S-jl", False),
        ("product", "car", False),
    ],
)
def test_a_province_records_events_of_its_own_place_only(world, kind, subject, allowed):
    user = make.user("province_officer", region="310000")
    if allowed:
        assert save(user, kind, subject).subject == subject
    else:
        with pytest.raises(ObjectDoesNotExist):
            save(user, kind, subject)


@pytest.mark.parametrize("role", ["analyst", "leader", None])
def test_others_may_not_touch_events(world, role):
    event = save(make.user())
    user = make.user(role)
    with pytest.raises(ObjectDoesNotExist):
        save(user, capacity_left=0.3)
    with pytest.raises(ObjectDoesNotExist):
        end_event(event, acting_user=user, withdraw=True)


def test_a_withdrawn_event_is_in_no_forecast_but_in_the_dump(world):
    event = save(make.user())
    assert frames()["events"]["event_id"].to_list() == ["EV-1"]
    end_event(event, acting_user="cases", withdraw=True)
    assert frames()["events"].is_empty()
    assert frames(all_events=True)["events"]["event_id"].to_list() == ["EV-1"]


def test_an_event_ends_with_its_last_day_and_not_before_its_first(world):
    user = make.user()
    event = save(user)
    assert end_event(event, acting_user=user, last_day=make.TODAY).end == make.TODAY
    with pytest.raises(ValidationError, match="before the first day"):
        end_event(event, acting_user=user, last_day=make.TODAY - dt.timedelta(days=1))


def test_events_through_the_api(client, world):
    client.force_login(make.user())
    body = {"event_id": "EV-9", "kind": "site", "subject": "S-sh", "start": "2022-04-28"}
    assert client.post("/api/v1/events", body, content_type="application/json").status_code == 201
    wrong = client.post("/api/v1/events", body | {"subject": "?"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "subject")
    ended = client.patch("/api/v1/events/EV-9", {"end": "2022-04-30"}, content_type="application/json")
    assert ended.json()["end"] == "2022-04-30"
    client.force_login(make.user("province_officer", region="220000"))
    assert client.get("/api/v1/events/EV-9").status_code == 404
    assert client.patch("/api/v1/events/EV-9", {"withdraw": True}, content_type="application/json").status_code == 404
