"""Pages of the circulars: the list, one letter with its files, and what may be done about it."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import person_of, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.dispatch import circular_reading, circulars
from ballast.areas.dispatch.circular_paper import number_of
from ballast.areas.dispatch.models import Circular
from ballast.areas.papers import html, printing, scopes
from ballast.areas.papers.printing import language_of
from ballast.areas.reference.selectors import calendar, today
from ballast.areas.reference.workdays import add_working_days

__all__ = ["act", "as_docx", "as_html", "as_pdf", "as_xlsx", "detail", "draft", "listing"]

# Working days that a desk has to answer, unless the drafter says otherwise (proposal).
_REPLY_DAYS = 3


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Circulars that the person may read, newest first, and the form that drafts one."""
    user = person_of(request)
    require(user, "view_desk")
    found = circular_reading.visible_circulars(user).select_related("drafted_by").prefetch_related("regions")
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    names = scopes.names([row.scope for row in page.object_list])
    rows = [(row, number_of(row), names[row.scope]) for row in page.object_list]
    context = {
        "page": page, "rows": rows, "may_draft": scopes.home(user, "issue_brief") is not None,
        "reply_by": add_working_days(today(), _REPLY_DAYS, calendar()),
    }  # fmt: skip
    return render(request, "dispatch/circulars.html", context)


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as the person may read it."""
    user, language = person_of(request), language_of(request)
    circular = _read(request, pk)
    acts = circular_reading.acts_of(user, circular)
    context = {
        "circular": circular, "number": number_of(circular), "language": language, "languages": printing.LANGUAGES,
        # The renderer escapes every text of the paper.
        "paper": mark_safe(html.fragment(circular_reading.document_of(user, circular, language))),  # noqa: S308
        "mine": "change" in acts, "may_approve": "approve" in acts, "may_withdraw": "withdraw" in acts,
        "moved_on": circular_reading.moved_on(circular) if {"change", "approve"} & set(acts) else 0,
    }  # fmt: skip
    return render(request, "dispatch/circular.html", context)


def _read(request: HttpRequest, pk: int) -> Circular:
    """The circular, with the note of whose data the person saw."""
    user = person_of(request)
    circular = circular_reading.circular_for(user, pk)
    record_read(user, circular_reading.enterprises_in(circular_reading.facts_for(user, circular)), "circular")
    return circular


def _file(form: str) -> Callable[..., HttpResponse]:
    """The view that gives the letter as a file of one form."""

    @login_required
    @require_safe
    def view(request: SignedRequest, pk: int) -> HttpResponse:
        circular = _read(request, pk)
        document = circular_reading.document_of(request.user, circular, language_of(request))
        return printing.answer(request, document, form, f"circular-{pk}")

    return view


as_html, as_pdf, as_docx, as_xlsx = (_file(form) for form in printing.FORMS)


def _day(text: str) -> dt.date:
    """The date of a form. Raises ValidationError for what is none."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        message = _("“{value}” is not a date; give one such as 2022-04-28.").format(value=text)
        raise ValidationError({"reply_by": message}) from None


def _words(request: HttpRequest) -> dict[str, Any]:
    given = request.POST
    return {
        "reply_by": _day(given.get("reply_by", "")),
        "words": {name: given.get(name, "") for name in circulars.WORDS},
    }


@login_required
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a circular from the ledger as it stands."""
    user = person_of(request)
    require(user, "issue_brief")
    try:
        found = circulars.draft(user, scope=request.POST.get("scope") or None, **_words(request))
    except ValidationError as error:
        _tell(request, error)
        return redirect("dispatch:circulars")
    messages.success(request, _("The draft is ready; a second person has to approve it."))
    return redirect("dispatch:circular", found.pk)


@login_required
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Change, discard, issue or withdraw a circular, as the button says."""
    user, wanted = person_of(request), request.POST.get("act", "")
    circular_reading.circular_for(user, pk)
    acts: dict[str, Callable[[], Circular]] = {
        "change": lambda: circulars.change(user, pk, **_words(request)),
        "discard": lambda: circulars.discard(user, pk),
        "issue": lambda: circulars.issue(user, pk),
        "withdraw": lambda: circulars.withdraw(user, pk, reason=request.POST.get("reason", "")),
    }
    try:
        found = acts.get(wanted, lambda: _unknown(wanted, acts))()
        told = {"number": number_of(found) or _("Draft without a number"), "state": Circular.State(found.state).label}
        messages.success(request, _("{number}: {state}.").format(**told))
    except ValidationError as error:
        _tell(request, error)
    return redirect("dispatch:circular", pk)


def _unknown(wanted: str, known: Iterable[str]) -> Circular:
    message = _("“{act}” is not possible; choose one of {acts}.").format(act=wanted, acts=", ".join(known))
    raise ValidationError(message)


def _tell(request: HttpRequest, error: ValidationError) -> None:
    for text in error.messages:
        messages.error(request, text)
