"""The page of modes: what is in force, what waits for a second person, what was, and the form to ask."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.modes import selectors, services
from ballast.areas.modes.duties import clock
from ballast.areas.modes.forms import AskForm
from ballast.areas.modes.models import Switch
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import region as region_of
from ballast.areas.registry.models import Chain

__all__ = ["named_scope"]

_PAGE = 30


def named_scope(region: str, chain: str) -> tuple[Region | None, Chain | None]:
    """The region and chain of two codes, None for an empty one. ValidationError by field for what names none."""
    try:
        found = region_of(region.strip()) if region.strip() else None
    except ObjectDoesNotExist:
        raise ValidationError({"region": _("“{value}” is not known.").format(value=region)}) from None
    of = Chain.objects.filter(code=chain.strip()).first() if chain.strip() else None
    if chain.strip() and of is None:
        raise ValidationError({"chain": _("“{value}” is not known.").format(value=chain)})
    return found, of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def modes(request: SignedRequest) -> HttpResponse:
    """All switches in scope; who may switch asks here."""
    require(request.user, "view_desk")
    if request.method == "POST":
        require(request.user, selectors.SWITCH)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _ask(request, dict(form.cleaned_data))
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            messages.success(request, _("Asked for; it holds once a second person has confirmed it."))
            return redirect("modes:list")
    return _page(request, form)


def _ask(request: SignedRequest, given: dict[str, Any]) -> Switch:
    region, chain = named_scope(given["region"], given["chain"])
    wide = {"1": True, "0": False}.get(given["wide"])
    return services.ask(
        request.user, mode=given["mode"], region=region, chain=chain, starts=given["starts"], ends=given["ends"],
        cadence=given["cadence"], wide=wide, reason=given["reason"],
    )  # fmt: skip


def _page(request: SignedRequest, form: AskForm, faults: list[str] | None = None) -> HttpResponse:
    user, at = request.user, clock()
    page = Paginator(selectors.visible_switches(user).order_by("-asked_at", "-pk"), _PAGE).get_page(
        request.GET.get("page")
    )
    rows = [
        {
            "switch": row, "in_force": row.holds(at.instant, at.local.date()),
            "over": row.ends < at.local.date() or row.stopped_at is not None,
            "may_decide": row.state == Switch.State.ASKED and selectors.may_decide(user, row),
            "may_withdraw": row.state == Switch.State.ASKED and row.asked_by_id == user.pk,
            "may_end": row.state == Switch.State.CONFIRMED and selectors.may_end(user, row),
        }
        for row in page.object_list
    ]  # fmt: skip
    context = {
        "page": page, "rows": rows, "form": form, "faults": faults, "may_switch": can(user, selectors.SWITCH),
        "regions": Region.objects.filter(level__in=("nation", "province", "city")).order_by("path"),
        "chains": Chain.objects.all(), "instant": at.instant,
    }  # fmt: skip
    return render(request, "modes/list.html", context, status=422 if form.errors or faults else 200)


def _act(request: SignedRequest, act: Callable[[], object], told: str) -> HttpResponse:
    try:
        act()
    except ValidationError as error:
        return _page(request, AskForm(), error.messages)
    messages.success(request, told)
    return redirect("modes:list")


@login_required
@require_POST
def decide(request: SignedRequest, switch: int) -> HttpResponse:
    """Confirm or refuse, as a second person."""
    require(request.user, selectors.SWITCH)
    row, given = selectors.get_switch(request.user, switch), request.POST

    def act() -> object:
        return services.decide(request.user, row, confirm=given.get("confirm") == "1", note=given.get("note", ""))

    return _act(request, act, _("Decided."))


@login_required
@require_POST
def withdraw(request: SignedRequest, switch: int) -> HttpResponse:
    """Take back what one asked for."""
    require(request.user, selectors.SWITCH)
    row = selectors.get_switch(request.user, switch)
    return _act(request, lambda: services.withdraw(request.user, row), _("Taken back."))


@login_required
@require_POST
def stop(request: SignedRequest, switch: int) -> HttpResponse:
    """Back to normal before the last day."""
    require(request.user, selectors.SWITCH)
    row, reason = selectors.get_switch(request.user, switch), request.POST.get("reason", "")
    return _act(request, lambda: services.stop(request.user, row, reason=reason), _("Back to normal."))
