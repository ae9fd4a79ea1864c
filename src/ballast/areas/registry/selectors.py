"""What of the register a person may see; every list of enterprises, sites and needs starts here."""

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from ballast.areas.accounts.access import Scope, scope_of
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Enterprise, Need, Site

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["scope_filter", "visible_enterprises", "visible_needs", "visible_sites"]


def scope_filter(scope: Scope, prefix: str = "") -> Q:
    """Condition on enterprises (reached through `prefix`, e.g. "site__enterprise__") for a scope.

    Chains are tested with a subquery, so no row comes twice.
    """
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    if scope.enterprises:
        condition |= Q(**{f"{prefix}enterprise_id__in": scope.enterprises})
    paths = dict(Region.objects.filter(code__in=[r for r, _ in scope.places if r]).values_list("code", "path"))
    for region, chain in scope.places:
        if region and region not in paths:
            continue
        place = Q(**{f"{prefix}region__path__startswith": paths[region]}) if region else Q()
        if chain:
            members = Enterprise.chains.through.objects.filter(chain_id=chain).values("enterprise_id")
            place &= Q(**{f"{prefix}pk__in": members})
        condition |= place
    return condition


def visible_enterprises(user: "User", permission: str | None = None) -> QuerySet[Enterprise]:
    """Enterprises in the user's scope."""
    return Enterprise.objects.filter(scope_filter(scope_of(user, permission)))


def visible_sites(user: "User", permission: str | None = None) -> QuerySet[Site]:
    """Sites of the enterprises in the user's scope."""
    return Site.objects.filter(scope_filter(scope_of(user, permission), "enterprise__"))


def visible_needs(user: "User", permission: str | None = None) -> QuerySet[Need]:
    """Needs (inputs with their stocks) of the sites in the user's scope."""
    return Need.objects.filter(scope_filter(scope_of(user, permission), "site__enterprise__"))
