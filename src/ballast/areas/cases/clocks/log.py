"""The log of a case as the clocks take it: made from the lines of its story in the order of their writing."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ballast.areas.cases.clocks.words import GOES_ON, GRANTED, WAITS
from ballast.areas.cases.packs.in_force import local_states
from ballast.core.clocks import Category, Entry, Extended, Filed, Handed, Log, Replied, Turned

__all__ = ["Line", "Story", "Waiting", "desk_key", "story_of"]

_ENTERPRISE = "enterprise"
_HELD = (Category.RESOLVED, Category.CLOSED)


def desk_key(region: str, department: str | None) -> str:
    """A desk in one word, as the clocks name an agency: "310000", or "310000/transport" for a department."""
    return f"{region}/{department}" if region and department else region


class Line(NamedTuple):
    """What the log needs of a line of the story: fields of CaseEntry by name."""

    at: dt.datetime
    type: str
    move: str
    side: str
    state_before: str
    state_after: str
    lead_id: str | None
    lead_department__code: str | None
    facts: dict[str, Any]
    text: str

    @property
    def desk(self) -> str:
        """The desk that has the case from this line on: region, or region/department; "" where it says none."""
        return desk_key(self.lead_id or "", self.lead_department__code)


class Waiting(NamedTuple):
    """A case waits: for whom, why, since when, and until the beginning of which local date at the latest."""

    whom: str
    reason: str
    since: dt.datetime
    until: dt.date


class Story(NamedTuple):
    """The log of a case, and what it waits for by its last line."""

    log: Log
    waiting: Waiting | None


@dataclass
class _Reader:
    """Reads the lines one after the other; what it made of them is in `found`."""

    zone: ZoneInfo
    states: Mapping[str, Any]
    last: dt.datetime
    lead: str
    found: list[Entry] = field(default_factory=list)
    category: Category = Category.OPEN
    told: Category = Category.OPEN
    waiting: Waiting | None = None

    def read(self, line: Line, seq: int) -> None:
        """Take in the next line. One that seems to lie before the line above it happened with that one."""
        at = self.last = max(self.last, line.at)
        self._let_go(at, seq)
        if line.desk and line.desk != self.lead:
            self.lead = line.desk
            self.found.append(Handed(at, seq, agency=self.lead))
        self._turn(line, at)
        self._tell(at, seq)
        if _answers(line, self.states):
            self.found.append(Replied(at, seq))
        if line.move == GRANTED:
            granted = line.facts
            self.found.append(
                Extended(at, seq, clock=granted["clock"], agency=granted.get("agency", ""), days=granted["days"])
            )

    def _turn(self, line: Line, at: dt.datetime) -> None:
        """What the line makes of the category, and of the waiting."""
        if line.type == "move" and (state := self.states.get(line.state_after)):
            self.category = state.category
        whom = line.facts.get("whom", "")
        if line.move == WAITS:
            self.waiting = Waiting(whom, line.text, at, dt.date.fromisoformat(line.facts["until"]))
        elif line.move == GOES_ON or self.category in _HELD or self._answered(line):
            self.waiting = None

    def _answered(self, line: Line) -> bool:
        """Whether the line is the word of the enterprise that the case waits for, whatever channel it came by."""
        return self.waiting is not None and self.waiting.whom == _ENTERPRISE and line.side == _ENTERPRISE

    def end_of_waiting(self) -> dt.datetime | None:
        """When the case goes on by itself; None when it does not wait."""
        if self.waiting is None:
            return None
        return dt.datetime.combine(self.waiting.until, dt.time(), self.zone).astimezone(dt.UTC)

    def _let_go(self, at: dt.datetime, seq: int) -> None:
        """The waiting that was over before an instant."""
        end = self.end_of_waiting()
        if end is not None and end <= at:
            self.waiting = None
            self._tell(end, seq)

    def _tell(self, at: dt.datetime, seq: int) -> None:
        now = Category.PAUSED if self.waiting and self.category is Category.OPEN else self.category
        if now is not self.told:
            self.told = now
            self.found.append(Turned(at, seq, category=now))

    def end(self, seq: int) -> None:
        """After the last line: a case that waits goes on by itself when its date comes."""
        end = self.end_of_waiting()
        if end is not None and self.told is Category.PAUSED and self.category is Category.OPEN:
            self.found.append(Turned(max(end, self.last), seq, category=Category.OPEN))


def story_of(filed_at: dt.datetime, kind: str, lead: str, lines: Iterable[Line], zone: ZoneInfo) -> Story:
    """The log of a case that was filed at an instant, and what it waits for after its last line.

    `lead` is the desk that has it where no line says so. What was planned is in the log too: a case that waits goes on
    at the beginning of the date that was given, in `zone`, when nobody said otherwise before.
    """
    lines = list(lines)
    first = next((line.desk for line in lines if line.desk), None) or lead
    reader = _Reader(zone, local_states(), filed_at, first)
    reader.found.append(Filed(filed_at, 0, kind=kind, agency=first))
    for seq, line in enumerate(lines, 1):
        reader.read(line, seq)
    reader.end(len(lines) + 1)
    return Story(Log(reader.found), reader.waiting)


def _answers(line: Line, states: Mapping[str, Any]) -> bool:
    """Whether the enterprise was answered: the desk wrote to it, took the case up or solved it; a note is no answer."""
    if line.side == _ENTERPRISE:
        return False
    if line.type == "reply":
        return True
    state = states.get(line.state_after)
    return bool(
        line.type == "move"
        and state
        and line.state_before != line.state_after
        and state.tells in ("taken_up", "solved")
    )
