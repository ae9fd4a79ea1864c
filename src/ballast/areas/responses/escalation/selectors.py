"""The escalation of a warning as a person reads it: what was taken, and what comes next unless somebody answers."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q

from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.desks.models import Receiver
from ballast.areas.desks.selectors import warning_steps
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now
from ballast.areas.responses.escalation.models import Escalated
from ballast.areas.responses.escalation.owing import WHOLE, owed, way_of
from ballast.core.clocks import opens_at, reached

if TYPE_CHECKING:
    from ballast.areas.responses.models import Warned

__all__ = ["Step", "story_of", "was_escalated"]


class Step(NamedTuple):
    """A step taken (`at` is when, `people` whom it told) or ahead (`at` is when it comes, nobody is told yet)."""

    desk: str
    label: str
    hours: float
    since: dt.datetime
    to: str
    to_label: str
    at: dt.datetime
    taken: bool
    people: tuple[str, ...] = ()


def was_escalated() -> Q:
    """Condition on warnings: a step of the escalation was taken."""
    return Q(Exists(Escalated.objects.filter(warning=OuterRef("pk"))))


def story_of(warning: "Warned", paths: Iterable[str]) -> list[Step]:
    """The steps of the desks at or above some regions by time, those ahead last; `paths` are what the reader sees.

    The next step of each desk is told while the warning waits for a decision.
    """
    codes = {code for path in paths for code in way_of(path)}
    taken = list(Escalated.objects.filter(warning=warning, desk__in=codes).order_by("at", "pk"))
    waits = not warning.ended and warning.state == "open"
    ahead = owed([warning.pk], now()).get(warning.pk, {}) if waits else {}
    ahead = {desk: since for desk, since in ahead.items() if desk in codes}
    names = _names({row.desk for row in taken} | set(ahead))
    told = dict(Receiver.choices)
    found = [
        Step(
            row.desk, names[row.desk], row.hours, row.since, row.to, str(told[row.to]), row.at, True, tuple(row.people)
        )
        for row in taken
    ]
    return found + _ahead(ahead, {(row.desk, row.to) for row in taken}, names)


def _ahead(owing: dict[str, dt.datetime], taken: set[tuple[str, str]], names: dict[str, str]) -> list[Step]:
    """The next step of each desk that owes an answer, soonest first."""
    if not owing:
        return []
    rules = rules_in_force()
    calendar, steps = rules.calendars[rules.office], warning_steps()
    found = []
    for desk, since in owing.items():
        step = next((one for one in steps if (desk, one.to) not in taken), None)
        if step is not None:
            at = opens_at(calendar, reached(calendar, since, dt.timedelta(hours=step.hours)))
            label = str(step.get_to_display())
            found.append(Step(desk, names[desk], step.hours, since, step.to, label, at, False))
    return sorted(found, key=lambda one: (one.at, one.desk))


def _names(desks: set[str]) -> dict[str, str]:
    """What each desk is called, in the active language."""
    found = {row.pk: row.label for row in Region.objects.filter(pk__in=desks)}
    return {code: found.get(code) or (authority().label if code == WHOLE else code) for code in desks}
