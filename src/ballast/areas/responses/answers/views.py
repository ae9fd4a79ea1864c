"""Forms on the page of a warning: acknowledge, silence, end early."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.terms import read_day, read_kind
from ballast.areas.responses.answers.giving import answer_warning, end_answer
from ballast.areas.responses.warnings.views import warning_page

__all__ = ["answered", "ended"]


@login_required
@require_POST
def answered(request: SignedRequest, pk: int) -> HttpResponse:
    """Acknowledge or silence."""
    require(request.user, "work_cases")
    given = {name: request.POST.get(name, "") for name in ("kind", "until", "note")}
    try:
        kind = read_kind(given["kind"])
        answer = answer_warning(request.user, pk, kind, until=read_day(given["until"]), note=given["note"])
    except ValidationError as error:
        return warning_page(request, pk, faults=error.messages, given=given)
    if answer.kind == Answer.Kind.SILENCED:
        text = _("Silenced until {day}. It goes on to be shown and counted, and its end is told.")
    else:
        text = _("Acknowledged until {day}. It ends before that if more plants stop, or one earlier.")
    messages.success(request, text.format(day=answer.until))
    return redirect("responses:warning", pk=pk)


@login_required
@require_POST
def ended(request: SignedRequest, pk: int, answer: int) -> HttpResponse:
    """End one before its day."""
    try:
        end_answer(request.user, pk, answer)
    except ValidationError as error:
        return warning_page(request, pk, faults=error.messages)
    messages.success(request, _("Ended."))
    return redirect("responses:warning", pk=pk)
