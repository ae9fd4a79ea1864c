"""What a desk is told of one subject, and what is withheld and why: every step is kept, told or not.

A silence or an acknowledgement ends by itself and never hides an end. What one cause explains is told with the cause.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ballast.core.warning.rule import Rule
from ballast.core.warning.states import Standing

__all__ = ["REMINDER", "Acknowledgement", "Notice", "Silence", "tell"]

# Days after which somebody is reminded of a silence that goes on.
REMINDER: Final = 7


@dataclass(frozen=True)
class Silence:
    """Nothing but the end is told from `begin` to `until`, both included; `weekdays` (Monday 0) narrow it.

    ValueError without a person, a reason, or when it ends before it begins.
    """

    by: str
    reason: str
    begin: int
    until: int
    weekdays: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _explained("silence", self.by, self.reason, self.begin, self.until)

    def covers(self, period: int, day: dt.date | None = None) -> bool:
        """Whether it holds in a period; `day` is needed for weekdays."""
        fits = not self.weekdays or (day is not None and day.weekday() in self.weekdays)
        return self.begin <= period <= self.until and fits


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody has a warning in hand from `begin` to `until`; it ends before when the level rises or the warning ends.

    ValueError as for a silence.
    """

    by: str
    reason: str
    begin: int
    until: int

    def __post_init__(self) -> None:
        _explained("acknowledgement", self.by, self.reason, self.begin, self.until)


def _explained(what: str, by: str, reason: str, begin: int, until: int) -> None:
    if not by.strip() or not reason.strip():
        msg = f"a {what} by {by!r} for {reason!r}; it needs a person and a reason."
        raise ValueError(msg)
    if until < begin:
        msg = f"a {what} from {begin} to {until} ends before it begins; give a later end."
        raise ValueError(msg)


@dataclass(frozen=True)
class Notice:
    """One thing to tell: what, at which level, its own number, and the numbers told before in the same warning.

    `withheld` is "" when it is told, or why it is only kept: silenced, flapping, cause, acknowledged.
    """

    period: int
    kind: str
    level: str
    number: int
    references: tuple[int, ...] = ()
    withheld: str = ""

    @property
    def said(self) -> str:
        """The notice as sequences write it: "3:alert(red)", "4:rise(red)/silenced"."""
        return f"{self.period}:{self.kind}({self.level})" + (f"/{self.withheld}" if self.withheld else "")


def tell(
    rule: Rule,
    standings: Sequence[Standing],
    *,
    first: int = 0,
    silences: Collection[Silence] = (),
    acknowledgements: Collection[Acknowledgement] = (),
    caused: Collection[int] = (),
    begin: dt.date | None = None,
) -> list[Notice]:
    """The notices of one subject, from where it stood in each period from `first` on.

    `caused` are the periods in which an upstream stop explains the warning; `begin` is the day of the first period.
    """
    log = _Log(rule, tuple(silences), tuple(acknowledgements))
    before: Standing | None = None
    for place, now in enumerate(standings):
        day = None if begin is None else begin + dt.timedelta(days=place)
        log.follow(before, now, first + place, day, caused=first + place in caused)
        before = now
    return log.notices


class _Log:
    """The notices of one subject so far."""

    def __init__(
        self, rule: Rule, silences: tuple[Silence, ...], acknowledgements: tuple[Acknowledgement, ...]
    ) -> None:
        self.rule, self.silences, self.acknowledgements = rule, silences, acknowledgements
        self.notices: list[Notice] = []
        self.opened = 0  # place in notices at which the open warning begins
        self.told = 0  # worst rank told in it
        self.under_cause = False
        self.silent_before = False
        self.acknowledged = 0  # rank that was acknowledged
        self.unanswered = 0  # periods of the warning that nobody has in hand

    def follow(self, before: Standing | None, now: Standing, period: int, day: dt.date | None, *, caused: bool) -> None:
        """Take in one more period."""
        self.period, self.now = period, now
        self.silence = next((one for one in self.silences if one.covers(period, day)), None)
        self.caused = caused
        was, rank = self._rank(before), self._rank(now)
        self._acknowledge(was, rank)
        if rank != was:
            self._moved(was, rank)
        self._data(before)
        self._flaps(before)
        self._marks(rank, changed=rank != was)
        self.silent_before = self.silence is not None

    def _rank(self, standing: Standing | None) -> int:
        return self.rule.scheme.rank(standing.level) if standing else 0

    def _acknowledge(self, was: int, rank: int) -> None:
        """An acknowledgement is of the level that stood when it was given; a rise or the end clears it."""
        given = [one for one in self.acknowledgements if one.begin == self.period]
        if given and rank:
            self.acknowledged = rank
        held = any(one.begin <= self.period <= one.until for one in self.acknowledgements)
        if self.acknowledged and rank > was and not given:
            self.acknowledged = 0
        elif self.acknowledged and rank and not held:
            self.acknowledged = 0
            self._add("acknowledgement_over", rank)
        if not rank:
            self.acknowledged = 0

    def _moved(self, was: int, rank: int) -> None:
        if not was:
            self.opened, self.unanswered = len(self.notices), 0
            # While a subject is flapping, what was told of it goes on to count from one warning to the next.
            self.told = self.told if self.now.flapping else 0
        if rank > was:
            self._add("rise" if was else "alert", rank, self._withheld(rank))
        elif rank:
            self._add("fall", rank, self._withheld(rank))
        else:
            resting = self.now.state == "resting"
            quiet = "flapping" if self.now.flapping else "cause" if self.under_cause and not self.told else ""
            self._add("season_over" if resting else "end", 0, quiet)
            self.under_cause = False

    def _withheld(self, rank: int) -> str:
        if self.caused:
            self.under_cause = True
            return "cause"
        if self.silence:
            return "silenced"
        # What is worse than all that was told is told.
        return "flapping" if self.now.flapping and rank <= self.told else ""

    def _data(self, before: Standing | None) -> None:
        """One notice for a gap however long, and one when values return; neither says that a warning ended."""
        gone, was_gone = self.now.state == "no_data", before is not None and before.state == "no_data"
        quiet = "silenced" if self.silence else ""
        if gone and not was_gone and before is not None:
            self._add("no_data", self._rank(self.now), quiet)
        elif was_gone and not gone and before is not None and before.value_on >= 0 and self.now.state != "resting":
            self._add("data_back", self._rank(self.now), quiet)

    def _flaps(self, before: Standing | None) -> None:
        was = before is not None and before.flapping
        if self.now.flapping != was:
            kind = "flapping" if self.now.flapping else "flapping_over"
            self._add(kind, self._rank(self.now), "silenced" if self.silence else "")

    def _marks(self, rank: int, *, changed: bool) -> None:
        """What becomes due without a change: the end of a cause or a silence, reminders, the next desk above."""
        if rank and self.under_cause and not self.caused:
            self.under_cause = False
            self._add("alert", rank, self._withheld(rank))
        if rank and self.silent_before and not self.silence and not changed:
            self._add("silence_over", rank)
        # Days of a silence that holds on some weekdays only are counted from its begin all the same.
        if self.silence and self.period > self.silence.begin and not (self.period - self.silence.begin) % REMINDER:
            self._add("reminder", rank)
        self.unanswered = self.unanswered + 1 if rank and not self.acknowledged else 0
        if rank and self.unanswered - 1 in self.rule.escalate:
            self._add("escalate", rank, "silenced" if self.silence else "cause" if self.caused else "")

    def _add(self, kind: str, rank: int, withheld: str = "") -> None:
        earlier = tuple(one.number for one in self.notices[self.opened :] if not one.withheld)
        level = self.rule.scheme.name_of(rank)
        self.notices.append(Notice(self.period, kind, level, len(self.notices) + 1, earlier, withheld))
        if not withheld:
            self.told = max(self.told, rank)
