"""Suppliers and customers of one enterprise or site by tier: a small graph for a page."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import F

from ballast.areas.registry.models import Enterprise, Link, Site
from ballast.areas.registry.selectors import sees_partners, visible_enterprises, visible_sites

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Ego", "EgoEdge", "EgoNode", "ego"]

MOST_NODES = 60
# Links read a step; a hub with more shows its largest.
_MOST_LINKS = 2000


@dataclass
class EgoNode:
    """One enterprise or site. Tier -1 supplies the centre, tier 1 is supplied by it."""

    key: str
    tier: int
    label: str = ""
    level: str = ""  # worst lamp of its enterprise, when there is one
    open: bool = False  # whether the user may open its page
    row: int = 0


@dataclass(frozen=True)
class EgoEdge:
    """A supply relation, drawn from left (supplier) to right."""

    supplier: str
    customer: str
    products: tuple[str, ...]
    inferred: bool


@dataclass
class Ego:
    """The centre with its suppliers and customers; `folded` counts those that are left out, by tier."""

    of_sites: bool
    nodes: list[EgoNode] = field(default_factory=list)
    edges: list[EgoEdge] = field(default_factory=list)
    folded: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    supplier: int
    customer: int
    supplier_key: str
    customer_key: str
    product: str
    inferred: bool


def ego(user: "User", of: Enterprise | Site, *, depth: int = 2) -> Ego:
    """Suppliers and customers by tier up to `depth`, at most 60 nodes, largest flows of each product first.

    Of a site the nodes are sites, of an enterprise enterprises. Empty for those who may not see partners.
    One query a tier and side, and two for names.
    """
    of_sites = isinstance(of, Site)
    found = Ego(of_sites)
    if not sees_partners(user):
        return found
    centre = of.site_id if isinstance(of, Site) else of.enterprise_id
    own = [of.pk] if isinstance(of, Site) else list(of.sites.order_by().values_list("pk", flat=True))
    tiers: dict[str, int] = {centre: 0}
    edges: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    room = (MOST_NODES - 1) // (2 * depth)
    for side in (-1, 1):
        frontier: Collection[int] = own
        for step in range(1, depth + 1):
            rows = _links(frontier, side, of_sites=of_sites)
            frontier = _grow(rows, side, side * step, tiers, edges, found, room)
    found.nodes = _named(user, tiers, of_sites=of_sites)
    found.edges = [
        EgoEdge(a, b, tuple(sorted({row.product for row in rows})), all(row.inferred for row in rows))
        for (a, b), rows in sorted(edges.items())
    ]
    return found


def _links(frontier: Collection[int], side: int, *, of_sites: bool) -> list[_Row]:
    here, key = ("customer" if side < 0 else "supplier"), "site_id" if of_sites else "enterprise__enterprise_id"
    if not frontier:
        return []
    rows = Link.objects.filter(**{f"{here}__in": list(frontier)})
    rows = rows.order_by(F("daily_quantity").desc(nulls_last=True), "pk")
    fields = ("supplier_id", "customer_id", f"supplier__{key}", f"customer__{key}", "product_id", "provenance")
    found = [
        _Row(a, b, a_key, b_key, product, provenance == Link.Provenance.INFERRED)
        for a, b, a_key, b_key, product, provenance in rows.values_list(*fields)[:_MOST_LINKS]
    ]
    # Quantities of different products cannot be compared: the largest of each comes first, then the second of each.
    rank: dict[str, int] = defaultdict(int)
    ranked = []
    for row in found:
        ranked.append((rank[row.product], row))
        rank[row.product] += 1
    return [row for _, row in sorted(ranked, key=lambda pair: pair[0])]


def _grow(
    rows: list[_Row],
    side: int,
    tier: int,
    tiers: dict[str, int],
    edges: dict[tuple[str, str], list[_Row]],
    found: Ego,
    room: int,
) -> list[int]:
    """Add a tier; the sites from which the next one starts."""
    taken, left_out, frontier = 0, set(), []
    for row in rows:
        there = row.supplier_key if side < 0 else row.customer_key
        if row.supplier_key == row.customer_key:
            continue
        if there not in tiers:
            if taken >= room:
                left_out.add(there)
                continue
            tiers[there] = tier
            taken += 1
        if tiers[there] == tier:
            frontier.append(row.supplier if side < 0 else row.customer)
        edges[row.supplier_key, row.customer_key].append(row)
    if left_out:
        found.folded[tier] = len(left_out)
    return sorted(set(frontier))


def _named(user: "User", tiers: dict[str, int], *, of_sites: bool) -> list[EgoNode]:
    if of_sites:
        sites = Site.objects.filter(site_id__in=tiers).select_related("enterprise__lamp")
        known = {s.site_id: (s.label, s.enterprise) for s in sites}
        may = set(visible_sites(user).filter(site_id__in=tiers).order_by().values_list("site_id", flat=True))
    else:
        enterprises = Enterprise.objects.filter(enterprise_id__in=tiers).select_related("lamp")
        known = {e.enterprise_id: (e.label, e) for e in enterprises}
        rows = visible_enterprises(user).filter(enterprise_id__in=tiers).order_by()
        may = set(rows.values_list("enterprise_id", flat=True))
    nodes = [
        EgoNode(key, tier, known[key][0], _level(known[key][1]), key in may)
        for key, tier in sorted(tiers.items(), key=lambda item: (item[1], item[0]))
    ]
    rows_of: dict[int, int] = defaultdict(int)
    for node in nodes:
        node.row = rows_of[node.tier]
        rows_of[node.tier] += 1
    return nodes


def _level(enterprise: Enterprise) -> str:
    # Lamps stand right of the register, which knows them only by the name of the relation.
    lamp = getattr(enterprise, "lamp", None)
    return lamp.level if lamp else ""
