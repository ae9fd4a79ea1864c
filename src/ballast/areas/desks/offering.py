"""What a field of a form offers while it is typed into: at most twenty rows, however many there are."""

from collections.abc import Callable
from typing import NamedTuple

from ballast.areas.accounts.access import PERMISSIONS, require
from ballast.areas.accounts.models import User
from ballast.areas.desks.selectors import KEEP, keeps_all, kept_regions, open_departments
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Chain
from ballast.areas.searching import matching

__all__ = ["MOST_OFFERED", "OFFERED", "Offered", "offered"]

MOST_OFFERED = 20
_NAMES = ("name", "name_zh")


class Offered(NamedTuple):
    """One row: what is written into the field, and what it is called."""

    value: str
    label: str


def offered(user: User, field: str, typed: str) -> list[Offered]:
    """What goes on like the typed text, by code or by name in either language; the first rows for an empty text.

    `field` is one of OFFERED. Raises NotAllowedError for who sets nothing.
    """
    require(user, KEEP)
    return OFFERED[field](user, typed.strip())[:MOST_OFFERED]


def _regions(_user: User, typed: str) -> list[Offered]:
    rows = Region.objects.exclude(level="county").order_by("path")
    rows = rows.filter(matching(typed, *_NAMES, also="code__startswith")) if typed else rows
    return [Offered(row.code, row.label) for row in rows[:MOST_OFFERED]]


def _chains(_user: User, typed: str) -> list[Offered]:
    rows = Chain.objects.order_by("code")
    rows = rows.filter(matching(typed, "code", *_NAMES)) if typed else rows
    return [Offered(row.code, row.label) for row in rows[:MOST_OFFERED]]


def _products(_user: User, typed: str) -> list[Offered]:
    """Codes that begin so first: the field holds the beginning of a code."""
    rows = Product.objects.order_by("code")
    begun = list(rows.filter(code__istartswith=typed)[:MOST_OFFERED]) if typed else list(rows[:MOST_OFFERED])
    if typed and len(begun) < MOST_OFFERED:
        named = rows.filter(matching(typed, *_NAMES)).exclude(pk__in=[row.pk for row in begun])
        begun += named[: MOST_OFFERED - len(begun)]
    return [Offered(row.code, row.label) for row in begun]


def _desks(user: User, typed: str) -> list[Offered]:
    """Departments, then regions; "310000/" offers the departments of that region."""
    region, slash, code = typed.partition("/")
    rows = open_departments()
    if slash:
        rows = rows.filter(region=region, code__startswith=code)
    elif typed:
        names = ("code", *_NAMES, "region__name", "region__name_zh")
        rows = rows.filter(matching(typed, *names, also="region__code__startswith"))
    found = [Offered(row.key, row.full) for row in rows[:MOST_OFFERED]]
    return found if slash else found + _regions(user, typed)


def _people(user: User, typed: str) -> list[Offered]:
    """Officers who work on cases in the regions that the person keeps."""
    roles = [role for role, allowed in PERMISSIONS.items() if "work_cases" in allowed]
    rows = User.objects.filter(is_active=True, grants__role__in=roles)
    if not keeps_all(user):
        rows = rows.filter(grants__region__in=kept_regions(user).values("code"))
    if typed:
        rows = rows.filter(matching(typed, "username", "first_name", "last_name"))
    rows = rows.order_by("username").distinct()
    return [Offered(row.username, row.get_full_name()) for row in rows[:MOST_OFFERED]]


# Field of a form -> what it offers.
OFFERED: dict[str, Callable[[User, str], list[Offered]]] = {
    "region": _regions, "one": _regions, "other": _regions, "chain": _chains, "product_prefix": _products,
    "to": _desks, "to_person": _people,
}  # fmt: skip
