"""When reports are due: windows of each cadence over a week with a holiday, and the newest and the next of them."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.duty import CADENCES, Window, due_within, months_after, newest, upcoming, windows

NINE = dt.time(9)
MONDAY = dt.date(2022, 5, 2)
# The first three days of May were holidays; Saturday the 7th was worked.
WORKED = {dt.date(2022, 4, 29), *(dt.date(2022, 5, day) for day in (5, 6, 7, 9))}


def at(day, hour, minute=0):
    return dt.datetime.combine(dt.date(2022, 5, day), dt.time(hour, minute))


def test_a_week_with_holidays_has_the_windows_that_each_cadence_says():
    said = {
        name: [
            window.due.day for window in due_within(one, MONDAY, MONDAY + dt.timedelta(6), NINE, WORKED.__contains__)
        ]
        for name, one in CADENCES.items()
    }
    assert said == {
        "weekly": [5], "workdays": [5, 6, 7], "daily": [2, 3, 4, 5, 6, 7, 8],
        "twice_daily": [2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8],
    }  # fmt: skip
    (weekly,) = windows(CADENCES["weekly"], dt.date(2022, 5, 5), NINE, WORKED.__contains__)
    assert weekly == Window(at(2, 0), at(5, 9))
    # An authority whose own time is after the second slot has one report a day.
    assert len(windows(CADENCES["twice_daily"], MONDAY, dt.time(17), WORKED.__contains__)) == 1


def test_the_newest_and_the_next_window_at_each_hour():
    twice, work = CADENCES["twice_daily"], CADENCES["workdays"]
    assert newest(twice, at(6, 8, 59), NINE, WORKED.__contains__) == Window(at(5, 12), at(5, 16))
    assert newest(twice, at(6, 9), NINE, WORKED.__contains__) == Window(at(6, 0), at(6, 9))
    assert upcoming(twice, at(6, 9), NINE, WORKED.__contains__) == Window(at(6, 12), at(6, 16))
    assert newest(work, at(4, 20), NINE, WORKED.__contains__).due.date() == dt.date(2022, 4, 29)
    assert upcoming(work, at(2, 10), NINE, WORKED.__contains__).due == at(5, 9)
    assert newest(work, at(4, 20), NINE, lambda _day: False) is None


@settings(max_examples=40, deadline=None)
@given(st.datetimes(at(2, 0), at(24, 0)))
def test_a_more_frequent_cadence_never_asks_for_an_older_report(now):
    opens = [found.opens for one in CADENCES.values() if (found := newest(one, now, NINE, lambda d: d.weekday() < 5))]
    assert opens == sorted(opens)


def test_six_months_end_on_the_last_day_where_the_month_is_shorter():
    assert months_after(dt.date(2022, 8, 31), 6) == dt.date(2023, 2, 28)
    assert months_after(dt.date(2022, 12, 15), 6) == dt.date(2023, 6, 15)
    assert months_after(dt.date(2022, 6, 30), 6) == dt.date(2022, 12, 30)
