"""The register as the columns that the analysis reads: one frame a table, columns as in tables/schemas."""

from collections.abc import Collection
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet

from ballast.areas.reference.models import Product
from ballast.areas.registry.models import Enterprise, Event, Link, Need, Site

__all__ = ["event_frame", "frames", "link_frame", "site_frame"]

_TEXT, _REAL, _FLAG, _WHOLE = pl.String, pl.Float64, pl.Boolean, pl.Int64
_TIME = pl.Datetime("us", "UTC")
# Table -> column of the schema -> (field of the model, type).
_Columns = dict[str, tuple[str, Any]]

_ENTERPRISES: _Columns = {
    "enterprise_id": ("enterprise_id", _TEXT),
    "name": ("name", _TEXT),
    "name_zh": ("name_zh", _TEXT),
    "region": ("region_id", _TEXT),
    "industry": ("industry_id", _TEXT),
    "identifier": ("identifier", _TEXT),
    "size": ("size", _TEXT),
    "key_list": ("key_list", _FLAG),
    "key_batch": ("key_batch", _WHOLE),
}
_SITES: _Columns = {
    "site_id": ("site_id", _TEXT),
    "enterprise_id": ("enterprise__enterprise_id", _TEXT),
    "name": ("name", _TEXT),
    "name_zh": ("name_zh", _TEXT),
    "region": ("region_id", _TEXT),
    "product": ("product_id", _TEXT),
    "daily_output_value": ("daily_output_value", _REAL),
    "recovery_days": ("recovery_days", _WHOLE),
    "minimum_rate": ("minimum_rate", _REAL),
    "latitude": ("latitude", _REAL),
    "longitude": ("longitude", _REAL),
}
_NEEDS: _Columns = {
    "site_id": ("site__site_id", _TEXT),
    "product": ("product_id", _TEXT),
    "daily_use": ("daily_use", _REAL),
    "unit": ("unit_id", _TEXT),
    "stock": ("stock", _REAL),
    "blocked_stock": ("blocked_stock", _REAL),
    "in_transit": ("in_transit", _REAL),
    "stock_upper": ("stock_upper", _REAL),
    "target_days": ("target_days", _REAL),
    "essential": ("essential", _FLAG),
    "substitutable_share": ("substitutable_share", _REAL),
    "outside_share": ("outside_share", _REAL),
    "reported_at": ("reported_at", _TIME),
}
_LINKS: _Columns = {
    "supplier_site": ("supplier__site_id", _TEXT),
    "customer_site": ("customer__site_id", _TEXT),
    "product": ("product_id", _TEXT),
    "daily_quantity": ("daily_quantity", _REAL),
    "lead_days": ("lead_days", _REAL),
    "provenance": ("provenance", _TEXT),
    "as_of": ("as_of", pl.Date),
}
_EVENTS: _Columns = {
    "event_id": ("event_id", _TEXT),
    "kind": ("kind", _TEXT),
    "subject": ("subject", _TEXT),
    "start": ("start", pl.Date),
    "end": ("end", pl.Date),
    "capacity_left": ("capacity_left", _REAL),
    "case_id": ("case_id", _TEXT),
    "name": ("name", _TEXT),
    "name_zh": ("name_zh", _TEXT),
}
_PRODUCTS: _Columns = {
    "product": ("code", _TEXT),
    "name": ("name", _TEXT),
    "name_zh": ("name_zh", _TEXT),
    "unit": ("unit_id", _TEXT),
    "industry": ("industry_code", _TEXT),
}
# Empty text means "not given" in the tables; these columns always hold text.
_ALWAYS = {"name", "region", "product", "unit", "kind", "subject", "provenance"}


def _frame(rows: QuerySet[Any], columns: _Columns) -> pl.DataFrame:
    """The rows as a frame; empty text of optional columns becomes null."""
    data = list(rows.values_list(*(field for field, _ in columns.values())))
    schema = {name: kind for name, (_, kind) in columns.items()}
    frame = pl.DataFrame(data, schema=schema, orient="row")
    optional = [n for n, kind in schema.items() if kind == pl.String and n not in _ALWAYS]
    return frame.with_columns(pl.when(pl.col(n) != "").then(pl.col(n)).alias(n) for n in optional)


def _with_chains(enterprises: pl.DataFrame, rows: QuerySet[Enterprise]) -> pl.DataFrame:
    """Add the column `chains`: codes joined by ";"."""
    members = Enterprise.chains.through.objects.filter(enterprise__in=rows.order_by().values("pk"))
    pairs = list(members.order_by("chain_id").values_list("enterprise__enterprise_id", "chain_id"))
    found = pl.DataFrame(pairs, schema={"enterprise_id": pl.String, "chains": pl.String}, orient="row")
    joined = found.group_by("enterprise_id", maintain_order=True).agg(pl.col("chains").str.join(";"))
    return enterprises.join(joined, on="enterprise_id", how="left", maintain_order="left")


def frames(sites: Collection[str] | None = None, *, all_events: bool = False) -> dict[str, pl.DataFrame]:
    """Enterprises, sites, needs, links, events and products, columns as in tables/schemas, rows sorted by id.

    `sites` keeps only what belongs to these site ids: links with both ends among them, their enterprises and
    products; events stay whole, because one far away may hold a lane into them. Withdrawn events are left out
    unless `all_events`. Reads without regard to scope: callers show only what their user may see.
    Six queries; about a second for 100,000 links.
    """
    within = Q() if sites is None else Q(site_id__in=list(sites))
    chosen = Site.objects.filter(within)
    keys = chosen.order_by().values("pk")
    owners = Enterprise.objects.all() if sites is None else Enterprise.objects.filter(sites__in=keys).distinct()
    needs = Need.objects.all() if sites is None else Need.objects.filter(site__in=keys)
    links = Link.objects.all() if sites is None else Link.objects.filter(supplier__in=keys, customer__in=keys)
    events = Event.objects.all() if all_events else Event.objects.filter(withdrawn_at__isnull=True)
    products = Product.objects.all()
    if sites is not None:
        products = products.filter(Q(code__in=chosen.values("product_id")) | Q(code__in=needs.values("product_id")))
    return {
        "enterprises": _with_chains(_frame(owners, _ENTERPRISES), owners),
        "sites": _frame(chosen, _SITES),
        "needs": _frame(needs, _NEEDS),
        "links": _frame(links, _LINKS),
        "events": _frame(events, _EVENTS),
        "products": _frame(products, _PRODUCTS),
    }


def site_frame() -> pl.DataFrame:
    """The table of sites alone."""
    return _frame(Site.objects.all(), _SITES)


def link_frame() -> pl.DataFrame:
    """The table of links alone."""
    return _frame(Link.objects.all(), _LINKS)


def event_frame() -> pl.DataFrame:
    """The table of events that were not withdrawn."""
    return _frame(Event.objects.filter(withdrawn_at__isnull=True), _EVENTS)
