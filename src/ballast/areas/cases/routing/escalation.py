"""Escalation: who hears of a case before and after it is due; each step once for a due time, in working hours.

A step that was taken is taken again only when the case is due later since, and comes to the step once more: at the
time when it was taken, the step of the new due time still lay ahead. docs/explanation/ownership.md has the rule.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ballast.areas.accounts.models import Role, User
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.models import Case, CaseEntry, Escalation
from ballast.areas.cases.packs.in_force import states_in
from ballast.areas.cases.talk.audience import first_staffed
from ballast.areas.desks.models import Department, EscalationStep, Receiver
from ballast.areas.desks.selectors import escalation_steps, way_up
from ballast.areas.notices.services import notify_all
from ballast.areas.reference.selectors import now
from ballast.core.clocks import Category, opens_at, reached, working_time

if TYPE_CHECKING:
    from ballast.core.clocks import Calendar

__all__ = ["came_to", "escalate", "leaders_of", "receivers"]

_SYSTEM = "Ballast"
_HOUR = dt.timedelta(hours=1)
_MINUTE = dt.timedelta(minutes=1)


class _Taken(NamedTuple):
    """A case and the steps that it came to."""

    case: Case
    steps: list[EscalationStep]


def came_to(calendar: "Calendar", hours: float, due: dt.datetime, at: dt.datetime) -> bool:
    """Whether a case that is due at `due` has come to the step at an instant.

    `hours` are working hours: negative before due, 0 from the due time on, positive after it.
    """
    if hours < 0:
        return at >= due or working_time(calendar, at, due) <= -hours * _HOUR
    return at >= due and working_time(calendar, due, at) >= hours * _HOUR


def escalate(at: dt.datetime | None = None) -> int:
    """Take every step that a case has come to; how many were taken. None outside working hours."""
    at = at or now()
    rules = rules_in_force()
    calendar = rules.calendars[rules.office]
    steps = escalation_steps()
    if not steps or opens_at(calendar, at) > at:
        return 0
    taken = 0
    for one in _reached(calendar, steps, at):
        taken += _take(one, calendar, at)
    return taken


def _running(day: dt.date) -> QuerySet[Case]:
    """Cases whose clocks run: in hand, and not waiting for anybody."""
    rows = Case.objects.filter(state__in=states_in(Category.OPEN))
    return rows.filter(Q(waiting_until__isnull=True) | Q(waiting_until__lte=day))


def _reached(calendar: "Calendar", steps: Sequence[EscalationStep], at: dt.datetime) -> list[_Taken]:
    """The cases that have come to a step that was not taken for their due time."""
    ahead = max(0.0, *(-step.hours for step in steps))
    horizon = reached(calendar, at, ahead * _HOUR + _MINUTE)
    cases = list(_running(calendar.local_date(at)).filter(due_at__lte=horizon).order_by("pk"))
    # Most cases fall due at one hour of a day: what is told of a due time is told once.
    known: dict[tuple[float, dt.datetime], bool] = {}
    before = _taken_before(cases)
    found = []
    for case in cases:
        # A step for the kind and one for all kinds that say the same are one.
        fitting = {(step.hours, step.to): step for step in steps if step.kind in ("", case.kind)}
        for hours in {hours for hours, _to in fitting} - {hours for hours, due in known if due == case.due_at}:
            known[hours, case.due_at] = came_to(calendar, hours, case.due_at, at)
        came = [step for (hours, _to), step in fitting.items() if known[hours, case.due_at]]
        if left := _left(calendar, case, came, before):
            found.append(_Taken(case, left))
    return found


def _left(
    calendar: "Calendar",
    case: Case,
    steps: Iterable[EscalationStep],
    before: Mapping[tuple[int, float, str], dt.datetime],
) -> list[EscalationStep]:
    """Those of the steps that were not taken yet, or lay ahead again by the present due time when they were."""
    return [step for step in steps if _anew(calendar, case, step, before.get((case.pk, step.hours, step.to)))]


def _taken_before(cases: Iterable[Case]) -> dict[tuple[int, float, str], dt.datetime]:
    """When each step was last taken, by case, hours and receiver."""
    found: dict[tuple[int, float, str], dt.datetime] = {}
    rows = Escalation.objects.filter(case__in=[case.pk for case in cases]).order_by("at", "pk")
    for case, hours, to, taken_at in rows.values_list("case_id", "hours", "to", "at"):
        found[case, hours, to] = taken_at
    return found


def _anew(calendar: "Calendar", case: Case, step: EscalationStep, last: dt.datetime | None) -> bool:
    return last is None or not came_to(calendar, step.hours, case.due_at, last)


@transaction.atomic
def _take(one: _Taken, calendar: "Calendar", at: dt.datetime) -> int:
    """Write the steps, their line in the story and the notices; what another run has taken meanwhile is left out."""
    case = Case.objects.select_for_update(of=("self",)).select_related("lead_region", "owner").get(pk=one.case.pk)
    if (case.due_at, case.state) != (one.case.due_at, one.case.state):
        return 0
    before = _taken_before([case])
    steps = _left(calendar, case, one.steps, before)
    people: dict[int, User] = {}
    for step in steps:
        Escalation.objects.create(case=case, hours=step.hours, to=step.to, due_at=case.due_at, at=at)
        told = receivers(case, step.to)
        people |= {person.pk: person for person in told}
        _enter(case, step, told, at)
    if people:
        notify_all(people.values(), case.blocked, "escalated", case.number)
    return len(steps)


def _enter(case: Case, step: EscalationStep, told: Sequence[User], at: dt.datetime) -> None:
    """The line by which the system tells that the case came to the step; desks read it."""
    facts = {
        "hours": step.hours, "to": step.to, "due": case.due_at.isoformat(),
        "people": [person.get_full_name() or person.username for person in told],
    }  # fmt: skip
    CaseEntry.objects.create(
        case=case, at=at, actor_name=_SYSTEM, type=CaseEntry.Type.NOTE, move=CaseEntry.ESCALATED,
        state_before=case.state, state_after=case.state, lead_id=case.lead_region_id,
        lead_department_id=case.department_id, facts=facts,
    )  # fmt: skip


def receivers(case: Case, to: str) -> list[User]:
    """The people who hear of the case: nobody is asked in vain, the next above hear where a desk has no people."""
    if to == Receiver.OWNER and case.owner is not None and case.owner.is_active:
        return [case.owner]
    if to == Receiver.LEADER:
        return leaders_of(way_up(case.lead_region))
    department = case.department
    if to == Receiver.SUPERIOR:
        # The desk of its region stands above a department.
        return first_staffed(way_up(case.lead_region)[0 if department else 1 :])
    return _members(department) or first_staffed(way_up(case.lead_region))


def _members(department: Department | None) -> list[User]:
    return list(department.members.filter(is_active=True).order_by("pk")) if department else []


def leaders_of(codes: Iterable[str]) -> list[User]:
    """Leaders of the first of the regions that has one, else of the whole authority; codes from the innermost on."""
    valid = Q(grants__valid_until=None) | Q(grants__valid_until__gte=timezone.localdate())
    for code in (*codes, ""):
        right = {"grants__role": Role.LEADER, "grants__region": code, "grants__chain": ""}
        if people := list(User.objects.filter(valid, **right, is_active=True).distinct().order_by("pk")):
            return people
    return []
