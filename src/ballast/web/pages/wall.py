"""The dispatch room's screen on the wall: how things stand, what stops next, what is due next; nobody touches it."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.alerts.answers.selectors import answers_of
from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.selectors import level_counts, visible_lamps
from ballast.areas.cases import selectors as cases
from ballast.areas.cases.presentation import with_due
from ballast.areas.registry.listing import first_of
from ballast.areas.reports.selectors import coverage
from ballast.web import scope
from ballast.web.board import stops
from ballast.web.board.clock import Clock, clock

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.accounts.requests import SignedRequest
    from ballast.areas.cases.models import Case

__all__ = ["wall"]

# Lines of each list: what a wide screen shows without scrolling.
_LINES = 8
# Seconds after which the screen asks for newer figures.
_EVERY = 30
_CASES: tuple[tuple[str, str | Promise], ...] = (
    ("open", _("open cases")),
    ("new", _("new today")),
    ("overdue", _("overdue")),
    ("waiting", _("wait for the enterprise's word")),
)


class Figure(NamedTuple):
    """One large number; `level` is the lamp beside it, "" for none, and `bad` says that it should not be."""

    value: int
    label: str | Promise
    level: str = ""
    change: int | None = None
    bad: bool = False


@login_required
@require_safe
def wall(request: "SignedRequest") -> HttpResponse:
    """All of it in the scope that is switched on; the page renews the part with the id "wall" by itself."""
    require(request.user, "view_desk")
    at = clock(request.authority)
    return render(
        request, "web/wall.html", {"at": at, "every": _EVERY, "place": _place(request), **_shown(request.user, at)}
    )


def _shown(user: "User", at: Clock) -> dict[str, Any]:
    return {
        "figures": _figures(user),
        "stops": stops.ahead(user, at, limit=_LINES),
        "reds": _answered(user, first_of(_reds(user), _LINES, _with_sites)),
        "due": _due_next(user, at),
        "coverage": coverage(user),
    }


def _place(request: "SignedRequest") -> list[str]:
    """The region and chain that are shown, where the scope is narrowed to them."""
    if not getattr(request, "narrowed", False):
        return []
    switch = scope.switch(request)
    regions = [region.label for region in switch["regions"] if region.pk == switch["region"]]
    return regions + [chain.label for chain in switch["chains"] if chain.pk == switch["chain"]]


def _figures(user: "User") -> list[Figure]:
    lit = {row.level: row for row in level_counts(user)}
    lamps = [
        Figure(lit[level].count if level in lit else 0, label, level, lit[level].change if level in lit else None)
        for level, label in ((Level.RED, _("red lamps")), (Level.YELLOW, _("yellow lamps")))
    ]
    counts = cases.counts(user)
    return lamps + [Figure(counts[name], label, bad=name == "overdue" and counts[name] > 0) for name, label in _CASES]


def _reds(user: "User") -> QuerySet[Lamp]:
    """Red lamps, the one with the least cover first."""
    return visible_lamps(user).filter(level=Level.RED).order_by(F("cover_days").asc(nulls_last=True), "since", "pk")


def _answered(user: "User", lamps: list[Lamp]) -> list[tuple[Lamp, list[str]]]:
    """Each lamp with the kinds of answers that hold; by whom and until when stands on the lamp's page."""
    answers = answers_of(user, lamps)
    return [(lamp, list(dict.fromkeys(one.label for one in answers.get(lamp.pk, [])))) for lamp in lamps]


def _with_sites(rows: QuerySet[Lamp]) -> QuerySet[Lamp]:
    return rows.select_related("need__site__region", "need__product")


def _due_next(user: "User", at: Clock) -> "list[Case]":
    """Open cases that fall due next; those that are overdue are counted above."""
    ahead = cases.filtered(user, {"state": "open"}).filter(due_at__gte=at.now).order_by("due_at", "number")
    return with_due(first_of(ahead, _LINES, cases.with_parties))
