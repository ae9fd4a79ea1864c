"""Enterprises, sites, inputs, links, chains and events."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ApiError, ListFilters, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.registry import event_scope, selectors, services
from ballast.areas.registry.models import Event

router = Router()


class EnterpriseOut(Schema):
    enterprise_id: str
    name: str
    name_zh: str
    region: str = Field(alias="region_id")
    industry: str | None = Field(alias="industry_id")
    identifier: str
    size: str
    key_list: bool
    key_batch: int | None
    chains: list[str]
    operation: str
    operation_reported_at: dt.datetime | None

    @staticmethod
    def resolve_chains(row: Any) -> list[str]:
        return [chain.code for chain in row.chains.all()]


class SiteOut(Schema):
    site_id: str
    enterprise_id: str = Field(alias="enterprise.enterprise_id")
    name: str
    name_zh: str
    region: str = Field(alias="region_id")
    product: str = Field(alias="product_id")
    daily_output_value: float | None
    recovery_days: int | None
    minimum_rate: float
    latitude: float | None
    longitude: float | None


class NeedOut(Schema):
    id: int
    site_id: str = Field(alias="site.site_id")
    product: str = Field(alias="product_id")
    unit: str = Field(alias="unit_id")
    daily_use: float
    stock: float | None
    blocked_stock: float
    in_transit: float
    essential: bool
    reported_at: dt.datetime | None


class LinkOut(Schema):
    id: int
    supplier_site: str = Field(alias="supplier.site_id")
    customer_site: str = Field(alias="customer.site_id")
    product: str = Field(alias="product_id")
    daily_quantity: float | None
    lead_days: float
    provenance: str
    as_of: dt.date | None


class ChainOut(Schema):
    code: str
    name: str
    name_zh: str


class EventOut(Schema):
    event_id: str
    kind: str
    subject: str
    start: dt.date
    end: dt.date | None
    capacity_left: float
    name: str
    name_zh: str
    case_id: str
    withdrawn_at: dt.datetime | None


class EventIn(Schema):
    event_id: str = Field(min_length=1, max_length=64)
    kind: Event.Kind
    subject: str = Field(min_length=1, max_length=140)
    start: dt.date
    end: dt.date | None = None
    capacity_left: float = Field(0.0, ge=0, le=1)
    name: str = Field("", max_length=200)
    name_zh: str = Field("", max_length=200)


class EventEndIn(Schema):
    end: dt.date | None = Field(None, description="Last day on which it holds.")
    withdraw: bool = Field(False, description="It no longer counts in any forecast.")


class EnterpriseFilters(ListFilters):
    operation: str = Field("", max_length=16, description="One state, or at_work for running and restarted.")
    key_list: bool | None = None
    panel: str = Field("", max_length=64)


class SiteFilters(ListFilters):
    product: str = Field("", max_length=64)


@router.get("/enterprises", response=Page[EnterpriseOut])
def enterprises(request: SignedRequest, paging: Query[Paging], filters: Query[EnterpriseFilters]) -> Any:
    """Enterprises in scope by identifier; the filters are those of the page."""
    rows = selectors.filter_enterprises(selectors.visible_enterprises(request.user), **filters.dict())
    return paginate(rows.prefetch_related("chains"), paging.cursor, paging.limit, key="enterprise_id")


@router.get("/enterprises/{enterprise_id}", response=EnterpriseOut)
def enterprise(request: SignedRequest, enterprise_id: str) -> Any:
    """One enterprise."""
    row = selectors.get_enterprise(request.user, enterprise_id)
    record_read(request.user, [row.enterprise_id], "enterprise page")
    return row


@router.get("/sites", response=Page[SiteOut])
def sites(request: SignedRequest, paging: Query[Paging], filters: Query[SiteFilters]) -> Any:
    """Sites in scope by identifier."""
    rows = selectors.filter_sites(selectors.visible_sites(request.user), **filters.dict())
    return paginate(rows.select_related("enterprise"), paging.cursor, paging.limit, key="site_id")


@router.get("/sites/{site_id}", response=SiteOut)
def site(request: SignedRequest, site_id: str) -> Any:
    """One site."""
    row = selectors.get_site(request.user, site_id)
    record_read(request.user, [row.enterprise.enterprise_id], "site page")
    return row


@router.get("/needs", response=Page[NeedOut])
def needs(request: SignedRequest, paging: Query[Paging], site: str = "", product: str = "") -> Any:
    """Inputs of sites with their stocks as last reported."""
    rows = selectors.visible_needs(request.user).select_related("site__enterprise")
    if site:
        rows = rows.filter(site__site_id=site)
    if product:
        rows = rows.filter(product_id=product)
    page = paginate(rows, paging.cursor, paging.limit, key="pk")
    record_read(request.user, {row.site.enterprise.enterprise_id for row in page["items"]}, "stocks")
    return page


@router.get("/links", response=Page[LinkOut])
def links(request: SignedRequest, paging: Query[Paging], site: str = "", product: str = "") -> Any:
    """Who ships what to whom, with one end in scope; for desks only."""
    require(request.user, "view_desk")
    rows = selectors.visible_links(request.user).select_related("supplier__enterprise", "customer__enterprise")
    if site:
        of = selectors.get_site(request.user, site)
        rows = rows.filter(supplier=of) | rows.filter(customer=of)
    if product:
        rows = rows.filter(product_id=product)
    page = paginate(rows, paging.cursor, paging.limit, key="pk", keys_first=True)
    ends = {end.enterprise.enterprise_id for row in page["items"] for end in (row.supplier, row.customer)}
    record_read(request.user, ends, "links")
    return page


@router.get("/chains", response=Page[ChainOut])
def chains(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Chains in scope by code."""
    return paginate(selectors.visible_chains(request.user), paging.cursor, paging.limit, key="code")


@router.get("/events", response=Page[EventOut])
def events(request: SignedRequest, paging: Query[Paging], kind: str = "", active_on: dt.date | None = None) -> Any:
    """Events by identifier; `active_on` keeps those that hold on that day or later and were not withdrawn."""
    require(request.user, "view_desk")
    rows = event_scope.visible_events(request.user)
    if kind:
        rows = rows.filter(kind=kind)
    if active_on:
        rows = event_scope.active_events(rows, day=active_on)
    return paginate(rows, paging.cursor, paging.limit, key="event_id")


@router.get("/events/{event_id}", response=EventOut)
def event(request: SignedRequest, event_id: str) -> Any:
    """One event."""
    return event_scope.get_event(request.user, event_id)


@router.post("/events", response={201: EventOut})
def save_event(request: SignedRequest, given: EventIn) -> Any:
    """Record an event, or correct the one of that identifier; the same again changes nothing."""
    values = given.dict()
    row = services.upsert_event(values.pop("event_id"), acting_user=request.user, **values)
    return Status(201, row)


@router.patch("/events/{event_id}", response=EventOut)
def end_event(request: SignedRequest, event_id: str, given: EventEndIn) -> Any:
    """Set the last day of an event, or withdraw it."""
    require(request.user, "manage_events")
    row = event_scope.get_event(request.user, event_id)
    if (given.end is None) == (not given.withdraw):
        raise ApiError(code="end_or_withdraw", message=_("Give either the last day or withdraw, not both."))
    return services.end_event(row, acting_user=request.user, last_day=given.end, withdraw=given.withdraw)
