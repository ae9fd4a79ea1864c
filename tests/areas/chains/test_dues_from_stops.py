"""A case is due by the stop of its site exactly as the stored forecast says, minus the remedy of its kind."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from tests import factories as make

from ballast.areas.cases.clocks.checks import differing
from ballast.areas.cases.clocks.dues import follow_all, follow_stops, in_hand
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.packs.in_force import PROBLEM, kinds, pack_named
from ballast.areas.chains.models import SiteForecast
from ballast.areas.chains.services import compute, run_forecast

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
FILED = dt.datetime(2022, 4, 27, 10, 0, tzinfo=ZONE)


@pytest.fixture(scope="module")
def plants(django_db_setup, django_db_blocker):
    """Thirty plants that live on a closed supplier, with stocks drawn at random; a case of each, of any kind."""
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        chance, kind_names = random.Random(11), list(pack_named(PROBLEM).kinds_by_name)
        source = make.site("SRC")
        for number in range(30):
            plant = make.site(f"P-{number:02}")
            make.need(plant, source.product, stock=100.0 * chance.uniform(0, 40))
            make.link(source, plant)
            Case.objects.create(
                number=f"X-{number:02}", kind=kind_names[number % len(kind_names)], state="accepted", site=plant,
                enterprise=plant.enterprise, place=plant.region, blocked="steel", needed_by=make.TODAY, contact="c",
                text="t", filed_at=FILED, due_at=FILED, state_since=FILED, lead_region=plant.region,
            )  # fmt: skip
        make.event("SRC", start=make.TODAY)
        follow_all("log")
        yield run_forecast()
        transaction.set_rollback(True)


def test_cases_are_due_by_the_forecast_to_the_day(plants):
    run = plants
    found, _tables = compute(run.day, run.horizon)
    stops = {found.network.site_ids[i]: int(day) for i, day in enumerate(found.low.stop_day) if day >= 0}
    reasons = []
    for case in in_hand().select_related("site"):
        day = stops.get(case.site.site_id)
        # Where a plant stands on the day of the first forecast, no stop was ahead.
        ahead = None if not day else run.day + dt.timedelta(days=day)
        assert (case.stops_on if day != 0 else None) == ahead, case
        if ahead is None:
            assert case.due_at == case.policy_due, case
            continue
        remedy = dt.datetime.combine(ahead - dt.timedelta(days=kinds()[case.kind].remedy_days), dt.time(18), ZONE)
        assert case.due_at == min(max(remedy, case.answer_due), case.policy_due), case
        reasons.append(case.due_at == case.policy_due)
    assert set(reasons) == {True, False}  # both reasons count somewhere
    assert differing() == []


def test_a_report_touches_the_cases_of_its_sites_only_and_the_same_forecast_nothing(
    plants, django_assert_max_num_queries
):
    run = plants
    rows = SiteForecast.objects.filter(run=run, stop_day__isnull=False)
    stops = {row.site_id: (row.stop_day, row.certain) for row in rows}
    lines = CaseEntry.objects.count()
    with django_assert_max_num_queries(7):
        assert follow_stops(run.day, stops).numbers == ()
    case = in_hand().filter(entries__move="clock_due", stops_on__gt=run.day).first()
    with django_assert_max_num_queries(16):
        moved = follow_stops(run.day, stops | {case.site_id: (run.horizon + 300, True)})
    assert moved.numbers == (case.number,)
    assert CaseEntry.objects.count() == lines + 1
    case.refresh_from_db()
    assert case.due_at == case.policy_due
    assert "more time" in case.entries.last().said
