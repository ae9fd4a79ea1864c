"""Which lamps a person may see, how many of each level, and the story of one."""

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet

from ballast.areas.accounts.access import scope_of
from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.kept import kept
from ballast.areas.registry.models import Chain, Link
from ballast.areas.registry.selectors import in_chain, in_region, scope_filter, sees_partners, visible_chains
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "Downstream",
    "LevelCount",
    "Wall",
    "downstream",
    "filter_lamps",
    "get_lamp",
    "level_counts",
    "own_lamps",
    "strip",
    "visible_lamps",
    "wall",
]

SHOWN = (Level.RED, Level.YELLOW, Level.BLUE, Level.NO_DATA)
_KEPT_SECONDS = 300
_SEARCHED = (
    "need__site__name", "need__site__name_zh", "need__site__site_id",
    "enterprise__name", "enterprise__name_zh", "enterprise__enterprise_id",
    "need__product__name", "need__product__name_zh",
)  # fmt: skip


class LevelCount(NamedTuple):
    """Lamps of one level now, and the change since a day ago (None when nothing is known from then)."""

    level: str
    count: int  # type: ignore[assignment]  # shadows tuple.count, which nobody counts lamps with
    change: int | None


class Wall(NamedTuple):
    """Counts of lamps by region (rows) and chain (columns, "" for all), each {level: count}."""

    regions: list[Region]
    chains: list[Chain]
    cells: dict[tuple[str, str], dict[str, int]]


class Downstream(NamedTuple):
    """A site that is supplied by the lamp's site, and with what."""

    site_id: str
    label: str
    enterprise_id: str
    product: str


def visible_lamps(user: "User", permission: str | None = None) -> QuerySet[Lamp]:
    """Lamps of the inputs in the user's scope."""
    return Lamp.objects.filter(scope_filter(scope_of(user, permission), "enterprise__"))


def filter_lamps(
    rows: QuerySet[Lamp],
    *,
    level: str = "",
    held: str = "",
    region: str = "",
    chain: str = "",
    product: str = "",
    enterprise: str = "",
    q: str = "",
) -> QuerySet[Lamp]:
    """The rows that match every filter that is given; `q` searches sites, enterprises and products."""
    if level:
        rows = rows.filter(level=level)
    if held:
        rows = rows.filter(level=Level.NO_DATA, held=held)
    if region:
        rows = rows.filter(in_region(region, "enterprise__"))
    if chain:
        rows = rows.filter(in_chain(chain, "enterprise__"))
    if product:
        rows = rows.filter(need__product_id=product)
    if enterprise:
        rows = rows.filter(enterprise__enterprise_id=enterprise)
    if q:
        rows = rows.filter(matching(q, *_SEARCHED, also="need__product__code__iexact"))
    return rows


def get_lamp(user: "User", pk: int) -> Lamp:
    """The lamp with its input, site and enterprise; Lamp.DoesNotExist when absent or out of scope."""
    related = ("need__site__region", "need__product", "need__unit", "enterprise__region")
    return visible_lamps(user).select_related(*related).get(pk=pk)


def own_lamps(user: "User") -> QuerySet[Lamp]:
    """Lamps of the enterprise that the user reports for, worst first."""
    rows = visible_lamps(user, "report").select_related("need__site", "need__product", "need__unit")
    return rows.order_by("severity", "cover_days", "pk")


def _version() -> str:
    """Changes whenever any lamp's level does, so counts can be kept until then."""
    found = LampChange.objects.aggregate(newest=Max("pk"))["newest"]
    return str(found or 0)


def level_counts(user: "User", *, region: str = "", chain: str = "") -> list[LevelCount]:
    """Lamps in scope by level, worst first, and the change since 24 hours ago; red, yellow, blue and no data always."""
    moment = now()
    rows = filter_lamps(visible_lamps(user), region=region, chain=chain)
    parts = (scope_of(user), region, chain, _version(), f"{moment:%Y%m%d%H%M}")
    return kept(lambda: _counted(rows, moment - dt.timedelta(days=1)), "alerts.counts", *parts, seconds=_KEPT_SECONDS)


def _counted(rows: QuerySet[Lamp], before: dt.datetime) -> list[LevelCount]:
    present = dict(rows.order_by().values_list("level").annotate(n=Count("pk")))
    then = _then(rows, present, before)
    levels = [level for level in Level.values if level in SHOWN or present.get(level)]
    return [
        LevelCount(level, present.get(level, 0), present.get(level, 0) - then.get(level, 0) if then else None)
        for level in levels
    ]


def _then(rows: QuerySet[Lamp], present: dict[str, int], before: dt.datetime) -> dict[str, int] | None:
    """Lamps by level at an earlier instant: the present, with every change since taken back; None when none was lit."""
    newer = LampChange.objects.filter(at__gt=before).order_by()
    firsts = newer.values("need").annotate(first=Min("pk")).values("first")
    needs = newer.values("need")
    was = LampChange.objects.filter(pk__in=firsts, need__in=rows.order_by().values("need")).order_by()
    then = dict(present)
    for level, count in rows.filter(need__in=needs).order_by().values_list("level").annotate(n=Count("pk")):
        then[level] -= count
    for level, count in was.values_list("level_before").annotate(n=Count("pk")):
        if level:
            then[level] = then.get(level, 0) + count
    return then if sum(then.values()) else None


def wall(user: "User") -> Wall:
    """Lamps in scope by region and chain; regions are the parts of the smallest place that holds them all."""
    parts = (scope_of(user), _version())
    return kept(lambda: _wall(user), "alerts.wall", *parts, seconds=_KEPT_SECONDS)


def _wall(user: "User") -> Wall:
    rows = visible_lamps(user).order_by()
    by_place: dict[tuple[str, str], dict[str, int]] = {}
    parts: list[tuple[str, str, str, int]] = [
        (region, "", level, count)
        for region, level, count in rows.values_list("enterprise__region_id", "level").annotate(n=Count("pk"))
    ]
    chained = rows.filter(enterprise__chains__isnull=False)
    fields = ("enterprise__region_id", "enterprise__chains__code", "level")
    parts += [(r, c, level, n) for r, c, level, n in chained.values_list(*fields).annotate(n=Count("pk"))]
    paths = dict(Region.objects.filter(code__in={part[0] for part in parts}).values_list("code", "path"))
    row_of = _rows_of(paths)
    for region, chain, level, count in parts:
        cell = by_place.setdefault((row_of[region], chain), {})
        cell[level] = cell.get(level, 0) + count
    regions = list(Region.objects.filter(code__in=set(row_of.values())))
    return Wall(regions, list(visible_chains(user)), by_place)


def _rows_of(paths: dict[str, str]) -> dict[str, str]:
    """For every region the row that it counts in: the part, one step below what all have in common, that holds it."""
    split = {code: path.strip("/").split("/") for code, path in paths.items()}
    common = 0
    while split and all(len(p) > common + 1 for p in split.values()) and len({p[common] for p in split.values()}) == 1:
        common += 1
    return {code: parts[min(common, len(parts) - 1)] for code, parts in split.items()}


def strip(lamp: Lamp, *, days: int = 30) -> list[tuple[dt.date, str]]:
    """The level at the end of each of the last days, oldest first; "" before the lamp was first lit."""
    of = authority()
    zone = ZoneInfo(of.time_zone)
    last = now(of).astimezone(zone).date()
    changes = list(LampChange.objects.filter(need=lamp.need_id).order_by("at", "pk").values_list("at", "level"))
    found = []
    for back in range(days - 1, -1, -1):
        day = last - dt.timedelta(days=back)
        levels = [level for at, level in changes if at.astimezone(zone).date() <= day]
        found.append((day, levels[-1] if levels else ""))
    return found


def downstream(user: "User", lamp: Lamp, *, limit: int = 20) -> list[Downstream]:
    """Sites supplied by the lamp's site, by identifier; empty for those who may not see partners."""
    if not sees_partners(user):
        return []
    links = Link.objects.filter(supplier=lamp.need.site_id).select_related("customer__enterprise", "product")
    return [
        Downstream(row.customer.site_id, row.customer.label, row.customer.enterprise.enterprise_id, row.product.label)
        for row in links.order_by("customer__site_id", "product_id")[:limit]
    ]
