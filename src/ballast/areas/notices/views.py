"""What e-mails I get; for administrators the outbox and the webhooks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import can
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.notices import hooks, mail, selectors, services
from ballast.areas.notices.forms import ChoiceForm, WebhookForm
from ballast.areas.notices.models import Message
from ballast.areas.notices.wording import WORDINGS

_PER_PAGE = 50


def _take_errors(form: Form, error: ValidationError) -> None:
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: SignedRequest) -> HttpResponse:
    """Which e-mails the person gets."""
    now = selectors.preference_of(request.user)
    initial = {
        "email": request.user.email, "most_a_day": now.most_a_day,
        "wanted": [name for name in WORDINGS if name not in now.without],
    }  # fmt: skip
    form = ChoiceForm(request.POST or None, initial=initial, desk=can(request.user, "view_desk"))
    if request.method == "POST" and form.is_valid():
        try:
            services.choose(request.user, **form.chosen(now.without))
        except ValidationError as error:
            _take_errors(form, error)
        else:
            messages.success(request, _("Kept."))
            return redirect("notices:choices")
    context = {"form": form, "sends": mail.configured()}
    return render(request, "notices/choices.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def outbox(request: SignedRequest) -> HttpResponse:
    """Messages by state, with what the server said."""
    given = {name: request.GET.get(name, "") for name in ("state", "channel")}
    search = request.GET.get("q", "").strip()
    rows = selectors.messages(request.user, search=search, **given)
    totals = selectors.totals()
    context = {
        "page": Paginator(rows, _PER_PAGE).get_page(request.GET.get("page")),
        "totals": [(state, label, totals[state]) for state, label in Message.State.choices],
        "given": given,
        "search": search,
        "channels": Message.Channel.choices,
        "sends": mail.configured(),
    }
    return render(request, "notices/outbox.html", context)


@login_required
@require_POST
def again(request: SignedRequest, message_id: int) -> HttpResponse:
    """Send one message again."""
    try:
        hooks.send_again(request.user, message_id)
        messages.success(request, _("It is owed again and leaves within a minute."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("notices:outbox")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: SignedRequest) -> HttpResponse:
    """All webhooks; a new one is registered here, and its secret shown this once."""
    rows = selectors.webhooks(request.user)
    form, secret = WebhookForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            secret = hooks.register(request.user, **form.cleaned_data)[1]
            form = WebhookForm()
        except ValidationError as error:
            _take_errors(form, error)
    response = render(
        request, "notices/webhooks.html", {"hooks": rows, "form": form, "secret": secret},
        status=422 if form.errors else 200,
    )  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def switch(request: SignedRequest, hook_id: int) -> HttpResponse:
    """Switch one webhook on or off."""
    hook = hooks.switch(request.user, hook_id, active=bool(request.POST.get("on")))
    text = _("{name} is told from now on.") if hook.active else _("{name} is told no more.")
    messages.success(request, text.format(name=hook.name))
    return redirect("notices:webhooks")
