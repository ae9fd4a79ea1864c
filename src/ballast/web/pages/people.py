"""People and their rights, for administrators. Here because a right names regions, chains and enterprises."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ballast.areas.accounts import selectors, services
from ballast.areas.accounts.access import person_of
from ballast.areas.accounts.forms import GrantForm, PasswordForm, PersonForm
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain, Enterprise

__all__ = ["close", "end_grant", "password", "people", "person"]

PER_PAGE = 50


def _take_errors(form: Form, exc: ValidationError) -> None:
    """Put a service's refusal beside the fields that it names."""
    for name, texts in (exc.message_dict if hasattr(exc, "error_dict") else {None: exc.messages}).items():
        form.add_error(name if name in form.fields else None, texts)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """All people; a new one is added here."""
    search = request.GET.get("q", "").strip()
    rows = selectors.people(person_of(request), search=search)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_user(person_of(request), **form.cleaned_data)
        except ValidationError as exc:
            _take_errors(form, exc)
        else:
            messages.success(request, _("The person is there. Now give a right."))
            return redirect("web:person", made.username)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/people.html", {"page": page, "form": form, "search": search})


def _check_places(given: dict[str, Any]) -> None:
    """ValidationError when a right would name a place that is not there."""
    known = {"region": Region, "chain": Chain, "enterprise": Enterprise}
    for name, model in known.items():
        field = "enterprise_id" if name == "enterprise" else "code"
        if given[name] and not model._default_manager.filter(**{field: given[name]}).exists():
            raise ValidationError({name: _wrong_place(name, given[name])})


def _wrong_place(name: str, value: str) -> str:
    """What to write in place of a place that is not there."""
    if name == "enterprise":
        return _("There is no enterprise “{value}”; write its identifier as the list of enterprises shows it.").format(
            value=value
        )
    return _("There is no {value}; write a part of the name or code and choose from the list.").format(value=value)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One person with their rights; a new right is given here."""
    user = selectors.person(person_of(request), username)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _check_places(form.cleaned_data)
            services.grant(person_of(request), user, **form.cleaned_data)
        except ValidationError as exc:
            _take_errors(form, exc)
        else:
            messages.success(request, _("The right is given."))
            return redirect("web:person", username)
    context = {
        "person": user,
        "form": form,
        "password_form": PasswordForm(),
        "grants": _with_labels(list(selectors.grants_of(person_of(request), username))),
        "today": timezone.localdate(),
        "regions": Region.objects.filter(level__in=["province", "city"]),
        "chains": Chain.objects.all(),
    }
    return render(request, "web/person.html", context)


def _with_labels(grants: list[Any]) -> list[Any]:
    regions = {r.code: r.label for r in Region.objects.filter(code__in=[g.region for g in grants])}
    chains = {c.code: c.label for c in Chain.objects.filter(code__in=[g.chain for g in grants])}
    firms = {
        e.enterprise_id: e.label for e in Enterprise.objects.filter(enterprise_id__in=[g.enterprise for g in grants])
    }
    for row in grants:
        row.places = [
            names.get(code, code)
            for names, code in ((regions, row.region), (chains, row.chain), (firms, row.enterprise))
            if code
        ]
    return grants


def _done(request: HttpRequest, username: str, act: Callable[[], object], told: str) -> HttpResponse:
    """Do it, tell what came of it, and go back to the person's page."""
    try:
        act()
    except ValidationError as exc:
        messages.error(request, " ".join(exc.messages))
    else:
        messages.success(request, told)
    return redirect("web:person", username)


@login_required
@require_POST
def end_grant(request: HttpRequest, username: str, grant_id: int) -> HttpResponse:
    """End one right at once."""
    actor = person_of(request)
    selectors.grants_of(actor, username).get(pk=grant_id)
    return _done(request, username, lambda: services.revoke_grant(actor, grant_id), _("The right has ended."))


@login_required
@require_POST
def password(request: HttpRequest, username: str) -> HttpResponse:
    """Give a person a new password."""
    actor, given = person_of(request), request.POST.get("password", "")
    user = selectors.person(actor, username)
    told = _("The new password holds from now.")
    return _done(request, username, lambda: services.set_password(actor, user, given), told)


@login_required
@require_POST
def close(request: HttpRequest, username: str) -> HttpResponse:
    """Close an account, or open it again (`open=1`)."""
    actor, active = person_of(request), request.POST.get("open") == "1"
    user = selectors.person(actor, username)
    told = _("The account is open.") if active else _("The account is closed.")
    return _done(request, username, lambda: services.set_active(actor, user, active=active), told)
