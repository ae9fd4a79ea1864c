"""A working calendar: which time counts, by the local time of day, and how much of it lies between two instants.

An instant counts when its local date is worked and its local time lies in a shift of that date. Where the clocks go
back, an hour that comes twice counts twice; where they go forward, an hour that does not come does not count.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from ballast.core.clocks.stretches import Reason, Stretch, in_utc, total

__all__ = ["Calendar", "Shift", "around_the_clock", "between", "opens_at", "reached", "walk", "working_time"]

# Opens and closes, local times of one date; 00:00 as the end is midnight at the end of the date.
Shift: TypeAlias = tuple[dt.time, dt.time]

_DAY = dt.timedelta(days=1)
_LONGEST_SEARCH = 400 * _DAY  # a calendar without working time for so long is an error, not a wait


@dataclass(frozen=True, eq=False)
class Calendar:
    """Shifts of the seven weekdays from Monday on, and of single dates: none on a holiday, some on a make-up day.

    `version` is a label that tells states of the calendar apart. ValueError unless there are seven weekdays and the
    shifts of a day follow one another.
    """

    name: str
    version: str
    zone: dt.tzinfo
    week: tuple[tuple[Shift, ...], ...]
    days: Mapping[dt.date, tuple[Shift, ...]] = field(default_factory=dict)
    # Stretches that a walk met before, by their beginning.
    _met: dict[dt.datetime, Stretch] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            msg = f"calendar {self.name} has {len(self.week)} weekdays; give shifts for seven, Monday first."
            raise ValueError(msg)
        for name, shifts in (*enumerate(self.week), *self.days.items()):
            bounds = [bound for shift in shifts for bound in _seconds(shift)]
            if any(a > b for a, b in pairwise(bounds)) or any(a >= b for a, b in map(_seconds, shifts)):
                msg = f"calendar {self.name}, day {name}: {shifts} overlap or end before they begin; put them in order."
                raise ValueError(msg)

    def shifts(self, date: dt.date) -> tuple[Shift, ...]:
        """Shifts of a local date; none when it is not worked."""
        found = self.days.get(date)
        return self.week[date.weekday()] if found is None else found

    def working_day(self, date: dt.date, number: int) -> dt.date:
        """The `number`th (>= 1) working day after a local date. ValueError when there is none for over a year."""
        idle = 0
        while number > 0:
            date += _DAY
            idle = 0 if self.shifts(date) else idle + 1
            number -= idle == 0
            if idle > _LONGEST_SEARCH.days:
                raise ValueError(_without_work(self, date))
        return date

    def at(self, date: dt.date, time: dt.time) -> dt.datetime:
        """The instant of a local date and time; of a time that comes twice, the first."""
        return dt.datetime.combine(date, time, tzinfo=self.zone).astimezone(dt.UTC)

    def local_date(self, instant: dt.datetime) -> dt.date:
        """The local date of an instant."""
        return instant.astimezone(self.zone).date()


def around_the_clock(zone: dt.tzinfo = dt.UTC) -> Calendar:
    """The calendar of real minutes: all time counts; the zone matters for days only."""
    return Calendar("around the clock", "1", zone, (((dt.time(), dt.time()),),) * 7)


def _seconds(shift: Shift) -> tuple[float, float]:
    """Bounds of a shift in seconds since midnight."""
    opens, closes = (dt.timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) for t in shift)
    return opens.total_seconds(), (closes or _DAY).total_seconds()


def _pieces(calendar: Calendar, date: dt.date) -> Iterator[tuple[dt.datetime, Reason]]:
    """A local date cut into pieces: the local end of each and its reason."""
    midnight = dt.datetime.combine(date, dt.time())
    shifts = calendar.shifts(date)
    for number, shift in enumerate(shifts):
        opens, closes = (midnight + dt.timedelta(seconds=s) for s in _seconds(shift))
        yield opens, Reason.BREAK if number else Reason.NIGHT
        yield closes, Reason.WORKED
    if shifts:
        yield midnight + _DAY, Reason.NIGHT
    else:
        yield midnight + _DAY, Reason.HOLIDAY if date in calendar.days else Reason.WEEKEND


def _stretch(calendar: Calendar, start: dt.datetime) -> Stretch:
    """The stretch from an instant (UTC) on, as far as one piece of the local date and one offset to UTC go."""
    local = start.astimezone(calendar.zone)
    offset, naive = local.utcoffset() or dt.timedelta(), local.replace(tzinfo=None)
    upto, reason = next((upto, reason) for upto, reason in _pieces(calendar, naive.date()) if upto > naive)
    end = start + (upto - naive)
    if _offset(calendar, end) != offset:
        end = _change(calendar, start, end)
    return Stretch(start, end, reason)


def _offset(calendar: Calendar, instant: dt.datetime) -> dt.timedelta:
    return instant.astimezone(calendar.zone).utcoffset() or dt.timedelta()


def _change(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> dt.datetime:
    """The first instant after `start`, to the second, at which the offset of `end` holds."""
    before, low, high = _offset(calendar, start), 0, int((end - start).total_seconds()) + 1
    base = start.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(calendar, base + dt.timedelta(seconds=middle)) == before:
            low = middle
        else:
            high = middle
    return min(end, base + dt.timedelta(seconds=high))


def walk(calendar: Calendar, start: dt.datetime) -> Iterator[Stretch]:
    """Stretches from an instant on without end. ValueError when none is worked for over a year."""
    stretch, worked = _stretch(calendar, start), start
    while True:
        worked = stretch.end if stretch.counted else worked
        if stretch.end - worked > _LONGEST_SEARCH:
            raise ValueError(_without_work(calendar, start))
        yield stretch
        start = stretch.end
        if start not in calendar._met:
            calendar._met[start] = _stretch(calendar, start)
        stretch = calendar._met[start]


def _without_work(calendar: Calendar, near: dt.datetime | dt.date) -> str:
    return f"calendar {calendar.name} has no working time for {_LONGEST_SEARCH.days} days near {near}; give it shifts."


def between(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> Iterator[Stretch]:
    """Stretches from `start` to `end`, both in UTC; none when the end is not later."""
    if start >= end:
        return
    for stretch in walk(calendar, start):
        if stretch.end >= end:
            yield stretch._replace(end=end)
            return
        yield stretch


def working_time(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Working time between two aware instants; none when the end is not later. ValueError on one without a zone.

    >>> working_time(around_the_clock(), dt.datetime(2022, 4, 1, tzinfo=dt.UTC), dt.datetime(2022, 4, 3, tzinfo=dt.UTC))
    datetime.timedelta(days=2)
    """
    return total(between(calendar, in_utc(start), in_utc(end)))


def reached(calendar: Calendar, start: dt.datetime, amount: dt.timedelta) -> dt.datetime:
    """The first instant (UTC) by which `amount` (>= 0) of working time has passed since `start`; 0 gives `start`.

    ValueError on a negative amount, on a start without a zone, and where the calendar has no work for over a year.
    """
    at = in_utc(start)
    if amount < dt.timedelta():
        msg = f"{amount} of working time cannot pass; give 0 or more."
        raise ValueError(msg)
    if not amount:
        return at
    for stretch in walk(calendar, at):
        if stretch.counted and stretch.length >= amount:
            return stretch.start + amount
        amount -= stretch.length if stretch.counted else dt.timedelta()
    raise AssertionError  # a walk has no end


def opens_at(calendar: Calendar, instant: dt.datetime) -> dt.datetime:
    """The first instant (UTC) from this one on that counts: itself in working time, else the next opening."""
    return next(stretch.start for stretch in walk(calendar, in_utc(instant)) if stretch.counted)
