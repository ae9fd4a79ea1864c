"""Documents of a case as files."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import can
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.documents.offers import document_of
from ballast.areas.papers import printing

__all__ = ["as_docx", "as_pdf"]


def _file(form: str) -> Callable[..., HttpResponse]:
    """The view that gives a document as a file of one form."""

    @login_required
    @require_safe
    def view(request: SignedRequest, number: str, document: str) -> HttpResponse:
        try:
            paper = document_of(request.user, number, document, printing.language_of(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("cases:detail" if can(request.user, "view_desk") else "cases:problem", number)
        return printing.answer(request, paper, form, f"{number}-{document}")

    return view


as_pdf, as_docx = (_file(form) for form in ("pdf", "docx"))
