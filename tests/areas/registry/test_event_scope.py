"""Which events a person may open, hear of by name, and change; and what an event is about, by name."""

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils import translation
from tests import factories as make

from ballast.areas.audit.models import AuditEntry
from ballast.areas.registry.event_scope import manageable_kinds, may_manage, told_events, visible_events
from ballast.areas.registry.models import Event
from ballast.areas.registry.services import change_event, end_event, record_event, restore_event
from ballast.areas.registry.subjects import name_subjects

pytestmark = pytest.mark.django_db

# Subject -> whether a Shanghai desk is told of it, may open it, and may change it.
ABOUT = {
    ("site", "S-sh"): (True, True, True),
    ("site", "S-jl"): (False, False, False),
    ("region", "310000"): (True, True, True),
    ("region", "310100"): (True, True, True),
    ("region", "CN"): (True, True, False),
    ("region", "220000"): (True, False, False),
    ("product", "car"): (True, True, False),
    ("product", "part"): (True, False, False),
    ("lane", "310100>220000"): (True, True, True),
    ("lane", "*>310000"): (True, True, True),
    ("lane", "220000 > S-sh"): (True, True, True),
    ("lane", "220000>*"): (True, False, False),
    ("lane", "310000>S-jl"): (False, False, False),
    ("lane", "S-jl>S-sh"): (False, False, False),
}


@pytest.fixture(autouse=True)
def english():
    """Whatever language the request of another test left behind."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def world():
    make.authority()
    nation = make.region("CN", level="nation", name="China")
    shanghai, jilin = make.region("310000", nation, name="Shanghai"), make.region("220000", nation, name="Jilin")
    city = make.region("310100", shanghai, name="Shanghai city")
    automobile = make.chain()
    firm = make.enterprise(region=city, chains=[automobile])
    make.site("S-sh", of=firm, product=make.product("car"), name="Car plant")
    make.site("S-jl", of=make.enterprise(region=jilin), product=make.product("part"), name="Part maker")
    for number, (kind, subject) in enumerate(ABOUT):
        make.event(subject, kind, event_id=f"EV-{number:02d}", name=f"{kind} {subject}")


def about(events):
    return {(event.kind, event.subject) for event in events}


def expected(place):
    return {subject for subject, answers in ABOUT.items() if answers[place]}


def test_a_province_is_told_of_public_measures_and_opens_what_touches_it():
    officer = make.user("province_officer", region="310000")
    assert about(told_events(officer)) == expected(0)
    assert about(visible_events(officer)) == expected(1)
    assert {subject for subject in ABOUT if may_manage(officer, *subject)} == expected(2)


def test_whoever_may_change_an_event_may_open_it():
    for person in (
        make.user("province_officer", region="310000"), make.user("province_officer", region="220000"),
        make.user("province_officer", chain="automobile"), make.user("ministry_officer"), make.user("leader"),
        make.user("province_officer", region="310100", chain="automobile"),
    ):  # fmt: skip
        own = {subject for subject in ABOUT if may_manage(person, *subject)}
        assert own <= about(visible_events(person)) <= about(told_events(person))


def test_the_whole_authority_opens_and_changes_everything():
    officer = make.user("ministry_officer")
    assert about(visible_events(officer)) == set(ABOUT)
    assert all(may_manage(officer, *subject) for subject in ABOUT)
    assert manageable_kinds(officer) == ["site", "region", "product", "lane"]


def test_a_city_officer_records_what_a_city_closes_and_no_more():
    officer = make.user("city_officer", region="310100")
    assert {subject for subject in ABOUT if may_manage(officer, *subject)} <= expected(2)
    assert may_manage(officer, "site", "S-sh")
    assert may_manage(officer, "region", "310100")
    assert not may_manage(officer, "region", "310000"), "the province decides on the province"
    assert manageable_kinds(officer) == ["site", "region", "lane"]


@pytest.mark.parametrize("role", ["leader", "analyst"])
def test_those_who_only_read_see_the_same_and_change_nothing(role):
    person = make.user(role, region="310000")
    assert about(visible_events(person)) == expected(1)
    assert not any(may_manage(person, *subject) for subject in ABOUT)
    assert manageable_kinds(person) == []


@pytest.mark.parametrize("role", ["reporter", "administrator", None])
def test_enterprises_and_administrators_see_no_event(role):
    person = make.user(role, enterprise="E-own" if role == "reporter" else "")
    assert not told_events(person).exists()
    assert not visible_events(person).exists()


def test_a_chain_desk_opens_what_touches_the_sites_of_its_chain():
    officer = make.user("province_officer", chain="automobile")
    assert ("region", "310100") in about(visible_events(officer))
    assert ("region", "220000") not in about(visible_events(officer))
    assert ("site", "S-jl") not in about(told_events(officer))
    assert may_manage(officer, "site", "S-sh")
    assert not may_manage(officer, "region", "310100"), "a region has more than this chain"
    assert manageable_kinds(officer) == ["site", "lane"]


def test_subjects_have_names_and_pages_and_a_strange_site_only_its_region():
    events = list(Event.objects.all())
    officer = make.user("province_officer", region="310000")
    names = {(e.kind, e.subject): name_subjects(officer, events)[e.event_id] for e in events}
    assert str(names["site", "S-sh"]) == "Car plant"
    assert names["site", "S-sh"].places[0].url == "/sites/S-sh/"
    assert str(names["lane", "S-jl>S-sh"]) == "a site in Jilin → Car plant"
    assert names["lane", "S-jl>S-sh"].places[0].url == ""
    assert str(names["lane", "220000>*"]) == "Jilin → anywhere"
    assert names["region", "310100"].places[0].url == "/sites/?region=310100"
    assert (str(names["product", "car"]), names["product", "car"].places[0].url) == (
        "Product car",
        "/sites/?product=car",
    )
    told = name_subjects(officer, events, told=["S-jl"])
    assert [str(told[e.event_id]) for e in events if e.subject == "S-jl"] == ["Part maker"]


def test_names_take_as_many_queries_for_many_events(django_assert_num_queries):
    officer, events = make.user("ministry_officer"), list(Event.objects.all())
    name_subjects(officer, events)
    with django_assert_num_queries(3):
        name_subjects(officer, events)


def record(user, event_id="EV-new", **changes):
    values = {"kind": "site", "subject": "S-sh", "start": make.TODAY, "end": None, "capacity_left": 0.4}
    return record_event(user, event_id, **(values | {"reason": " Flooded yard "} | changes))


def test_an_officer_records_an_event_once_however_often_the_form_is_sent():
    officer = make.user("province_officer", region="310000")
    event = record(officer)
    assert (event.name, event.name_zh, event.capacity_left) == ("Flooded yard", "", 0.4)
    entries = AuditEntry.objects.filter(subject_id="EV-new")
    assert [(entry.action, entry.actor) for entry in entries] == [("event.saved", officer.username)]
    assert record(officer) == event
    assert entries.count() == 1


def test_a_form_never_overwrites_another_event():
    officer = make.user("province_officer", region="310000")
    record(officer)
    with pytest.raises(ValidationError, match="sent before"):
        record(officer, capacity_left=0.9)
    assert Event.objects.get(event_id="EV-new").capacity_left == 0.4


@pytest.mark.parametrize(("changes", "field"), [({"reason": " "}, "reason"), ({"capacity_left": 2.0}, "capacity_left")])
def test_a_faulty_event_is_not_recorded(changes, field):
    with pytest.raises(ValidationError) as error:
        record(make.user("ministry_officer"), **changes)
    assert list(error.value.message_dict) == [field]
    assert not Event.objects.filter(event_id="EV-new").exists()


@pytest.mark.parametrize("role", ["leader", "analyst", "reporter", "administrator", None])
def test_others_record_change_and_restore_nothing(role):
    event = record(make.user("ministry_officer"))
    person = make.user(role, enterprise="E-own" if role == "reporter" else "")
    with pytest.raises(ObjectDoesNotExist):
        record(person, "EV-other")
    with pytest.raises(ObjectDoesNotExist):
        change_event(person, event, start=make.TODAY, end=None, capacity_left=0.0, reason="x")
    with pytest.raises(ObjectDoesNotExist):
        restore_event(person, event)


def test_a_change_is_audited_and_a_new_reason_stands_in_both_languages():
    officer = make.user("province_officer", region="310000")
    event = record(officer)
    Event.objects.filter(pk=event.pk).update(name_zh="院内积水")
    change_event(officer, event, start=make.TODAY, end=make.TODAY, capacity_left=0.5, reason="Flooded yard")
    event.refresh_from_db()
    assert (event.name_zh, event.end) == ("院内积水", make.TODAY)
    change_event(officer, event, start=make.TODAY, end=make.TODAY, capacity_left=0.5, reason="Yard under water")
    event.refresh_from_db()
    assert (event.name, event.name_zh) == ("Yard under water", "")
    first, second = AuditEntry.objects.filter(subject_id="EV-new").order_by("sequence")[1:]
    assert first.detail == {"end": [None, "2022-04-28"], "capacity_left": [0.4, 0.5]}
    assert set(second.detail) == {"name", "name_zh"}


def test_what_was_withdrawn_counts_again_and_is_not_changed_meanwhile():
    officer = make.user("province_officer", region="310000")
    event = end_event(record(officer), acting_user=officer, withdraw=True)
    with pytest.raises(ValidationError, match="withdrawn"):
        change_event(officer, event, start=make.TODAY, end=None, capacity_left=0.0, reason="x")
    with pytest.raises(ValidationError, match="sent before"):
        record(officer)
    assert restore_event(officer, event).withdrawn_at is None
    restore_event(officer, event)
    actions = AuditEntry.objects.filter(subject_id="EV-new").order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["event.saved", "event.ended", "event.restored"]
