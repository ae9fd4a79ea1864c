"""When reports are due: the windows of a cadence, and the newest one that has passed. Pure; local times without zone.

A window is the time in which a report counts for one duty: it opens, and from its due time on a report is late. A
report that comes before a window opens does not count for it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

__all__ = [
    "CADENCES",
    "Cadence",
    "Slot",
    "Window",
    "current",
    "due_within",
    "months_after",
    "newest",
    "upcoming",
    "windows",
]

# No run of days without a working day is as long.
_LONGEST = 40
_WEEK: Final = 7


class Slot(NamedTuple):
    """Of each day of the cadence: from when a report counts, and by when it is due; None is the authority's time."""

    opens: dt.time
    due: dt.time | None


@dataclass(frozen=True)
class Cadence:
    """How often a report is due: on the first working day of a week, on working days, or on all days."""

    name: str
    days: Literal["week", "workdays", "all"]
    slots: tuple[Slot, ...]


class Window(NamedTuple):
    """From when on a report counts, and until when it is in time."""

    opens: dt.datetime
    due: dt.datetime


_DAY_LONG: Final = (Slot(dt.time(0), None),)
# From the rarest to the most frequent: of two that hold at once the later one asks for more, and its newest window
# never opens earlier.
CADENCES: Final = {
    cadence.name: cadence
    for cadence in (
        Cadence("weekly", "week", _DAY_LONG),
        Cadence("workdays", "workdays", _DAY_LONG),
        Cadence("daily", "all", _DAY_LONG),
        Cadence("twice_daily", "all", (*_DAY_LONG, Slot(dt.time(12), dt.time(16)))),
    )
}


def windows(cadence: Cadence, day: dt.date, due_time: dt.time, working: Callable[[dt.date], bool]) -> list[Window]:
    """The windows that are due on a day, earliest first.

    >>> [w.due.hour for w in windows(CADENCES["twice_daily"], dt.date(2022, 4, 30), dt.time(9), lambda day: False)]
    [9, 16]
    """
    first = day
    if cadence.days == "workdays" and not working(day):
        return []
    if cadence.days == "week":
        first = day - dt.timedelta(days=day.weekday())
        before = (first + dt.timedelta(days=back) for back in range(day.weekday()))
        if not working(day) or any(working(earlier) for earlier in before):
            return []
    found = []
    for slot in cadence.slots:
        due = slot.due or due_time
        # An authority whose time is later than a slot's leaves that slot to its own.
        if slot.due is None or slot.due > due_time:
            found.append(Window(dt.datetime.combine(first, slot.opens), dt.datetime.combine(day, due)))
    return found


def due_within(
    cadence: Cadence, first: dt.date, last: dt.date, due_time: dt.time, working: Callable[[dt.date], bool]
) -> Iterator[Window]:
    """The windows that are due from one day to another, both included, earliest first."""
    for number in range((last - first).days + 1):
        yield from windows(cadence, first + dt.timedelta(days=number), due_time, working)


def newest(cadence: Cadence, now: dt.datetime, due_time: dt.time, working: Callable[[dt.date], bool]) -> Window | None:
    """The last window that is due by now; None when none was within forty days."""
    return _first(cadence, now, due_time, working, range(0, -_LONGEST, -1), lambda window: window.due <= now)


def current(cadence: Cadence, now: dt.datetime, due_time: dt.time, working: Callable[[dt.date], bool]) -> Window | None:
    """The last window that has opened by now, whether it is due yet or not; None when none was within forty days.

    >>> working = lambda day: day.weekday() < 5
    >>> current(CADENCES["workdays"], dt.datetime(2022, 5, 1, 12), dt.time(9), working).opens.day  # a Sunday
    29
    """
    # A week's window opens before the day on which it is due.
    return _first(cadence, now, due_time, working, range(_WEEK, -_LONGEST, -1), lambda window: window.opens <= now)


def upcoming(
    cadence: Cadence, now: dt.datetime, due_time: dt.time, working: Callable[[dt.date], bool]
) -> Window | None:
    """The next window that is due after now; None when there is none within forty days."""
    return _first(cadence, now, due_time, working, range(_LONGEST), lambda window: window.due > now)


def _first(
    cadence: Cadence, now: dt.datetime, due_time: dt.time, working: Callable[[dt.date], bool], steps: Sequence[int],
    fits: Callable[[Window], bool],
) -> Window | None:  # fmt: skip
    for step in steps:
        found = [one for one in windows(cadence, now.date() + dt.timedelta(days=step), due_time, working) if fits(one)]
        if found:
            return found[0] if steps[-1] > 0 else found[-1]
    return None


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day some months later, the last of the month where it has no such day.

    >>> months_after(dt.date(2022, 8, 31), 6)
    datetime.date(2023, 2, 28)
    """
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    after = dt.date(year + month // 12, month % 12 + 1, 1)
    return min(dt.date(year, month, 1) + dt.timedelta(days=day.day - 1), after - dt.timedelta(days=1))
