"""The enterprise's first page: its lamps, when it stops, what it can do."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ballast.areas.accounts.access import require

__all__ = ["portal"]


@login_required
def portal(request: HttpRequest) -> HttpResponse:
    """Home of the enterprise's own pages."""
    require(request.user, "view_portal")
    return render(request, "web/portal.html")
