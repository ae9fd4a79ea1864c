"""Reads of departments, groups, fast tracks and rules, as far as a person may see or keep them."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from ballast.areas.accounts.access import can, narrowed, require, scope_of
from ballast.areas.desks.models import Department, EscalationStep, Fallback, FastTrack, RoutingRule, WorkingGroup
from ballast.areas.desks.rules import in_force
from ballast.areas.desks.steps import OF_WARNINGS, STEPS_OF_WARNINGS
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import today
from ballast.areas.registry.selectors import codes_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ballast.areas.accounts.models import User

__all__ = [
    "KEEP",
    "barred_departments",
    "department_of",
    "departments",
    "escalation_steps",
    "fallback_of",
    "fallbacks",
    "fast_track",
    "fast_tracks",
    "groups",
    "groups_of",
    "is_kept",
    "keeps_all",
    "kept_regions",
    "open_departments",
    "rules",
    "rules_in_force",
    "warning_steps",
    "way_up",
]  # fmt: skip

# The permission to set who gets which cases.
KEEP = "set_routing"


def way_up(region: Region) -> list[str]:
    """Codes of a region and of those above it, the region itself first."""
    return region.path.strip("/").split("/")[::-1]


def keeps_all(user: "User") -> bool:
    """Whether the person sets these things for the whole authority."""
    return scope_of(user, KEEP).everything


def kept_regions(user: "User") -> QuerySet[Region]:
    """Regions for which the person may set who gets which cases; one's right over a chain alone is none."""
    scope = scope_of(user, KEEP)
    if scope.everything:
        return Region.objects.all()
    condition = Q(pk__in=[])
    for region, chain in scope.places:
        if region and not chain:
            condition |= Q(pk__in=codes_within(scope, region))
    return Region.objects.filter(condition)


def is_kept(user: "User", region: Region | None) -> bool:
    """Whether the person may set it for the region; None is the whole authority."""
    return keeps_all(user) or (region is not None and kept_regions(user).filter(pk=region.pk).exists())


def departments(user: "User") -> QuerySet[Department]:
    """All departments, closed ones too: every desk may ask any of them. NotAllowedError for who has no desk."""
    require(user, "view_desk")
    return Department.objects.select_related("region").order_by("region__path", "code")


def open_departments() -> QuerySet[Department]:
    """Departments that take cases, by region."""
    return Department.objects.filter(closed=False).select_related("region").order_by("region__path", "code")


def department_of(key: str) -> Department:
    """The open department "region/code". Raises Department.DoesNotExist."""
    region, _slash, code = key.partition("/")
    return open_departments().get(region_id=region, code=code)


def barred_departments(user: "User") -> list[int]:
    """Departments for which the person does not speak: others of a region in one of whose departments they are.

    Who is in no department of a region speaks for the region's own desk, which stands above its departments.
    """
    known: list[int] | None = getattr(user, "_barred_departments", None)
    if known is None:
        own = dict(user.departments.order_by().values_list("pk", "region_id"))
        known = []
        if own:
            rows = Department.objects.filter(region__in=set(own.values())).exclude(pk__in=own).order_by()
            known = list(rows.values_list("pk", flat=True))
        user._barred_departments = known  # type: ignore[attr-defined]
    return known


def groups_of(user: "User") -> list[int]:
    """Working groups in which the person is at work today, read once a user object; none while the scope is narrowed.

    Membership adds to what an officer's own right reaches: without a right to a desk it gives nothing.
    """
    if narrowed(user) or not can(user, "view_desk"):
        return []
    known: list[int] | None = getattr(user, "_groups", None)
    if known is None:
        day = today()
        running = WorkingGroup.objects.filter(starts__lte=day, ends__gte=day, members=user)
        known = list(running.order_by("pk").values_list("pk", flat=True))
        user._groups = known  # type: ignore[attr-defined]
    return known


def groups(user: "User") -> QuerySet[WorkingGroup]:
    """Groups in which the person is at work today, and all those of the regions for which they keep groups."""
    require(user, "view_desk")
    rows = WorkingGroup.objects.all() if keeps_all(user) else WorkingGroup.objects.filter(_group_condition(user))
    return rows.select_related("chain").prefetch_related("regions").order_by("-ends", "pk")


def _group_condition(user: "User") -> Q:
    mine = Q(pk__in=groups_of(user))
    if not can(user, KEEP):
        return mine
    # Kept by whoever keeps every region of it.
    elsewhere = WorkingGroup.regions.through.objects.exclude(region__in=kept_regions(user)).order_by()
    kept = Q(regions__isnull=False) & ~Q(pk__in=elsewhere.values("workinggroup"))
    return mine | Q(pk__in=WorkingGroup.objects.filter(kept).order_by().values("pk"))


def fallbacks(user: "User") -> QuerySet[Fallback]:
    """The fallback owners of all regions that have one."""
    require(user, "view_desk")
    rows = Fallback.objects.select_related("region", "to_region", "to_department__region", "to_person")
    return rows.order_by("region__path")


def fallback_of(region: Region, *, besides: "Iterable[tuple[str, int | None]]" = ()) -> Fallback | None:
    """The fallback owner of the region or of the nearest region above that has one.

    A desk (region, department) among `besides` is passed over: it is the one that gave the case back.
    """
    rows = Fallback.objects.filter(region__in=way_up(region)).select_related("to_region", "to_department", "to_person")
    known = {row.region_id: row for row in rows}
    skipped = set(besides)
    for code in way_up(region):
        row = known.get(code)
        if row is not None and (row.to_region_id, row.to_department_id) not in skipped:
            return row
    return None


def fast_tracks(user: "User") -> QuerySet[FastTrack]:
    """Fast tracks with a side among the person's desks: of the regions in scope."""
    require(user, "view_desk")
    rows = FastTrack.objects.select_related("one", "other").order_by("one__path", "other__path")
    scope = scope_of(user, "view_desk")
    if scope.everything:
        return rows
    condition = Q(pk__in=[])
    for region, _chain in scope.places:
        if region:
            codes = codes_within(scope, region)
            condition |= Q(one__in=codes) | Q(other__in=codes)
    return rows.filter(condition)


def fast_track(one: Region, other: Region) -> FastTrack | None:
    """The contacts of an offer between two regions: of the pair itself, else of the nearest regions above them."""
    left, right = way_up(one), way_up(other)
    pairs = Q(one__in=left, other__in=right) | Q(one__in=right, other__in=left)
    rows = FastTrack.objects.filter(pairs).select_related("one", "other")
    return max(rows, key=lambda row: (len(row.one.path) + len(row.other.path), -row.pk), default=None)


def rules(user: "User") -> QuerySet[RoutingRule]:
    """Routing rules in their order, for who may set them: those of the regions that the person keeps.

    NotAllowedError for who keeps none.
    """
    require(user, KEEP)
    rows = _told(RoutingRule.objects.all())
    return rows if keeps_all(user) else rows.filter(region__in=kept_regions(user))


def _told(rows: QuerySet[RoutingRule]) -> QuerySet[RoutingRule]:
    targets = ("to_region", "to_department__region", "to_group", "to_person")
    return rows.select_related("region", "chain", *targets).order_by("position", "pk")


def rules_in_force(day: dt.date) -> list[RoutingRule]:
    """The rules of the authority that count on a day, in their order."""
    return [rule for rule in _told(RoutingRule.objects.filter(starts__lte=day)) if in_force(rule, day)]


def escalation_steps() -> list[EscalationStep]:
    """The steps before and after due, earliest first."""
    return list(EscalationStep.objects.order_by("hours", "kind", "to"))


def warning_steps() -> list[EscalationStep]:
    """The steps of warnings by hours: the authority's own, else those that ship (without a key)."""
    own = list(EscalationStep.objects.filter(kind=OF_WARNINGS).order_by("hours", "to"))
    return own or [EscalationStep(kind=OF_WARNINGS, hours=hours, to=to) for hours, to in STEPS_OF_WARNINGS]
