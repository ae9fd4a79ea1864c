"""Working days and hours, with the holidays of May 2022."""

import datetime as dt
import doctest
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.areas.reference import workdays
from ballast.areas.reference.workdays import WorkCalendar, add_working_days, add_working_hours, is_working_day

PLAIN = WorkCalendar("plain")
MAY = {dt.date(2022, 4, 30) + dt.timedelta(days=n): True for n in range(5)}
CN = WorkCalendar("cn", MAY | {dt.date(2022, 4, 24): False, dt.date(2022, 5, 7): False})
SHANGHAI = ZoneInfo("Asia/Shanghai")
dates = st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1))


def at(day, hour, minute=0):
    return dt.datetime(2022, *day, hour, minute, tzinfo=SHANGHAI)


def test_a_holiday_is_off_and_a_made_up_weekend_day_is_worked():
    assert not is_working_day(dt.date(2022, 5, 4), CN)
    assert is_working_day(dt.date(2022, 5, 7), CN)
    assert is_working_day(dt.date(2022, 5, 4), PLAIN)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [((4, 29), 1, (5, 5)), ((4, 29), 3, (5, 7)), ((5, 5), -1, (4, 29)), ((5, 1), 0, (5, 5)), ((5, 5), 0, (5, 5))],
)
def test_working_days_skip_the_holidays(start, days, end):
    assert add_working_days(dt.date(2022, *start), days, CN) == dt.date(2022, *end)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at((4, 28), 10), 4, at((4, 28), 14)),
        (at((4, 28), 9), 8, at((4, 28), 17)),
        (at((4, 29), 16, 30), 1, at((5, 5), 9, 30)),
        (at((4, 30), 12), 0, at((5, 5), 9)),
        (at((4, 28), 22), 24, at((5, 6), 17)),
    ],
)
def test_working_hours_count_only_while_the_office_is_open(start, hours, end):
    assert add_working_hours(start, hours, CN) == end


def test_a_calendar_without_working_days_is_an_error_and_no_endless_wait():
    never = WorkCalendar("never", {dt.date(2022, 1, 1) + dt.timedelta(days=n): True for n in range(500)})
    with pytest.raises(ValueError, match="never"):
        add_working_days(dt.date(2022, 1, 1), 1, never)


@pytest.mark.parametrize(("start", "hours"), [(at((4, 28), 9), -1), (dt.datetime(2022, 4, 28), 1)])  # noqa: DTZ001
def test_negative_hours_and_naive_times_are_refused(start, hours):
    with pytest.raises(ValueError, match="hours"):
        add_working_hours(start, hours, CN)


@given(dates, st.integers(1, 60))
def test_the_way_back_leads_to_the_day_or_the_working_day_before(date, days):
    there = add_working_days(date, days, CN)
    assert sum(is_working_day(date + dt.timedelta(n), CN) for n in range(1, (there - date).days + 1)) == days
    assert add_working_days(there, -days, CN) == (date if is_working_day(date, CN) else add_working_days(date, -1, CN))


def test_the_examples_in_the_text_are_true():
    assert doctest.testmod(workdays).failed == 0
