"""The scope switch: look at one region or chain of what the person may see."""

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from ballast.areas.accounts import access
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain

if TYPE_CHECKING:
    from ballast.areas.accounts.requests import SignedRequest

__all__ = ["narrow", "switch"]


def _within(grants: list[tuple[str, str, str, str]], region: Region | None, chain: str) -> list[Any]:
    """The grants cut down to a region and a chain; a grant that does not reach them falls away."""
    paths = dict(Region.objects.filter(code__in={g[1] for g in grants if g[1]}).values_list("code", "path"))
    kept = []
    for role, grant_region, grant_chain, enterprise in grants:
        if enterprise:
            continue
        place = grant_region
        if region:
            outer = paths.get(grant_region, "") if grant_region else "/"
            if outer and region.path.startswith(outer):
                place = region.code
            elif not paths.get(grant_region, "?").startswith(region.path):
                continue
        if chain and grant_chain not in ("", chain):
            continue
        kept.append((role, place, chain or grant_chain, ""))
    return kept


def narrow(request: "SignedRequest") -> None:
    """Apply the session's scope to this request's rights. It only ever takes away."""
    region_code, chain = request.session.get("scope_region", ""), request.session.get("scope_chain", "")
    request.narrowed = False
    if not (region_code or chain) or request.path.startswith("/api/"):
        return
    region = Region.objects.filter(pk=region_code).first() if region_code else None
    grants = access.valid_grants(request.user)
    kept = _within(grants, region, chain)
    if kept:
        request.full_grants = grants
        access.restrict(request.user, kept)
        request.narrowed = True


def switch(request: "SignedRequest") -> dict[str, Any]:
    """What the scope switch offers: regions one or two steps below the grants, and the chains."""
    grants = getattr(request, "full_grants", None) or access.valid_grants(request.user)
    codes = {g[1] for g in grants if g[1]}
    everything = any(not g[1] and not g[3] for g in grants)
    below = Q(level="province") if everything else Q(pk__in=codes) | Q(parent__in=codes)
    return {
        "regions": Region.objects.filter(below).order_by("code"),
        "chains": Chain.objects.filter(pk__in=[g[2] for g in grants])
        if all(g[2] for g in grants)
        else Chain.objects.all(),
        "region": request.session.get("scope_region", "") if request.narrowed else "",
        "chain": request.session.get("scope_chain", "") if request.narrowed else "",
    }
