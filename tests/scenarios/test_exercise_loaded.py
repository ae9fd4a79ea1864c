"""The small exercise in a database: complete, marked, and with something to see for everybody."""

import random

import pytest
from django.db.models import Count
from tests.conftest import EXERCISE_PASSWORD

from ballast.areas.accounts.access import can, scope_of
from ballast.areas.accounts.models import Role, User
from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange
from ballast.areas.audit.models import AuditEntry
from ballast.areas.cases.models import Case, State
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.chains.models import ForecastRun
from ballast.areas.reference.selectors import authority, today
from ballast.areas.registry.frames import frames
from ballast.areas.registry.models import Site
from ballast.core.forecast import forecast
from ballast.exercise import DAY0, generate, load
from ballast.exercise.people import LOGINS
from ballast.tables.network import build_from_frames

pytestmark = pytest.mark.django_db


def test_everything_is_marked_as_an_exercise(exercise):
    of = authority()
    assert of.is_exercise
    assert "exercise" in of.name
    assert today() == DAY0


def test_register_holds_what_was_generated(exercise):
    made, held = generate("s").frames, frames()
    for name in ("enterprises", "sites", "links"):
        key = held[name].columns[:2]
        columns = [c for c in made[name].columns if c in held[name].columns]
        assert held[name].select(columns).sort(key).equals(made[name].select(columns).sort(key)), name
    assert held["needs"].height == exercise["needs"]
    assert held["events"].height == exercise["events"]


def test_installing_twice_is_refused(exercise):
    with pytest.raises(ValueError, match="already holds"):
        load.install("s", password=EXERCISE_PASSWORD)


def test_one_login_for_each_role(exercise):
    assert {login.role for login in LOGINS} == set(Role.values)
    for login in LOGINS:
        assert User.objects.get(username=login.username).check_password(EXERCISE_PASSWORD)
    assert can(User.objects.get(username="leader"), "view_desk")
    assert scope_of(User.objects.get(username="city")).places == (("220100", ""),)


def test_officers_of_a_place_have_something_to_see(exercise):
    for name in ("province", "city", "reporter"):
        user = User.objects.get(username=name)
        assert visible_cases(user).exists(), name


def test_lamps_say_since_when(exercise):
    assert Lamp.objects.count() == exercise["needs"]
    assert (
        EnterpriseLamp.objects.count()
        == Site.objects.filter(needs__isnull=False).values("enterprise").distinct().count()
    )
    assert LampChange.objects.exclude(level_before="").exists()
    assert LampChange.objects.values("at__date").annotate(n=Count("pk")).count() > 3


def test_output_at_risk_is_the_forecast_with_the_event_minus_that_without_to_the_last_digit(exercise):
    """For a random sample of the open cases, each against two whole forecasts of the engine."""
    cases = list(Case.objects.filter(output_at_risk__isnull=False, event__isnull=False).select_related("event"))
    network, events = build_from_frames(frames(), day0=today())
    horizon = ForecastRun.objects.get(is_current=True).horizon
    whole = forecast(network, events, horizon=horizon).low.total_lost_output
    for case in random.Random(4).sample(cases, 8):
        others = [event for event in events if event.event_id != case.event.event_id]
        assert case.output_at_risk == whole - forecast(network, others, horizon=horizon).low.total_lost_output
    assert sum(case.output_at_risk > 0 for case in cases) >= 3


def test_open_cases_about_events_carry_output_at_risk(exercise):
    assert Case.objects.filter(output_at_risk__gt=0).exists()
    assert not Case.objects.filter(state=State.CONFIRMED, output_at_risk__gt=0).exists()


def test_load_stands_in_the_audit(exercise):
    entry = AuditEntry.objects.get(action="exercise.loaded")
    assert entry.detail["seed"] == 2022


def test_english_exercise_leaves_the_language_of_pages_to_the_browser(exercise):
    assert exercise["language"] == "en"
    assert set(User.objects.values_list("language", flat=True)) == {""}
    assert User.objects.get(username="ministry").get_full_name() == "Ministry duty officer"
    assert all(text.isascii() for text in Case.objects.values_list("text", flat=True))
