"""Modes are told once to whom they concern: desks that they touch, enterprises in scope; and the command switches."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.utils.translation import override
from tests import factories as make
from tests.areas.provinces import person, provinces

from ballast.areas.accounts.models import User
from ballast.areas.modes import services
from ballast.areas.modes.jobs import note_ended_modes
from ballast.areas.modes.models import Switch
from ballast.areas.modes.selectors import visible_switches
from ballast.areas.notices.models import Message, Notice, Preference
from ballast.areas.notices.wording import sentence_of, title_of
from ballast.areas.reference.models import Authority
from ballast.areas.registry.models import Chain
from ballast.areas.responses.modes.telling import desks_in
from ballast.cli import main

pytestmark = pytest.mark.django_db
TODAY, DAY = make.TODAY, dt.timedelta(days=1)
DESKS = {"mia", "max", "olga", "otto", "jin", "city", "cara", "lee"}


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        world = provinces()
        make.chain("rail")
        places = (world.pudong, [world.car]), (world.shanghai, []), (world.jiangsu, [world.car])
        for n, (place, chains) in enumerate(places):
            make.site(of=make.enterprise(f"E{n}", region=place, chains=chains))
        make.user("reporter", username="rita1", enterprise="E1")
        make.user("reporter", username="rita2", enterprise="E2")
        make.user("province_officer", username="cara", chain="automobile")
        make.user("leader", username="lee", region="310000")
        make.user("ministry_officer", username="max")
        yield {"310000": world.shanghai, "320000": world.jiangsu, "310115": world.pudong, "": None}
        transaction.set_rollback(True)


@pytest.fixture
def world(built):
    with transaction.atomic():
        yield built
        transaction.set_rollback(True)


def switched(world, region="310000", chain="", *, by="olga", other="otto", **fields):
    of = Chain.objects.get(code=chain) if chain else None
    given = {"mode": "emergency", "region": world[region], "chain": of, "ends": TODAY + 9 * DAY, "reason": "Closed"}
    return services.decide(person(other), services.ask(person(by), **given | fields), confirm=True)


def told(template):
    names = list(Notice.objects.filter(template=template).values_list("person__username", flat=True))
    assert len(names) == len(set(names)), "nobody hears twice"
    return set(names)


def test_each_in_the_scope_hears_once_that_a_mode_begins_goes_on_and_is_over(world):
    User.objects.filter(username="olga").update(language="zh-hans")
    services.ask(person("jin"), mode="vigilance", region=world["320000"], chain=None, ends=TODAY + DAY, reason="x")
    assert not Notice.objects.exists(), "what waits for a second person is told to nobody"
    switch = switched(world)
    concerned = {"mia", "max", "olga", "otto", "city", "lee", "rita", "rita1"}
    assert told("mode_entered") == concerned
    notice = Notice.objects.get(person__username="rita")
    assert (notice.subject, notice.path) == ("Emergency · Shanghai", "/portal/stocks/")
    said = "From 2022-04-28 to 2022-05-07. Stocks are reported: Twice a day. Reason: Closed"
    assert sentence_of(notice.template, notice.values) == said
    theirs = Notice.objects.get(person__username="olga")
    assert (theirs.subject, theirs.path) == ("应急 · Shanghai", "/modes/")
    with override("zh-hans"):
        assert "应急" in title_of(theirs.template, theirs.values)
    switched(world, starts=TODAY + 10 * DAY, ends=TODAY + 20 * DAY)
    assert told("mode_extended") == concerned
    Authority.objects.update(exercise_date=TODAY + 10 * DAY)
    assert [note_ended_modes.func() for _twice in range(2)] == [1, 0]
    assert told("mode_over") == set(), "one that goes on is not over"
    later = Switch.objects.exclude(pk=switch.pk).get(mode="emergency")
    services.stop(person("otto"), later, reason="Open again")
    assert told("mode_over") == concerned
    assert "Open again" in Notice.objects.get(person__username="lee", template="mode_over").values["reason"]
    assert told("mode_entered") == concerned, "nothing is told anew"


def test_the_end_that_comes_by_itself_is_told_too_and_mails_above_ones_number_wait_for_the_digest(world, settings):
    settings.EMAIL_HOST = "mail.example.org"
    User.objects.filter(username="mia").update(email="mia" + chr(64) + "example.org")
    Preference.objects.create(person=person("mia"), most_a_day=1)
    switched(world, "320000", by="mia", other="max", ends=TODAY)
    Authority.objects.update(exercise_date=TODAY + DAY)
    assert note_ended_modes.func() == 1
    assert told("mode_over") == told("mode_entered") == {"mia", "max", "jin", "rita2"}
    mails = Message.objects.filter(person__username="mia").order_by("pk")
    assert [(mail.kind, mail.state) for mail in mails] == [("mode_entered", "owed"), ("mode_over", "held")]


@pytest.mark.parametrize(
    ("region", "chain"), [("310000", ""), ("310115", "automobile"), ("", "automobile"), ("", "rail")]
)
def test_who_is_told_is_who_sees_it_on_the_page_of_modes(world, region, chain):
    switch = switched(world, region, chain, by="mia", other="max")
    seen = {name for name in DESKS if visible_switches(person(name)).filter(pk=switch.pk).exists()}
    assert {one.username for one in desks_in(switch)} == seen


def test_the_command_lists_proposes_seconds_and_ends_and_still_needs_two_persons(world):
    def run(*args, who):
        return CliRunner().invoke(main, ["modes", *args], env={"BALLAST_USER": who})

    wanted = ("propose", "emergency", "--region", "310000", "--until", "2022-05-07", "--reason", "Closed")
    result = run(*wanted, who="olga")
    assert result.exit_code == 0, result.output
    row = Switch.objects.get()
    assert result.output.startswith(f"Mode {row.pk} waits for a second person")
    assert "nobody confirms their own" in run("second", str(row.pk), who="olga").output
    for args, who in (
        (("second", str(row.pk)), "jin"), (("second", "99999"), "otto"), (("end", "99999", "--reason", "x"), "otto"),
    ):  # fmt: skip
        refused = run(*args, who=who)
        assert (refused.exit_code, "There is no mode" in refused.output) == (2, True), args
    assert "has no right" in run("second", str(row.pk), who="ana").output
    assert "has no right" in run(*wanted, who="rita").output
    assert "“999” is not known" in run("propose", "vigilance", "--region", "999", *wanted[4:], who="mia").output
    assert run("propose", "vigilance", "--until", "2022-05-07", who="mia").exit_code == 2
    assert "Waits for a second person" in run("list", who="otto").output
    assert run("second", str(row.pk), who="otto").output == f"Mode {row.pk} holds from 2022-04-28 to 2022-05-07.\n"
    listed = json.loads(run("list", "--json", who="city").output)
    assert (listed["total"], listed["modes"][0]["in_force"], listed["modes"][0]["region"]) == (1, True, "310000")
    assert json.loads(run("list", "--json", who="jin").output)["total"] == 0
    assert (
        "Emergency\tShanghai\t2022-04-28 to 2022-05-07\tTwice a day\tin force\tClosed" in run("list", who="lee").output
    )
    assert run("end", str(row.pk), "--reason", "Open", who="olga").output == f"Mode {row.pk} is over: back to normal.\n"
    assert "not in force any more" in run("end", str(row.pk), "--reason", "Open", who="olga").output
    assert json.loads(run("list", "--json", who="city").output)["total"] == 0
    assert json.loads(run("list", "--all", "--json", who="city").output)["total"] == 1
