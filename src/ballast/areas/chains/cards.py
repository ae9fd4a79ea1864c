"""One card for every chain: its enterprises, those at work, their lamps, its products by tier."""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Max

from ballast.areas.accounts.access import scope_of
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.selectors import enterprise_tallies
from ballast.areas.reference.models import Product
from ballast.areas.registry.kept import kept
from ballast.areas.registry.models import Chain, Need, Site
from ballast.areas.registry.selectors import (
    RestartRate,
    made_rate,
    memberships,
    open_states,
    visible_chains,
    visible_sites,
)

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["ChainCard", "TierProduct", "chain_cards", "product_tiers"]

_KEPT_SECONDS = 300
_MOST_PRODUCTS = 8


class TierProduct(NamedTuple):
    """A product of a tier and the number of sites in scope that make it."""

    product: Product
    sites: int


class ChainCard(NamedTuple):
    """One chain as a person sees it; `levels` counts enterprises by worst lamp, `tiers` begins at the final products.

    A tier is (number, its commonest products, how many further products).
    """

    chain: Chain
    enterprises: int
    sites: int
    restart: RestartRate
    levels: dict[str, int]
    tiers: list[tuple[int, list[TierProduct], int]]


def _product_edges() -> dict[str, set[str]]:
    """Product -> products made from it, as sites need them. Kept until a need is added, minutes at the most."""
    newest = Need.objects.aggregate(newest=Max("pk"))["newest"]
    return kept(_read_product_edges, "chains.products", newest, seconds=_KEPT_SECONDS)


def _read_product_edges() -> dict[str, set[str]]:
    edges: dict[str, set[str]] = defaultdict(set)
    for needed, made in Need.objects.order_by().values_list("product_id", "site__product_id").distinct():
        edges[needed].add(made)
    return dict(edges)


def product_tiers(products: set[str], edges: dict[str, set[str]]) -> dict[str, int]:
    """Steps from each product to a final one (0: used by none of the others); loops take the shortest way.

    >>> product_tiers({"ore", "part", "car"}, {"ore": {"part"}, "part": {"car"}})
    {'car': 0, 'part': 1, 'ore': 2}
    """
    used_in = {product: (edges.get(product, set()) & products) - {product} for product in products}
    tier = {product: 0 for product in sorted(products) if not used_in[product]}
    step = 0
    while True:
        nearest = {product for product, at in tier.items() if at == step}
        step += 1
        new = sorted(p for p in products if p not in tier and used_in[p] & nearest)
        if not new:
            break
        tier |= dict.fromkeys(new, step)
    # What stands only in a loop has no final product; show it last.
    return tier | dict.fromkeys(sorted(products - tier.keys()), step)


def chain_cards(user: "User") -> list[ChainCard]:
    """Cards of the chains in scope, by code. A constant number of queries."""
    listed, working = _members(user)
    levels = _levels(user)
    made = _sites_by_product(user)
    products = Product.objects.in_bulk({product for found in made.values() for product in found})
    edges = _product_edges()
    cards = []
    for chain in visible_chains(user):
        restart = made_rate(working[chain.pk], listed[chain.pk])
        sites = made.get(chain.pk, {})
        tiers = _tiers(sites, edges, products)
        cards.append(ChainCard(chain, listed[chain.pk], sum(sites.values()), restart, levels[chain.pk], tiers))
    return cards


def _members(user: "User") -> tuple[Counter[str], Counter[str]]:
    """Enterprises in scope by chain, and those of them at work."""
    listed: Counter[str] = Counter()
    working: Counter[str] = Counter()
    counts = memberships(user).values_list("chain_id", "enterprise__operation").annotate(n=Count("pk"))
    for chain, operation, count in counts:
        listed[chain] += count
        working[chain] += count if operation in open_states else 0
    return listed, working


def _levels(user: "User") -> dict[str, dict[str, int]]:
    """Chain -> level, worst first -> enterprises in scope whose worst lamp has it."""
    levels: dict[str, Counter[str]] = defaultdict(Counter)
    for tally in enterprise_tallies(user):
        for chain in tally.codes:
            levels[chain][tally.level] += tally.number
    ranked = {chain: {level: found[level] for level in Level.values if found[level]} for chain, found in levels.items()}
    return defaultdict(dict, ranked)


def _sites_by_product(user: "User") -> dict[str, dict[str, int]]:
    """Chain -> product -> sites in scope that make it. Kept until a site or a membership comes, or a member goes."""
    version = (
        Site.objects.aggregate(newest=Max("pk"))["newest"],
        memberships(user).aggregate(newest=Max("pk"), number=Count("pk")),
    )
    parts = (scope_of(user), version)
    return kept(lambda: _count_sites(user), "chains.sites", *parts, seconds=_KEPT_SECONDS)


def _count_sites(user: "User") -> dict[str, dict[str, int]]:
    rows = visible_sites(user).order_by().filter(enterprise__chains__isnull=False)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for chain, product, count in rows.values_list("enterprise__chains__code", "product_id").annotate(n=Count("pk")):
        found[chain][product] = count
    return dict(found)


def _tiers(
    sites: dict[str, int], edges: dict[str, set[str]], products: dict[str, Product]
) -> list[tuple[int, list[TierProduct], int]]:
    by_tier: dict[int, list[TierProduct]] = defaultdict(list)
    for product, tier in product_tiers(set(sites), edges).items():
        by_tier[tier].append(TierProduct(products[product], sites[product]))
    found = []
    for tier in sorted(by_tier):
        ranked = sorted(by_tier[tier], key=lambda one: (-one.sites, one.product.code))
        found.append((tier, ranked[:_MOST_PRODUCTS], max(0, len(ranked) - _MOST_PRODUCTS)))
    return found
