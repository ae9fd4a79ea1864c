"""Pages of the dispatch room: sheets by day, the paper with its files, the lists that its figures open."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.cases import presentation
from ballast.areas.cases.relations.family import with_waiting
from ballast.areas.dispatch import selectors, services
from ballast.areas.dispatch.models import Sheet
from ballast.areas.dispatch.sections import figure_words, kind_label
from ballast.areas.files import Cell, as_file, wanted_format
from ballast.areas.papers import html, printing, scopes
from ballast.areas.papers.printing import language_of
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import today
from ballast.areas.registry.listing import page_of

_SHOWN = ("new", "solved", "confirmed", "in_hand", "overdue", "escalated")


def _issue(request: SignedRequest) -> int | None:
    text = request.GET.get("issue", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _sheet(request: SignedRequest, date: dt.date) -> Sheet:
    return services.read_sheet(request.user, date, scope=request.GET.get("scope") or None, issue=_issue(request))


@login_required
@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """The sheets of a scope by day, with their main figures."""
    require(request.user, "view_desk")
    scope = selectors.readable(request.user, request.GET.get("scope") or None)
    page = Paginator(selectors.sheets(request.user, scope), 30).get_page(request.GET.get("page"))
    figures = selectors.figures_of(page.object_list)
    words = figure_words()
    rows = [
        {"sheet": sheet, "figures": [(name, words[name], figures[sheet.pk][name]) for name in _SHOWN]}
        for sheet in page.object_list
    ]
    day = today()
    context = {
        "page": page, "rows": rows, "today": day, "scope": scope, "heads": [words[name] for name in _SHOWN],
        "has_today": selectors.newest(day, scope) is not None,
        "may_issue": scopes.allowed(request.user, scope, "issue_brief"),
        "levels": selectors.levels(request.user, page.object_list[0].day) if rows else {},
        "at": settings.DISPATCH_TIME,
    }  # fmt: skip
    return render(request, "dispatch/list.html", context)


@login_required
@require_safe
def detail(request: SignedRequest, date: dt.date) -> HttpResponse:
    """The paper of a day."""
    sheet, language = _sheet(request, date), language_of(request)
    before, after = selectors.neighbours(sheet)
    context = {
        "sheet": sheet,
        # The renderer escapes every text of the paper.
        "paper": mark_safe(html.fragment(selectors.document_of(sheet, language))),  # noqa: S308
        "language": language, "languages": printing.LANGUAGES, "before": before, "after": after,
        "levels": selectors.levels(request.user, date), "forms": list(printing.FORMS),
        "may_issue": date == today() and scopes.allowed(request.user, sheet.scope, "issue_brief"),
    }  # fmt: skip
    return render(request, "dispatch/detail.html", context)


@login_required
@require_POST
def make(request: SignedRequest) -> HttpResponse:
    """Make today's sheet now, under the person's own name."""
    scope = selectors.readable(request.user, request.POST.get("scope") or None)
    sheet = services.make_sheet(scope, actor=request.user)
    messages.success(request, _("The sheet is up to date: issue {issue}.").format(issue=sheet.issue))
    return redirect(f"{reverse('dispatch:detail', args=[sheet.day])}?{urlencode({'scope': scope})}")


def _file(form: str) -> Callable[..., HttpResponse]:
    """The view that gives the paper as a file of one form."""

    @login_required
    @require_safe
    def view(request: SignedRequest, date: dt.date) -> HttpResponse:
        document = selectors.document_of(_sheet(request, date), language_of(request))
        return printing.answer(request, document, form, f"dispatch-{date}")

    return view


as_html, as_pdf, as_docx, as_xlsx = (_file(form) for form in printing.FORMS)


@login_required
@require_safe
def cases(request: SignedRequest, date: dt.date) -> HttpResponse:
    """The cases that a figure of the sheet counted, as they stand now."""
    sheet = _sheet(request, date)
    figure, narrowed = request.GET.get("figure") or "in_hand", request.GET.dict()
    try:
        keys = selectors.counted_keys(sheet, figure, narrowed)
    except KeyError as error:
        raise Http404 from error
    if form := wanted_format(request):
        require(request.user, "export")
        parts = (keys[start : start + 500] for start in range(0, len(keys), 500))
        found = [case for some in parts for case in selectors.in_full(request.user, some)]
        record_read(request.user, {case.enterprise.enterprise_id for case in found}, "export")
        rows = map(presentation.row, with_waiting(found))
        return as_file(f"dispatch-{date}-{figure}", presentation.head(), rows, form)
    page = Paginator(keys, 50).get_page(request.GET.get("page"))
    shown = selectors.in_full(request.user, list(page.object_list))
    context = {
        "sheet": sheet, "page": page, "rows": with_waiting(presentation.with_due(shown)),
        "gone": len(page.object_list) - len(shown), "figure": _words_of(figure), "narrowed": _narrowed(narrowed),
    }  # fmt: skip
    return render(request, "dispatch/cases.html", context)


def _words_of(figure: str) -> str:
    name, _dot, change = figure.partition(".")
    words = figure_words()[name]
    if change:
        text = (
            _("{figure}: came since the last sheet") if change == "came" else _("{figure}: left since the last sheet")
        )
        return text.format(figure=words)
    return words


def _narrowed(given: dict[str, str]) -> list[str]:
    found = [kind_label(given["kind"])] if given.get("kind") else []
    codes = [given[word] for word in ("region", "desk") if given.get(word)]
    labels = {row.code: row.label for row in Region.objects.filter(code__in=codes)}
    return found + [labels.get(code, code) for code in codes]


@login_required
@require_safe
def reds(request: SignedRequest) -> HttpResponse:
    """Red inputs at whose site no case is open."""
    require(request.user, "view_desk")
    rows = selectors.own_reds(request.user)
    if form := wanted_format(request):
        require(request.user, "export")
        found = list(rows)
        record_read(request.user, {lamp.enterprise.enterprise_id for lamp in found}, "export")
        return as_file("reds-without-case", _red_head(), map(_red_row, found), form)
    page = page_of(request, rows, lambda found: found.select_related("need__site", "need__product", "enterprise"))
    record_read(request.user, {lamp.enterprise.enterprise_id for lamp in page.object_list}, "stocks")
    return render(request, "dispatch/reds.html", {"page": page})


def _red_head() -> list[str]:
    return [_("Site"), _("Plant"), _("Enterprise"), _("Enterprise id"), _("Input"), _("Days of cover"), _("Red since")]


def _red_row(lamp: Any) -> list[Cell]:
    return [
        lamp.need.site.site_id, lamp.need.site.label, lamp.enterprise.label, lamp.enterprise.enterprise_id,
        lamp.need.product.label, lamp.cover_days, lamp.since,
    ]  # fmt: skip
