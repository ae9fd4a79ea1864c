"""When a case is due: the answer of its clocks and of the forecast, and the one place that stores it.

Due is the earlier of two: what the policy gives, and the date on which the site stops, minus the days that a remedy of
this kind takes. docs/explanation/clocks.md has the definition.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from ballast.areas.audit.services import record
from ballast.areas.bulk import set_fields
from ballast.areas.cases.clocks.log import Line, Story, story_of
from ballast.areas.cases.clocks.parts import PartRow, keep_parts, parts_of, quick_parts
from ballast.areas.cases.clocks.quick import quick_dues
from ballast.areas.cases.clocks.rules import Rules, rules_in_force
from ballast.areas.cases.clocks.words import DUE
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.packs.in_force import kinds, local_states, states_in
from ballast.areas.reference.selectors import now, today
from ballast.core.clocks import Category, Clock, ClockName, deadlines
from ballast.core.clocks.policy import PART

__all__ = [
    "ANSWER", "SOLUTION", "Dues", "Judged", "Moved", "clocks_of", "dues_of", "follow", "follow_all", "follow_calendar",
    "follow_new", "follow_stops", "in_hand", "judged", "stop_due", "stories",
]  # fmt: skip

ANSWER, SOLUTION = ClockName("response"), ClockName("resolution")
_SYSTEM = "Ballast"
# Local time at which a case is due by the forecast where its policy names none.
_HOUR = dt.time(18)
_STORED = ("due_at", "policy_due", "answer_due", "part_due", "waiting_for", "waiting_reason", "waiting_until")
_BATCH = 5_000


class Dues(NamedTuple):
    """What is stored of a case's clocks; instants in UTC."""

    due_at: dt.datetime
    policy_due: dt.datetime | None
    answer_due: dt.datetime | None
    part_due: dt.datetime | None
    waiting_for: str
    waiting_reason: str
    waiting_until: dt.date | None


class Judged(NamedTuple):
    """All that is stored of a case's clocks: its due times, and the part of each desk."""

    dues: Dues
    parts: list[PartRow]


@dataclass(frozen=True)
class Moved:
    """What a change moved: numbers of the cases that are due at another time now, and how many were looked at."""

    numbers: tuple[str, ...]
    looked_at: int


def stop_due(case: Case, rules: Rules, answer_due: dt.datetime | None) -> dt.datetime | None:
    """When the case has to be solved so that the site does not stop: the stop date minus the days of a remedy.

    At the local hour at which its policy lets cases fall due. None without a stop that was ahead when the case was
    filed: where a site stands already there is none to prevent. Never before the enterprise is owed its first answer.
    """
    if case.stops_on is None or case.stops_on <= case.filed_at.astimezone(rules.zone).date():
        return None
    kind = kinds().get(case.kind)
    day = case.stops_on - dt.timedelta(days=kind.remedy_days if kind else 0)
    rule = case.rules.clock_of(case.kind)
    hour = (rule.until if rule else None) or _HOUR
    due = dt.datetime.combine(day, hour, rules.zone).astimezone(dt.UTC)
    return max(due, answer_due or case.filed_at)


def clocks_of(case: Case, story: Story, rules: Rules, at: dt.datetime) -> dict[ClockName, Clock]:
    """The clocks of a case as they stand at an instant."""
    last = story.log.entries[-1].at if story.waiting is None else story.waiting.since
    return deadlines(story.log, rules.policies.get(case.pack, ()), rules.calendars, max(at, last))


def dues_of(case: Case, story: Story, rules: Rules, at: dt.datetime) -> Dues:
    """What the clocks and the forecast say at an instant. A case that waits is taken to go on when it was said to."""
    return judged(case, story, rules, at).dues


def judged(case: Case, story: Story, rules: Rules, at: dt.datetime) -> Judged:
    """The same with the part of every desk that had the case."""
    upto = max(at, story.log.entries[-1].at)
    quick = quick_dues(case.pack, story, rules, upto)
    if quick is not None:
        due, parts = quick, quick_parts(story, quick["part"], upto)
    else:
        clocks = deadlines(story.log, rules.policies.get(case.pack, ()), rules.calendars, upto)
        names = (ANSWER, SOLUTION, ClockName(PART, case.desk_key))
        due = {name.clock: clocks[name].due if name in clocks else None for name in names}
        parts = parts_of(clocks)
    policy, answer = due["resolution"], due["response"]
    waits = story.waiting if story.waiting and at.astimezone(rules.zone).date() < story.waiting.until else None
    whom, reason, _since, until = waits or ("", "", None, None)
    return Judged(Dues(_earlier(case, rules, policy, answer), policy, answer, due["part"], whom, reason, until), parts)


def _earlier(case: Case, rules: Rules, policy: dt.datetime | None, answer: dt.datetime | None) -> dt.datetime:
    """The earlier of both reasons; what was stored stays where neither says anything."""
    known = [due for due in (policy or case.due_at, stop_due(case, rules, answer)) if due]
    return min(known)


def stories(cases: Sequence[Case], rules: Rules) -> dict[int, Story]:
    """The log of each case, by key. One query for every 5,000 cases."""
    found: dict[int, Story] = {}
    for first in range(0, len(cases), _BATCH):
        batch = cases[first : first + _BATCH]
        lines: dict[int, list[Line]] = defaultdict(list)
        rows = CaseEntry.objects.filter(case__in=[case.pk for case in batch]).exclude(type=CaseEntry.Type.NOTE)
        for key, *line in rows.order_by("pk").values_list("case_id", *Line._fields):
            lines[key].append(Line(*line))
        for case in batch:
            found[case.pk] = story_of(case.filed_at, case.kind, case.desk_key, lines[case.pk], rules.zone)
    return found


def follow(case: Case) -> None:
    """Store what a new line in the story of a case means for its clocks; to be called by whoever wrote the line."""
    over = local_states()[case.state].category in (Category.RESOLVED, Category.CLOSED)
    rules = rules_in_force(case.state_since if over else None)
    found = judged(case, stories([case], rules)[case.pk], rules, now())
    if changed := {name: value for name, value in found.dues._asdict().items() if getattr(case, name) != value}:
        for name, value in changed.items():
            setattr(case, name, value)
        Case.objects.filter(pk=case.pk).update(**changed)
    keep_parts({case.pk: found.parts})


def follow_new(cases: Sequence[Case]) -> None:
    """The same for cases that were filed together."""
    rules, at = rules_in_force(), now()
    logs = stories(cases, rules)
    rows, parts = [], {}
    for case in cases:
        found, parts[case.pk] = judged(case, logs[case.pk], rules, at)
        for name, value in found._asdict().items():
            setattr(case, name, value)
        rows.append((case.pk, *found))
    set_fields(Case, _STORED, rows)
    keep_parts(parts)


def in_hand() -> QuerySet[Case]:
    """The cases whose clocks run or pause; what is over stays as it was."""
    return Case.objects.filter(state__in=states_in(Category.OPEN, Category.PAUSED)).order_by("pk")


def _locked(rows: QuerySet[Case]) -> list[Case]:
    """The cases with what clocks are computed from and where they are stored, locked."""
    fields = (
        *_STORED,
        "stops_on",
        "stop_certain",
        "number",
        "pack",
        "kind",
        "state",
        "filed_at",
        "site",
        "lead_region",
        "department__region",
        "department__code",
    )
    return list(rows.select_related("department").only(*fields).select_for_update(of=("self",)))


@transaction.atomic
def follow_all(why: str, *, rows: QuerySet[Case] | None = None, actor: str = "clocks") -> Moved:
    """Compute every case in hand anew after the policy or a calendar changed, and store what differs.

    `why` is "policy" or "calendar": a case that is due at another time now gets a line in its story that says so. It is
    "log" for whoever wrote lines in bulk, which say so themselves.
    """
    cases = _locked(in_hand() if rows is None else rows)
    rules, at = rules_in_force(), now()
    logs = stories(cases, rules)
    changed, lines, parts = [], [], {}
    for case in cases:
        found, parts[case.pk] = judged(case, logs[case.pk], rules, at)
        if any(getattr(case, name) != value for name, value in found._asdict().items()):
            changed.append((case.pk, *found))
            if found.due_at != case.due_at and why != "log":
                lines.append(_line(case, found.due_at, at, {"why": why}))
    set_fields(Case, _STORED, changed)
    keep_parts(parts)
    return _told(lines, len(cases), why, actor)


def follow_calendar(*_args: object, **_kwargs: object) -> None:
    """Follow a working calendar that has a new version; as a signal receiver takes any arguments."""
    follow_all("calendar")


@transaction.atomic
def follow_stops(day: dt.date, stops: Mapping[int, tuple[int, bool]], *, actor: str = "forecast job") -> Moved:
    """Take over from a forecast when sites stop: by key of the site, days from `day` and whether it is certain.

    Only cases whose date changes are written. A site that stands on the day of the forecast keeps the date on which it
    came to stand. A case that is due at another time by it gets a line in its story that says so.
    """
    cases = _locked(in_hand())
    changed, lines, rules, at = [], [], rules_in_force(), now()
    for case in cases:
        before = case.stops_on
        date, certain = _stop_date(case, day, stops.get(case.site_id), rules.zone)
        if (date, certain) == (before, case.stop_certain):
            continue
        case.stops_on, case.stop_certain = date, certain
        due = _earlier(case, rules, case.policy_due, case.answer_due)
        changed.append((case.pk, date, certain, due))
        if due != case.due_at:
            facts = {"why": "forecast", "stops": [before and before.isoformat(), date and date.isoformat()]}
            lines.append(_line(case, due, at, facts))
    set_fields(Case, ("stops_on", "stop_certain", "due_at"), changed)
    return _told(lines, len(cases), "forecast", actor)


def _stop_date(case: Case, day: dt.date, stop: tuple[int, bool] | None, zone: ZoneInfo) -> tuple[dt.date | None, bool]:
    if stop is None:
        return None, False
    days, certain = stop
    if days == 0:
        # It stands: since the date that was foreseen, or else since before anything could be done about it.
        return min(case.stops_on or case.filed_at.astimezone(zone).date(), day), certain
    return day + dt.timedelta(days=days), certain


def _line(case: Case, due: dt.datetime, at: dt.datetime, facts: dict[str, Any]) -> CaseEntry:
    """The line by which the system tells that the case is due at another time."""
    facts = facts | {"due": [case.due_at.isoformat(), due.isoformat()]}
    return CaseEntry(
        case=case, at=at, actor_name=_SYSTEM, type=CaseEntry.Type.MOVE, move=DUE, state_before=case.state,
        state_after=case.state, lead_id=case.lead_region_id, lead_department_id=case.department_id, facts=facts,
    )  # fmt: skip


def _told(lines: list[CaseEntry], looked_at: int, why: str, actor: str) -> Moved:
    """Write the lines, and one entry in the audit for all of them."""
    CaseEntry.objects.bulk_create(lines, batch_size=1000)
    numbers = tuple(line.case.number for line in lines)
    if numbers:
        detail = {"why": why, "cases": len(numbers), "first": list(numbers[:50]), "day": today()}
        record("cases.due_moved", actor, subject_type="cases", subject_id=why, detail=detail)
    return Moved(numbers, looked_at)
