"""A named place of the authority, a region, a chain, or both: who reaches it, and which rows lie in it."""

from typing import TYPE_CHECKING

from django.db.models import Q

from ballast.areas.accounts.access import scope_of
from ballast.areas.reference.models import Region
from ballast.areas.registry.selectors import codes_within

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.registry.models import Chain

__all__ = ["covers", "depth_over", "inside_scope", "place_label", "touching_scope"]


def depth_over(user: "User", permission: str, region: Region | None, chain: "Chain | str | None") -> int | None:
    """How far below the whole authority the person's widest right over the place stands; None without a right.

    0 for the whole authority, 1 for a chain in all regions, else the steps of the region from the top: a smaller
    number is a higher level. A place without region and chain is the whole authority.
    """
    scope = scope_of(user, permission)
    if scope.everything:
        return 0
    code = chain if isinstance(chain, str) or chain is None else chain.pk
    above = region.path.strip("/").split("/") if region else []
    depths = [
        above.index(top) + 1 if top else 1
        for top, of in scope.places
        if (not top or top in above) and (not of or of == code)
    ]
    return min(depths, default=None)


def covers(user: "User", permission: str, region: Region | None, chain: "Chain | str | None") -> bool:
    """Whether the place lies wholly in what the person's grants with the permission reach."""
    return depth_over(user, permission, region, chain) is not None


def inside_scope(user: "User", permission: str) -> Q:
    """Condition on rows with `region` and `chain`, either may be empty: they lie wholly in the person's scope."""
    scope = scope_of(user, permission)
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    for top, chain in scope.places:
        place = Q(region__in=codes_within(scope, top)) if top else Q()
        condition |= place & (Q(chain=chain) if chain else Q())
    return condition


def touching_scope(user: "User", permission: str) -> Q:
    """Condition on rows with `region` and `chain`: something of theirs lies in the person's scope.

    A row of a region above, or of all regions, is one of those below too. A right to a chain in all regions reaches
    rows of that chain and those of the whole authority, not what a region keeps for all of its chains.
    """
    scope = scope_of(user, permission)
    if scope.everything:
        return Q()
    paths = dict(Region.objects.filter(code__in=[top for top, _chain in scope.places if top]).values_list("pk", "path"))
    condition = Q(pk__in=[])
    for top, chain in scope.places:
        if not top:
            condition |= Q(chain=chain) | Q(region=None, chain=None)
            continue
        above = paths.get(top, "").strip("/").split("/")
        place = Q(region=None) | Q(region__in=above) | Q(region__in=codes_within(scope, top))
        condition |= place & (Q(chain=None) | Q(chain=chain) if chain else Q())
    return condition


def place_label(region: Region | None, chain: "Chain | None") -> str:
    """The place in words, "" for the whole authority."""
    return " · ".join(one.label for one in (region, chain) if one is not None)
