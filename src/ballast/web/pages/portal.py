"""The enterprise's first page: when it stops and why, its lamps, what it can do, who has its problems."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.selectors import own_lamps
from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.selectors import own_cases
from ballast.areas.chains.selectors import current_run, own_outlook
from ballast.areas.modes.selectors import own_duties
from ballast.areas.registry.selectors import visible_enterprises
from ballast.web.board.clock import clock

__all__ = ["portal"]


@login_required
def portal(request: SignedRequest) -> HttpResponse:
    """Home of the enterprise's own pages."""
    require(request.user, "view_portal")
    at = clock(request.authority)
    lamps = list(own_lamps(request.user)[:200])
    reported = sum(1 for lamp in lamps if lamp.need.reported_at and lamp.need.reported_at >= at.midnight)
    run = current_run()
    passed = (at.day - run.day).days if run else 0
    context = {
        "at": at,
        "duties": own_duties(request.user),
        "enterprises": visible_enterprises(request.user, "view_portal"),
        "lamps": lamps,
        "several": len({lamp.need.site_id for lamp in lamps}) > 1,
        "reported": reported,
        "outlook": own_outlook(request.user)[:20],
        "run": run,
        "passed": passed,
        "passed_back": -passed,
        "problems": own_cases(request.user).filter(state__in=OPEN)[:10],
    }
    return render(request, "web/portal.html", context)
