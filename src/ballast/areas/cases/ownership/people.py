"""Whose a case is: the people of a desk, and which desks and groups a person speaks for."""

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from ballast.areas.accounts.access import PERMISSIONS
from ballast.areas.accounts.models import User
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.desks.selectors import barred_departments, groups_of
from ballast.areas.reference.models import Region

if TYPE_CHECKING:
    from ballast.areas.desks.models import Department

__all__ = ["ROLES", "given_to_groups", "possible_owners", "spoken_for"]

# Roles that work on cases.
ROLES = tuple(role for role, allowed in PERMISSIONS.items() if "work_cases" in allowed)


def possible_owners(region: Region, department: "Department | None" = None) -> QuerySet[User]:
    """People who could own a case of the desk: officers whose region holds it or lies inside it.

    Of a department with members, its members alone.
    """
    above = region.path.strip("/").split("/")
    below = Region.objects.filter(path__startswith=region.path).values("code")
    reach = Q(grants__region="") | Q(grants__region__in=above) | Q(grants__region__in=below)
    rows = with_grant(reach, grants__role__in=ROLES).order_by("username")
    if department is not None and department.members.exists():
        rows = rows.filter(departments=department)
    return rows


def spoken_for(user: User, field: str) -> Q:
    """Condition that the department in a case's `field`, if there is one, is not another's of the person's region."""
    barred = barred_departments(user)
    return ~Q(**{f"{field}__in": barred}) | Q(**{f"{field}__isnull": True}) if barred else Q()


def given_to_groups(user: User) -> Q | None:
    """Condition for cases of the groups in which the person is at work; None where they are in none."""
    groups = groups_of(user)
    return Q(group__in=groups) if groups else None
