"""Stretches of time with the reason why they count or not: what the sum of a clock is made of."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

__all__ = ["Reason", "Stretch", "in_utc", "joined", "total"]


class Reason(StrEnum):
    """Why a stretch counts (worked) or not (all others)."""

    WORKED = "worked"
    NIGHT = "night"  # before the first or after the last shift of a day that is worked
    BREAK = "break"  # between two shifts of a day
    WEEKEND = "weekend"  # a weekday without shifts
    HOLIDAY = "holiday"  # a date without shifts
    PAUSED = "paused"  # by the category of the case
    STOPPED = "stopped"  # answered, resolved or closed, and later taken up again
    ELSEWHERE = "elsewhere"  # with another agency: for the clock of an agency's own part


class Stretch(NamedTuple):
    """From an instant to another, the end not included, both in UTC."""

    start: dt.datetime
    end: dt.datetime
    reason: Reason

    @property
    def counted(self) -> bool:
        """Whether the time counts."""
        return self.reason is Reason.WORKED

    @property
    def length(self) -> dt.timedelta:
        """Time from start to end by any clock on the wall of the world."""
        return self.end - self.start


def in_utc(instant: dt.datetime) -> dt.datetime:
    """The instant in UTC, where differences are true ones. ValueError when it carries no time zone."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        msg = f"{instant} carries no time zone, so it is no instant; give it one."
        raise ValueError(msg)
    return instant.astimezone(dt.UTC)


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The stretches without empty ones; neighbours for one reason are one."""
    found: list[Stretch] = []
    for stretch in stretches:
        if stretch.start == stretch.end:
            continue
        if found and found[-1].reason is stretch.reason and found[-1].end == stretch.start:
            found[-1] = found[-1]._replace(end=stretch.end)
        else:
            found.append(stretch)
    return tuple(found)


def total(stretches: Iterable[Stretch]) -> dt.timedelta:
    """Time that counts in the stretches."""
    return sum((s.length for s in stretches if s.counted), dt.timedelta())
