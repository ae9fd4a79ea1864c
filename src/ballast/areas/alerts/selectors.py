"""Which lamps a person may see, how many of each level, and the story of one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, QuerySet

from ballast.areas.accounts.access import scope_of
from ballast.areas.alerts.answers.selectors import answered_tallies, with_answer
from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange, Level, chain_text
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.models import Chain, Link
from ballast.areas.registry.selectors import in_region, scope_filter, sees_partners, visible_chains
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "Downstream",
    "LevelCount",
    "Tally",
    "Wall",
    "downstream",
    "enterprise_tallies",
    "filter_lamps",
    "get_lamp",
    "level_counts",
    "own_lamps",
    "strip",
    "strips",
    "tallies",
    "visible_lamps",
    "wall",
]

_COPIES = {"region": "region", "chains": "chains"}
_LONGEST_CODE = Chain._meta.get_field("code").max_length or 0
SHOWN = (Level.RED, Level.YELLOW, Level.BLUE, Level.NO_DATA)
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
    """Counts of lamps by region (rows) and chain (columns, "" for all), each {level: count}.

    `answers` counts in the same cells the lamps that are in hand or silenced; they are among the counts all the same.
    """

    regions: list[Region]
    chains: list[Chain]
    cells: dict[tuple[str, str], dict[str, int]]
    answers: dict[tuple[str, str], dict[str, int]]


class Downstream(NamedTuple):
    """A site that is supplied by the lamp's site, and with what."""

    site_id: str
    label: str
    enterprise_id: str
    product: str


def visible_lamps(user: "User", permission: str | None = None) -> QuerySet[Lamp]:
    """Lamps of the inputs in the user's scope."""
    return Lamp.objects.filter(scope_filter(scope_of(user, permission), "enterprise__", **_COPIES))


def filter_lamps(
    rows: QuerySet[Lamp],
    *,
    level: str = "",
    held: str = "",
    region: str = "",
    chain: str = "",
    product: str = "",
    enterprise: str = "",
    answer: str = "",
    flapping: str = "",
    q: str = "",
) -> QuerySet[Lamp]:
    """The rows that match every filter that is given; `q` searches sites, enterprises and products.

    `answer` is a kind of answer that holds, or "none"; `flapping` (anything) keeps lamps that change too often.
    """
    if level:
        rows = rows.filter(level=level)
    if held:
        rows = rows.filter(level=Level.NO_DATA, held=held)
    if region:
        rows = rows.filter(in_region(region))
    if chain:
        # A code longer than any is none, and too long a pattern for SQLite.
        rows = rows.filter(chains__contains=chain_text([chain])) if len(chain) <= _LONGEST_CODE else rows.none()
    if product:
        rows = rows.filter(need__product_id=product)
    if enterprise:
        rows = rows.filter(enterprise__enterprise_id=enterprise)
    if answer:
        rows = rows.filter(with_answer(answer))
    if flapping:
        rows = rows.filter(flaps__isnull=False)
    if q:
        rows = rows.filter(matching(q, *_SEARCHED, also="need__product__code__iexact"))
    return rows


def get_lamp(user: "User", pk: int) -> Lamp:
    """The lamp with its input, site and enterprise; Lamp.DoesNotExist when absent or out of scope."""
    related = ("need__site__region", "need__product", "need__unit", "enterprise__region", "flaps")
    return visible_lamps(user).select_related(*related).get(pk=pk)


def own_lamps(user: "User") -> QuerySet[Lamp]:
    """Lamps of the enterprise that the user reports for, worst first."""
    rows = visible_lamps(user, "report").select_related("need__site", "need__product", "need__unit")
    return rows.order_by("severity", "cover_days", "pk")


class Tally(NamedTuple):
    """How many lamps of one level stand in one region and set of chains (as `chain_text` writes it)."""

    region: str
    chains: str
    level: str
    number: int

    @property
    def codes(self) -> list[str]:
        """The chains, each by its code."""
        return self.chains.strip(";").split(";") if self.chains else []


def tallies(rows: "QuerySet[Lamp] | QuerySet[EnterpriseLamp]") -> list[Tally]:
    """The lamps counted by region, chains and level, read along one index; sums of them are every count of a desk."""
    # Not Count("pk"): no index holds the key, so PostgreSQL would read the whole table.
    counted = rows.order_by().values_list("region_id", "chains", "level").annotate(n=Count("*"))
    return [Tally(*row) for row in counted]


def enterprise_tallies(user: "User") -> list[Tally]:
    """Enterprises in scope counted by region, chains and the level of their worst lamp."""
    return tallies(EnterpriseLamp.objects.filter(scope_filter(scope_of(user), "enterprise__", **_COPIES)))


def level_counts(
    user: "User", *, region: str = "", chain: str = "", found: Sequence[Tally] | None = None
) -> list[LevelCount]:
    """Lamps in scope by level, worst first, and the change since 24 hours ago; red, yellow, blue and no data always.

    `found` are their tallies where they are at hand.
    """
    rows = filter_lamps(visible_lamps(user), region=region, chain=chain)
    present: dict[str, int] = defaultdict(int)
    for tally in tallies(rows) if found is None else found:
        present[tally.level] += tally.number
    then = _then(rows, present, now() - dt.timedelta(days=1))
    levels = [level for level in Level.values if level in SHOWN or present[level]]
    return [LevelCount(level, present[level], present[level] - then[level] if then else None) for level in levels]


def _then(rows: QuerySet[Lamp], present: Mapping[str, int], before: dt.datetime) -> dict[str, int] | None:
    """Lamps by level at an earlier instant: the present, with every change since taken back; None when none was lit."""
    newer = LampChange.objects.filter(at__gt=before).order_by()
    earlier = newer.filter(need=OuterRef("need"), pk__lt=OuterRef("pk"))
    # From the changes on: they are few, and found by their time.
    first = newer.filter(~Exists(earlier), need__lamp__in=rows.order_by())
    then = defaultdict(int, present)
    for level, was, count in first.values_list("need__lamp__level", "level_before").annotate(n=Count("pk")):
        then[level] -= count
        if was:
            then[was] += count
    return then if sum(then.values()) else None


def wall(user: "User", *, found: Sequence[Tally] | None = None) -> Wall:
    """Lamps in scope by region and chain; regions are the parts of the smallest place that holds them all.

    `found` are their tallies where they are at hand.
    """
    if found is None:
        found = tallies(visible_lamps(user))
    paths = dict(Region.objects.filter(code__in={tally.region for tally in found}).values_list("code", "path"))
    row_of = _rows_of(paths)
    cells: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for tally in found:
        for chain in ("", *tally.codes):
            cells[row_of[tally.region], chain][tally.level] += tally.number
    answers: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for place in answered_tallies(visible_lamps(user)):
        for chain in ("", *place.chains.strip(";").split(";")) if place.chains else ("",):
            answers[row_of[place.region], chain][place.kind] += place.number
    regions = list(Region.objects.filter(code__in=set(row_of.values())))
    return Wall(regions, list(visible_chains(user)), cells, answers)


def _rows_of(paths: dict[str, str]) -> dict[str, str]:
    """For every region the row that it counts in: the part, one step below what all have in common, that holds it."""
    split = {code: path.strip("/").split("/") for code, path in paths.items()}
    common = 0
    while split and all(len(p) > common + 1 for p in split.values()) and len({p[common] for p in split.values()}) == 1:
        common += 1
    return {code: parts[min(common, len(parts) - 1)] for code, parts in split.items()}


def strip(lamp: Lamp, *, days: int = 30) -> list[tuple[dt.date, str]]:
    """The level at the end of each of the last days, oldest first; "" before the lamp was first lit."""
    return strips([lamp], days=days)[lamp.pk]


def strips(lamps: Sequence[Lamp], *, days: int = 30) -> dict[int, list[tuple[dt.date, str]]]:
    """The strip of each lamp by its key, in one query; none without lamps."""
    if not lamps:
        return {}
    of = authority()
    zone = ZoneInfo(of.time_zone)
    last = now(of).astimezone(zone).date()
    changes: dict[int, list[tuple[dt.date, str]]] = defaultdict(list)
    rows = LampChange.objects.filter(need__in=[lamp.need_id for lamp in lamps]).order_by("at", "pk")
    for need, at, level in rows.values_list("need", "at", "level"):
        changes[need].append((at.astimezone(zone).date(), level))
    return {lamp.pk: _days_until(last, days, changes[lamp.need_id]) for lamp in lamps}


def _days_until(last: dt.date, days: int, changes: Sequence[tuple[dt.date, str]]) -> list[tuple[dt.date, str]]:
    found = []
    for back in range(days - 1, -1, -1):
        day = last - dt.timedelta(days=back)
        levels = [level for at, level in changes if at <= day]
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
