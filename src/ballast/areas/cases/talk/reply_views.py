"""Pages of the texts for replies, and the part of a case's page that takes one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.forms import ReplyTextForm
from ballast.areas.cases.models import ReplyText
from ballast.areas.cases.talk import reply_texts

__all__ = ["change", "drop", "fill", "texts"]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: SignedRequest) -> HttpResponse:
    """All texts; a new one is added here."""
    if request.method == "POST":
        require(request.user, "keep_reply_texts")
    return _page(request, ReplyTextForm(request.POST or None), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedRequest, text_id: int) -> HttpResponse:
    """The same page with one text in the form."""
    require(request.user, "keep_reply_texts")
    row = reply_texts.texts(request.user).get(pk=text_id)
    initial = {"title": row.title, "text": row.text, "language": row.language, "kind": row.kind}
    return _page(request, ReplyTextForm(request.POST or None, initial=initial), row)


def _page(request: SignedRequest, form: ReplyTextForm, row: ReplyText | None) -> HttpResponse:
    rows = reply_texts.texts(request.user)
    if request.method == "POST" and form.is_valid():
        try:
            reply_texts.keep(request.user, **form.cleaned_data, text_id=row.pk if row else None)
        except ValidationError as error:
            for name, told in error.message_dict.items():
                form.add_error(name, told)
        else:
            messages.success(request, _("Kept."))
            return redirect("cases:texts")
    context = {
        "texts": rows,
        "form": form,
        "changed": row,
        "placeholders": [f"{{{name}}}" for name in reply_texts.PLACEHOLDERS],
        "may_keep": can(request.user, "keep_reply_texts"),
    }
    return render(request, "cases/texts.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def drop(request: SignedRequest, text_id: int) -> HttpResponse:
    """Delete one text."""
    reply_texts.drop(request.user, text_id)
    messages.success(request, _("The text is gone."))
    return redirect("cases:texts")


@login_required
@require_safe
def fill(request: SignedRequest, number: str) -> HttpResponse:
    """The field of the reply, filled with the text that was chosen."""
    chosen = request.GET.get("reply_text", "")[:18]
    known = chosen.isascii() and chosen.isdigit()
    text = reply_texts.filled(request.user, number, int(chosen) if known else None)
    return render(request, "cases/_say_text.html", {"text": text, "case": {"number": number}})
