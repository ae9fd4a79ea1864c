"""Which part of a warning lies in a scope, told from where its sites stand."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ballast.areas.accounts.access import Scope
from ballast.areas.registry.models import Enterprise, Site
from ballast.core.one_cause import Group

__all__ = ["Place", "places_of", "within"]

_BATCH = 500


@dataclass(frozen=True)
class Place:
    """Where a site belongs: its enterprise's id, codes of that one's region and all above it, codes of its chains."""

    enterprise: str
    regions: frozenset[str]
    chains: frozenset[str]


def places_of(sites: Collection[str]) -> dict[str, Place]:
    """Where the enterprise of each site stands, by the site's id; two queries for each five hundred."""
    found: dict[str, Place] = {}
    named = sorted(sites)
    fields = ("site_id", "enterprise", "enterprise__enterprise_id", "enterprise__region__path")
    for first in range(0, len(named), _BATCH):
        some = Site.objects.filter(site_id__in=named[first : first + _BATCH]).order_by()
        rows = list(some.values_list(*fields))
        chains: dict[object, set[str]] = defaultdict(set)
        through = Enterprise.chains.through.objects.filter(enterprise__in={firm for _site, firm, *_more in rows})
        for member, chain in through.values_list("enterprise_id", "chain_id"):
            chains[member].add(chain)
        for site, firm, name, path in rows:
            found[site] = Place(name, frozenset(path.strip("/").split("/")), frozenset(chains[firm]))
    return found


def within(scope: Scope, group: Group, places: Mapping[str, Place]) -> Group:
    """The part of a group that lies in a scope."""
    if scope.everything:
        return group

    def reaches(site: str) -> bool:
        place = places[site]
        return place.enterprise in scope.enterprises or any(
            (not region or region in place.regions) and (not chain or chain in place.chains)
            for region, chain in scope.places
        )

    inside = {site: reaches(site) for site in {site for site, _product in group.members}}
    stops = tuple(site for site in group.stops if inside[site])
    return Group(group.cause, stops, tuple(slot for slot in group.reds if inside[slot[0]]))
