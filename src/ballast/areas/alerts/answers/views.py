"""Forms on the page of a lamp: acknowledge, silence, end early."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.answers.giving import answer_lamp, end_answer
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.terms import read_day, read_kind
from ballast.areas.alerts.views import lamp_page

__all__ = ["answered", "ended", "said_of"]


def said_of(answer: Answer) -> str:
    """What the person is told who gave the answer."""
    if answer.kind == Answer.Kind.SILENCED:
        text = _("Silenced until {day}. It goes on to be shown and counted, and its end is told.")
    else:
        text = _("Acknowledged until {day}. It ends before that if the lamp becomes worse.")
    return text.format(day=answer.until)


@login_required
@require_POST
def answered(request: SignedRequest, pk: int) -> HttpResponse:
    """Acknowledge or silence."""
    require(request.user, "work_cases")
    given = {name: request.POST.get(name, "") for name in ("kind", "until", "note")}
    try:
        kind = read_kind(given["kind"])
        answer = answer_lamp(request.user, pk, kind, until=read_day(given["until"]), note=given["note"])
    except ValidationError as error:
        return lamp_page(request, pk, faults=error.messages, given=given)
    messages.success(request, said_of(answer))
    return redirect("alerts:detail", pk=pk)


@login_required
@require_POST
def ended(request: SignedRequest, pk: int, answer: int) -> HttpResponse:
    """End one before its day."""
    try:
        end_answer(request.user, pk, answer)
    except ValidationError as error:
        return lamp_page(request, pk, faults=error.messages)
    messages.success(request, _("Ended."))
    return redirect("alerts:detail", pk=pk)
