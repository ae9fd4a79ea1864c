"""How the due time of a case comes about: which days count, which do not, and why."""

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from ballast.areas.cases.models import Case
from ballast.areas.cases.pack import resolution_of
from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import calendar
from ballast.areas.reference.workdays import OfficeHours
from ballast.core.clocks import Calendar, Clock, ClockName, Filed, Log, Policy, Reason, Rule, deadlines

__all__ = ["DueStep", "clock_at_filing", "due_steps", "office_of"]

_CLOCK = ClockName("resolution")
_DAY = dt.timedelta(days=1)


class DueStep(NamedTuple):
    """Days on end, both dates included, that count or do not for one reason; None for the day of filing."""

    first: dt.date
    last: dt.date
    reason: Reason | None

    @property
    def words(self) -> str:
        """What the days are, in the language of the page."""
        if self.reason is Reason.WORKED:
            count = (self.last - self.first).days + 1
            return ngettext("{count} working day", "{count} working days", count).format(count=count)
        if self.reason is Reason.HOLIDAY:
            return gettext("public holiday, not counted")
        return gettext("weekend, not counted") if self.reason else gettext("day of filing, not counted")


def due_steps(case: Case, of: Authority) -> list[DueStep]:
    """Steps from the day of filing to the day on which the case is due, by today's policy for its kind.

    None where that policy and calendar give another time than the case got when it was filed.
    """
    office = office_of(of)
    clock = clock_at_filing(case.kind, case.filed_at, office)
    if clock.due != case.due_at:
        return []
    filed = office.local_date(case.filed_at)
    steps = [DueStep(filed, filed, None)]
    for stretch in clock.ahead:
        first = max(office.local_date(stretch.start), filed + _DAY)
        last = office.local_date(stretch.end - dt.timedelta(microseconds=1))
        if stretch.reason is Reason.NIGHT or last < first:
            continue
        if steps[-1].reason is stretch.reason and steps[-1].last + _DAY == first:
            steps[-1] = steps[-1]._replace(last=last)
        else:
            steps.append(DueStep(first, last, stretch.reason))
    return steps


def clock_at_filing(kind: str, filed_at: dt.datetime, office: Calendar) -> Clock:
    """The resolution clock of a kind as it stands at the filing, on the authority's working calendar."""
    rule = Rule(_CLOCK.clock, resolution_of(kind).budget, office.name, pauses=frozenset(), stops=frozenset())
    log = Log([Filed(filed_at, kind=kind)])
    return deadlines(log, [Policy("filing", filed_at, (rule,))], {office.name: office}, filed_at)[_CLOCK]


def office_of(of: Authority) -> Calendar:
    """The authority's working calendar with the hours of an office; its version is the last date that it names."""
    days, hours = calendar(of.calendar), OfficeHours()
    shifts = ((hours.opens, hours.closes),)
    return Calendar(
        days.name, max(days.exceptions).isoformat() if days.exceptions else "", ZoneInfo(of.time_zone),
        (shifts,) * 5 + ((),) * 2, {date: () if off else shifts for date, off in days.exceptions.items()},
    )  # fmt: skip
