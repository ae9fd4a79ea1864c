"""Enterprises, sites and chains."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.files import as_file, wanted_format
from ballast.areas.reference.selectors import now
from ballast.areas.registry import event_scope, selectors
from ballast.areas.registry.drawing import draw
from ballast.areas.registry.graph import ego
from ballast.areas.registry.listing import ordered, page_of
from ballast.areas.registry.models import Enterprise, Event, Site
from ballast.areas.registry.services import note_export

_SORTS = {
    "lamp": ("lamp__severity", "lamp__cover_days"),
    "name": ("name",),
    "id": ("enterprise_id",),
    "region": ("region_id", "enterprise_id"),
    "industry": ("industry_id", "enterprise_id"),
    "operation": ("operation", "enterprise_id"),
    "batch": ("key_batch", "enterprise_id"),
}
_SITE_SORTS = {
    "lamp": ("enterprise__lamp__severity", "enterprise__lamp__cover_days"),
    "name": ("name",),
    "id": ("site_id",),
    "enterprise": ("enterprise__name", "site_id"),
    "region": ("region_id", "site_id"),
    "product": ("product_id", "site_id"),
    "output": ("daily_output_value", "site_id"),
}


def _whole(text: str) -> int | None:
    """A small whole number from the address, None when it is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _chosen(request: SignedRequest) -> QuerySet[Enterprise]:
    given = request.GET
    rows = selectors.filter_enterprises(
        selectors.visible_enterprises(request.user),
        q=given.get("q", ""),
        region=given.get("region", ""),
        chain=given.get("chain", ""),
        operation=given.get("operation", ""),
        key_list=True if given.get("key_list") == "1" else None,
        batch=_whole(given.get("batch", "")),
        panel=given.get("panel", ""),
    )
    # Lamps stand right of the register; their relation is known by name.
    return rows.filter(lamp__level=given["level"]) if given.get("level") else rows


def _dressed(rows: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
    counted = rows.annotate(site_count=Count("sites"), last_report=Max("sites__last_report"))
    return counted.select_related("region", "industry", "lamp").prefetch_related("chains")


@login_required
def enterprise_list(request: SignedRequest) -> HttpResponse:
    """Enterprises in scope, worst lamp first."""
    user = request.user
    require(user, "view_desk")
    rows = ordered(_chosen(request), request.GET.get("sort", ""), _SORTS, default="lamp")
    if form := wanted_format(request):
        return _enterprise_file(request, _dressed(rows), form)
    context = {
        "page": page_of(request, rows, _dressed),
        "regions": selectors.scope_regions(user),
        "chains": selectors.visible_chains(user),
        "operations": Enterprise.Operation.choices,
        "batches": selectors.batches(user),
        "restart": selectors.restart_rate(user),
        "instant": now(),
    }
    return render(request, "registry/enterprises.html", context)


def _enterprise_file(request: SignedRequest, rows: Iterable[Any], form: str) -> HttpResponse:
    rows = list(rows)
    note_export(request.user, {row.enterprise_id for row in rows}, "enterprises")
    head = [
        _("Enterprise"), _("Name"), _("Region"), _("Industry"), _("Identifier"), _("Chains"), _("Key list"),
        _("Batch"), _("State"), _("Lamp"), _("Sites"), _("Last report"),
    ]  # fmt: skip
    lines = (
        (
            e.enterprise_id, e.label, e.region_id, e.industry_id, e.identifier,
            ";".join(chain.code for chain in e.chains.all()), int(e.key_list), e.key_batch, e.operation,
            e.lamp.level if hasattr(e, "lamp") else None, e.site_count, e.last_report,
        )
        for e in rows
    )  # fmt: skip
    return as_file("enterprises", head, lines, form)


@login_required
def enterprise_detail(request: SignedRequest, enterprise_id: str) -> HttpResponse:
    """One enterprise: identity, lamps, sites, partners by tier, problems, state."""
    user = request.user
    enterprise = selectors.get_enterprise(user, enterprise_id)
    record_read(user, [enterprise.enterprise_id], "enterprise page")
    sites = list(enterprise.sites.select_related("region", "product"))
    needs = selectors.visible_needs(user).filter(site__in=sites).select_related("site", "product", "unit", "lamp")
    desk = selectors.sees_partners(user)
    context = {
        "enterprise": enterprise,
        "sites": sites,
        # A desk has the list of all lamps one click away; an enterprise sees its own here.
        "needs": needs.order_by("lamp__severity", "lamp__cover_days", "pk")[: 15 if desk else 500],
        "all_lamps": needs.count() if desk else 0,
        "graph": draw(ego(user, enterprise)),
        "sees_partners": desk,
        "cases": enterprise.cases.order_by("-filed_at")[:20],
        "states": enterprise.operating_reports.filter(withdrawn_at__isnull=True)[:10],
        "instant": now(),
    }
    return render(request, "registry/enterprise.html", context)


def _sites_dressed(rows: QuerySet[Site]) -> QuerySet[Site]:
    return rows.annotate(input_count=Count("needs")).select_related("enterprise__lamp", "region", "product")


@login_required
def site_list(request: SignedRequest) -> HttpResponse:
    """Sites in scope."""
    user, given = request.user, request.GET
    require(user, "view_desk")
    rows = selectors.filter_sites(
        selectors.visible_sites(user),
        q=given.get("q", ""),
        region=given.get("region", ""),
        chain=given.get("chain", ""),
        product=given.get("product", ""),
    )
    if given.get("level"):
        rows = rows.filter(enterprise__lamp__level=given["level"])
    rows = ordered(rows, given.get("sort", ""), _SITE_SORTS, default="id")
    if form := wanted_format(request):
        return _site_file(request, _sites_dressed(rows), form)
    context = {
        "page": page_of(request, rows, _sites_dressed),
        "regions": selectors.scope_regions(user),
        "chains": selectors.visible_chains(user),
    }
    return render(request, "registry/sites.html", context)


def _site_file(request: SignedRequest, rows: Iterable[Any], form: str) -> HttpResponse:
    rows = list(rows)
    note_export(request.user, {row.enterprise.enterprise_id for row in rows}, "sites")
    head = [
        _("Site"), _("Name"), _("Enterprise"), _("Region"), _("Product"), _("Output a day"), _("Inputs"),
        _("Last report"),
    ]  # fmt: skip
    lines = (
        (
            s.site_id, s.label, s.enterprise.enterprise_id, s.region_id, s.product_id, s.daily_output_value,
            s.input_count, s.last_report,
        )
        for s in rows
    )  # fmt: skip
    return as_file("sites", head, lines, form)


@login_required
def site_detail(request: SignedRequest, site_id: str) -> HttpResponse:
    """One site: what it makes, its inputs and lamps, its partners by tier, events on it, problems."""
    user = request.user
    site = selectors.get_site(user, site_id)
    record_read(user, [site.enterprise.enterprise_id], "site page")
    events = Event.objects.none()
    if selectors.sees_partners(user):
        events = event_scope.visible_events(user).filter(kind=Event.Kind.SITE, subject=site.site_id)
    context = {
        "site": site,
        "needs": site.needs.select_related("product", "unit", "lamp").order_by("lamp__severity", "lamp__cover_days"),
        "graph": draw(ego(user, site)),
        "sees_partners": selectors.sees_partners(user),
        "events": events,
        "may_record": event_scope.may_manage(user, Event.Kind.SITE, site.site_id),
        "cases": site.cases.order_by("-filed_at")[:20],
        "instant": now(),
    }
    return render(request, "registry/site.html", context)
