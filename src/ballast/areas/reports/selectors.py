"""Who has reported, who is late, and the history of one input's reports."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from ballast.areas.accounts.access import scope_of
from ballast.areas.modes.duties import Asked, asked_now, clock, due_in_modes, members, normal_cadence
from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.models import Enterprise, Need, Site
from ballast.areas.registry.selectors import scope_filter, visible_enterprises, visible_needs
from ballast.areas.reports.models import OperatingReport, Reminder, StockReport

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "Coverage",
    "Due",
    "counted",
    "coverage",
    "coverage_by_region",
    "due",
    "expected_sites",
    "get_report",
    "history",
    "last_operation",
    "late_enterprises",
    "late_sites",
    "own_needs",
    "own_reports",
    "reminded_today",
    "reported_sites",
    "silent_sites",
    "standing_report",
    "today_begins",
    "total",
    "visible_operating_reports",
    "visible_stock_reports",
]


class Coverage(NamedTuple):
    """Sites with an input in use: those that have reported what is asked of them now, and all of them."""

    reported: int
    expected: int
    asked: Asked


class Due(NamedTuple):
    """The newest working day whose report is due by now, and its first instant: older reports are late."""

    day: dt.date
    since: dt.datetime


def _midnight(day: dt.date, of: Authority) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(of.time_zone))


def due(of: Authority | None = None) -> Due:
    """Which day's report is due by now where no mode is in force: by the normal cadence, e.g. that of working days."""
    at = clock(of)
    window = at.newest(normal_cadence())
    if window is None:
        day = at.local.date()
        return Due(day, _midnight(day, at.of))
    return Due(window.due.date(), at.real(window.opens))


def today_begins() -> dt.datetime:
    """First instant of the authority's day."""
    of = authority()
    return _midnight(now(of).astimezone(ZoneInfo(of.time_zone)).date(), of)


def expected_sites(user: "User") -> QuerySet[Site]:
    """Sites with an input in use: those that should report."""
    sites = Site.objects.filter(inputs__gt=0)
    if scope_of(user).everything:
        return sites
    # Not joined: to group by region, SQLite would then read all sites, not those in scope.
    return sites.filter(enterprise__in=visible_enterprises(user).order_by().values("pk"))


def silent_sites(user: "User") -> QuerySet[Site]:
    """Sites that have not reported yet what is asked of them now, late or not."""
    return expected_sites(user).exclude(pk__in=reported_sites(user).order_by().values("pk"))


def late_sites(user: "User") -> QuerySet[Site]:
    """Sites whose report is due and has not come: by the normal duty, or by that of a mode that is in force there."""
    late = Q(last_report__isnull=True) | Q(last_report__lt=due().since)
    for asked in due_in_modes():
        late |= Q(last_report__lt=asked.since) & members(asked.switch, "enterprise__")
    return expected_sites(user).filter(late)


def reported_sites(user: "User") -> QuerySet[Site]:
    """Sites that have reported at least one input for what is asked of them now, by the duty in force for each."""
    return expected_sites(user).filter(asked_now().met())


def late_enterprises(user: "User") -> QuerySet[Enterprise]:
    """Enterprises with a site whose report is due and has not come, by identifier."""
    return visible_enterprises(user).filter(pk__in=late_sites(user).order_by().values("enterprise_id"))


def coverage(user: "User") -> Coverage:
    """Sites in scope that have reported what is asked of them now, out of all with an input in use."""
    return counted(expected_sites(user), asked_now())


def coverage_by_region(user: "User", asked: Asked | None = None) -> dict[str, Coverage]:
    """The coverage of the sites in scope by the region in which they stand, by its code; read along an index."""
    asked = asked or asked_now()
    fresh = Count("last_report", filter=asked.met())
    rows = expected_sites(user).order_by().values_list("region_id").annotate(n=Count("*"), fresh=fresh)
    return {region: Coverage(reported, expected, asked) for region, expected, reported in rows}


def total(parts: Iterable[Coverage], asked: Asked) -> Coverage:
    """The coverage of all of some parts."""
    parts = list(parts)
    return Coverage(sum(part.reported for part in parts), sum(part.expected for part in parts), asked)


def counted(sites: QuerySet[Site], asked: Asked) -> Coverage:
    """How many of some sites with an input in use have reported what is asked."""
    # Both are read from the index of the sites; the key is not in it.
    fresh = Count("last_report", filter=asked.met())
    counts = sites.order_by().aggregate(expected=Count("*"), reported=fresh)
    return Coverage(counts["reported"], counts["expected"], asked)


def own_needs(user: "User") -> QuerySet[Need]:
    """Inputs that the user reports, by site and product."""
    rows = visible_needs(user, "report").select_related("site__region", "product", "unit")
    return rows.order_by("site__site_id", "product_id")


def own_reports(user: "User") -> QuerySet[StockReport]:
    """Stock reports of the inputs that the user reports, every version, newest first."""
    needs = visible_needs(user, "report").order_by().values("pk")
    rows = StockReport.objects.filter(need__in=needs).order_by("-day", "-reported_at", "-pk")
    return rows.select_related("need__site__enterprise", "need__product", "need__unit", "reporter")


def standing_report(need: Need, *, without: StockReport | None = None) -> StockReport | None:
    """The report that gives an input its current figures, or would give them `without` one; None when none is left."""
    rows = StockReport.objects.filter(need=need, withdrawn_at__isnull=True).order_by("-day", "-version")
    return (rows.exclude(pk=without.pk) if without else rows).first()


def visible_stock_reports(user: "User") -> QuerySet[StockReport]:
    """Stock reports of the inputs in scope, every version."""
    return StockReport.objects.filter(scope_filter(scope_of(user), "need__site__enterprise__"))


def visible_operating_reports(user: "User") -> QuerySet[OperatingReport]:
    """Operating reports of the enterprises in scope, every version."""
    return OperatingReport.objects.filter(scope_filter(scope_of(user), "enterprise__"))


def get_report(user: "User", pk: int) -> StockReport:
    """The report; StockReport.DoesNotExist when absent or out of scope."""
    return visible_stock_reports(user).select_related("need__site__enterprise").get(pk=pk)


def history(need: Need, *, limit: int = 30) -> QuerySet[StockReport]:
    """Reports of one input, newest first, every version; the caller has checked that its user may see the need."""
    return StockReport.objects.filter(need=need).select_related("reporter")[:limit]


def last_operation(enterprise: Enterprise) -> OperatingReport | None:
    """The newest operating report that is not withdrawn."""
    return enterprise.operating_reports.filter(withdrawn_at__isnull=True).first()


def reminded_today(enterprises: "QuerySet[Enterprise] | list[int]") -> set[int]:
    """Primary keys of those of the enterprises that were reminded today."""
    day = today_begins().date()
    return set(Reminder.objects.filter(day=day, enterprise__in=enterprises).values_list("enterprise_id", flat=True))
