"""The page of the board."""

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import selectors
from ballast.areas.cases.board import Column, board
from ballast.areas.cases.measuring import views as measure_views
from ballast.areas.cases.packs.in_force import kinds, local_states
from ballast.areas.registry.selectors import visible_chains

__all__ = ["page"]


class _Shown(NamedTuple):
    """A column with the addresses of the pages before and after it, and of the list of all its cases."""

    column: Column
    before: str
    after: str
    all: str


@login_required
@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """Columns by state; a column turns its own pages."""
    require(request.user, "view_desk")
    context = {
        "counts": selectors.counts(request.user),
        "asked": measure_views.asked(request.GET.dict()),
        "kinds": [(name, str(kind.label)) for name, kind in kinds().items()],
        "states": [(name, str(state.label)) for name, state in local_states().items()],
        "chains": visible_chains(request.user),
        "columns": [_shown(request.GET, column) for column in board(request.user, request.GET.dict())],
    }
    return render(request, "cases/board.html", context)


def _shown(given: QueryDict, column: Column) -> _Shown:
    name = column.state.name
    before = _turned(given, name, column.page - 1) if column.page > 1 else ""
    after = _turned(given, name, column.page + 1) if column.page < column.pages else ""
    plain = given.copy()
    for key in [key for key in plain if key.startswith("page_")]:
        del plain[key]
    plain["state"] = name
    return _Shown(column, before, after, plain.urlencode())


def _turned(given: QueryDict, state: str, to: int) -> str:
    """The query of the board with one column on another page."""
    turned = given.copy()
    turned[f"page_{state}"] = str(to)
    return turned.urlencode()
