"""What of the register a person may see; every list of enterprises, sites and needs starts here."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from ballast.areas.accounts.access import Scope, can, scope_of
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Chain, Enterprise, Link, Need, Site
from ballast.areas.searching import holding, matching

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "FoundProduct",
    "RestartRate",
    "batches",
    "codes_within",
    "filter_enterprises",
    "filter_sites",
    "find_products",
    "get_enterprise",
    "get_site",
    "in_chain",
    "in_region",
    "made_rate",
    "memberships",
    "open_states",
    "restart_rate",
    "scope_filter",
    "scope_regions",
    "sees_partners",
    "visible_chains",
    "visible_enterprises",
    "visible_links",
    "visible_needs",
    "visible_sites",
]

_FEW_REGIONS = 300
_LONGEST_PANELS = Enterprise._meta.get_field("panels").max_length or 0
open_states = (Enterprise.Operation.RUNNING, Enterprise.Operation.RESTARTED)


class RestartRate(NamedTuple):
    """Enterprises at work again, out of those on a list or panel; `rate` is None for an empty list."""

    restarted: int
    listed: int
    rate: float | None


def scope_filter(scope: Scope, prefix: str = "", *, region: str = "", chains: str = "") -> Q:
    """Condition on enterprises (reached through `prefix`, e.g. "site__enterprise__") for a scope.

    Chains are tested with subqueries, so no row comes twice and no join is added. `region` and `chains` name the
    fields of rows that keep copies of their enterprise's region and of its chains, as lamps do.
    """
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    if scope.enterprises:
        condition |= Q(**{f"{prefix}enterprise_id__in": scope.enterprises})
    for top, chain in scope.places:
        codes = codes_within(scope, top)
        if top and codes == []:
            continue
        place = Q(**{f"{region or f'{prefix}region'}__in": codes}) if top else Q()
        if chain:
            place &= Q(**{f"{chains}__contains": f";{chain};"}) if chains else in_chain(chain, prefix)
        condition |= place
    return condition


def codes_within(scope: Scope, region: str) -> "list[str] | QuerySet[Any]":
    """Codes of a region of the scope and of all below it, read once a scope; none of an unknown one.

    A list while there are few, which databases plan well; a query for a nation's thousands.
    """
    if region not in scope.known:
        scope.known[region] = _codes(region)
    found: list[str] | QuerySet[Any] = scope.known[region]
    return found


def _codes(region: str) -> "list[str] | QuerySet[Any]":
    path = Region.objects.filter(code=region).values_list("path", flat=True).first()
    if path is None:
        return []
    few = list(_subtree(path).values_list("code", flat=True)[: _FEW_REGIONS + 1])
    return few if len(few) <= _FEW_REGIONS else _subtree(path)


def _subtree(path: str) -> QuerySet[Region]:
    return Region.objects.filter(path__startswith=path).order_by().values("code")  # type: ignore[return-value]


def in_region(code: str, prefix: str = "", *, field: str = "region") -> Q:
    """Condition: the enterprise or site reached through `prefix` lies in the region or below it."""
    path = Region.objects.filter(code=code).values_list("path", flat=True).first()
    return Q(**{f"{prefix}{field}__in": _subtree(path)}) if path else Q(pk__in=[])


def in_chain(code: str, prefix: str = "") -> Q:
    """Condition: the enterprise reached through `prefix` belongs to the chain."""
    members = Enterprise.chains.through.objects.filter(chain_id=code).values("enterprise_id")
    return Q(**{f"{prefix}pk__in": members})


def visible_enterprises(user: "User", permission: str | None = None) -> QuerySet[Enterprise]:
    """Enterprises in the user's scope, of the grants that carry `permission` when one is given."""
    return Enterprise.objects.filter(scope_filter(scope_of(user, permission)))


def visible_sites(user: "User", permission: str | None = None) -> QuerySet[Site]:
    """Sites of the enterprises in the user's scope."""
    return Site.objects.filter(scope_filter(scope_of(user, permission), "enterprise__"))


def visible_needs(user: "User", permission: str | None = None) -> QuerySet[Need]:
    """Needs (inputs with their stocks) of the sites in the user's scope."""
    return Need.objects.filter(scope_filter(scope_of(user, permission), "site__enterprise__"))


def sees_partners(user: "User") -> bool:
    """Whether the user may see who ships what to whom; enterprises may not."""
    return can(user, "view_desk")


def visible_links(user: "User") -> QuerySet[Link]:
    """Links with at least one end in the user's scope; none for those who may not see partners."""
    if not sees_partners(user):
        return Link.objects.none()
    scope = scope_of(user, "view_desk")
    if scope.everything:
        return Link.objects.all()
    sites = Site.objects.filter(scope_filter(scope, "enterprise__")).order_by().values("pk")
    return Link.objects.filter(Q(supplier__in=sites) | Q(customer__in=sites))


def visible_chains(user: "User") -> QuerySet[Chain]:
    """Chains with an enterprise in the user's scope; all of them for the whole authority."""
    if scope_of(user).everything:
        return Chain.objects.all()
    return Chain.objects.filter(Exists(memberships(user).filter(chain=OuterRef("pk"))))


def scope_regions(user: "User") -> QuerySet[Region]:
    """Regions to choose from in a filter: provinces for the whole authority, else the scope's own and their parts."""
    scope = scope_of(user)
    if scope.everything:
        return Region.objects.filter(level="province")
    codes = [region for region, _chain in scope.places if region]
    if len(codes) < len(scope.places):
        return Region.objects.filter(level="province")
    return Region.objects.filter(Q(code__in=codes) | Q(parent__in=codes))


def memberships(user: "User") -> QuerySet[Any]:
    """Rows (enterprise, chain) of the enterprises in scope."""
    return Enterprise.chains.through.objects.filter(scope_filter(scope_of(user), "enterprise__")).order_by()


def get_enterprise(user: "User", enterprise_id: str) -> Enterprise:
    """The enterprise; Enterprise.DoesNotExist when absent or out of scope."""
    rows = visible_enterprises(user).select_related("region", "industry").prefetch_related("chains")
    return rows.get(enterprise_id=enterprise_id)


def get_site(user: "User", site_id: str) -> Site:
    """The site; Site.DoesNotExist when absent or out of scope."""
    return visible_sites(user).select_related("enterprise", "region", "product__unit").get(site_id=site_id)


def filter_enterprises(
    rows: QuerySet[Enterprise],
    *,
    q: str = "",
    region: str = "",
    chain: str = "",
    operation: str = "",
    key_list: bool | None = None,
    batch: int | None = None,
    panel: str = "",
) -> QuerySet[Enterprise]:
    """The rows that match the text (name, Chinese name, ids) and every filter that is given.

    `operation` is one state, or "at_work" for running and restarted together.
    """
    if q:
        rows = rows.filter(holding(q))
    if region:
        rows = rows.filter(in_region(region))
    if chain:
        rows = rows.filter(in_chain(chain))
    if operation:
        rows = rows.filter(operation__in=open_states if operation == "at_work" else [operation])
    if key_list is not None:
        rows = rows.filter(key_list=key_list)
    if batch is not None:
        rows = rows.filter(key_list=True, key_batch=batch)
    return _of_panel(rows, panel) if panel else rows


def _of_panel(rows: QuerySet[Enterprise], panel: str) -> QuerySet[Enterprise]:
    if len(panel) > _LONGEST_PANELS:
        return rows.none()
    wrapped = Concat(Value(";"), F("panels"), Value(";"))
    return rows.filter(panels__contains=panel).alias(_panels=wrapped).filter(_panels__contains=f";{panel};")


def filter_sites(
    rows: QuerySet[Site], *, q: str = "", region: str = "", chain: str = "", product: str = ""
) -> QuerySet[Site]:
    """The rows that match the text (names and ids of the site or its enterprise) and every filter that is given."""
    if q:
        # Enterprises apart, read once and not for every site.
        rows = rows.filter(holding(q) | Q(enterprise__in=Enterprise.objects.filter(holding(q)).order_by().values("pk")))
    if region:
        rows = rows.filter(in_region(region))
    if chain:
        rows = rows.filter(in_chain(chain, "enterprise__"))
    return rows.filter(product_id=product) if product else rows


class FoundProduct(NamedTuple):
    """A product with the number of sites in scope that make it and that use it."""

    product: Product
    makers: int
    users: int


def find_products(user: "User", q: str, *, most: int) -> list[FoundProduct]:
    """Products by a part of their name in either language, or by code; those that no site in scope makes or uses do
    not exist for the person."""
    named = matching(q, "name", "name_zh", also="code__iexact")
    sites = visible_sites(user).filter(product__in=Product.objects.filter(named)).order_by()
    needs = visible_needs(user).filter(product__in=Product.objects.filter(named)).order_by()
    makers = dict(sites.values_list("product").annotate(Count("pk")))
    users = dict(needs.values_list("product").annotate(Count("site", distinct=True)))
    rows = Product.objects.filter(pk__in={*makers, *users}).order_by("name", "code")[:most]
    return [FoundProduct(row, makers.get(row.pk, 0), users.get(row.pk, 0)) for row in rows]


def _rate(rows: QuerySet[Enterprise]) -> RestartRate:
    found = rows.order_by().aggregate(listed=Count("pk"), restarted=Count("pk", filter=Q(operation__in=open_states)))
    return made_rate(found["restarted"], found["listed"])


def made_rate(restarted: int, listed: int) -> RestartRate:
    """The rate from its two counts."""
    return RestartRate(restarted, listed, restarted / listed if listed else None)


def restart_rate(user: "User", *, panel: str = "", region: str = "", batch: int | None = None) -> RestartRate:
    """Enterprises at work (running or restarted) of a panel, else of the key list, within the user's scope."""
    rows = visible_enterprises(user)
    if panel:
        return _rate(filter_enterprises(rows, panel=panel, region=region))
    return _rate(filter_enterprises(rows, key_list=True, batch=batch, region=region))


def batches(user: "User") -> list[tuple[int, RestartRate]]:
    """Key-list members and those at work by batch number, rising, within the user's scope."""
    rows = visible_enterprises(user).filter(key_list=True, key_batch__isnull=False).order_by("key_batch")
    counts = rows.values("key_batch").annotate(
        listed=Count("pk"), restarted=Count("pk", filter=Q(operation__in=open_states))
    )
    return [(row["key_batch"] or 0, made_rate(row["restarted"], row["listed"])) for row in counts]
