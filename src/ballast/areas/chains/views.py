"""Pages of the forecast: the timeline of stops, the cause path of one plant, what if an event ends."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.chains import presentation, selectors
from ballast.areas.chains.alternatives import alternatives
from ballast.areas.chains.cards import chain_cards
from ballast.areas.chains.paths import path_of
from ballast.areas.chains.whatif import end_event_on, end_events
from ballast.areas.files import FORMATS, as_file
from ballast.areas.reference.selectors import now
from ballast.areas.registry.listing import page_of
from ballast.areas.registry.selectors import visible_chains, visible_sites

_PAGE = 60
# Main causes that stand as cards, and those whose end may be tried out.
_CAUSES, _MAY_END = 5, 12


@login_required
@require_safe
def chains(request: SignedRequest) -> HttpResponse:
    require(request.user, "view_desk")
    return render(request, "chains/chains.html", {"cards": chain_cards(request.user), "instant": now()})


@login_required
@require_safe
def stops(request: SignedRequest) -> HttpResponse:
    require(request.user, "view_desk")
    run = selectors.current_run()
    span = run.horizon if run else settings.FORECAST_HORIZON
    given = request.GET.dict()
    if not any(given.get(name) for name in ("within", "days", "event", "region", "q")):
        # First what is still to stop; what stands already is one click away.
        given["days"] = str(span)
    rows = selectors.filtered(request.user, days=span, filters=given)
    if request.GET.get("format") in FORMATS:
        require(request.user, "export")
        found = selectors.as_stops(request.user, list(rows), days=span, total=0, run=run)
        record_read(request.user, {stop.site.enterprise.enterprise_id for stop in found}, "export")
        return as_file("stops", presentation.head(), map(presentation.row, found), request.GET["format"])
    page = page_of(request, rows, selectors.with_sites, size=_PAGE)
    found_causes = selectors.causes(request.user, limit=_MAY_END)
    context = {
        "run": run,
        "page": page,
        "rows": selectors.as_stops(request.user, list(page), days=span, total=page.paginator.count, run=run),
        "counts": selectors.stop_counts(request.user),
        "standing": selectors.filtered(request.user, filters={"days": "0"}).order_by().count(),
        "causes": found_causes[:_CAUSES],
        "may_end": [c for c in found_causes if c.told] if can(request.user, "run_forecast") else [],
        "chains": visible_chains(request.user),
        "horizon": span,
        "day": run.day if run else None,
        "as_table": request.GET.get("view") == "table",
    }
    return render(request, "chains/stops.html", context)


@login_required
@require_safe
def path(request: SignedRequest, site_id: str) -> HttpResponse:
    require(request.user, "view_desk")
    found = path_of(request.user, site_id)
    record_read(request.user, [found.site.enterprise.enterprise_id], "forecast")
    context = {
        "found": found,
        "may_try": can(request.user, "run_forecast"),
        "others": alternatives(request.user, found.site, found.path),
    }
    return render(request, "chains/path.html", context)


@login_required
@require_safe
def figure(request: SignedRequest, site_id: str) -> HttpResponse:
    require(request.user, "view_desk")
    return render(request, "chains/_path.html", {"found": path_of(request.user, site_id, brief=True)})


@login_required
@require_POST
def what_if(request: SignedRequest, site_id: str) -> HttpResponse:
    require(request.user, "run_forecast")
    visible_sites(request.user).only("pk").get(site_id=site_id)
    error, answer = "", None
    try:
        last_day = dt.date.fromisoformat(request.POST.get("last_day", ""))
        answer = end_event_on(request.user, site_id, event_id=request.POST.get("event", ""), last_day=last_day)
    except ValidationError as fault:
        error = " ".join(fault.messages)
    except ValueError:
        error = presentation.bad_day(request.POST.get("last_day", ""))
    return render(request, "chains/_what_if.html", {"answer": answer, "error": error})


@login_required
@require_POST
def ends(request: SignedRequest) -> HttpResponse:
    require(request.user, "run_forecast")
    error, answer = "", None
    try:
        last_day = dt.date.fromisoformat(request.POST.get("last_day", ""))
        answer = end_events(request.user, request.POST.getlist("event"), last_day=last_day)
    except ValidationError as fault:
        error = " ".join(fault.messages)
    except ValueError:
        error = presentation.bad_day(request.POST.get("last_day", ""))
    return render(request, "chains/_ends.html", {"answer": answer, "error": error})
