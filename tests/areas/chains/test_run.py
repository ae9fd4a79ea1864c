"""The forecast through the database: what it keeps, and that output at risk is a difference of two forecasts."""

import datetime as dt

import pytest
from django_tasks_db.models import DBTaskResult
from tests import factories as make
from tests.areas.chains.conftest import file

from ballast.areas.cases import services as cases
from ballast.areas.cases.models import Case
from ballast.areas.chains import jobs, ranking, selectors
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.chains.services import compute, run_forecast
from ballast.areas.registry.frames import frames
from ballast.areas.registry.kept_frames import analysis_frames
from ballast.core.forecast import forecast
from ballast.tables.network import build_from_frames


def days(site):
    row = SiteForecast.objects.get(run__is_current=True, site=site)
    return row.slow_day, row.stop_day


def test_the_hand_worked_example_comes_out_of_the_database(closed):
    assert days(closed.part)[1] == 5
    assert days(closed.car)[1] == 10
    lost = dict(SiteForecast.objects.values_list("site__site_id", "lost_output"))
    assert lost == pytest.approx({"S-ore": 10, "S-part": 6, "S-car": 3.5})
    assert closed.run.summary["stops"] == 3


def test_output_at_risk_equals_the_difference_of_two_forecasts_to_the_last_digit(closed):
    found, _tables = compute(make.TODAY, 30)
    without = forecast(found.network, [e for e in found.events if e.event_id != closed.case.event.event_id], horizon=30)
    assert closed.case.output_at_risk == found.low.total_lost_output - without.low.total_lost_output
    assert closed.case.output_at_risk == pytest.approx(19.5)


def test_the_path_leads_from_the_event_to_the_plant(closed):
    row = SiteForecast.objects.get(site=closed.car)
    assert row.path["path"] == [closed.case.event.event_id, "S-ore", "S-part", "S-car"]
    assert row.lead_event == closed.case.event


def test_only_the_last_run_of_a_day_is_kept_and_earlier_days_stay(closed):
    run_forecast(day=make.TODAY - dt.timedelta(days=1))
    run_forecast()
    newest = run_forecast()
    assert list(ForecastRun.objects.order_by("day").values_list("day", flat=True)) == [
        make.TODAY - dt.timedelta(days=1), make.TODAY,
    ]  # fmt: skip
    assert ForecastRun.objects.get(is_current=True) == newest


def test_the_same_data_give_the_same_rows_and_hash(closed):
    def state():
        run = ForecastRun.objects.get(is_current=True)
        return run.network_hash, run.summary, list(run.sites.values_list("site", "stop_day", "lost_output", "path"))

    before = state()
    run_forecast()
    assert state() == before


def test_confirming_the_case_ends_its_event_and_empties_the_forecast(closed):
    cases.make_move(closed.ministry, closed.case.number, move="accept")
    cases.make_move(closed.ministry, closed.case.number, move="solve", text="Bus.")
    cases.make_move(closed.reporter, closed.case.number, move="confirm")
    run_forecast()
    assert not SiteForecast.objects.filter(run__is_current=True).exists()
    cases.make_move(closed.ministry, closed.case.number, move="reopen", text="Bus has stopped.")
    run_forecast()
    assert days(closed.car)[1] == 10


def test_a_dispute_leaves_the_event_in_force(closed):
    cases.make_move(closed.ministry, closed.case.number, move="accept")
    cases.make_move(closed.ministry, closed.case.number, move="solve", text="Bus.")
    cases.make_move(closed.reporter, closed.case.number, move="dispute", text="No bus came.")
    run_forecast()
    assert days(closed.car)[1] == 10


def test_unknown_stock_makes_a_possible_stop_with_an_interval(chain):
    chain.car.needs.update(stock=None, stock_upper=1500.0)
    make.event("S-part", end=make.TODAY + dt.timedelta(days=5))
    run_forecast()
    row = SiteForecast.objects.get(site=chain.car)
    assert (row.certain, row.stop_day_latest) == (False, None)
    assert row.stop_day is not None
    assert row.lost_output > row.lost_output_low == 0


def test_a_site_without_known_value_has_no_lost_output_rather_than_zero(closed):
    closed.car.daily_output_value = None
    closed.car.save()
    run_forecast()
    assert SiteForecast.objects.get(site=closed.car).lost_output is None


def test_many_changes_in_one_transaction_ask_for_one_order_and_one_forecast(
    chain, django_capture_on_commit_callbacks, monkeypatch
):
    asked = []
    monkeypatch.setattr(jobs.refresh_forecast.__class__, "enqueue", lambda self: asked.append(self.name))
    with django_capture_on_commit_callbacks(execute=True):
        make.event("S-ore")
        make.event("S-part")
        file_again = make.event("310000", kind="region")
        file_again.delete()
    assert asked == ["rank_cases", "refresh_forecast"]


def test_the_job_makes_the_current_run(chain):
    make.event("S-ore")
    jobs.refresh_forecast.call()
    assert selectors.current_run().summary["stops"] == 3


def test_the_order_after_a_report_is_that_of_a_whole_run_to_the_last_digit(closed):
    """Two cases, an unknown stock, reports that hold the stop off: each time as run_forecast() says it."""
    other = file(closed, closed.ore, blocked="No power")
    type(other.event).objects.filter(pk=other.event_id).update(subject="S-part", capacity_left=0.5)
    need = closed.car.needs.get()
    seen = []
    for stock in (250.0, 120.0, None, 800.0):
        type(need).objects.filter(pk=need.pk).update(stock=stock)
        ranking.rank_open_cases()
        quick = dict(Case.objects.values_list("number", "output_at_risk"))
        Case.objects.update(output_at_risk=None)
        run_forecast()
        assert quick == dict(Case.objects.values_list("number", "output_at_risk"))
        assert ranking.rank_open_cases() == 0, "nothing is left to write"
        seen.append(quick[closed.case.number])
    assert len(set(seen)) > 1
    assert quick[other.number] > 0.0


def test_the_tables_that_are_kept_make_the_network_that_is_read_anew(closed):
    def networks():
        return [build_from_frames(found, day0=make.TODAY) for found in (analysis_frames(), frames())]

    def alike():
        (kept, kept_events), (read, events) = networks()
        return kept.digest == read.digest and kept_events == events

    assert alike()
    site = make.site("S-new", of=closed.ore.enterprise, product=closed.ore.product)
    assert alike()
    make.link(site, closed.part, product=closed.ore.product, lead_days=3)
    assert alike()
    closed.part.needs.update(stock=7.0, blocked_stock=1.0, daily_use=3.0)
    closed.case.event.delete()
    assert alike()
    closed.car.needs.all().delete()
    assert alike()


def test_a_report_in_the_middle_of_a_run_is_ranked_then_and_not_overwritten_by_the_run(closed, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    before, reported = closed.case.output_at_risk, []

    def meanwhile():
        if not reported:
            reported.append(closed.part.needs.update(stock=700.0))
            jobs._enqueue()
        return jobs._rank_if_asked()

    run_forecast(meanwhile=meanwhile)
    closed.case.refresh_from_db()
    assert closed.case.output_at_risk < before, "the larger stock counts already"
    states = dict(DBTaskResult.objects.values_list("task_path", "status"))
    assert states == {jobs.rank_cases.module_path: "SUCCESSFUL", jobs.refresh_forecast.module_path: "READY"}
    ranked = closed.case.output_at_risk
    run_forecast()
    closed.case.refresh_from_db()
    assert closed.case.output_at_risk == ranked


def test_a_run_that_keeps_what_the_last_one_traced_writes_the_rows_of_one_that_does_not(closed):
    def rows(run):
        columns = [f.attname for f in SiteForecast._meta.concrete_fields if f.name not in {"id", "run"}]
        return run.network_hash, run.summary, list(run.sites.order_by("site").values(*columns))

    need, event = closed.car.needs.get(), closed.case.event
    seen = []
    for stock, left in ((250.0, 0.0), (0.0, 0.0), (None, 0.0), (None, 0.5), (800.0, 0.5)):
        type(need).objects.filter(pk=need.pk).update(stock=stock)
        type(event).objects.filter(pk=event.pk).update(capacity_left=left)
        kept = rows(run_forecast(again=True))
        assert kept == rows(run_forecast())
        seen.append(str(kept))
    assert len(set(seen)) == len(seen)
