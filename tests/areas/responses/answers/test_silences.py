"""What is silenced is told to nobody while it burns, and its end is; what the silence kept back is told after it."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.accounts.models import Grant
from ballast.areas.alerts.answers.giving import answer_lamp
from ballast.areas.alerts.answers.giving import end_answer as end_lamp_answer
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.services import relight
from ballast.areas.chains.services import run_forecast
from ballast.areas.notices.models import Notice
from ballast.areas.reference.models import Authority
from ballast.areas.registry.models import Need
from ballast.areas.registry.services import end_event
from ballast.areas.responses.answers.giving import answer_warning, end_answer
from ballast.areas.responses.jobs import tell_of_answers
from ballast.areas.responses.models import Told, Warned, WarnedOf
from ballast.areas.responses.selectors import may
from ballast.areas.responses.warnings.deciding import dismiss
from ballast.areas.responses.warnings.telling import tell_withheld

pytestmark = pytest.mark.django_db
PLANTS = 14
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
ACKNOWLEDGED, SILENCED = Answer.Kind.ACKNOWLEDGED, Answer.Kind.SILENCED
TODAY = make.TODAY


def told(*people):
    """Templates of the notices of each person."""
    rows = Notice.objects.order_by("pk")
    return [list(rows.filter(person=person).values_list("template", flat=True)) for person in people]


@pytest.fixture
def silenced(undone):
    """A plant in Shanghai whose own input is red, and silenced by the province's officer."""
    plant = undone.sites[1]
    undone.need = make.need(plant, make.product("glass"), daily_use=10.0, stock=10.0, reported_at=MORNING)
    make.link(make.site("S-glass", product=undone.need.product), plant)
    relight([undone.need.pk], at=MORNING)
    undone.lamp = Lamp.objects.get(need=undone.need)
    undone.answer = answer_lamp(
        undone.olga, undone.lamp.pk, SILENCED, until=TODAY + dt.timedelta(days=3), note="Furnace is repaired."
    )
    run_forecast()
    return undone


def test_a_silenced_lamp_brings_no_notice_and_its_end_is_told_to_all_who_were_spared(silenced):
    assert WarnedOf.objects.get(product="glass").warning.ended_at is None, "it is in the list of warnings all the same"
    assert told(silenced.olga, silenced.mia, silenced.jin) == [[], [], []]
    assert set(Told.objects.values_list("person__username", "state")) == {("olga", "silenced"), ("mia", "silenced")}
    silenced.need.stock = 9000.0
    silenced.need.save()
    relight([silenced.need.pk], at=MORNING)
    assert told(silenced.olga, silenced.mia, silenced.jin) == [["lamp_over"], ["lamp_over"], []]


def test_what_a_silence_kept_back_is_told_when_it_is_ended_early_or_its_day_is_over(silenced):
    assert tell_of_answers.call() == 0, "its day is today"
    Authority.objects.update(exercise_date=TODAY + dt.timedelta(days=4))
    assert tell_of_answers.call() == 1, "the author hears that it is over"
    assert told(silenced.olga, silenced.mia) == [["warning", "silenced_over"], ["warning"]]
    assert tell_of_answers.call() == 0
    Authority.objects.update(exercise_date=TODAY)
    Told.objects.update(state="silenced")
    Notice.objects.all().delete()
    assert tell_withheld() == 0, "the day is back, and so is the silence"
    end_lamp_answer(silenced.olga, silenced.lamp.pk, silenced.answer.pk)
    assert told(silenced.olga, silenced.mia) == [["warning"], ["warning"]]
    assert set(Told.objects.values_list("state", flat=True)) == {"told"}


def test_the_author_of_a_silence_is_reminded_each_week_and_nobody_hears_of_what_is_not_theirs_any_more(silenced):
    answer_lamp(silenced.mia, silenced.lamp.pk, SILENCED, until=TODAY + dt.timedelta(days=30), note="Furnace.")
    for days, told_of in ((6, 0), (7, 1), (8, 0), (14, 1)):
        Authority.objects.update(exercise_date=TODAY + dt.timedelta(days=days))
        assert (tell_of_answers.call(), tell_of_answers.call()) == (told_of, 0), f"day {days}"
    assert told(silenced.mia) == [["silence_goes_on", "silence_goes_on"]]
    silenced.mia.grants.update(role="province_officer", region="220000")
    Authority.objects.update(exercise_date=TODAY + dt.timedelta(days=21))
    assert tell_of_answers.call() == 0


def test_a_plant_that_stops_is_told_although_one_of_its_inputs_is_silenced(silenced):
    make.event(silenced.sites[1].site_id, event_id="HALT", name="Closed")
    run_forecast()
    assert told(silenced.olga, silenced.mia) == [["warning"], ["warning"]]
    assert Notice.objects.filter(person=silenced.olga).get().subject == "Closed"


def test_a_silence_of_a_warning_speaks_for_the_plants_of_its_author_alone(undone):
    make.event("S-mine", event_id="FIRE", name="Fire")
    run_forecast()
    warning = Warned.objects.get()
    answer = answer_warning(undone.olga, warning.pk, SILENCED, until=TODAY, note="Known here.")
    Notice.objects.all().delete()
    Told.objects.update(state="silenced")
    assert tell_withheld() == 2
    assert told(undone.mia, undone.jin, undone.olga) == [["warning"], ["warning"], []]
    with pytest.raises(Exception, match="beyond your scope"):
        end_answer(undone.jin, warning.pk, answer.pk)
    end_answer(undone.mia, warning.pk, answer.pk)
    assert told(undone.olga) == [["warning"]]


def test_an_acknowledged_warning_that_becomes_worse_or_is_over_is_told_to_who_had_it_in_hand(undone):
    fire = make.event("S-mine", event_id="FIRE", name="Fire")
    run_forecast()
    warning = Warned.objects.get()
    until = TODAY + dt.timedelta(days=9)
    first = answer_warning(undone.olga, warning.pk, ACKNOWLEDGED, until=until, note="On the phone with the maker.")
    assert (first.stops, first.places) == (4, [["310000", ""]])
    run_forecast()
    assert first.__class__.objects.get(pk=first.pk).ended_at is None, "the same forecast again is not worse"
    Need.objects.filter(product=undone.part).update(stock=80.0)
    run_forecast()
    first.refresh_from_db()
    assert (first.ended_at, first.first_stop) == (None, dt.date(2022, 5, 12)), "later is kept as fewer are"
    Need.objects.filter(product=undone.part).update(stock=60.0)
    run_forecast()
    assert first.__class__.objects.get(pk=first.pk).ended_why == "worse"
    second = answer_warning(undone.olga, warning.pk, ACKNOWLEDGED, until=until, note="Again.")
    end_event(fire, acting_user="test", withdraw=True)
    run_forecast()
    second.refresh_from_db()
    assert (second.ended_why, second.ended_by) == ("over", None)
    assert told(undone.olga)[0] == ["warning", "warning_worse", "warning_over"]
    with pytest.raises(Exception, match="is over since"):
        answer_warning(undone.olga, warning.pk, SILENCED, until=until, note="Too late.")


def test_who_only_sees_a_warning_answers_nothing_and_a_desk_above_ends_what_one_below_said(undone):
    make.event("S-mine", event_id="FIRE", name="Fire")
    run_forecast()
    warning = Warned.objects.get()
    pudong = make.region("310115", undone.shanghai, name="Pudong")
    undone.sites[1].enterprise.region = pudong
    undone.sites[1].enterprise.save()
    city = make.user("city_officer", username="city", region="310115")
    # Sees every plant, works on none of this warning's.
    guest = make.user("province_officer", username="guest", region=make.region("320000", undone.shanghai.parent).code)
    Grant.objects.create(user=guest, role="leader")
    answer = answer_warning(city, warning.pk, SILENCED, until=TODAY, note="Known here.")
    for act in (
        lambda: answer_warning(guest, warning.pk, SILENCED, until=TODAY, note="Looks on."),
        lambda: end_answer(guest, warning.pk, answer.pk),
        lambda: dismiss(guest, warning.pk, reason="Looks on."),
    ):
        with pytest.raises(Warned.DoesNotExist):
            act()
    assert (may(guest, "work_cases", warning), may(city, "work_cases", warning)) == (False, True)
    assert end_answer(undone.olga, warning.pk, answer.pk).ended_by == undone.olga, "the city lies in her province"
