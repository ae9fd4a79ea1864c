"""Deadlines of a case: a pure function of its log, the versions of the policy, and the calendars.

A clock is due at the first instant by which as much working time has passed, with what was paused left out, as its
budget holds. One rule judges all of a clock: the one in force now, or when the clock stopped. So nothing that was
paused is lost when a policy or a kind changes, and what is over stays as it was.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ballast.core.clocks.calendar import Calendar, between, walk, working_time
from ballast.core.clocks.log import Extended, Log, Standing, standings
from ballast.core.clocks.policy import PART, RESOLUTION, RESPONSE, Budget, ClockName, Policy, Rule, policy_for
from ballast.core.clocks.stretches import Reason, Stretch, in_utc, joined, total

__all__ = ["Clock", "State", "deadlines", "undisturbed"]

_NONE = dt.timedelta()


class State(StrEnum):
    """How a clock stands. Missed is one that passed its due instant, whether it stopped since or not."""

    NOT_BEGUN = "not_begun"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True)
class Clock:
    """One clock at an instant, all instants in UTC.

    `due` is None while it is paused or not begun: nobody knows when it goes on. `counted` is the sum from `begun` to
    `upto`, when it stopped or now; `ahead` goes from there to what is due.
    """

    name: ClockName
    state: State
    begun: dt.datetime
    upto: dt.datetime
    due: dt.datetime | None
    used: dt.timedelta
    left: dt.timedelta  # working time until it is due, or left of the budget while that is not known; never below 0
    counted: tuple[Stretch, ...]
    ahead: tuple[Stretch, ...]
    policy: str  # version
    calendar: str  # name and version
    stopped: bool = False  # stands for good: `upto` is when it stopped


class _Span(NamedTuple):
    """A time through which a clock runs (no reason) or does not; the last one has no end."""

    start: dt.datetime
    end: dt.datetime | None
    reason: Reason | None


class _Judged(NamedTuple):
    """By what a clock is judged: versions, and the budget with what was granted."""

    rule: Rule
    policy: str
    calendar: Calendar
    budget: Budget


def deadlines(
    log: Log, policies: Iterable[Policy], calendars: Mapping[str, Calendar], at: dt.datetime
) -> dict[ClockName, Clock]:
    """Every clock that the policy gives the case, as it stands at an instant; what comes later is not looked at.

    An agency has a clock from when it first had the case. ValueError when a rule names a calendar that is not there,
    or `at` has no time zone.
    """
    at, versions = in_utc(at), tuple(policies)
    past = standings(log, upto=at)
    agencies = dict.fromkeys(s.agency for s in past if s.agency)
    names = [ClockName(RESPONSE), ClockName(RESOLUTION), *(ClockName(PART, agency) for agency in agencies)]
    found = {name: _clock(name, log, past, versions, calendars, at) for name in names}
    return {name: clock for name, clock in found.items() if clock}


def undisturbed(rule: Rule, calendar: Calendar, begun: dt.datetime) -> dt.datetime:
    """When a clock is due (UTC) that began at an instant and was never paused, stopped or extended.

    The same as `deadlines` says of it, without its sum. With an hour in the budget and no minutes it depends on the
    local date of the beginning alone. ValueError for an instant without a zone.
    """
    begun, budget = in_utc(begun), rule.budget
    judged = _Judged(rule, "", calendar, budget)
    if budget.until is not None and not budget.minutes:
        return _at_the_end_of_its_days(judged, begun)
    spans = [_Span(begun, None, None)]
    due = _due(judged, _working_time(judged, begun), spans)
    assert due is not None  # noqa: S101 - nothing holds it
    return due


def _clock(
    name: ClockName,
    log: Log,
    past: Sequence[Standing],
    policies: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    at: dt.datetime,
) -> Clock | None:
    """One clock; None where no rule is for it."""
    begun = next(s.since for s in past if name.clock != PART or s.agency == name.agency)
    stopped = _stopped_since(name, past, policies, begun, at)
    upto = max(begun, at) if stopped is None else stopped
    judged = _judged(name, log, past, policies, calendars, upto)
    if judged is None:
        return None
    if at < begun:
        return _not_begun(name, judged, begun)
    spans = _spans(name, judged.rule, [s for s in past if s.since <= upto], begun, upto, runs_on=stopped is not None)
    counted = joined(_stretches(spans[:-1], judged.calendar))
    budget = _working_time(judged, begun)
    due, used = _due(judged, budget, spans), total(counted)
    ahead = joined(between(judged.calendar, upto, due)) if due else ()
    left = total(ahead) if due else max(_NONE, budget - used)
    state = _state(stopped, due, spans[-1], upto)
    return Clock(
        name, state, begun, upto, due, used, left, counted, ahead, judged.policy, _label(judged.calendar),
        stopped is not None,
    )  # fmt: skip


def _not_begun(name: ClockName, judged: _Judged, begun: dt.datetime) -> Clock:
    left = _working_time(judged, begun)
    label = _label(judged.calendar)
    return Clock(name, State.NOT_BEGUN, begun, begun, None, _NONE, left, (), (), judged.policy, label)


def _label(calendar: Calendar) -> str:
    return f"{calendar.name} {calendar.version}"


def _state(stopped: dt.datetime | None, due: dt.datetime | None, last: _Span, upto: dt.datetime) -> State:
    if due is not None and upto > due:
        return State.MISSED
    if stopped is not None:
        return State.MET
    return State.RUNNING if last.reason is None else State.PAUSED


def _stopped_since(
    name: ClockName, past: Sequence[Standing], policies: Sequence[Policy], begun: dt.datetime, at: dt.datetime
) -> dt.datetime | None:
    """Since when the clock has stood still for good, by the rule of each instant; None while it has a task."""
    filed = past[0].since
    turns = {s.since for s in past} | {since for p in policies if filed < (since := in_utc(p.since)) <= at}
    stopped = None
    for turn in sorted(turns):
        if turn < begun:
            continue
        standing = _standing(past, turn)
        policy = policy_for(policies, filed=filed, at=turn)
        rule = policy and policy.rule(name, standing)
        if rule and _reason(name, rule, standing) in {Reason.STOPPED, Reason.ELSEWHERE}:
            stopped = stopped or turn
        else:
            stopped = None
    return stopped


def _standing(past: Sequence[Standing], at: dt.datetime) -> Standing:
    return next((s for s in reversed(past) if s.since <= at), past[0])


def _reason(name: ClockName, rule: Rule, standing: Standing) -> Reason | None:
    """Why the clock does not run while the case stands so; None when it runs."""
    if name.clock == PART and standing.agency != name.agency:
        return Reason.ELSEWHERE
    if standing.category in rule.stops or (name.clock == RESPONSE and standing.replied):
        return Reason.STOPPED
    return Reason.PAUSED if standing.category in rule.pauses else None


def _judged(
    name: ClockName,
    log: Log,
    past: Sequence[Standing],
    policies: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    upto: dt.datetime,
) -> _Judged | None:
    """What is in force for the clock at an instant; None when no rule is."""
    policy = policy_for(policies, filed=past[0].since, at=upto)
    rule = policy.rule(name, _standing(past, upto)) if policy else None
    if policy is None or rule is None:
        return None
    if rule.calendar not in calendars:
        msg = f"policy {policy.version} names calendar {rule.calendar!r}; there are only {sorted(calendars)}."
        raise ValueError(msg)
    granted = [
        e for e in log.entries if isinstance(e, Extended) and (e.clock, e.agency) == tuple(name) and e.at <= upto
    ]
    days = rule.budget.days + sum(e.days for e in granted)
    minutes = rule.budget.minutes + sum(e.minutes for e in granted)
    return _Judged(rule, policy.version, calendars[rule.calendar], Budget(days, minutes, rule.budget.until))


def _spans(
    name: ClockName, rule: Rule, past: Sequence[Standing], begun: dt.datetime, upto: dt.datetime, *, runs_on: bool
) -> list[_Span]:
    """When the clock ran and when not, from its beginning; the last span, without end, begins at `upto`.

    What was stopped is taken as running on from there, to say when it would have been due.
    """
    ends = [*(s.since for s in past[1:]), upto]
    cut = [_Span(max(begun, s.since), end, _reason(name, rule, s)) for s, end in zip(past, ends, strict=True)]
    spans = [span for span in cut if span.end and span.start < span.end]
    return [*spans, _Span(upto, None, None if runs_on else _reason(name, rule, past[-1]))]


def _stretches(spans: Iterable[_Span], calendar: Calendar) -> Iterator[Stretch]:
    """The spans cut by the calendar where the clock runs; the last one without end where it has none."""
    for span in spans:
        if span.reason is None:
            yield from between(calendar, span.start, span.end) if span.end else walk(calendar, span.start)
        elif span.end:
            yield Stretch(span.start, span.end, span.reason)


def _at_the_end_of_its_days(judged: _Judged, begun: dt.datetime) -> dt.datetime:
    """Where the days of the budget end when nothing is paused."""
    calendar, budget = judged.calendar, judged.budget
    local = begun.astimezone(calendar.zone)
    time = budget.until if budget.until is not None else local.time()
    return calendar.at(calendar.working_day(local.date(), budget.days), time)


def _working_time(judged: _Judged, begun: dt.datetime) -> dt.timedelta:
    """The budget as working time from the beginning of the clock."""
    minutes = dt.timedelta(minutes=judged.budget.minutes)
    if not judged.budget.days:
        return minutes
    return minutes + working_time(judged.calendar, begun, _at_the_end_of_its_days(judged, begun))


def _due(judged: _Judged, budget: dt.timedelta, spans: Sequence[_Span]) -> dt.datetime | None:
    """When the budget has passed; of days until an hour, at the next such hour that is not paused. None: not known."""
    begun, used, instant = spans[0].start, _NONE, None
    if not budget:
        instant = begun
    else:
        for stretch in _stretches(spans, judged.calendar):
            if stretch.counted and used + stretch.length >= budget:
                instant = stretch.start + (budget - used)
                break
            used += stretch.length if stretch.counted else _NONE
    if instant is None or judged.budget.until is None:
        return instant
    return _next_hour(judged, max(instant, _at_the_end_of_its_days(judged, begun)), spans)


def _next_hour(judged: _Judged, instant: dt.datetime, spans: Sequence[_Span]) -> dt.datetime | None:
    """The budget's hour of a working day, from an instant on, at which the clock runs; None when that is not known."""
    calendar, until = judged.calendar, judged.budget.until or dt.time()
    held = [span for span in spans if span.reason]
    date = calendar.working_day(calendar.local_date(instant) - dt.timedelta(days=2), 1)
    while True:
        hour = calendar.at(date, until)
        if hour >= instant:
            over = next((span for span in held if span.start < hour and (span.end is None or hour <= span.end)), None)
            if over is None:
                return hour
            if over.end is None:
                return None
        date = calendar.working_day(date, 1)
