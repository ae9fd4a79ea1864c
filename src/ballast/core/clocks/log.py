"""The log of one case: what happened and when. Clocks are driven by these entries alone, whatever channel they came by.

Entries stand in the order of their instant, then of `seq`, then of the list below (filed, changed, handed, turned,
replied, extended), then of what they say. The order in which they were stored has no say.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import pairwise

from ballast.core.clocks.stretches import in_utc

__all__ = [
    "Category", "Changed", "Entry", "Extended", "Filed", "Handed", "Log", "Replied", "Standing", "Turned", "standings",
]  # fmt: skip


class Category(StrEnum):
    """What a state of whatever name means for clocks and counts."""

    OPEN = "open"
    PAUSED = "paused"
    RESOLVED = "resolved"
    CLOSED = "closed"


@dataclass(frozen=True)
class Entry:
    """Something that happened at an instant; `seq` tells entries of one instant apart where their order matters."""

    at: dt.datetime
    seq: int = 0


@dataclass(frozen=True)
class Filed(Entry):
    """The case was filed, and an agency (or region) has it; it is open."""

    kind: str = ""
    priority: str = ""
    agency: str = ""


@dataclass(frozen=True)
class Changed(Entry):
    """Another kind or priority from now on; None leaves what it was."""

    kind: str | None = None
    priority: str | None = None


@dataclass(frozen=True)
class Handed(Entry):
    """Another agency has it from now on."""

    agency: str = ""


@dataclass(frozen=True)
class Turned(Entry):
    """The state means another category from now on."""

    category: Category = Category.OPEN


@dataclass(frozen=True)
class Replied(Entry):
    """The desk answered whoever filed it."""


@dataclass(frozen=True)
class Extended(Entry):
    """So many working days and minutes more were granted to one clock (of one agency, for an agency's part)."""

    clock: str = ""
    agency: str = ""
    days: int = 0
    minutes: int = 0


_RANK: tuple[type[Entry], ...] = (Filed, Changed, Handed, Turned, Replied, Extended)


def _place(entry: Entry) -> tuple[object, ...]:
    said = tuple(str(getattr(entry, f.name)) for f in fields(entry)[2:])
    return entry.at, entry.seq, _RANK.index(type(entry)), said


@dataclass(frozen=True)
class Log:
    """The entries of one case in order, with instants in UTC.

    ValueError unless the first is that it was filed and no other is, all instants have a time zone, and no extension
    takes time away.
    """

    entries: tuple[Entry, ...]

    def __init__(self, entries: Iterable[Entry]) -> None:
        ordered = tuple(sorted((replace(e, at=in_utc(e.at)) for e in entries), key=_place))
        if [isinstance(e, Filed) for e in ordered] != [True] + [False] * (len(ordered) - 1):
            first = f"{type(ordered[0]).__name__} at {ordered[0].at}" if ordered else "nothing"
            msg = f"the log begins with {first}; it has to begin with one Filed, and hold no other."
            raise ValueError(msg)
        for entry in ordered:
            if isinstance(entry, Extended) and min(entry.days, entry.minutes) < 0:
                msg = f"an extension of {entry.days} days and {entry.minutes} minutes; neither can be below 0."
                raise ValueError(msg)
        object.__setattr__(self, "entries", ordered)

    @property
    def filed(self) -> Filed:
        """The first entry."""
        first = self.entries[0]
        assert isinstance(first, Filed)  # noqa: S101 - the constructor saw to it
        return first


@dataclass(frozen=True)
class Standing:
    """How a case stands from an instant on."""

    since: dt.datetime
    kind: str
    priority: str
    agency: str
    category: Category = Category.OPEN
    replied: bool = False


def _after(standing: Standing, entry: Entry) -> Standing:
    match entry:
        case Changed():
            kind = standing.kind if entry.kind is None else entry.kind
            priority = standing.priority if entry.priority is None else entry.priority
            return replace(standing, since=entry.at, kind=kind, priority=priority)
        case Handed():
            return replace(standing, since=entry.at, agency=entry.agency)
        case Turned():
            return replace(standing, since=entry.at, category=entry.category)
        case Replied():
            return replace(standing, since=entry.at, replied=True)
    return standing


def standings(log: Log, *, upto: dt.datetime) -> tuple[Standing, ...]:
    """How the case stood, one after the other, up to and with an instant; the first is from its filing."""
    first = log.filed
    found = [Standing(first.at, first.kind, first.priority, first.agency)]
    for entry in log.entries[1:]:
        if entry.at <= upto:
            found.append(_after(found[-1], entry))
    # Of several at one instant only the last stands for any time.
    return (*(one for one, following in pairwise(found) if one.since < following.since), found[-1])
