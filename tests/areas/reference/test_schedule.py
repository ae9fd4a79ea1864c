"""Jobs by the clock: when they are due, and that one tick wins each."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils.module_loading import import_string
from tests import factories as make

from ballast.areas.reference import schedule
from ballast.areas.reference.models import Schedule

NOON = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "zone", "due"),
    [
        ("06:00", "Asia/Shanghai", "2026-03-28T22:00+00:00"),
        ("20:01", "Asia/Shanghai", "2026-03-28T12:01+00:00"),
        ("20:00", "Asia/Shanghai", "2026-03-29T12:00+00:00"),
        # The clock jumps from 02:00 to 03:00 that night.
        ("02:30", "Europe/Berlin", "2026-03-29T01:30+00:00"),
    ],
)
def test_daily_job_is_due_at_its_local_time(at, zone, due):
    row = Schedule(at=dt.time.fromisoformat(at))
    assert schedule.next_due(row, after=NOON, zone=zone) == dt.datetime.fromisoformat(due)


def test_job_without_time_never_runs():
    assert schedule.next_due(Schedule(), after=NOON, zone="UTC") is None


@pytest.fixture
def queued(monkeypatch):
    """Names of the jobs that were queued, instead of running them."""
    names = []

    class Job:
        def __init__(self, path):
            self.path = path

        def enqueue(self):
            if "broken" in self.path:
                raise ImportError(self.path)
            names.append(self.path)

    monkeypatch.setattr(schedule, "import_string", Job)
    return names


def row(name="a", **fields):
    return Schedule.objects.create(name=name, job=f"jobs.{name}", **({"every_minutes": 10, "next_due": NOON} | fields))


@pytest.mark.django_db
def test_tick_queues_what_is_due_once(queued):
    row()
    row("later", next_due=NOON + dt.timedelta(minutes=1))
    assert schedule.tick(instant=NOON) == ["a"]
    assert schedule.tick(instant=NOON) == []
    assert queued == ["jobs.a"]
    assert Schedule.objects.get(name="a").next_due == NOON + dt.timedelta(minutes=10)


@pytest.mark.django_db
def test_job_missed_for_days_runs_once(queued):
    row(next_due=NOON - dt.timedelta(days=3))
    assert schedule.tick(instant=NOON) == ["a"]
    assert schedule.tick(instant=NOON + dt.timedelta(minutes=9)) == []
    assert len(queued) == 1


@pytest.mark.django_db
def test_broken_job_keeps_its_error_and_lets_others_run(queued, caplog):
    row("broken")
    row("well")
    assert schedule.tick(instant=NOON) == ["well"]
    assert "ImportError" in Schedule.objects.get(name="broken").last_error


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_claim_each_job_once(queued):
    for n in range(8):
        row(f"job{n}")
    start = threading.Barrier(2)

    def claim():
        start.wait()
        try:
            schedule.tick(instant=NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(queued) == [f"jobs.job{n}" for n in range(8)]


@pytest.mark.django_db
def test_sync_takes_the_brief_time_of_the_authority_and_keeps_due_times():
    desk = make.authority(brief_time="05:30")
    schedule.sync()
    brief = Schedule.objects.get(name="daily brief")
    assert brief.at == dt.time(5, 30)
    schedule.sync()
    assert Schedule.objects.get(name="daily brief").next_due == brief.next_due
    desk.brief_time = dt.time(7)
    desk.save()
    schedule.sync()
    assert Schedule.objects.get(name="daily brief").next_due != brief.next_due


@pytest.mark.django_db
def test_every_shipped_job_exists():
    make.authority()
    schedule.sync()
    for path in Schedule.objects.values_list("job", flat=True):
        assert callable(import_string(path).enqueue)
