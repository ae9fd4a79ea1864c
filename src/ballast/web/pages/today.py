"""Today: what is red, what stops next, what to decide first."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ballast.areas.accounts.access import can

__all__ = ["today"]


@login_required
def today(request: HttpRequest) -> HttpResponse:
    """The desk's first page; a reporter is sent to the portal."""
    if not can(request.user, "view_desk"):
        return redirect("web:portal") if can(request.user, "view_portal") else render(request, "web/no_rights.html")
    return render(request, "web/today.html")
