"""A warning that its desk leaves goes up: each step once, in working hours, and not when somebody has it in hand."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from tests import factories as make

from ballast.areas.alerts.answers.models import LampAnswer
from ballast.areas.alerts.models import Lamp
from ballast.areas.audit.models import AuditEntry
from ballast.areas.desks import services as desks
from ballast.areas.desks.models import EscalationStep
from ballast.areas.desks.selectors import warning_steps
from ballast.areas.notices.models import Message, Notice
from ballast.areas.responses.escalation.escalating import escalate_warnings
from ballast.areas.responses.jobs import escalate_unanswered
from ballast.areas.responses.models import Escalated, Warned, WarnedOf, WarningAnswer

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def local(day, hour, minute=0):
    """An instant of April 2022; the 28th is a Thursday, the 29th a Friday. Offices work from nine to five."""
    return dt.datetime(2022, 4, day, hour, minute, tzinfo=ZONE)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        make.working_calendar()
        nation = make.region("CN", level="nation", name="China")
        shanghai = make.region("310000", nation, level="province", name="Shanghai")
        jilin = make.region("220000", nation, level="province", name="Jilin")
        pudong = make.region("310115", shanghai, name="Pudong")
        part = make.product("part")
        firms = [make.enterprise(f"E{n}", region=place) for n, place in enumerate((pudong, pudong, jilin))]
        sites = [make.site(f"S{n}", of=firm, name=f"Plant {n}") for n, firm in enumerate(firms)]
        need = make.need(sites[0], part)
        for name, role, region in (
            ("city", "city_officer", "310115"), ("olga", "province_officer", "310000"), ("mia", "ministry_officer", ""),
            ("jin", "province_officer", "220000"), ("lee", "leader", "310000"), ("top", "leader", ""),
        ):  # fmt: skip
            make.user(role, username=name, region=region)
        yield SimpleNamespace(sites=sites, need=need, part=part, city=_person("city"))
        transaction.set_rollback(True)


@pytest.fixture
def world(built):
    with transaction.atomic():
        yield built
        transaction.set_rollback(True)


def _person(name):
    from ballast.areas.accounts.models import User

    return User.objects.get(username=name)


def warned(*sites, since=None, product=None):
    """A warning of these plants that began on Thursday at nine."""
    since = since or local(28, 9)
    row = Warned.objects.create(
        key=f"k{Warned.objects.count()}", site=sites[0], began_at=since, data_at=since,
        basis={"rule": "r", "network": "n", "horizon": 30},
    )  # fmt: skip
    WarnedOf.objects.bulk_create(WarnedOf(warning=row, site=site, product=product, since=since) for site in sites)
    return row


def answered(row, kind="acknowledged", until=29, ended=None, places=(), by=None):
    return WarningAnswer.objects.create(
        warning=row, kind=kind, by=by, begun_at=local(28, 10), until=dt.date(2022, 4, until), note="mine",
        ended_at=ended, ended_why="worse" if ended else "", places=[list(place) for place in places],
    )  # fmt: skip


def lamp_answered(world):
    lamp = Lamp.objects.create(need=world.need, level="red", since=local(28, 9))
    until = dt.date(2022, 4, 29)
    LampAnswer.objects.create(
        lamp=lamp, kind="acknowledged", begun_at=local(28, 10), until=until, note="x", level="red"
    )


def told():
    """Who heard how often that nobody answers."""
    names = Notice.objects.filter(template__endswith="_escalated").values_list("person__username", flat=True)
    return {name: list(names).count(name) for name in sorted(names)}


def decided(state):
    return lambda world, row: Warned.objects.filter(pk=row.pk).update(state=state)


def over(world, row):
    Warned.objects.filter(pk=row.pk).update(ended_at=local(28, 12))


# What happens to a warning of Thursday nine, when the clock looks, and who has heard by then.
TABLE = {
    "nobody is called before the desk had its hours": ({}, [local(28, 12, 59)], {}),
    "a warning left for four hours does not stay on one desk": ({}, [local(28, 13)], {"olga": 1}),
    "the superior is not called at each run": ({}, [local(28, 13), local(28, 13, 10), local(28, 16)], {"olga": 1}),
    "the leader is not passed over when the superior is silent too": (
        {}, [local(28, 13), local(29, 9)], {"lee": 1, "olga": 1},
    ),
    "nobody is woken at night or on a holiday": ({}, [local(28, 20), local(30, 12)], {}),
    "a weekend is not taken for silence": ({"since": local(29, 16)}, [local(29, 16, 59)], {}),
    "a halt of the jobs loses no step": ({}, [local(29, 12)], {"lee": 1, "olga": 1}),
    "who confirmed is not complained of": ({"then": decided("confirmed")}, [local(29, 12)], {}),
    "who dismissed is not complained of": ({"then": decided("dismissed")}, [local(29, 12)], {}),
    "what is over calls nobody": ({"then": over}, [local(29, 12)], {}),
    "an acknowledgement stops it": ({"answer": {}}, [local(29, 12)], {}),
    "a silence stops it": ({"answer": {"kind": "silenced"}}, [local(29, 12)], {}),
    "another province's word does not speak for this desk": (
        {"answer": {"places": [("220000", "")]}}, [local(28, 13)], {"olga": 1},
    ),
    "the province's word speaks for its city": ({"answer": {"places": [("310000", "")]}}, [local(29, 12)], {}),
    "a chain's word does not speak for a plant outside the chain": (
        {"answer": {"places": [("", "automobile")]}}, [local(28, 13)], {"olga": 1},
    ),
    "an acknowledgement that ended begins the time anew, not at once": (
        {"answer": {"ended": local(28, 12)}}, [local(28, 15, 59)], {},
    ),
    "an acknowledgement that ended does not stop it for good": (
        {"answer": {"ended": local(28, 12)}}, [local(28, 16)], {"olga": 1},
    ),
    "an answer whose last day is over does not stop it for good": (
        {"answer": {"until": 28}}, [local(29, 9), local(29, 13)], {"olga": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_what_the_escalation_prevents(world, case):
    setup, looks, expected = TABLE[case]
    row = warned(*world.sites[:2], since=setup.get("since"))
    if "answer" in setup:
        answered(row, **setup["answer"])
    if "then" in setup:
        setup["then"](world, row)
    for at in looks:
        escalate_warnings(at)
    assert told() == expected


def test_the_answer_to_a_red_lamp_speaks_for_its_input_alone(world):
    row = warned(world.sites[0], product=world.part)
    lamp_answered(world)
    escalate_warnings(local(28, 16))
    assert told() == {}
    LampAnswer.objects.update(ended_at=local(28, 12))
    escalate_warnings(local(28, 16))
    assert told() == {"olga": 1}
    assert (Escalated.objects.get(warning=row).since, Escalated.objects.get().hours) == (local(28, 12), 4)


def test_each_desk_has_its_own_time_and_a_person_hears_once_of_all_that_comes_in_one_run(world, client):
    both = warned(world.sites[0], world.sites[2])
    other = warned(world.sites[1])
    answered(both, places=[("220000", "")])
    assert escalate_warnings(local(28, 13)) == 2
    notice = Notice.objects.get(template="warnings_escalated")
    assert (notice.person.username, notice.values["count"]) == ("olga", "2")
    client.force_login(_person("olga"))
    page = client.get(notice.path)
    assert {found.warning for found, _answers in page.context["rows"]} == {both, other}
    found = client.get("/api/v1/warnings?escalated=true").json()["items"]
    assert {one["id"] for one in found} == {both.pk, other.pk}
    WarningAnswer.objects.update(ended_at=local(28, 13))
    escalate_warnings(local(29, 9))
    assert told()["mia"] == 1, "Jilin has no desk below: its superior is the whole authority"
    assert {row.desk for row in both.escalated.all()} == {"310115", "220000"}
    assert AuditEntry.objects.filter(action="warning.escalated").count() == Escalated.objects.count()
    client.force_login(_person("jin"))
    detail = client.get(f"/api/v1/warnings/{both.pk}").json()
    assert {step["desk"] for step in detail["escalation"]} == {"220000"}, "nobody reads whose plants lie elsewhere"


def test_the_page_says_what_comes_next_and_then_what_came(world, client, monkeypatch):
    row = warned(world.sites[0])
    client.force_login(world.city)
    said = client.get(f"/warnings/{row.pk}/").content.decode()
    assert "owes an answer since 2022-04-28 09:00" in said
    assert "Desk of the region above, at 2022-04-28 13:00" in said
    monkeypatch.setattr("django.utils.timezone.now", lambda: local(28, 14))
    assert escalate_unanswered.call() == 1
    said = client.get(f"/warnings/{row.pk}/").content.decode()
    assert "Told: olga." in said
    assert "Leaders of the region, at 2022-04-29 09:00" in said
    steps = client.get(f"/api/v1/warnings/{row.pk}").json()["escalation"]
    assert [(step["to"], step["taken"], step["people"]) for step in steps] == [
        ("superior", True, ["olga"]), ("leader", False, []),
    ]  # fmt: skip
    assert not Message.objects.filter(channel="webhook").exists(), "no other system hears of an exercise's silence"


def test_an_authority_sets_its_own_steps_on_the_page_of_the_escalation(world, client):
    mia = _person("mia")
    client.force_login(mia)
    assert [(step.hours, step.to, step.pk) for step in warning_steps()] == [(4, "superior", None), (8, "leader", None)]
    assert "as shipped" in client.get("/desks/escalation/").content.decode()
    answer = client.post("/desks/escalation/", {"kind": "warning", "hours": "2", "to": "leader"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert [(step.hours, step.to) for step in warning_steps()] == [(2, "leader")]
    warned(world.sites[0])
    assert escalate_warnings(local(28, 11)) == 1
    assert told() == {"lee": 1}
    for hours, to, why in ((0, "superior", "wait for an answer"), (3, "leader", "once"), (3, "owner", "first desk")):
        with pytest.raises(ValidationError, match=why):
            desks.add_step(mia, kind="warning", hours=hours, to=to, kinds=())
    assert EscalationStep.objects.filter(kind="warning").count() == 1
    listed = [row for row in client.get("/api/v1/escalation-steps").json() if row["kind"] == "warning"]
    assert [(row["hours"], row["to"]) for row in listed] == [(2, "leader")]
