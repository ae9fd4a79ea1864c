"""The authority's clock and code lists. In an exercise the date stands still and the time of day runs."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.reference.calendars import DATA, days_of
from ballast.areas.reference.models import Authority, Industry, Product, Region, Unit
from ballast.areas.reference.workdays import WorkCalendar, work_calendar
from ballast.areas.searching import matching

__all__ = [
    "DATA",
    "authority",
    "calendar",
    "industries",
    "now",
    "on_clock",
    "products",
    "region",
    "region_children",
    "region_codes",
    "region_scope_label",
    "regions",
    "standing_authority",
    "subtree",
    "tile_regions",
    "today",
    "units",
]

_standing: ContextVar[Authority | None] = ContextVar("standing_authority", default=None)


def authority() -> Authority:
    """The one row that says who runs this system; an unsaved default before `ballast init`."""
    return _standing.get() or _read_authority()


def _read_authority() -> Authority:
    return Authority.objects.first() or Authority(name="Example authority", name_zh="示例主管部门", time_zone="UTC")


@contextmanager
def standing_authority() -> Iterator[Authority]:
    """The authority, read once: within, `authority()` gives this row. For the span of one request, or of one act.

    An act within a request goes on with the request's row.
    """
    token = _standing.set(authority())
    try:
        yield authority()
    finally:
        _standing.reset(token)


def now(of: Authority | None = None) -> dt.datetime:
    """The present instant, aware; in an exercise on the exercise's date."""
    return on_clock(timezone.now(), of)


def on_clock(instant: dt.datetime, of: Authority | None = None) -> dt.datetime:
    """A real instant as the authority's clock showed it: in an exercise the same time of day on its date."""
    of = of or authority()
    if not (of.is_exercise and of.exercise_date):
        return instant
    local = instant.astimezone(ZoneInfo(of.time_zone))
    return dt.datetime.combine(of.exercise_date, local.timetz())


def today(of: Authority | None = None) -> dt.date:
    """The authority's local date."""
    of = of or authority()
    return now(of).astimezone(ZoneInfo(of.time_zone)).date()


@cache
def _aliases() -> dict[str, str]:
    with (DATA / "aliases.csv").open(encoding="utf-8", newline="") as file:
        return {row["alias"]: row["code"] for row in csv.DictReader(file)}


def region_codes() -> dict[str, str]:
    """Every way to name a region (code, ISO 3166 code, alias), in capitals, and the region's code."""
    rows = list(Region.objects.values_list("code", "iso"))
    known = {code for code, _iso in rows}
    found = {alias: code for alias, code in _aliases().items() if code in known}
    found.update({iso.upper(): code for code, iso in rows if iso})
    found.update({code.upper(): code for code, _iso in rows})
    return found


def region(code: str) -> Region:
    """The region with this code, ISO 3166 code or alias; Region.DoesNotExist when there is none."""
    found = Region.objects.filter(code=code).first()
    if found is None:
        wanted = code.upper()
        found = Region.objects.filter(Q(code=_aliases().get(wanted, wanted)) | Q(iso=wanted)).order_by("code").first()
    if found is None:
        message = f"no region {code}"
        raise Region.DoesNotExist(message)
    return found


def _named(search: str) -> Q:
    return matching(search, "name", "name_zh", also="code__istartswith")


def regions(*, search: str = "", level: str = "", parent: str = "") -> QuerySet[Region]:
    """Regions by code: of one level, directly below one region, or with a text in name or code."""
    rows = Region.objects.order_by("code")
    if search:
        rows = rows.filter(_named(search))
    if level:
        rows = rows.filter(level=level)
    if parent:
        rows = rows.filter(parent_id=parent)
    return rows


def region_children(code: str) -> QuerySet[Region]:
    """The regions directly below one."""
    return regions(parent=code)


def subtree(code: str) -> QuerySet[Region]:
    """A region and all below it; empty when the code is unknown."""
    top = Region.objects.filter(code=code).first()
    return Region.objects.filter(path__startswith=top.path) if top else Region.objects.none()


def tile_regions(code: str = "CN") -> QuerySet[Region]:
    """The regions directly below one that the tile map draws, by row and column."""
    return region_children(code).exclude(tile_x=None).order_by("tile_y", "tile_x")


def region_scope_label(codes: Iterable[str]) -> str:
    """Names of the regions of a scope in the page's language, e.g. "Jiangsu, Wuxi"; "All regions" without any."""
    wanted = [code for code in codes if code]
    if not wanted:
        return _("All regions")
    labels = {row.code: row.label for row in Region.objects.filter(code__in=wanted)}
    return ", ".join(labels.get(code, code) for code in wanted)


def industries(*, search: str = "", scheme: str = "") -> QuerySet[Industry]:
    """Industry classes by code."""
    rows = Industry.objects.order_by("code")
    if scheme:
        rows = rows.filter(scheme=scheme)
    return rows.filter(_named(search)) if search else rows


def products(*, search: str = "") -> QuerySet[Product]:
    """Products and inputs by code, with their units."""
    rows = Product.objects.select_related("unit").order_by("code")
    return rows.filter(_named(search)) if search else rows


def units() -> QuerySet[Unit]:
    """Units of quantity by code."""
    return Unit.objects.order_by("code")


def calendar(name: str | None = None) -> WorkCalendar:
    """The working days of a calendar (the authority's own by default); "plain" is Monday to Friday."""
    return work_calendar(days_of(name or authority().calendar).calendar(authority().time_zone))
