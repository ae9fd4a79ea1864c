"""Today: what is red, what stops next, what to decide first."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.access import can
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.selectors import LevelCount, level_counts
from ballast.areas.cases import selectors as cases
from ballast.areas.chains.decide import decide_first
from ballast.areas.economy.reviews.selectors import agenda
from ballast.areas.modes import selectors as modes
from ballast.areas.modes.duties import asked_now
from ballast.areas.reports.selectors import coverage_by_region, total
from ballast.areas.reserve import selectors as reserve
from ballast.web.board import regions, restart, stops
from ballast.web.board.clock import Clock, clock

__all__ = ["today"]

_LAMPS = (Level.RED, Level.YELLOW, Level.BLUE, Level.NORMAL, Level.NO_DATA)
_CASE_COUNTS = (
    ("open", _("open"), "", False),
    ("new", _("new today"), "?new=1", False),
    ("overdue", _("overdue"), "?overdue=1", True),
    ("waiting", _("wait for the enterprise's word"), "?waiting=1", False),
)


@login_required
def today(request: SignedRequest) -> HttpResponse:
    """The desk's first page; a reporter is sent to the portal."""
    if not can(request.user, "view_desk"):
        if can(request.user, "view_portal") or can(request.user, "manage_users"):
            return redirect("web:portal" if can(request.user, "view_portal") else "web:people")
        return render(request, "web/no_rights.html")
    at = clock(request.authority)
    return render(request, "web/today.html", {"at": at, **_board(request.user, at)})


def _board(user: User, at: Clock) -> dict[str, Any]:
    """All sections of the page, each from a few queries."""
    ahead = stops.ahead(user, at)
    counts = cases.counts(user)
    lit = {row.level: row for row in level_counts(user)}
    # Modes that do not reach into the person's scope ask nothing of its sites.
    in_force = modes.visible_in_force(user)
    asked = asked_now(switches=in_force)
    covered = coverage_by_region(user, asked)
    return {
        "lamps": [lit.get(level, LevelCount(level, 0, None)) for level in _LAMPS],
        "stops": ahead,
        "tiles": regions.tiles(user, ahead.run, covered),
        "coverage": total(covered.values(), asked),
        "decisions": decide_first(user, limit=5),
        "case_counts": [(counts[name], label, query, bad) for name, label, query, bad in _CASE_COUNTS],
        "modes": in_force,
        "asked_modes": modes.waiting_for(user),
        "asked_extensions": reserve.waiting_for(user),
        "proposed": reserve.open_proposals(user).count(),
        "agenda": agenda(user),
        **_restarted(user, at),
    }


def _restarted(user: User, at: Clock) -> dict[str, Any]:
    watched = restart.panels(user)
    batches = restart.key_list(user)
    return {
        "panel": watched[0] if watched else None,
        "course": restart.course(user, watched[0].code, at.day) if watched else None,
        "panels": watched[1:4],
        "batches": batches,
        "key_total": sum(batch.listed for batch in batches),
    }
