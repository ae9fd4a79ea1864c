"""The wall of lamps, the list, and one lamp."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts import asking, drawing, selectors
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.selectors import answers_of
from ballast.areas.alerts.answers.showing import answer_forms
from ballast.areas.alerts.judging import standing_of
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.rulebook.in_force import parts_cover_on
from ballast.areas.audit.services import record_read
from ballast.areas.files import as_file, wanted_format
from ballast.areas.reference.selectors import now, today
from ballast.areas.registry.listing import ordered, page_of
from ballast.areas.registry.selectors import scope_regions, sees_partners, visible_chains
from ballast.areas.registry.services import note_export
from ballast.areas.reports.selectors import coverage, history

_SORTS = {
    "lamp": ("severity", "cover_days"),
    "since": ("since",),
    "cover": ("cover_days",),
    "site": ("need__site__name",),
    "enterprise": ("enterprise__name",),
    "product": ("need__product__name",),
    "region": ("enterprise__region_id", "severity", "cover_days"),
    "reported": ("need__reported_at",),
}
_FILTERS = ("level", "held", "region", "chain", "product", "enterprise", "answer", "flapping", "q")
_RELATED = ("need__site", "need__product", "need__unit", "enterprise__region", "flaps")
# Days that the list shows of a lamp that changes too often: about as many as say so.
_SHAKY_DAYS = 20
# Enterprises on a page of those to ask.
_ASKED = 25


@login_required
def lamp_list(request: SignedRequest) -> HttpResponse:
    """Wall by chain and region, then the list with its filters."""
    user = request.user
    require(user, "view_desk")
    given = {name: request.GET.get(name, "") for name in _FILTERS}
    rows = selectors.filter_lamps(selectors.visible_lamps(user), **given)
    rows = ordered(rows, request.GET.get("sort", ""), _SORTS, default="lamp")
    if form := wanted_format(request):
        return _file(request, rows.select_related(*_RELATED), form)
    narrowed = any(given.values())
    page = page_of(request, rows, lambda found: found.select_related(*_RELATED))
    answers = answers_of(user, page.object_list)
    shaky = selectors.strips([row for row in page.object_list if hasattr(row, "flaps")], days=_SHAKY_DAYS)
    for row in page.object_list:
        row.answers_shown, row.days_shown = answers.get(row.pk, []), shaky.get(row.pk, [])
    found = None if narrowed else selectors.tallies(selectors.visible_lamps(user))
    context = {
        "page": page,
        "kinds": Answer.Kind.choices,
        "counts": selectors.level_counts(user, region=given["region"], chain=given["chain"], found=found),
        "wall": None if found is None else _drawn(selectors.wall(user, found=found)),
        "narrowed": narrowed,
        "coverage": coverage(user),
        "instant": now(),
        "regions": scope_regions(user),
        "chains": visible_chains(user),
    }
    return render(request, "alerts/list.html", context)


def _drawn(wall: selectors.Wall) -> dict:
    """Rows of (region, [(chain code, [(level, count)], [(answer, word, count)])]), the first cell for all chains."""
    codes = ["", *(chain.code for chain in wall.chains)]
    rows = []
    for region in wall.regions:
        cells = []
        for code in codes:
            counts = wall.cells.get((region.code, code), {})
            levels = [(level, counts[level]) for level in selectors.SHOWN if counts.get(level)]
            answers = wall.answers.get((region.code, code), {})
            cells.append((code, levels, [(kind, label, answers.get(kind, 0)) for kind, label in Answer.Kind.choices]))
        rows.append((region, cells))
    return {"chains": wall.chains, "rows": rows}


def _file(request: SignedRequest, rows: Iterable[Any], form: str) -> HttpResponse:
    rows = list(rows)
    note_export(request.user, {row.enterprise.enterprise_id for row in rows}, "lamps")
    head = [
        _("Level"), _("Held level"), _("Since"), _("Site"), _("Site name"), _("Enterprise"), _("Region"), _("Input"),
        _("Days of cover"), _("Stock"), _("Unit"), _("Use a day"), _("Reported at"),
    ]  # fmt: skip
    lines = (
        (
            r.level, r.held, r.since, r.need.site.site_id, r.need.site.label, r.enterprise.enterprise_id,
            r.enterprise.region_id, r.need.product_id, r.cover_days, r.need.stock, r.need.unit_id, r.need.daily_use,
            r.need.reported_at,
        )
        for r in rows
    )  # fmt: skip
    return as_file("lamps", head, lines, form)


@login_required
@require_safe
def lamp_detail(request: SignedRequest, pk: int) -> HttpResponse:
    """One lamp: level and since when, its value on the thresholds, its days, inputs and rule."""
    return lamp_page(request, pk)


def lamp_page(request: SignedRequest, pk: int, **more: object) -> HttpResponse:
    """The page of a lamp, with what was wrong with a form that was sent."""
    lamp = selectors.get_lamp(request.user, pk)
    record_read(request.user, [lamp.enterprise.enterprise_id], "stocks")
    rule = parts_cover_on(today())
    context = {
        "lamp": lamp,
        "rule": rule,
        "bullet": drawing.bullet(lamp.cover_days, rule),
        "days": selectors.strip(lamp),
        "reports": history(lamp.need),
        "changes": lamp.need.lamp_changes.all()[:30],
        "downstream": selectors.downstream(request.user, lamp),
        "sees_partners": sees_partners(request.user),
        "instant": now(),
        "missing": lamp.level == Level.NO_DATA,
        "counted": standing_of(rule, lamp),
        "can_be": asking.can_be(lamp) if lamp.level == Level.NO_DATA else {},
        **answer_forms(request.user, lamp),
    }
    return render(request, "alerts/detail.html", context | more, status=422 if more else 200)


@login_required
@require_safe
def ask_list(request: SignedRequest) -> HttpResponse:
    """Enterprises whose lamp depends on who has not reported, with the reports that settle most."""
    user = request.user
    require(user, "view_desk")
    region, chain = request.GET.get("region", ""), request.GET.get("chain", "")
    found = asking.unsettled(user, region=region, chain=chain)
    page = Paginator(found, _ASKED).get_page(request.GET.get("page"))
    named = asking.with_reports(user, [row.enterprise for row in page])
    rows = [(row, named[row.enterprise][0].lamp.enterprise, named[row.enterprise]) for row in page]
    record_read(user, {enterprise.enterprise_id for _row, enterprise, _asked in rows}, "stocks")
    context = {
        "page": page,
        "rows": rows,
        "instant": now(),
        "coverage": coverage(user),
        "regions": scope_regions(user),
        "chains": visible_chains(user),
    }
    return render(request, "alerts/ask.html", context)
