"""Pages of the warnings: the list, and one with its plants and the officer's decision."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.showing import form_limits
from ballast.areas.audit.services import record_read
from ballast.areas.chains.selectors import current_run
from ballast.areas.economy.filings import presentation
from ballast.areas.economy.filings import selectors as filings
from ballast.areas.papers import printing
from ballast.areas.reference.selectors import now, today
from ballast.areas.registry.selectors import scope_regions, visible_chains
from ballast.areas.responses import selectors
from ballast.areas.responses.answers.selectors import answers_of
from ballast.areas.responses.cap.issuing import chain_of
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings import deciding
from ballast.areas.responses.warnings.measures import measures_for
from ballast.areas.responses.warnings.ordering import in_order
from ballast.areas.responses.warnings.paper import notice_of

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

_PAGE, _MEMBERS, _COUNTS = 30, 50, 10
_FILTERS = ("q", "region", "chain", "answer")


@login_required
@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """Warnings in scope in one state; without a choice those that wait for a decision."""
    user = request.user
    require(user, "view_desk")
    state = request.GET.get("state") or Warned.State.OPEN
    state = state if state in selectors.STATES else Warned.State.OPEN
    given = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    digest = _number(request.GET.get("digest", ""))
    rows = selectors.visible_warnings(user, state="" if digest else state)
    escalated = request.GET.get("escalated") == "1"
    rows = selectors.filter_warnings(user, rows, **given, escalated=escalated, digest=digest)
    rows = in_order(user, rows, request.GET.get("sort", ""))
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    answers = answers_of(user, page.object_list)
    context = {
        "page": page,
        "rows": [(row, answers.get(row.warning.pk, [])) for row in selectors.rows_of(user, list(page.object_list))],
        "narrowed": any(given.values()) or escalated or digest is not None,
        "digest": digest,
        "kinds": Answer.Kind.choices,
        "regions": scope_regions(user),
        "chains": visible_chains(user),
        "counts": selectors.state_counts(user),
        "state": state,
        "run": current_run(),
        "budget": settings.WARNINGS_A_DAY,
        "may_receive": can(user, "manage_events"),
        "counts_raised": [presentation.shown(one, today()) for one in filings.raised(user)[:_COUNTS]],
        "instant": now(),
    }
    return render(request, "responses/warnings.html", context)


def _number(text: str) -> int | None:
    """The key that an address names; None without one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@login_required
@require_safe
def detail(request: SignedRequest, pk: int) -> HttpResponse:
    """One warning."""
    return warning_page(request, pk)


def warning_page(request: SignedRequest, pk: int, **more: object) -> HttpResponse:
    """The page of a warning, with what was wrong with a form that was sent."""
    user = request.user
    warning = selectors.get_warning(user, pk)
    (row,) = selectors.rows_of(user, [warning])
    page = Paginator(selectors.members_of(user, warning), _MEMBERS).get_page(request.GET.get("page"))
    members = list(page.object_list)
    record_read(user, {member.site.enterprise.enterprise_id for member in members}, "forecast")
    context = {
        "warning": warning, "row": row, "members": members, "page": page, "most": deciding.MOST_SITES,
        "cases": selectors.cases_of(user, warning), "chain": chain_of(user, warning), **_answers(user, warning),
        "measures": measures_for(user, members), "escalation": selectors.escalation_of(user, warning),
        "may_issue": selectors.may(user, "issue_brief", warning), "forms": ("html", "pdf", "docx"),
        "may_decide": warning.state == Warned.State.OPEN and _works(user, warning),
    }  # fmt: skip
    return render(request, "responses/warning.html", context | more, status=422 if more else 200)


def _works(user: "User", warning: Warned) -> bool:
    return not warning.ended and selectors.may(user, "work_cases", warning)


def _answers(user: "User", warning: Warned) -> dict[str, Any]:
    """Answers of the warning, those that hold apart, and what the forms need where the person may answer it."""
    found = answers_of(user, [warning], past=True).get(warning.pk, [])
    works = _works(user, warning)
    return {
        "answers": [one for one in found if one.holds],
        "past_answers": [one for one in found if not one.holds][:20],
        "may_answer": works,
        "may_acknowledge": works,
        **form_limits(),
    }


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
        return warning_page(
            request, pk, faults=error.messages, text=given.get("text", ""), chosen=given.getlist("site")
        )
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
        return warning_page(request, pk, faults=error.messages, reason=reason)
    messages.success(request, _("The warning is dismissed."))
    return redirect("responses:warning", pk=pk)
