"""Whether the clocks of the cases are in order: stored as they are computed, and on calendars that go far enough."""

import datetime as dt
from typing import NamedTuple

from django.db.models import QuerySet

from ballast.areas.cases.clocks.dues import Dues, dues_of, in_hand, stories
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.models import Case
from ballast.areas.reference.selectors import now

__all__ = ["Beyond", "Differing", "beyond_calendar", "differing"]


class Differing(NamedTuple):
    """A case whose stored clocks are not the computed ones."""

    case: Case
    computed: Dues


class Beyond(NamedTuple):
    """How many cases in hand are due after the last date whose holidays the authority's calendar knows."""

    cases: int
    known_until: dt.date | None


def differing(rows: QuerySet[Case] | None = None) -> list[Differing]:
    """Cases in hand (of the rows given) whose stored clocks are not what log, policy and calendars give now."""
    cases = list(in_hand() if rows is None else rows)
    rules, at = rules_in_force(), now()
    logs = stories(cases, rules)
    found = (Differing(case, dues_of(case, logs[case.pk], rules, at)) for case in cases)
    return [one for one in found if any(getattr(one.case, k) != v for k, v in one.computed._asdict().items())]


def beyond_calendar(rows: QuerySet[Case] | None = None) -> Beyond:
    """Cases in hand (of the rows given) that are due where only weekends are left out."""
    rules = rules_in_force()
    until = rules.office_days.known_until
    if until is None:
        return Beyond(0, None)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), rules.zone)
    return Beyond((in_hand() if rows is None else rows).filter(due_at__gte=end).count(), until)
