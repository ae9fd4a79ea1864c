"""The number a case gets and the time by which it is due."""

import datetime as dt
from collections.abc import Iterable

from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.models import NumberSeries
from ballast.areas.cases.packs.in_force import pack_of_kind
from ballast.areas.reference.models import Authority, Region
from ballast.core.clocks import ClockName, Filed, Log, deadlines

__all__ = ["desk_region", "desk_regions", "due_at", "letters", "next_number"]


def desk_region(place: Region) -> Region:
    """The region whose desk receives first: the province above a place, else the nearest above, else the place."""
    return _first_desk(place, Region.objects.filter(code__in=_way_up(place)))


def desk_regions() -> dict[str, str]:
    """Code of every region and of the one whose desk receives first there, for all places at once."""
    rows = {row.code: row for row in Region.objects.only("code", "path", "level")}
    return {
        code: _first_desk(row, [rows[above] for above in _way_up(row) if above in rows]).code
        for code, row in rows.items()
    }


def _way_up(place: Region) -> list[str]:
    return place.path.strip("/").split("/")


def _first_desk(place: Region, way_up: Iterable[Region]) -> Region:
    above = {region.level: region for region in way_up}
    return above.get("province") or above.get("nation") or place


def next_number(region: Region, day: dt.date) -> str:
    """The next free number of a region and day, e.g. "SH-20220428-0007"; call inside a transaction."""
    return next_numbers(region, day, 1)[0]


def next_numbers(region: Region, day: dt.date, count: int) -> list[str]:
    """The next free numbers of a region and day in their order; call inside a transaction."""
    prefix = f"{letters(region)}-{day:%Y%m%d}"
    NumberSeries.objects.get_or_create(prefix=prefix)
    # The row lock makes writers queue; SQLite's are in a queue already.
    series = NumberSeries.objects.select_for_update().get(prefix=prefix)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [f"{prefix}-{serial:04d}" for serial in range(first, series.last + 1)]


def letters(region: Region) -> str:
    """What the numbers of a region's desk begin with."""
    short = region.short if region.short.isascii() and region.short else region.iso.rpartition("-")[2]
    return short or region.code


def due_at(kind: str, filed_at: dt.datetime, of: Authority) -> dt.datetime:
    """When the policy wants a case of this kind solved that was filed at an instant."""
    rules, name = rules_in_force(of=of), ClockName("resolution")
    policies = rules.policies[pack_of_kind(kind).name]
    due = deadlines(Log([Filed(filed_at, kind=kind)]), policies, rules.calendars, filed_at)[name].due
    assert due is not None  # noqa: S101 - nothing pauses a clock that just began
    return due
