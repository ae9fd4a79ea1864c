"""Pages of the counts of problems: all of them, and one by day and week with what each rule says."""

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.economy.filings import presentation, selectors
from ballast.areas.files import as_file, wanted_format
from ballast.areas.reference.selectors import now, today

__all__ = ["count", "counts"]

_WEEK = 7


@login_required
@require_safe
def counts(request: SignedRequest) -> HttpResponse:
    """What is raised, each kind in the whole scope, and each region for one kind."""
    require(request.user, "view_desk")
    kind = request.GET.get("kind", "")
    kind = kind if kind in selectors.kinds_of_problems() else ""
    board = selectors.board(request.user, kind=kind)
    if form := wanted_format(request):
        require(request.user, "export")
        rows = [board.whole, *board.kinds, *board.regions]
        return as_file("problem-counts", presentation.head(), map(presentation.row, rows), form)
    every = {
        name: [presentation.shown(one, board.last) for one in rows]
        for name, rows in (("raised", board.raised), ("kinds", [board.whole, *board.kinds]), ("regions", board.regions))
    }
    context = {"board": board, "kind": kind, "labels": selectors.kinds_of_problems(), "instant": now(), **every}
    return render(request, "economy/counts.html", context)


@login_required
@require_safe
def count(request: SignedRequest, region: str) -> HttpResponse:
    """One count, of the kind that is asked for."""
    require(request.user, "view_desk")
    try:
        found = selectors.counted(request.user, region, presentation.kind_of(request.GET.get("kind", "")))
    except ObjectDoesNotExist:
        raise Http404 from None
    last = today()
    begin = last - dt.timedelta(days=len(found.days) - 1)
    days = [(begin + dt.timedelta(days=k), number) for k, number in enumerate(found.days)]
    weeks = [(last - dt.timedelta(days=_WEEK * (len(found.weeks) - k)), number) for k, number in enumerate(found.weeks)]
    context = {
        "one": presentation.shown(found, last), "days": days[::-1], "weeks": weeks[::-1], "instant": now(),
        "first": begin,
    }  # fmt: skip
    return render(request, "economy/count.html", context)
