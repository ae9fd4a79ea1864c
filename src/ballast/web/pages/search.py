"""Search across enterprises, sites, products, cases and events of the person's scope, in both languages."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from ballast.areas.accounts.access import require
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.relations.family import with_waiting
from ballast.areas.cases.selectors import queue, with_parties
from ballast.areas.chains import event_list
from ballast.areas.reference.selectors import today
from ballast.areas.registry import selectors as registry
from ballast.areas.registry.listing import first_of

__all__ = ["search"]

_SHOWN = 10


@login_required
def search(request: SignedRequest) -> HttpResponse:
    """The first matches of each kind, and a link to the full list where there are more."""
    require(request.user, "view_desk")
    words = request.GET.get("q", "").strip()[:100]
    found = {}
    if words:
        enterprises = registry.filter_enterprises(registry.visible_enterprises(request.user), q=words)
        sites = registry.filter_sites(registry.visible_sites(request.user), q=words)
        found = {
            "enterprises": enterprises.select_related("region", "lamp")[: _SHOWN + 1],
            "sites": sites.select_related("region", "product", "enterprise")[: _SHOWN + 1],
            "cases": with_waiting(
                first_of(queue(request.user, {"q": words, "state": "all"}), _SHOWN + 1, with_parties)
            ),
            "events": _events(request.user, words),
            "products": registry.find_products(request.user, words, most=_SHOWN + 1),
        }
    groups = {name: list(rows) for name, rows in found.items()}
    context = {
        "words": words,
        "query": urlencode({"q": words}),
        "more": {name: len(rows) > _SHOWN for name, rows in groups.items()},
        "nothing": not any(groups.values()),
        **{name: rows[:_SHOWN] for name, rows in groups.items()},
    }
    return render(request, "web/search.html", context)


def _events(user: User, words: str) -> list[event_list.EventRow]:
    day = today()
    newest = event_list.filtered(user, {"q": words, "state": "all"}, day=day).order_by("-start", "event_id")
    found = first_of(newest, _SHOWN + 1, lambda rows: event_list.with_forecast(user, rows))
    return event_list.as_rows(user, found, day=day)
