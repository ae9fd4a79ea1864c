"""Who has reported, who is late, reminders."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.audit.models import AuditEntry
from ballast.areas.reports import selectors
from ballast.areas.reports.models import Reminder

pytestmark = pytest.mark.django_db
NOON_THURSDAY = dt.datetime(2022, 4, 28, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def at(monkeypatch):
    """Set the authority's local time of 28 April 2022 (or another day)."""
    of = make.authority(report_due_time="09:00")

    def stand(text):
        instant = dt.datetime.fromisoformat(text + "+08:00")
        of.exercise_date = instant.date()
        of.save()
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    return stand


def reported(text, enterprise_id, **more):
    site = make.site(f"S-{enterprise_id}", of=make.enterprise(enterprise_id))
    instant = dt.datetime.fromisoformat(text + "+08:00") if text else None
    return make.need(site, reported_at=instant, **more)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2022-04-28T08:59", "2022-04-27"),
        ("2022-04-28T09:00", "2022-04-28"),
        ("2022-04-24T12:00", "2022-04-22"),  # Sunday: Friday's report is the last one due
        ("2022-04-25T08:00", "2022-04-22"),  # Monday before nine
    ],
)
def test_which_report_is_due(at, moment, day):
    at(moment)
    assert selectors.due().day.isoformat() == day


def test_a_make_up_working_sunday_has_a_report_due(at):
    at("2022-04-24T12:00")
    make.working_calendar("plain", {"2022-04-24": ["09:00-17:00"]})
    assert selectors.due().day == dt.date(2022, 4, 24)


def test_late_after_the_due_time_only(at):
    reported("2022-04-27T10:00", "E-yesterday")
    reported("2022-04-28T08:00", "E-today")
    reported("2022-04-26T08:00", "E-old")
    reported(None, "E-never")
    reported(None, "E-unused", daily_use=0.0)
    user = make.user()
    at("2022-04-28T08:30")
    assert [e.enterprise_id for e in selectors.late_enterprises(user)] == ["E-never", "E-old"]
    at("2022-04-28T09:30")
    assert [e.enterprise_id for e in selectors.late_enterprises(user)] == ["E-never", "E-old", "E-yesterday"]


def test_coverage_counts_sites_with_an_input_in_use(at):
    at("2022-04-28T12:00")
    reported("2022-04-28T08:00", "E-today")
    reported("2022-04-27T08:00", "E-yesterday")
    reported(None, "E-unused", daily_use=0.0)
    assert selectors.coverage(make.user())[:2] == (1, 2)
    assert selectors.coverage(make.user("reporter", enterprise="E-today"))[:2] == (1, 1)


def test_the_pages_lists_add_up_to_the_coverage(at, client):
    at("2022-04-28T12:00")
    reported("2022-04-28T08:00", "E-today")
    reported("2022-04-27T08:00", "E-yesterday")
    client.force_login(make.user())
    assert client.get("/reports/?reported=1").context["page"].paginator.count == 1
    assert client.get("/reports/?late=1").context["page"].paginator.count == 1
    assert "S-E-yesterday" in client.get("/reports/?format=csv").content.decode("utf-8-sig")


def test_a_reminder_is_recorded_once_a_day(at, client):
    at("2022-04-28T12:00")
    reported(None, "E-never")
    client.force_login(make.user())
    for _ in range(2):
        assert client.post("/reports/remind/", {"enterprise": ["E-never"]}).status_code == 302
    assert Reminder.objects.count() == 1
    assert AuditEntry.objects.filter(action="report.reminded", enterprise="E-never").count() == 1


@pytest.mark.parametrize("role", ["leader", "analyst", "reporter"])
def test_only_a_desk_reminds(at, client, role):
    at("2022-04-28T12:00")
    reported(None, "E-never")
    client.force_login(make.user(role, enterprise="E-never" if role == "reporter" else ""))
    assert client.post("/reports/remind/", {"enterprise": ["E-never"]}).status_code == 404
    assert not Reminder.objects.exists()


def test_a_province_does_not_remind_another_ones_enterprise(at, client):
    at("2022-04-28T12:00")
    make.region("220000")
    reported(None, "E-never")
    client.force_login(make.user("province_officer", region="220000"))
    assert client.post("/reports/remind/", {"enterprise": ["E-never"]}).status_code == 404
