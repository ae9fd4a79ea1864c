"""Pages of one officer's work and of a working group, and the table of the escalation's steps."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import presentation, selectors
from ballast.areas.cases.models import Case
from ballast.areas.cases.ownership import mine
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.relations.family import with_waiting
from ballast.areas.cases.routing.forms import StepForm
from ballast.areas.cases.routing.words import hours_words, unanswered_words
from ballast.areas.desks import selectors as desks
from ballast.areas.desks import services
from ballast.areas.desks.forms import GroupForm
from ballast.areas.desks.steps import OF_WARNINGS
from ballast.areas.desks.views import choices, saved
from ballast.areas.reference.selectors import today
from ballast.areas.registry.listing import page_of

__all__ = ["end_step", "group", "my_queue", "steps"]

_ASKS = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def my_queue(request: SignedRequest) -> HttpResponse:
    """What waits for the person's answer, their cases, and those of their groups."""
    require(request.user, "view_desk")
    sort = request.GET.get("sort", "")
    page = page_of(request, mine.my_cases(request.user, sort), _dressed)
    groups = [(one, count, presentation.with_due(cases)) for one, count, cases in mine.my_groups(request.user, sort)]
    page.object_list = presentation.with_due(page.object_list)
    awaited = mine.awaited(request.user)
    # Those of all tables at once.
    with_waiting([*page.object_list, *awaited.cases, *(case for _one, _count, cases in groups for case in cases)])
    context = {"page": page, "awaited": awaited, "groups": groups, "by_due": sort == "due"}
    return render(request, "cases/mine.html", context)


def _dressed(rows: QuerySet[Case]) -> QuerySet[Case]:
    return selectors.with_parties(rows).select_related("department__region")


@login_required
@_ASKS
def group(request: SignedRequest, group_id: int) -> HttpResponse:
    """The queue of one working group; who keeps the group changes it here."""
    user = request.user
    found = desks.groups(user).prefetch_related("members").get(pk=group_id)
    form = GroupForm(request.POST or None, initial=GroupForm.initial_of(found))
    if request.method == "POST":
        require(user, desks.KEEP)
    if saved(request, form, lambda given: services.save_group(user, found, **given), _("The group is stored.")):
        return redirect("cases:group", group_id)
    rows = selectors.queue(user, {"group": str(found.pk), "sort": request.GET.get("sort", "")})
    page = page_of(request, rows, _dressed)
    page.object_list = with_waiting(presentation.with_due(page.object_list))
    keeps = all(desks.is_kept(user, place) for place in (*found.regions.all(),) or (None,))
    context = {"group": found, "page": page, "day": today(), "form": form, **choices(request), "keeps": keeps}
    return render(request, "cases/group.html", context)


@login_required
@_ASKS
def steps(request: SignedRequest) -> HttpResponse:
    """The steps before and after due; who keeps the whole authority sets them."""
    user = request.user
    require(user, desks.KEEP)
    form = StepForm(request.POST or None)
    if request.method == "POST" and not desks.keeps_all(user):
        raise NotAllowedError(desks.KEEP)
    known = kinds()
    if saved(request, form, lambda given: services.add_step(user, **given, kinds=known), _("The step is stored.")):
        return redirect("cases:steps")
    rows = [
        (step, str(known[step.kind].label) if step.kind in known else step.kind, hours_words(step.hours))
        for step in desks.escalation_steps()
        if step.kind != OF_WARNINGS
    ]
    rows += [(step, _("Warnings"), unanswered_words(step.hours)) for step in desks.warning_steps()]
    return render(
        request, "cases/steps.html", {"rows": rows, "form": form, "keeps": desks.keeps_all(user), "tabs": True}
    )


@login_required
@require_POST
def end_step(request: SignedRequest, step_id: int) -> HttpResponse:
    """Take a step away."""
    services.end_step(request.user, step_id)
    messages.success(request, _("The step is taken away."))
    return redirect("cases:steps")
