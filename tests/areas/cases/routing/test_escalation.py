"""Steps before and after due: once for a due time, in working hours, to the right people; and the officer's queue."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.test import Client
from tests import factories as make
from tests.areas.cases.conftest import problem

from ballast.areas.accounts.models import User
from ballast.areas.cases import services
from ballast.areas.cases.jobs import escalate_due
from ballast.areas.cases.models import Case, Escalation
from ballast.areas.cases.ownership import mine
from ballast.areas.cases.routing.escalation import came_to, escalate, receivers
from ballast.areas.desks import services as desks
from ballast.areas.desks.models import EscalationStep
from ballast.areas.notices.models import Notice
from ballast.core.clocks import Calendar

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar("office", "1", ZONE, ((((dt.time(9), dt.time(17))),),) * 5 + ((),) * 2)


def local(day, hour, minute=0):
    """An instant of a day of April 2022; the 28th is a Thursday."""
    return dt.datetime(2022, 4, day, hour, minute, tzinfo=ZONE)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        make.escalation_steps()
        nation = make.region("CN", level="nation", name="China")
        shanghai = make.region("310000", nation, level="province", short="SH", name="Shanghai")
        jiangsu = make.region("320000", nation, level="province", short="JS", name="Jiangsu")
        district = make.region("310115", shanghai, name="Pudong")
        car = make.enterprise("car", region=district, name="Car works")
        people = {"rita": ("reporter", {"enterprise": "car"}), "olga": ("province_officer", {"region": "310000"}),
                  "tom": ("province_officer", {"region": "310000"}), "jin": ("province_officer", {"region": "320000"}),
                  "mia": ("ministry_officer", {}), "lee": ("leader", {"region": "310000"}),
                  "top": ("leader", {})}  # fmt: skip
        for name, (role, scope) in people.items():
            make.user(role, username=name, **scope)
        yield SimpleNamespace(
            nation=nation, shanghai=shanghai, jiangsu=jiangsu, district=district, plant=make.site("car-07", of=car),
            rita=fresh("rita"),
        )  # fmt: skip
        transaction.set_rollback(True)


@pytest.fixture
def case(world):
    """A case of olga's that is due on Thursday at noon."""
    found = problem(world)
    services.make_move(fresh("olga"), found.number, move="assign", owner=fresh("olga"))
    return due(found, local(28, 12))


def fresh(name):
    return User.objects.get(username=name)


def due(case, at):
    Case.objects.filter(pk=case.pk).update(due_at=at)
    case.refresh_from_db()
    return case


def told():
    """Who got how many notices of an escalation."""
    names = Notice.objects.filter(template="escalated").values_list("person__username", flat=True)
    return {name: list(names).count(name) for name in names}


def test_a_step_is_counted_in_working_hours():
    assert [came_to(OFFICE, -4, local(28, 12), at) for at in (local(27, 15, 59), local(27, 16), local(28, 13))] == [
        False,
        True,
        True,
    ]
    assert [came_to(OFFICE, 0, local(28, 12), at) for at in (local(28, 11, 59), local(28, 12))] == [False, True]
    friday, monday = local(29, 16), local(29, 16) + dt.timedelta(days=3)
    assert not came_to(OFFICE, 4, friday, monday - dt.timedelta(hours=4, minutes=1))
    assert came_to(OFFICE, 4, friday, monday - dt.timedelta(hours=4))


def test_each_step_is_taken_once_by_another_person_and_never_at_midnight(world, case):
    """Complaints 5 and 6: no reminders at night, and several levels reach different people."""
    assert escalate(local(28, 2)) == 0
    assert escalate(local(27, 13)) == 0
    assert (escalate(local(28, 9)), told()) == (1, {"olga": 1})
    assert (escalate(local(28, 9)), escalate(local(28, 11))) == (0, 0)
    # The line of the desk is for its people: tom hears of it, too.
    assert (escalate(local(28, 12)), told()) == (1, {"olga": 2, "tom": 1})
    assert (escalate(local(29, 11, 59)), escalate(local(29, 12))) == (0, 1)
    assert told() == {"olga": 2, "tom": 1, "mia": 1}
    assert escalate(local(28, 9) + dt.timedelta(days=40)) == 1
    assert told() == {"olga": 2, "tom": 1, "mia": 1, "lee": 1}
    lines = case.entries.filter(move="escalated")
    assert [line.facts["to"] for line in lines] == ["owner", "desk", "superior", "leader"]
    assert lines[0].said == "Escalated 4 working hours before due. Told: Owner, or the desk where there is none (olga)."
    page = Client()
    page.force_login(world.rita, backend="django.contrib.auth.backends.ModelBackend")
    assert "Escalated" not in page.get(f"/portal/problems/{case.number}/").content.decode()


def test_a_due_time_that_moves_escalates_again_only_when_it_is_passed_again(world, case):
    EscalationStep.objects.exclude(hours=0).delete()
    assert escalate(local(28, 13)) == 1
    due(case, local(28, 11))  # earlier: it had come to the step then already
    assert escalate(local(28, 14)) == 0
    due(case, local(28, 12, 30))  # later, and past when the step was taken
    assert escalate(local(28, 15)) == 0
    due(case, local(29, 12))
    assert (escalate(local(28, 16)), escalate(local(29, 12))) == (0, 1)
    assert list(Escalation.objects.filter(case=case).values_list("due_at", flat=True)) == [local(28, 12), local(29, 12)]


def test_a_case_that_waits_or_is_solved_escalates_to_nobody(world, case):
    Case.objects.filter(pk=case.pk).update(waiting_until=dt.date(2022, 5, 20))
    assert escalate(local(29, 12)) == 0
    Case.objects.filter(pk=case.pk).update(waiting_until=None)
    services.make_move(fresh("olga"), case.number, move="solve", text="done")
    assert escalate(local(29, 12)) == 0
    due(problem(world), local(28, 12))
    assert escalate_due.call() in {0, 1, 2}


def test_who_hears_when_a_desk_has_nobody(world, case):
    names = lambda to: [person.username for person in receivers(case, to)]  # noqa: E731
    case.owner = None
    assert (names("owner"), names("superior"), names("leader")) == (["olga", "tom"], ["mia"], ["lee"])
    case.department = desks.save_department(fresh("mia"), world.shanghai, "rail", name="Rail", members=["tom"])
    assert (names("desk"), names("superior")) == (["tom"], ["olga", "tom"])
    case.department, case.lead_region = None, world.district
    assert (names("desk"), names("leader")) == (["olga", "tom"], ["lee"])
    User.objects.filter(username="lee").update(is_active=False)
    assert names("leader") == ["top"]


def test_the_table_of_steps_is_kept_by_who_keeps_the_whole_authority(world):
    def add(by, **step):
        return desks.add_step(fresh(by), **({"kind": "", "hours": 2, "to": "desk"} | step), kinds=["energy"])

    with pytest.raises(ObjectDoesNotExist):
        add("olga")
    for step, field in (
        ({"kind": "x"}, "kind"),
        ({"hours": 401}, "hours"),
        ({"hours": float("nan")}, "hours"),
        ({"to": "x"}, "to"),
    ):
        with pytest.raises(ValidationError) as caught:
            add("mia", **step)
        assert list(caught.value.message_dict) == [field]
    add("mia")
    with pytest.raises(ValidationError, match="already"):
        add("mia")
    client = Client()
    client.force_login(fresh("mia"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/desks/escalation/", {"kind": "energy", "hours": "-2", "to": "owner"}).status_code == 302
    assert "2 working hours before due" in client.get("/desks/escalation/").content.decode()
    made = client.post("/api/v1/escalation-steps", {"hours": 3, "to": "leader"}, "application/json")
    assert made.status_code == 201
    assert client.delete(f"/api/v1/escalation-steps/{made.json()['id']}").status_code == 204
    listed = [step for step in client.get("/api/v1/escalation-steps").json() if step["kind"] != "warning"]
    assert len(listed) == EscalationStep.objects.count()
    client.force_login(fresh("olga"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/desks/escalation/", {"hours": "1", "to": "owner"}).status_code == 404


def test_my_queue_has_what_waits_for_me_my_cases_and_those_of_my_groups(world, case):
    other, offered = problem(world), problem(world)
    group = desks.save_group(
        fresh("mia"), None, name="Front", starts=make.TODAY, ends=make.TODAY, members=["jin"], regions=[world.shanghai]
    )
    services.give_to_group(fresh("olga"), other.number, group, text="why")
    services.make_move(fresh("olga"), offered.number, move="hand_over", region=world.jiangsu, text="Yours?")
    Case.objects.filter(pk=case.pk).update(output_at_risk=5.0)
    assert [one.number for one in mine.my_cases(fresh("olga"), "")] == [case.number]
    assert [one.number for one in mine.awaited(fresh("jin")).offered] == [offered.number]
    assert not mine.awaited(fresh("olga"))
    assert [(one.name, count) for one, count, _cases in mine.my_groups(fresh("jin"), "due")] == [("Front", 1)]
    services.make_move(fresh("jin"), offered.number, move="refuse", text="No.")
    assert [one.number for one in mine.awaited(fresh("mia")).refused] == [offered.number]
    assert not mine.awaited(fresh("jin"))
    EscalationStep.objects.update(to="owner")
    escalate(local(28, 12))
    client = Client()
    client.force_login(fresh("jin"), backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/cases/mine/").content.decode()
    assert f"/cases/{other.number}/" in text
    assert f"/cases/{case.number}/" not in text
    page = client.get(f"/desks/groups/{group.pk}/?sort=due").content.decode()
    assert f"/cases/{other.number}/" in page
    assert "Change the group" not in page
    client.force_login(fresh("olga"), backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/cases/mine/?sort=due").content.decode()
    assert "Escalated to me" in text
    assert f"/cases/{case.number}/" in text
    assert client.get(f"/desks/groups/{group.pk}/").status_code == 200
    assert "Change the group" in client.get(f"/desks/groups/{group.pk}/").content.decode()
