"""Whether every case in hand has somebody: an owner who may still work on it, and a desk with people."""

from typing import NamedTuple

from django.db.models import Count

from ballast.areas.accounts.selectors import with_grant
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.cases.ownership.people import ROLES, possible_owners
from ballast.areas.desks.models import Department
from ballast.areas.reference.models import Region

__all__ = ["Unmanned", "owners_gone", "unmanned_desks"]


class Unmanned(NamedTuple):
    """A desk, region or region/department, for which nobody works, and how many cases in hand it leads."""

    desk: str
    cases: int


def owners_gone() -> list[tuple[str, str]]:
    """Number and owner's name of the cases in hand whose owner has left, or has no right to work on cases any more."""
    working = with_grant(grants__role__in=ROLES).order_by().values("pk")
    rows = Case.objects.filter(state__in=IN_HAND, owner__isnull=False).exclude(owner__in=working)
    return list(rows.order_by("number").values_list("number", "owner__username"))


def unmanned_desks() -> list[Unmanned]:
    """The desks that lead cases in hand and have nobody who could own one."""
    rows = Case.objects.filter(state__in=IN_HAND).order_by("lead_region", "department")
    led = list(rows.values_list("lead_region", "department").annotate(cases=Count("pk")))
    regions = Region.objects.in_bulk({region for region, _department, _cases in led})
    departments = Department.objects.select_related("region").in_bulk({key for _region, key, _cases in led if key})
    found = []
    for region, key, cases in led:
        department = departments[key] if key else None
        if not possible_owners(regions[region], department).exists():
            found.append(Unmanned(department.key if department else region, cases))
    return found
