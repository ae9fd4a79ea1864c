"""Pages of the warnings: the list, and one with its plants and the officer's decision."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.chains.selectors import current_run
from ballast.areas.economy.filings import presentation
from ballast.areas.economy.filings import selectors as filings
from ballast.areas.papers import printing
from ballast.areas.reference.selectors import now, today
from ballast.areas.responses import selectors
from ballast.areas.responses.cap.issuing import chain_of
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings import deciding
from ballast.areas.responses.warnings.measures import measures_for
from ballast.areas.responses.warnings.paper import notice_of

_PAGE, _MEMBERS, _COUNTS = 30, 50, 10


@login_required
@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """Warnings in scope in one state; without a choice those that wait for a decision."""
    user = request.user
    require(user, "view_desk")
    state = request.GET.get("state") or Warned.State.OPEN
    state = state if state in selectors.STATES else Warned.State.OPEN
    page = Paginator(selectors.visible_warnings(user, state=state), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.rows_of(user, list(page.object_list)),
        "counts": selectors.state_counts(user),
        "state": state,
        "run": current_run(),
        "budget": settings.WARNINGS_A_DAY,
        "may_receive": can(user, "manage_events"),
        "counts_raised": [presentation.shown(one, today()) for one in filings.raised(user)[:_COUNTS]],
        "instant": now(),
    }
    return render(request, "responses/warnings.html", context)


@login_required
@require_safe
def detail(request: SignedRequest, pk: int) -> HttpResponse:
    """One warning."""
    return _shown(request, pk)


def _shown(request: SignedRequest, pk: int, **more: object) -> HttpResponse:
    """The page of a warning, with what was wrong with a form that was sent."""
    user = request.user
    warning = selectors.get_warning(user, pk)
    (row,) = selectors.rows_of(user, [warning])
    page = Paginator(selectors.members_of(user, warning), _MEMBERS).get_page(request.GET.get("page"))
    members = list(page.object_list)
    record_read(user, {member.site.enterprise.enterprise_id for member in members}, "forecast")
    context = {
        "warning": warning, "row": row, "members": members, "page": page, "most": deciding.MOST_SITES,
        "cases": selectors.cases_of(user, warning), "chain": chain_of(user, warning),
        "measures": measures_for(user, members),
        "may_issue": can(user, "issue_brief"), "forms": ("html", "pdf", "docx"),
        "may_decide": can(user, "work_cases") and not warning.ended and warning.state == Warned.State.OPEN,
    }  # fmt: skip
    return render(request, "responses/warning.html", context | more, status=422 if more else 200)


def _paper(form: str) -> Callable[..., HttpResponse]:
    """The view that gives the alert notice as a file of one form."""

    @login_required
    @require_safe
    def view(request: SignedRequest, pk: int) -> HttpResponse:
        warning = selectors.get_warning(request.user, pk)
        document = notice_of(request.user, warning, printing.language_of(request))
        return printing.answer(request, document, form, f"alert-notice-{warning}")

    return view


as_html, as_pdf, as_docx = (_paper(form) for form in ("html", "pdf", "docx"))


@login_required
@require_POST
def confirmed(request: SignedRequest, pk: int) -> HttpResponse:
    """Confirm and open the coordination cases."""
    given = request.POST
    try:
        found = deciding.confirm(request.user, pk, sites=given.getlist("site"), text=given.get("text", ""))
    except ValidationError as error:
        return _shown(request, pk, faults=error.messages, text=given.get("text", ""), chosen=given.getlist("site"))
    numbers = ", ".join(case.number for case in found)
    said = ngettext("Confirmed; case opened: {numbers}.", "Confirmed; cases opened: {numbers}.", len(found))
    messages.success(request, said.format(numbers=numbers))
    return redirect("responses:warning", pk=pk)


@login_required
@require_POST
def dismissed(request: SignedRequest, pk: int) -> HttpResponse:
    """Dismiss with a reason."""
    reason = request.POST.get("reason", "")
    try:
        deciding.dismiss(request.user, pk, reason=reason)
    except ValidationError as error:
        return _shown(request, pk, faults=error.messages, reason=reason)
    messages.success(request, _("The warning is dismissed."))
    return redirect("responses:warning", pk=pk)
