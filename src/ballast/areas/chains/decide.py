"""What to decide first: open cases by the output they put at risk, those joined whose events are needed together."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.accounts.models import User
from ballast.areas.cases.models import Case
from ballast.areas.cases.presentation import with_due
from ballast.areas.cases.selectors import queue
from ballast.areas.chains.models import SiteForecast
from ballast.areas.chains.selectors import visible_forecasts

__all__ = ["Decision", "decide_first", "joint_sets"]

# Plants looked at for joint causes: those that lose most, so that the cost does not grow with the register.
_LOOKED_AT = 200


@dataclass(frozen=True)
class Decision:
    """One line: a case, or several that free plants only together."""

    number: str
    what: str
    enterprise: str
    output_at_risk: float | None
    joint: bool
    plants: int  # visible plants that stop because of these events together; 0 for a single case
    due_at: dt.datetime
    due_level: str
    numbers: tuple[str, ...]


class _Open(NamedTuple):
    """An open case about an event, as far as the order needs it."""

    pk: int
    number: str
    event: str
    output_at_risk: float | None


@dataclass(frozen=True)
class _Line:
    """A line before it is written out: its value, the case that names it, and all its cases."""

    value: float | None
    lead: _Open
    cases: tuple[_Open, ...]
    # For a joint set: the first case of each event; and how many plants they hold together.
    of_each: tuple[_Open, ...] = ()
    plants: int = 0


def joint_sets(user: User) -> dict[frozenset[str], tuple[float, int]]:
    """Sets of two or more events that hold visible plants only together: money lost by those plants, their number."""
    rows = visible_forecasts(user).filter(stop_day__isnull=False)
    dearest = rows.order_by(F("lost_output").desc(nulls_last=True), "site__site_id").values_list("pk", flat=True)
    # Paths are read of these alone; to sort them along would cost most of the time.
    found = SiteForecast.objects.filter(pk__in=list(dearest[:_LOOKED_AT])).order_by("pk")
    lost: dict[frozenset[str], float] = defaultdict(float)
    plants: Counter[frozenset[str]] = Counter()
    for needed, output in found.values_list("path__needed", "lost_output"):
        events = frozenset(needed or ())
        if len(events) > 1:
            lost[events] += output or 0.0
            plants[events] += 1
    return {events: (lost[events], plants[events]) for events in plants}


def decide_first(user: User, *, limit: int = 5) -> list[Decision]:
    """Cases in hand by output at risk; a joint set ranks by what it frees together and stands as one line.

    A set counts only when an open visible case stands on each of its events.
    """
    rows = queue(user).filter(event__isnull=False)
    cases = [_Open(*row) for row in rows.values_list("pk", "number", "event__event_id", "output_at_risk")[: 40 * limit]]
    by_event: dict[str, list[_Open]] = defaultdict(list)
    for case in cases:
        by_event[case.event].append(case)
    lines = [_joint(events, by_event, *found) for events, found in joint_sets(user).items() if events <= set(by_event)]
    # A case that is worth more by itself than the set keeps its own line.
    covered = {case.pk for line in lines for case in line.cases if (case.output_at_risk or 0.0) < (line.value or 0.0)}
    singles = [case for case in cases if (case.output_at_risk or 0) > 0 and case.pk not in covered]
    lines += [_Line(case.output_at_risk, case, (case,)) for case in singles]
    shown = sorted(lines, key=lambda line: (-(line.value or 0.0), line.lead.number))[:limit]
    return _written(shown)


def _joint(events: frozenset[str], by_event: dict[str, list[_Open]], lost: float, plants: int) -> _Line:
    """One line for cases that are worth little one at a time."""
    first = tuple(by_event[event][0] for event in sorted(events))
    lead = max(first, key=lambda case: (case.output_at_risk or 0.0, case.number))
    every = tuple(case for event in sorted(events) for case in by_event[event])
    return _Line(lost, lead, every, first, plants)


def _written(lines: list[_Line]) -> list[Decision]:
    """The lines with what a person reads of their cases."""
    wanted = {case.pk for line in lines for case in (line.lead, *line.of_each)}
    found = {case.pk: case for case in with_due(Case.objects.filter(pk__in=wanted).select_related("enterprise"))}
    return [_decision(line, found) for line in lines]


def _decision(line: _Line, found: dict[int, Case]) -> Decision:
    lead, first = found[line.lead.pk], [found[case.pk] for case in line.of_each]
    return Decision(
        number=lead.number, what=_what(lead, first), enterprise=lead.enterprise.label, output_at_risk=line.value,
        joint=bool(first), plants=line.plants, due_at=min(case.due_at for case in first or [lead]),
        due_level=str(getattr(lead, "due_level", "")), numbers=tuple(case.number for case in line.cases),
    )  # fmt: skip


def _what(lead: Case, first: list[Case]) -> str:
    """What is to be decided; of a joint set, `first` holds a case for each event."""
    if not first:
        return lead.blocked
    if len(first) == 2:
        return _("{first} and {second}, both needed").format(first=first[0].blocked, second=first[1].blocked)
    rest = len(first) - 1
    text = ngettext("{first} and {count} more, all needed", "{first} and {count} more, all needed", rest)
    return text.format(first=lead.blocked, count=rest)
