"""How the due time of a case comes about: which days count, which do not, and why."""

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from ballast.areas.cases.models import Case
from ballast.core.clocks import Clock, Reason

__all__ = ["DueStep", "due_steps"]

_DAY = dt.timedelta(days=1)
_MOMENT = dt.timedelta(microseconds=1)


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
        return {
            None: gettext("day of filing, not counted"),
            Reason.HOLIDAY: gettext("public holiday, not counted"),
            Reason.PAUSED: gettext("waited, not counted"),
            Reason.STOPPED: gettext("reported as solved, not counted"),
        }.get(self.reason) or gettext("weekend, not counted")


def due_steps(case: Case, clock: Clock, zone: ZoneInfo) -> list[DueStep]:
    """Steps from the day of filing to the day on which the policy wants the case solved, by its clock.

    None where the clock says another time than the one that is stored.
    """
    if clock.due != (case.policy_due or case.due_at):
        return []
    filed = case.filed_at.astimezone(zone).date()
    steps = [DueStep(filed, filed, None)]
    for stretch in (*clock.counted, *clock.ahead):
        first = max(stretch.start.astimezone(zone).date(), filed + _DAY)
        last = (stretch.end - _MOMENT).astimezone(zone).date()
        if stretch.reason in (Reason.NIGHT, Reason.BREAK) or last < first:
            continue
        if steps[-1].reason is stretch.reason and first <= steps[-1].last + _DAY:
            steps[-1] = steps[-1]._replace(last=last)
        else:
            steps.append(DueStep(first, last, stretch.reason))
    return steps
