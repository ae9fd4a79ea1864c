"""Working days and hours on a calendar of exceptions. Pure: the calendar is passed in, see selectors.calendar."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ballast.core.clocks import Calendar

__all__ = ["OfficeHours", "WorkCalendar", "add_working_days", "add_working_hours", "is_working_day", "work_calendar"]

_LONGEST_SEARCH = 400  # days; a calendar with no working day in so long is an error, not a wait


@dataclass(frozen=True)
class WorkCalendar:
    """Monday to Friday, except the dates of `exceptions`: True is a day off, False a weekend day that is worked.

    `week` has the weekdays that are worked, 0 for Monday.
    """

    name: str
    exceptions: Mapping[dt.date, bool] = field(default_factory=dict)
    week: frozenset[int] = frozenset(range(5))


@lru_cache(maxsize=64)
def work_calendar(calendar: Calendar) -> WorkCalendar:
    """The days of a calendar of shifts: worked is a day that has one."""
    week = frozenset(day for day, shifts in enumerate(calendar.week) if shifts)
    return WorkCalendar(calendar.name, {date: not shifts for date, shifts in calendar.days.items()}, week)


@dataclass(frozen=True)
class OfficeHours:
    """Local times between which hours count."""

    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(17)


def is_working_day(date: dt.date, calendar: WorkCalendar) -> bool:
    """Whether people work on the date.

    >>> is_working_day(dt.date(2022, 5, 2), WorkCalendar("plain"))
    True
    >>> is_working_day(dt.date(2022, 5, 2), WorkCalendar("cn", {dt.date(2022, 5, 2): True}))
    False
    """
    off = calendar.exceptions.get(date)
    return date.weekday() in calendar.week if off is None else not off


def _next_working_day(date: dt.date, calendar: WorkCalendar, step: int = 1) -> dt.date:
    for _turn in range(_LONGEST_SEARCH):
        date += dt.timedelta(days=step)
        if is_working_day(date, calendar):
            return date
    message = f"calendar {calendar.name} has no working day within {_LONGEST_SEARCH} days of {date}"
    raise ValueError(message)


def add_working_days(date: dt.date, days: int, calendar: WorkCalendar) -> dt.date:
    """The date `days` working days later (earlier when negative); the date itself is not counted.

    0 gives the date itself when it is worked, else the next day that is. ValueError when the calendar has
    no working day for over a year.

    >>> add_working_days(dt.date(2022, 4, 29), 1, WorkCalendar("plain"))
    datetime.date(2022, 5, 2)
    """
    if days == 0:
        return date if is_working_day(date, calendar) else _next_working_day(date, calendar)
    for _turn in range(abs(days)):
        date = _next_working_day(date, calendar, 1 if days > 0 else -1)
    return date


def add_working_hours(
    start: dt.datetime, hours: float, calendar: WorkCalendar, *, office: OfficeHours | None = None
) -> dt.datetime:
    """The local instant by which `hours` (>= 0) of office time have passed since `start`.

    `start` must carry the authority's time zone. Time outside office hours and on days off does not count;
    0 hours from outside gives the next opening. ValueError on negative hours or a naive `start`.

    >>> add_working_hours(dt.datetime(2022, 4, 29, 16, tzinfo=dt.UTC), 2, WorkCalendar("plain"))
    datetime.datetime(2022, 5, 2, 10, 0, tzinfo=datetime.timezone.utc)
    """
    office = office or OfficeHours()
    if hours < 0 or start.tzinfo is None:
        message = f"hours must not be negative and start must carry a time zone, not {hours} and {start}"
        raise ValueError(message)
    left, at = dt.timedelta(hours=hours), start
    while True:
        opens, closes = (dt.datetime.combine(at.date(), t, at.tzinfo) for t in (office.opens, office.closes))
        if is_working_day(at.date(), calendar) and at < closes:
            at = max(at, opens)
            if left <= closes - at:
                return at + left
            left -= closes - at
        at = dt.datetime.combine(_next_working_day(at.date(), calendar), office.opens, at.tzinfo)
