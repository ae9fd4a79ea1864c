"""The exercise in a database: what pages count is what was published."""

import pytest
from django.db.models import Count

from ballast.areas.accounts.access import can, scope_of
from ballast.areas.accounts.models import Role, User
from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange
from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases.models import Case, CaseEntry, State
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.chains.models import ForecastRun
from ballast.areas.reference.selectors import authority, today
from ballast.areas.registry.frames import frames
from ballast.areas.registry.models import Enterprise, Site
from ballast.areas.registry.selectors import batches, restart_rate
from ballast.exercise import DAY0, generate, load
from ballast.exercise.people import LOGINS

PASSWORD = "ka-lo-me-nu-17-exercise"

pytestmark = pytest.mark.django_db


@pytest.fixture
def small():
    return load.install("s", password=PASSWORD)


def test_published_totals_come_out_of_the_database():
    load.install("m", password=PASSWORD)
    ministry = User.objects.get(username="ministry")
    shanghai = restart_rate(ministry, panel="shanghai-666")
    assert (shanghai.restarted, shanghai.listed) == (578, 666)
    assert round(shanghai.rate, 3) == 0.868
    jilin = restart_rate(ministry, panel="monitored-220000")
    assert (jilin.restarted, jilin.listed) == (49, 50)
    found = batches(ministry)
    assert [number for number, _ in found] == [1, 2, 3, 4]
    assert sum(rate.listed for _, rate in found) == 1_624
    assert Enterprise.objects.filter(panels__contains="vehicle-groups").count() == 15
    reds = Lamp.objects.filter(level="red").count()
    assert 10 <= reds <= 150
    run = ForecastRun.objects.get(is_current=True)
    assert run.day == DAY0
    assert 20 <= run.sites.filter(stop_day__range=(1, 14)).count() <= 60


def test_everything_is_marked_as_an_exercise(small):
    of = authority()
    assert of.is_exercise
    assert "exercise" in of.name
    assert today() == DAY0


def test_register_holds_what_was_generated(small):
    made, held = generate("s").frames, frames()
    for name in ("enterprises", "sites", "links"):
        key = held[name].columns[:2]
        columns = [c for c in made[name].columns if c in held[name].columns]
        assert held[name].select(columns).sort(key).equals(made[name].select(columns).sort(key)), name
    assert held["needs"].height == small["needs"]
    assert held["events"].height == small["events"]


def test_installing_twice_is_refused(small):
    with pytest.raises(ValueError, match="already holds"):
        load.install("s", password=PASSWORD)


def test_a_stop_in_the_middle_leaves_nothing(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(load, "load_cases", broken)
    with pytest.raises(RuntimeError):
        load.install("s", password=PASSWORD)
    assert not Enterprise.objects.exists()
    assert load.installed() is None


def test_one_login_for_each_role(small):
    assert {login.role for login in LOGINS} == set(Role.values)
    for login in LOGINS:
        assert User.objects.get(username=login.username).check_password(PASSWORD)
    assert can(User.objects.get(username="leader"), "view_desk")
    assert scope_of(User.objects.get(username="city")).places == (("220100", ""),)


def test_officers_of_a_place_have_something_to_see(small):
    for name in ("province", "city", "reporter"):
        user = User.objects.get(username=name)
        assert visible_cases(user).exists(), name


def test_lamps_say_since_when(small):
    assert Lamp.objects.count() == small["needs"]
    assert (
        EnterpriseLamp.objects.count()
        == Site.objects.filter(needs__isnull=False).values("enterprise").distinct().count()
    )
    assert LampChange.objects.exclude(level_before="").exists()
    assert LampChange.objects.values("at__date").annotate(n=Count("pk")).count() > 3


def test_open_cases_about_events_carry_output_at_risk(small):
    assert Case.objects.filter(output_at_risk__gt=0).exists()
    assert not Case.objects.filter(state=State.CONFIRMED, output_at_risk__gt=0).exists()


def test_load_stands_in_the_audit(small):
    entry = AuditEntry.objects.get(action="exercise.loaded")
    assert entry.detail["seed"] == 2022


def test_people_of_a_chinese_exercise_have_chinese_names_and_pages():
    load.install("s", password=PASSWORD, language="zh")
    ministry = User.objects.get(username="ministry")
    assert (ministry.get_full_name(), ministry.language) == ("部值班员", "zh-hans")
    assert User.objects.get(username="province").get_full_name() == "上海市值班员"
    assert set(User.objects.values_list("language", flat=True)) == {"zh-hans"}
    assert not [name for name in CaseEntry.objects.values_list("actor_name", flat=True) if name.isascii()]
    assert not [text for text in Case.objects.values_list("text", flat=True) if text.isascii()]


def test_english_exercise_leaves_the_language_of_pages_to_the_browser(small):
    assert small["language"] == "en"
    assert set(User.objects.values_list("language", flat=True)) == {""}
    assert User.objects.get(username="ministry").get_full_name() == "Ministry duty officer"
    assert all(text.isascii() for text in Case.objects.values_list("text", flat=True))
