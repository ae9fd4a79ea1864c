"""The clocks of one case in words: what is due when and why, what it waits for, what the calendar does not know."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ballast.areas.cases.clocks.dues import SOLUTION, clocks_of, stop_due, stories
from ballast.areas.cases.clocks.log import Waiting
from ballast.areas.cases.clocks.models import WaitingFor
from ballast.areas.cases.clocks.parts import desk_labels
from ballast.areas.cases.clocks.rules import Rules, rules_in_force
from ballast.areas.cases.clocks.steps import DueStep, due_steps
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.reference.selectors import authority, now, today
from ballast.core.clocks import Clock, ClockName, State, opens_at

__all__ = ["Card", "ClockLine", "DueReason", "answer_words", "card_of", "clock_labels", "portal_words", "when"]

_HOUR = dt.timedelta(hours=1)


class DueReason(NamedTuple):
    """One of the two reasons of a due time, in words, and whether it is the earlier one."""

    words: str
    counts: bool


class ClockLine(NamedTuple):
    """One clock of a case: what it is called, how it stands, when it is due, hours of working time used and left.

    `desk` is region or region/department where it is a desk's own part.
    """

    label: str
    state: State
    state_words: str
    due: dt.datetime | None
    hours_used: float
    hours_left: float
    policy: str
    calendar: str
    desk: str = ""


@dataclass(frozen=True)
class Card:
    """All that the page of a case tells of its clocks."""

    reasons: tuple[DueReason, ...]
    steps: tuple[DueStep, ...]
    clocks: tuple[ClockLine, ...]
    waiting: str
    unknown_from: dt.date | None  # last date that the calendar knows, where the case is due after it


def when(instant: dt.datetime, zone: ZoneInfo) -> str:
    """A local time with its weekday, in the language of the page."""
    return date_format(instant.astimezone(zone), "D m-d H:i")


def card_of(case: Case) -> Card:
    """The card of a case, computed from its story, the policy and the calendars. Three queries."""
    rules = rules_in_force()
    story = stories([case], rules)[case.pk]
    clocks = clocks_of(case, story, rules, now())
    # A case that waits is taken to go on when it was said to: by that its due time comes about.
    solution = clocks_of(case, story, rules, max(now(), story.log.entries[-1].at)).get(SOLUTION)
    days = rules.office_days
    beyond = case.due_at.astimezone(rules.zone).date()
    return Card(
        _reasons(case, rules),
        tuple(due_steps(case, solution, rules.zone)) if solution else (),
        tuple(_lines(clocks)),
        _waiting(story.waiting),
        days.known_until if days.ends_before(beyond) else None,
    )


def _reasons(case: Case, rules: Rules) -> tuple[DueReason, ...]:
    """The policy, and the date on which the site stops where there is one ahead."""
    policy = case.policy_due or case.due_at
    found = [DueReason(_("policy: {when}").format(when=when(policy, rules.zone)), case.due_at == policy)]
    stop = stop_due(case, rules, case.answer_due)
    if stop is not None and case.stops_on is not None:
        kind = kinds().get(case.kind)
        days = kind.remedy_days if kind else 0
        found.append(DueReason(_stop_words(case, stop, days, rules.zone), case.due_at == stop))
    elif case.stops_on is not None:
        found.append(DueReason(_("the site stood before a stop could be foreseen: the policy counts"), counts=False))
    return tuple(found)


def _stop_words(case: Case, due: dt.datetime, days: int, zone: ZoneInfo) -> str:
    assert case.stops_on is not None  # noqa: S101 - a stop is ahead
    stops = date_format(case.stops_on, "D m-d")
    if case.stop_certain:
        first = _("the site stops {day}").format(day=stops)
    else:
        first = _("the site may stop {day} (if stocks that are not known are used up)").format(day=stops)
    remedy = ngettext("minus {count} day to remedy", "minus {count} days to remedy", days).format(count=days)
    text = _("{stop}, {remedy}: {when}").format(stop=first, remedy=remedy, when=when(due, zone))
    if due == case.answer_due:
        return _("{reasons} (not before the first answer is owed)").format(reasons=text)
    return text


def clock_labels() -> dict[str, str]:
    """What the clocks are called."""
    return {"response": _("First answer"), "resolution": _("Solution"), "part": _("Part of the desk")}


def _lines(clocks: dict[ClockName, Clock]) -> list[ClockLine]:
    labels = clock_labels()
    desks = desk_labels(name.agency for name in clocks if name.agency)
    found = []
    for name, clock in clocks.items():
        label = labels[name.clock]
        if name.agency:
            words = _("Part of {department}") if "/" in name.agency else _("Part of the desk of {region}")
            label = words.format(department=desks[name.agency], region=desks[name.agency])
        left, used = clock.left / _HOUR, clock.used / _HOUR
        found.append(
            ClockLine(
                label,
                clock.state,
                _state(clock.state),
                clock.due,
                used,
                left,
                clock.policy,
                clock.calendar,
                name.agency,
            )
        )
    return found


def _state(state: State) -> str:
    return {
        State.NOT_BEGUN: pgettext("state of a clock", "not begun"),
        State.RUNNING: pgettext("state of a clock", "running"),
        State.PAUSED: pgettext("state of a clock", "paused"),
        State.MET: pgettext("state of a clock", "met"),
        State.MISSED: pgettext("state of a clock", "missed"),
    }[state]


def _waiting(waiting: Waiting | None) -> str:
    """Whom the case waits for, why, and until when at the latest; "" when it does not wait."""
    if waiting is None or waiting.until <= today():
        return ""
    return waiting_words(waiting.whom, waiting.reason, waiting.until)


def waiting_words(whom: str, reason: str, until: dt.date) -> str:
    """A case waits, as a sentence for whoever filed it."""
    names = dict(WaitingFor.choices)
    return _("Waits for {whom}: {reason} It goes on by {day} at the latest.").format(
        whom=names.get(whom, whom), reason=reason if reason.endswith((".", "。", "!", "?")) else f"{reason}.",
        day=date_format(until, "D m-d"),
    )  # fmt: skip


def portal_words(case: Case) -> list[str]:
    """What the enterprise is promised: what its case waits for, by when it is answered and by when it is solved."""
    found = []
    if case.waits_on(today()) and case.waiting_until:
        found.append(waiting_words(case.waiting_for, case.waiting_reason, case.waiting_until))
    if case.state == case.rules.starts:
        found.append(answer_words(case))
    if case.state in IN_HAND:
        zone = ZoneInfo(authority().time_zone)
        found.append(_("The desk is to solve it by {when}.").format(when=when(case.due_at, zone)))
    return [words for words in found if words]


def answer_words(case: Case) -> str:
    """By when the enterprise is answered, and whether it wrote outside office hours, as sentences. "" if not known."""
    if case.answer_due is None:
        return ""
    rules = rules_in_force()
    office = rules.calendars[rules.office]
    opens = opens_at(office, case.filed_at)
    answer = _("The desk answers by {when}.").format(when=when(case.answer_due, rules.zone))
    if opens <= case.filed_at:
        return answer
    outside = _("It is outside office hours; the office opens {when}.").format(when=when(opens, rules.zone))
    return f"{outside} {answer}"
