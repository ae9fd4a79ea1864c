"""Pages of departments, fallback owners, working groups and fast tracks: each a list, with a form for who keeps it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.desks import selectors, services
from ballast.areas.desks.forms import DepartmentForm, FallbackForm, GroupForm, TrackForm
from ballast.areas.desks.offering import OFFERED, offered
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import today
from ballast.areas.registry.models import Chain
from ballast.areas.searching import LONGEST

__all__ = ["choices", "saved", "take_errors"]

_ASKS = require_http_methods(["GET", "HEAD", "POST"])


def take_errors(form: Form, error: ValidationError) -> None:
    """Put a service's refusal beside the fields that it names."""
    for name, texts in (error.message_dict if hasattr(error, "error_dict") else {None: error.messages}).items():
        form.add_error(name if name in form.fields else None, texts)


def saved(request: SignedRequest, form: Form, act: Callable[[dict[str, Any]], object], told: str) -> bool:
    """Whether the form was sent, is sound, and was stored by `act`; then it says so. Errors stay in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act(dict(form.cleaned_data))
    except ValidationError as error:
        take_errors(form, error)
        return False
    messages.success(request, told)
    return True


def choices(request: SignedRequest) -> dict[str, Any]:
    """What the fields of a form offer, for who may set something at all."""
    if not can(request.user, selectors.KEEP):
        return {"keeps": False}
    return {
        "keeps": True,
        "regions": Region.objects.filter(level__in=("nation", "province", "city")).order_by("path"),
        "desks": selectors.open_departments(),
        "chains": Chain.objects.all(),
    }


@login_required
@require_safe
def options(request: SignedRequest) -> HttpResponse:
    """Options for a field of a form, as it is typed into."""
    field = request.GET.get("field", "region")
    if field not in OFFERED:
        raise Http404
    found = offered(request.user, field, request.GET.get(field, "")[:LONGEST])
    return render(request, "desks/_options.html", {"options": found})


def _initial(rows: Any, key: str) -> Any:
    """The row that the address asks to change; None for a key that is none of the person's."""
    return rows.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 18 else None


@login_required
@_ASKS
def departments(request: SignedRequest) -> HttpResponse:
    """Departments of all regions; who keeps a region adds and changes its own."""
    user = request.user
    rows = selectors.departments(user)
    kept = set(selectors.kept_regions(user).values_list("pk", flat=True)) if can(user, selectors.KEEP) else set()
    begin = _initial(rows, request.GET.get("change", ""))
    initial = begin and {
        "region": begin.region_id, "code": begin.code, "name": begin.name, "name_zh": begin.name_zh,
        "closed": "1" if begin.closed else "", "members": ", ".join(p.username for p in begin.people),
    }  # fmt: skip
    form = DepartmentForm(request.POST or None, initial=initial or {})
    if request.method == "POST":
        require(user, selectors.KEEP)
    if saved(request, form, lambda given: _save_department(request, given), _("The department is stored.")):
        return redirect("desks:departments")
    context = {"rows": rows.prefetch_related("members"), "kept": kept, "form": form, **choices(request)}
    return render(request, "desks/departments.html", context)


def _save_department(request: SignedRequest, given: dict[str, Any]) -> object:
    region, code = given.pop("region"), given.pop("code")
    return services.save_department(request.user, region, code, **given)


@login_required
@_ASKS
def fallbacks(request: SignedRequest) -> HttpResponse:
    """To whom cases go that a desk gives back without naming anyone."""
    rows = selectors.fallbacks(request.user)
    form = FallbackForm(request.POST or None)
    if request.method == "POST":
        require(request.user, selectors.KEEP)
    if saved(request, form, lambda given: _save_fallback(request, given), _("The fallback owner is stored.")):
        return redirect("desks:fallbacks")
    return render(request, "desks/fallbacks.html", {"rows": rows, "form": form, **choices(request)})


def _save_fallback(request: SignedRequest, given: dict[str, Any]) -> object:
    to = given["to"]
    return services.save_fallback(
        request.user, given["region"], to_region=to.region, to_department=to.department, to_person=given["to_person"]
    )


@login_required
@_ASKS
def groups(request: SignedRequest) -> HttpResponse:
    """Working groups: the person's own, and those that they keep; a new one is made here."""
    rows = selectors.groups(request.user)
    form = GroupForm(request.POST or None, initial={"starts": today()})
    if request.method == "POST":
        require(request.user, selectors.KEEP)
    if saved(request, form, lambda given: services.save_group(request.user, None, **given), _("The group is stored.")):
        return redirect("desks:groups")
    context = {"rows": rows.prefetch_related("members"), "day": today(), "form": form, **choices(request)}
    return render(request, "desks/groups.html", context)


@login_required
@_ASKS
def tracks(request: SignedRequest) -> HttpResponse:
    """Fast tracks with a side in the person's scope."""
    rows = selectors.fast_tracks(request.user)
    begin = _initial(rows, request.GET.get("change", ""))
    form = TrackForm(request.POST or None, initial=TrackForm.initial_of(begin) if begin else {})
    if request.method == "POST":
        require(request.user, selectors.KEEP)
    if saved(request, form, lambda given: _save_track(request, given), _("The fast track is stored.")):
        return redirect("desks:tracks")
    return render(request, "desks/tracks.html", {"rows": rows, "form": form, **choices(request)})


def _save_track(request: SignedRequest, given: dict[str, Any]) -> object:
    return services.save_track(request.user, services.Track(**given))  # type: ignore[typeddict-item]


@login_required
@require_POST
def end_track(request: SignedRequest, track_id: int) -> HttpResponse:
    """Take a fast track away."""
    services.end_track(request.user, selectors.fast_tracks(request.user).get(pk=track_id))
    messages.success(request, _("The fast track is taken away."))
    return redirect("desks:tracks")
