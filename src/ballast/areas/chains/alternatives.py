"""Who else could supply a plant that falls short: makers of the missing input that do not deliver to it yet."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from ballast.areas.accounts.models import User
from ballast.areas.chains.models import SiteForecast
from ballast.areas.chains.selectors import current_run
from ballast.areas.registry.models import Link, Site
from ballast.areas.registry.selectors import visible_sites

__all__ = ["Alternatives", "alternatives"]


@dataclass(frozen=True)
class Alternatives:
    """Makers in the person's scope, those that run on through the forecast first; others are only counted.

    Each site carries `sends`, what it delivers a day to all its customers by the links that are known (None without
    any), and `stops_in`, the days until it stops itself (None when it runs on).
    """

    sites: list[Site]
    total: int
    hidden: int  # makers outside the scope


def alternatives(user: User, site: Site, path: dict[str, Any], *, limit: int = 10) -> Alternatives | None:
    """Makers of the inputs through which the site falls short, by the edges of its cause path.

    The site's own suppliers of that input are left out. None when no input is short.
    """
    missing = {edge["product"] for edge in path.get("edges", ()) if edge["to"] == site.site_id and edge["product"]}
    if not missing:
        return None
    supplies = Link.objects.filter(supplier=OuterRef("pk"), customer=site, product=OuterRef("product"))
    makers = Q(~Exists(supplies), product__code__in=missing)
    rows = visible_sites(user).filter(makers).exclude(pk=site.pk)
    found = _ranked(rows, site)
    total = rows.count()
    everywhere = Site.objects.filter(makers).exclude(pk=site.pk).count()
    return Alternatives(
        list(found.select_related("enterprise", "region", "product")[:limit]), total, everywhere - total
    )


def _ranked(rows: QuerySet[Site], site: Site) -> QuerySet[Site]:
    """Those that run on first, of these the ones in the plant's region, of these the largest."""
    out = Link.objects.filter(supplier=OuterRef("pk")).order_by().values("supplier")
    run = SiteForecast.objects.filter(run=current_run(), site=OuterRef("pk"))
    near = Case(When(region=site.region_id, then=Value(0)), default=Value(1))
    return rows.annotate(
        sends=Subquery(out.annotate(sent=Sum("daily_quantity")).values("sent")),
        stops_in=Subquery(run.values("stop_day")[:1]),
        near=near,
    ).order_by(F("stops_in").desc(nulls_first=True), "near", F("sends").desc(nulls_last=True), "site_id")
