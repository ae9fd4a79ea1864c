"""Pages of events: the list, one event, recording, changing, ending and withdrawing one."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.chains import event_list, event_page, presentation
from ballast.areas.chains.forms import PICKED, ChangeForm, EventForm, digest, new_id
from ballast.areas.chains.selectors import current_run
from ballast.areas.chains.whatif import WITHIN, Effect, Planned, try_event
from ballast.areas.files import as_file, wanted_format
from ballast.areas.reference.selectors import today
from ballast.areas.registry import picking, services
from ballast.areas.registry.event_scope import get_event, manageable_kinds
from ballast.areas.registry.listing import ordered, page_of
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import scope_regions

_ASKS = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def events(request: SignedRequest) -> HttpResponse:
    """Events in scope: those that hold or will hold, unless another state is asked for."""
    user, given, day = request.user, request.GET.dict(), today()
    require(user, "view_desk")
    rows = event_list.filtered(user, given, day=day)
    found = event_list.with_forecast(user, rows)
    found = ordered(found, given.get("sort", ""), event_list.SORTS, default="-risk")
    if form := wanted_format(request):
        lines = event_list.as_rows(user, list(found), day=day)
        services.note_export(user, _enterprises(line.event for line in lines), "events")
        return as_file("events", presentation.event_head(), map(presentation.event_row, lines), form)
    page = page_of(request, found, lambda full: event_list.with_forecast(user, full))
    context = {
        "page": page,
        "rows": event_list.as_rows(user, list(page.object_list), day=day),
        "counts": event_list.counts(user, given, day=day),
        "kinds": Event.Kind.choices,
        "regions": scope_regions(user),
        "run": current_run(),
        "may_record": bool(manageable_kinds(user)),
        "may_export": can(user, "export"),
    }
    return render(request, "chains/events.html", context)


def _enterprises(events: Iterable[Event]) -> set[str]:
    """Ids of the enterprises at whose sites the events are."""
    sites = [event.subject for event in events if event.kind == Event.Kind.SITE]
    return set(Site.objects.filter(site_id__in=sites).values_list("enterprise__enterprise_id", flat=True))


@login_required
@require_safe
def event(request: SignedRequest, event_id: str) -> HttpResponse:
    """One event."""
    require(request.user, "view_desk")
    found = event_page.event_view(request.user, event_id)
    record_read(request.user, _enterprises([found.event]), "event")
    run = found.run
    context = {"found": found, "day": today(), "horizon": run.horizon if run else settings.FORECAST_HORIZON}
    return render(request, "chains/event.html", context)


@login_required
@_ASKS
def new(request: SignedRequest) -> HttpResponse:
    """Record an event: its effect is shown first, then it is recorded."""
    require(request.user, "manage_events")
    begin = {name: request.GET[name] for name in ("kind", *PICKED) if name in request.GET}
    initial = {"event_id": new_id(), "start": today(), "capacity_left": 0} | begin
    form = EventForm(request.POST or None, user=request.user, initial=initial)
    effect: Effect | None = None
    if request.method == "POST" and form.is_valid():
        planned = form.planned()
        if request.POST.get("step") == "record" and form.was_shown(planned):
            if made := _recorded(request, form, planned):
                messages.success(request, _("The event is recorded. The forecast follows within seconds."))
                return redirect("chains:event", made.event_id)
        else:
            effect = try_event(request.user, planned)
    return _form_page(request, form, effect, None)


def _recorded(request: SignedRequest, form: EventForm, planned: Planned) -> Event | None:
    try:
        return services.record_event(
            request.user, planned.event_id, kind=planned.kind, subject=planned.subject, start=planned.start,
            end=planned.end, capacity_left=planned.capacity_left, reason=form.cleaned_data["reason"],
        )  # fmt: skip
    except ValidationError as error:
        form.take(error)
        return None


@login_required
@_ASKS
def change(request: SignedRequest, event_id: str) -> HttpResponse:
    """Other days, capacity or reason for an event, with what that changes shown first."""
    user = request.user
    require(user, "manage_events")
    found = event_page.event_view(user, event_id)
    if not found.may_change:
        raise Http404
    form = ChangeForm(request.POST or None, user=user, initial=ChangeForm.initial_of(found.event))
    effect: Effect | None = None
    if request.method == "POST" and form.is_valid():
        planned = form.planned(found.event)
        if request.POST.get("step") == "record" and form.was_shown(planned):
            if _changed(request, form, found.event):
                messages.success(request, _("The change is stored. The forecast follows within seconds."))
                return redirect("chains:event", event_id)
        else:
            effect = try_event(user, planned)
    return _form_page(request, form, effect, found)


def _changed(request: SignedRequest, form: ChangeForm, found: Event) -> bool:
    given = form.cleaned_data
    try:
        services.change_event(
            request.user, found, start=given["start"], end=given["end"], capacity_left=given["capacity_left"],
            reason=given["reason"],
        )  # fmt: skip
    except ValidationError as error:
        form.take(error)
        return False
    return True


def _form_page(
    request: SignedRequest, form: ChangeForm, effect: Effect | None, found: event_page.EventView | None
) -> HttpResponse:
    context: dict[str, object] = {
        "form": form, "effect": effect, "found": found, "within": WITHIN, "picked": PICKED,
    }  # fmt: skip
    if effect:
        planned = form.planned(found.event if found else None)
        context |= {"shown": digest(planned), "others": event_page.others_about(request.user, planned)}
    return render(request, "chains/event_form.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def subjects(request: SignedRequest) -> HttpResponse:
    """Options for a field of the form, as it is typed into."""
    require(request.user, "manage_events")
    field = request.GET.get("field", "site")
    if field not in PICKED:
        raise Http404
    found = picking.options(request.user, PICKED[field], request.GET.get(field, ""))
    return render(request, "chains/_subjects.html", {"options": found})


@login_required
@require_POST
def end(request: SignedRequest, event_id: str) -> HttpResponse:
    """Let the event hold for the last time today."""
    require(request.user, "manage_events")
    found = get_event(request.user, event_id)
    try:
        services.end_event(found, acting_user=request.user, last_day=today())
        messages.success(request, _("The event ends today. The forecast follows within seconds."))
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect("chains:event", event_id)


@login_required
@require_POST
def withdraw(request: SignedRequest, event_id: str) -> HttpResponse:
    """Take back an event recorded by mistake; its page offers to undo that."""
    require(request.user, "manage_events")
    services.end_event(get_event(request.user, event_id), acting_user=request.user, withdraw=True)
    return redirect("chains:event", event_id)


@login_required
@require_POST
def restore(request: SignedRequest, event_id: str) -> HttpResponse:
    """Undo a withdrawal."""
    require(request.user, "manage_events")
    services.restore_event(request.user, get_event(request.user, event_id))
    messages.success(request, _("The event counts again."))
    return redirect("chains:event", event_id)
