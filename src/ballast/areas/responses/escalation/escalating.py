"""Warnings that nobody answers go to the desk above and then to the leader: each step once, in working hours."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse

from ballast.areas.accounts.models import User
from ballast.areas.audit.services import Act, record_all
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.routing.escalation import leaders_of
from ballast.areas.cases.talk.audience import first_staffed
from ballast.areas.desks.models import EscalationStep, Receiver
from ballast.areas.desks.selectors import warning_steps, way_up
from ballast.areas.notices.letters import in_language_of
from ballast.areas.notices.services import notify
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now
from ballast.areas.responses.escalation.models import Escalated
from ballast.areas.responses.escalation.owing import WHOLE, open_warnings, owed
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings.naming import title_for, titles_for
from ballast.core.clocks import Calendar, opens_at, working_time

__all__ = ["escalate_warnings"]

_ACTOR = "escalation of warnings"
_HOUR = dt.timedelta(hours=1)
# Of the names of several warnings in one notice, so many characters stand there; the page that it opens lists all.
_LONGEST = 200


class _Step(NamedTuple):
    """A step that a warning has come to at a desk."""

    warning: Warned
    desk: str
    since: dt.datetime
    step: EscalationStep


def escalate_warnings(at: dt.datetime | None = None) -> int:
    """Take every step that a warning has come to; how many were taken. None outside the authority's working hours.

    A person hears once of all that comes to them in one run. Nobody is told outside the system: letters of an
    exercise carry its mark, and no webhook hears of a step.
    """
    at = at or now()
    rules = rules_in_force()
    calendar = rules.calendars[rules.office]
    steps = warning_steps()
    if opens_at(calendar, at) > at or not open_warnings().exists():
        return 0
    with transaction.atomic():
        # Who answers one of them meanwhile waits; a second run finds what this one has taken.
        rows = {row.pk: row for row in open_warnings().select_related("site").select_for_update(of=("self",))}
        return _take(_reached(calendar, rows, steps, at), at)


def _reached(
    calendar: Calendar, rows: Mapping[int, Warned], steps: Iterable[EscalationStep], at: dt.datetime
) -> list[_Step]:
    """The steps that desks have come to and that were not taken."""
    steps = list(steps)
    taken = set(Escalated.objects.filter(warning__in=rows).values_list("warning", "desk", "to"))
    passed: dict[dt.datetime, dt.timedelta] = {}
    found = []
    for pk, desks in owed(rows, at).items():
        for desk, since in sorted(desks.items()):
            if since not in passed:
                passed[since] = working_time(calendar, since, at)
            due = [step for step in steps if passed[since] >= step.hours * _HOUR]
            for step in due:
                if (pk, desk, step.to) not in taken:
                    taken.add((pk, desk, step.to))
                    found.append(_Step(rows[pk], desk, since, step))
    return found


def _take(found: list[_Step], at: dt.datetime) -> int:
    """Write the steps and tell those who are to hear of them."""
    receivers = _receivers({(one.desk, one.step.to) for one in found})
    heard: dict[int, list[_Step]] = defaultdict(list)
    people: dict[int, User] = {}
    rows, acts = [], []
    for one in found:
        told = receivers[one.desk, one.step.to]
        names = [person.get_full_name() or person.get_username() for person in told]
        rows.append(
            Escalated(warning=one.warning, desk=one.desk, hours=one.step.hours, since=one.since, to=one.step.to, at=at,
                      people=names)
        )  # fmt: skip
        detail = {"desk": one.desk, "hours": one.step.hours, "to": one.step.to, "people": names}
        acts.append(Act("warning.escalated", _ACTOR, "warning", str(one.warning.pk), "", detail))
        for person in told:
            people[person.pk] = person
            heard[person.pk].append(one)
    Escalated.objects.bulk_create(rows)
    record_all(acts)
    for pk, steps in heard.items():
        _tell(people[pk], steps)
    return len(rows)


def _receivers(asked: set[tuple[str, str]]) -> dict[tuple[str, str], list[User]]:
    """Who hears, by desk and receiver: the next above hear where nobody has a right."""
    regions = {row.pk: way_up(row) for row in Region.objects.filter(pk__in={desk for desk, _to in asked})}
    found = {}
    for desk, to in sorted(asked):
        way = regions.get(desk, []) if desk != WHOLE else []
        found[desk, to] = leaders_of(way) if to == Receiver.LEADER else first_staffed(way[1:])
    return found


def _tell(person: User, steps: list[_Step]) -> None:
    """One notice to a person, of one warning or of several."""
    warnings = {one.warning.pk: one.warning for one in steps}
    hours = f"{min(one.step.hours for one in steps):g}"
    with in_language_of(person):
        if len(warnings) == 1:
            (warning,) = warnings.values()
            path = reverse("responses:warning", args=[warning.pk])
            notify(person, title_for(person, warning), "warning_escalated", path=path, hours=hours)
            return
        names = "; ".join(titles_for(person, warnings.values()).values())
    path = f"{reverse('responses:warnings')}?escalated=1"
    subject = names if len(names) <= _LONGEST else names[: _LONGEST - 1] + "…"
    notify(person, subject, "warnings_escalated", path=path, count=str(len(warnings)), hours=hours)
