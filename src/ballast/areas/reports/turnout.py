"""How many of the reports that were due came, day by day, by the duties that were in force on each day."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Q, QuerySet

from ballast.areas.modes.duties import Clock, clock, members, normal_cadence
from ballast.areas.modes.models import Switch
from ballast.areas.registry.models import Site
from ballast.areas.reports.models import StockReport
from ballast.areas.reports.selectors import expected_sites
from ballast.core import duty

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["MOST_DAYS", "DayTurnout", "turnout"]

MOST_DAYS = 31


class DayTurnout(NamedTuple):
    """Reports of sites that were due on a day, those that came by the end of it, and those of them in time."""

    day: dt.date
    due: int
    received: int
    in_time: int

    @property
    def rate(self) -> float | None:
        """Received of due, 0 to 1; None on a day on which nothing was due."""
        return self.received / self.due if self.due else None


def turnout(user: "User", *, days: int = 7) -> list[DayTurnout]:
    """The last days, newest first, of the sites in scope; windows that are not due yet are left out.

    A site owes one report for each window of the normal duty, and for each further window of a mode that was in force
    when the window was due: an emergency with two reports a day doubles the denominator of its scope on its days alone.
    The sites are those of today; which inputs were in use on a day in the past is not kept.
    """
    at = clock()
    last = at.local.date()
    first = last - dt.timedelta(days=min(days, MOST_DAYS) - 1)
    confirmed = Switch.objects.filter(state=Switch.State.CONFIRMED, starts__lte=last, ends__gte=first)
    switches = list(confirmed.select_related("region", "chain").order_by("pk"))
    sites = expected_sites(user)
    found = []
    for back in range((last - first).days + 1):
        day = last - dt.timedelta(days=back)
        counts = [_counted(at, window, rows) for window, rows in _windows(at, day, switches, sites)]
        found.append(
            DayTurnout(day, *(sum(part) for part in zip(*counts, strict=True))) if counts else DayTurnout(day, 0, 0, 0)
        )
    return found


def _windows(
    at: Clock, day: dt.date, switches: Iterable[Switch], sites: QuerySet[Site]
) -> list[tuple[duty.Window, QuerySet[Site]]]:
    """The windows that were due on a day, each once, with the sites that owed a report."""
    normal = duty.windows(duty.CADENCES[normal_cadence()], day, at.due_time, at.working)
    places: dict[duty.Window, Q] = {}
    for switch in switches:
        for window in duty.windows(duty.CADENCES[switch.cadence], day, at.due_time, at.working):
            if window not in normal and switch.holds(at.real(window.due), day):
                places[window] = places.get(window, Q(pk__in=[])) | members(switch, "enterprise__")
    every = [(window, sites) for window in normal]
    every += [(window, sites.filter(place)) for window, place in places.items()]
    return [(window, rows) for window, rows in every if window.due <= at.local]


def _counted(at: Clock, window: duty.Window, sites: QuerySet[Site]) -> tuple[int, int, int]:
    """Sites that owed the report, that sent it by the end of the day, and in time."""
    opens, due = at.real(window.opens), at.real(window.due)
    end = at.real(dt.datetime.combine(window.due.date() + dt.timedelta(days=1), dt.time()))
    reports = StockReport.objects.filter(
        need__site__in=sites.order_by().values("pk"), reported_at__gte=opens, reported_at__lt=end,
        withdrawn_at__isnull=True,
    )  # fmt: skip
    came = reports.order_by().aggregate(
        received=Count("need__site", distinct=True),
        in_time=Count("need__site", distinct=True, filter=Q(reported_at__lte=due)),
    )
    return sites.count(), came["received"], came["in_time"]
