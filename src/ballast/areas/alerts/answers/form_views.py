"""The forms of every page whose subject is answered: acknowledge, silence, end early."""

from collections.abc import Callable
from typing import Any, NamedTuple

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

__all__ = ["Subject", "form_views"]

_View = Callable[..., HttpResponse]


class Subject(NamedTuple):
    """What is answered on a page: the services that answer it and end an answer, its page, and the page's address.

    `ends` is the sentence, a text to be translated, that says what ends an acknowledgement before its {day}.
    """

    answer: Callable[..., Answer]
    end: Callable[..., Answer]
    page: Callable[..., HttpResponse]
    address: str
    ends: str

    def said(self, answer: Answer) -> str:
        """What the person is told who gave an answer."""
        silenced = _("Silenced until {day}. It goes on to be shown and counted, and its end is told.")
        text = silenced if answer.kind == Answer.Kind.SILENCED else _(self.ends)
        return text.format(day=answer.until)


def form_views(subject: Subject) -> tuple[_View, _View]:
    """The view that takes an answer, and the one that ends an answer before its day.

    What is refused stands on the page of the subject again, with what was typed.
    """

    @login_required
    @require_POST
    def answered(request: SignedRequest, pk: int) -> HttpResponse:
        require(request.user, "work_cases")
        given: dict[str, Any] = {name: request.POST.get(name, "") for name in ("kind", "until", "note")}
        try:
            kind, until = read_kind(given["kind"]), read_day(given["until"])
            answer = subject.answer(request.user, pk, kind, until=until, note=given["note"])
        except ValidationError as error:
            return subject.page(request, pk, faults=error.messages, given=given)
        messages.success(request, subject.said(answer))
        return redirect(subject.address, pk=pk)

    @login_required
    @require_POST
    def ended(request: SignedRequest, pk: int, answer: int) -> HttpResponse:
        try:
            subject.end(request.user, pk, answer)
        except ValidationError as error:
            return subject.page(request, pk, faults=error.messages)
        messages.success(request, _("Ended."))
        return redirect(subject.address, pk=pk)

    return answered, ended
