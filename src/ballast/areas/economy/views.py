"""Pages of the economy: the board of bulk materials and one of them."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.economy.materials import presentation, selectors
from ballast.areas.economy.materials.lamps import HORIZON, RISE
from ballast.areas.economy.materials.origins import origins
from ballast.areas.economy.materials.passing_on import EXAMPLE_RISE
from ballast.areas.economy.materials.selectors import Material
from ballast.areas.economy.reviews.selectors import may_review
from ballast.areas.economy.reviews.services import LONGEST
from ballast.areas.files import FORMATS, as_file
from ballast.areas.reference.selectors import now, today


@login_required
@require_safe
def materials(request: SignedRequest) -> HttpResponse:
    require(request.user, "view_desk")
    special = request.GET.get("special") == "1"
    rows = selectors.board(request.user, special=special)
    if request.GET.get("format") in FORMATS:
        require(request.user, "export")
        return as_file("materials", presentation.head(), map(presentation.row, rows), request.GET["format"])
    seasons = [(row, watch) for row in rows for watch in row.watches]
    context = {
        "rows": [(row, presentation.cells(row)) for row in rows],
        "seasons": sorted(seasons, key=lambda pair: (not pair[1].open, pair[1].day)),
        "due": _due(rows),
        "special": special,
        "instant": now(),
        "rise": RISE,
        "months": HORIZON,
    }
    return render(request, "economy/materials.html", context)


def _due(rows: Sequence[Material]) -> list[Material]:
    """Those whose review is due today or overdue, the longest first."""
    due = [(row.review.due, row) for row in rows if row.review and row.review.due <= today()]
    return [row for _day, row in sorted(due, key=lambda pair: (pair[0], pair[1].commodity.commodity_id))]


@login_required
@require_safe
def material(request: SignedRequest, commodity_id: str) -> HttpResponse:
    return shown_material(request, commodity_id)


def shown_material(
    request: SignedRequest, commodity_id: str, *, errors: Sequence[str] = (), note: str = ""
) -> HttpResponse:
    """The page of a material, with what was wrong with a review that was sent. 404 when there is none of the id."""
    require(request.user, "view_desk")
    try:
        found = selectors.material(request.user, commodity_id)
    except ObjectDoesNotExist:
        raise Http404 from None
    context = {
        "found": found,
        "cells": presentation.cells(found),
        "line": presentation.line(found.lamps.price.prices),
        "instant": now(),
        "rise": RISE,
        "months": HORIZON,
        "example": EXAMPLE_RISE,
        "origins": origins(commodity_id),
        "reviews": selectors.reviews(found.commodity),
        "may_review": may_review(request.user),
        "errors": errors,
        "note": note,
        "longest": LONGEST,
    }
    return render(request, "economy/material.html", context, status=422 if errors else 200)
