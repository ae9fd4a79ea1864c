"""Today: what is red, what stops next, what to decide first."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.access import can
from ballast.areas.accounts.models import User
from ballast.areas.cases import selectors as cases
from ballast.web.board import lamps, regions, restart, stops
from ballast.web.board.clock import Clock, clock

__all__ = ["today"]

_CASE_COUNTS = (
    ("open", _("open"), "", False),
    ("new", _("new today"), "?new=1", False),
    ("overdue", _("overdue"), "?overdue=1", True),
    ("waiting", _("wait for the enterprise's word"), "?waiting=1", False),
)


@login_required
def today(request: HttpRequest) -> HttpResponse:
    """The desk's first page; a reporter is sent to the portal."""
    if not can(request.user, "view_desk"):
        return redirect("web:portal") if can(request.user, "view_portal") else render(request, "web/no_rights.html")
    at = clock(request.authority)
    return render(request, "web/today.html", {"at": at, **_board(request.user, at)})


def _board(user: User, at: Clock) -> dict[str, Any]:
    """All sections of the page, each from one or two queries."""
    ahead = stops.stops(user, at)
    tiles = regions.tiles(user, at, ahead.run)
    watched = restart.panels(user)
    batches = restart.key_list(user)
    counts = cases.counts(user)
    return {
        "lamps": lamps.lamp_counts(user, at),
        "stops": ahead,
        "tiles": tiles,
        "sites": sum(tile.sites for tile in tiles),
        "reported": sum(tile.reported for tile in tiles),
        "decide": cases.queue(user, {"sort": "-risk"}).filter(output_at_risk__gt=0)[:4],
        "case_counts": [(counts[name], label, query, bad) for name, label, query, bad in _CASE_COUNTS],
        "panel": watched[0] if watched else None,
        "course": restart.course(user, watched[0].code) if watched else None,
        "panels": watched[1:4],
        "batches": batches,
        "key_total": sum(batch.listed for batch in batches),
    }
