"""What to decide first: open cases by the output they put at risk, those joined whose events are needed together."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.accounts.models import User
from ballast.areas.cases.models import Case
from ballast.areas.cases.presentation import with_due
from ballast.areas.cases.selectors import queue
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


def joint_sets(user: User) -> dict[frozenset[str], tuple[float, int]]:
    """Sets of two or more events that hold visible plants only together: money lost by those plants, their number."""
    rows = visible_forecasts(user).filter(stop_day__isnull=False)
    rows = rows.order_by(F("lost_output").desc(nulls_last=True), "site__site_id")
    lost: dict[frozenset[str], float] = defaultdict(float)
    plants: Counter[frozenset[str]] = Counter()
    for path, output in rows.values_list("path", "lost_output")[:_LOOKED_AT]:
        events = frozenset(path.get("needed", ()))
        if len(events) > 1:
            lost[events] += output or 0.0
            plants[events] += 1
    return {events: (lost[events], plants[events]) for events in plants}


def decide_first(user: User, *, limit: int = 5) -> list[Decision]:
    """Cases in hand by output at risk; a joint set ranks by what it frees together and stands as one line.

    A set counts only when an open visible case stands on each of its events.
    """
    cases = list(queue(user).filter(event__isnull=False).select_related("event", "enterprise")[: 40 * limit])
    by_event: dict[str, list[Case]] = defaultdict(list)
    for case in with_due(cases):
        assert case.event is not None  # noqa: S101 - filtered above
        by_event[case.event.event_id].append(case)
    lines = [_joint(events, by_event, *found) for events, found in joint_sets(user).items() if events <= set(by_event)]
    own = {case.number: case.output_at_risk or 0.0 for case in cases}
    # A case that is worth more by itself than the set keeps its own line.
    covered = {number for line in lines for number in line.numbers if own[number] < (line.output_at_risk or 0.0)}
    lines += [_single(case) for case in cases if (case.output_at_risk or 0) > 0 and case.number not in covered]
    return sorted(lines, key=lambda line: (-(line.output_at_risk or 0.0), line.number))[:limit]


def _joint(events: frozenset[str], by_event: dict[str, list[Case]], lost: float, plants: int) -> Decision:
    """One line for cases that are worth little one at a time."""
    first = [by_event[event][0] for event in sorted(events)]
    lead = max(first, key=lambda case: (case.output_at_risk or 0.0, case.number))
    if len(first) == 2:
        what = _("{first} and {second}, both needed").format(first=first[0].blocked, second=first[1].blocked)
    else:
        rest = len(first) - 1
        text = ngettext("{first} and {count} more, all needed", "{first} and {count} more, all needed", rest)
        what = text.format(first=lead.blocked, count=rest)
    return Decision(
        number=lead.number, what=what, enterprise=lead.enterprise.label, output_at_risk=lost, joint=True,
        plants=plants, due_at=min(case.due_at for case in first), due_level=_level(lead),
        numbers=tuple(case.number for event in sorted(events) for case in by_event[event]),
    )  # fmt: skip


def _single(case: Case) -> Decision:
    return Decision(
        number=case.number, what=case.blocked, enterprise=case.enterprise.label, output_at_risk=case.output_at_risk,
        joint=False, plants=0, due_at=case.due_at, due_level=_level(case), numbers=(case.number,),
    )  # fmt: skip


def _level(case: Case) -> str:
    return str(getattr(case, "due_level", ""))
