"""The audit list of the administrator, and an enterprise's list of who has read its data."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import person_of
from ballast.areas.audit import selectors
from ballast.areas.files import FORMATS, Cell, as_file

PER_PAGE = 50
MOST_EXPORTED = 100_000


def _date(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _wanted_format(request: HttpRequest) -> str:
    form = request.GET.get("format", "")
    if form and form not in FORMATS:
        raise Http404
    return form


@login_required
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    given: dict[str, Any] = {name: request.GET.get(name, "") for name in ("action", "actor", "enterprise")}
    days: dict[str, Any] = {name: _date(request.GET.get(name, "")) for name in ("since", "until")}
    search = request.GET.get("q", "").strip()
    rows = selectors.entries(person_of(request), search=search, **given, **days)
    if form := _wanted_format(request):
        head = ["sequence", "at", "actor", "action", "subject_type", "subject_id", "enterprise", "detail", "digest"]
        cells: Iterable[list[Cell]] = (
            [r.sequence, r.at, r.actor, r.action, r.subject_type, r.subject_id, r.enterprise,
             json.dumps(r.detail, ensure_ascii=False, sort_keys=True), r.digest]
            for r in rows[:MOST_EXPORTED]
        )  # fmt: skip
        return as_file("audit", head, cells, form)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "actions": selectors.actions(person_of(request)),
        "search": search,
        "given": given,
        **days,
    }
    return render(request, "audit/list.html", context)


@login_required
@require_safe
def readers(request: HttpRequest) -> HttpResponse:
    rows = selectors.readings(person_of(request))
    if form := _wanted_format(request):
        head = ["at", "name", "roles", "what", "enterprise"]
        found = selectors.readings_page(rows[:MOST_EXPORTED])
        return as_file("readers", head, ([r.at, r.name, ";".join(r.roles), r.what, r.enterprise] for r in found), form)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "audit/readers.html", {"page": page, "readings": selectors.readings_page(list(page)), "folds": True}
    )
