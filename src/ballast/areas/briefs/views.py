"""Pages of the briefs: the list by day, the paper, its files."""

import datetime as dt
import functools
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.briefs import selectors, services
from ballast.areas.briefs.models import Brief
from ballast.areas.papers import html, printing, scopes
from ballast.areas.papers.printing import language_of
from ballast.areas.reference.selectors import today


def _brief(request: SignedRequest, date: dt.date) -> Brief:
    """The newest issue that the person may read; today's is made or renewed on the way."""
    return services.current(request.user, date, scope=request.GET.get("scope") or None)


def _printable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, with a plain page in the place of a paper that another version made and this one cannot print."""

    @functools.wraps(view)
    def wrapped(request: SignedRequest, date: dt.date) -> HttpResponse:
        try:
            return view(request, date)
        except selectors.OtherVersionError:
            context = {"day": date, "query": selectors.query_of(request.GET)}
            return render(request, "briefs/other_version.html", context, status=410)

    return wrapped


@login_required
@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    scope = request.GET.get("scope") or None
    page = Paginator(selectors.days(request.user, scope), 50).get_page(request.GET.get("page"))
    return render(request, "briefs/list.html", {"page": page, "today": today(), "languages": printing.LANGUAGES})


@login_required
@require_safe
@_printable
def detail(request: SignedRequest, date: dt.date) -> HttpResponse:
    brief, language = _brief(request, date), language_of(request)
    if request.GET.get("part") == "paper" and request.GET.get("issue") == str(brief.issue):
        return HttpResponse(status=204)
    paper = html.fragment(selectors.document_of(brief, language))
    before, after = selectors.neighbours(brief)
    context = {
        "brief": brief,
        # The renderer escapes every text of the paper.
        "paper": mark_safe(paper),  # noqa: S308
        "language": language,
        "languages": printing.LANGUAGES,
        "before": before,
        "after": after,
        "is_today": date == today(),
        "may_issue": scopes.allowed(request.user, brief.scope, "issue_brief"),
        "query": selectors.query_of(request.GET),
    }
    name = "briefs/_paper.html" if request.GET.get("part") == "paper" else "briefs/detail.html"
    return render(request, name, context)


@login_required
@require_POST
def renew(request: SignedRequest, date: dt.date) -> HttpResponse:
    """Issue the brief anew under the person's own name."""
    scope = selectors.readable(request.user, request.POST.get("scope") or None)
    try:
        brief = services.make_brief(date, scope, actor=request.user)
    except services.PastBriefError:
        messages.error(request, _("Only the brief of today can be made anew."))
        return redirect("briefs:list")
    messages.success(request, _("The brief is up to date: issue {issue}.").format(issue=brief.issue))
    return redirect("briefs:detail", date=date)


def _file(form: str) -> Callable[..., HttpResponse]:
    """The view that gives the paper as a file of one form."""

    @login_required
    @require_safe
    @_printable
    def view(request: SignedRequest, date: dt.date) -> HttpResponse:
        document = selectors.document_of(_brief(request, date), language_of(request))
        return printing.answer(request, document, form, f"brief-{date}")

    return view


as_html, as_pdf, as_docx, as_xlsx = (_file(form) for form in printing.FORMS)
