"""The desk's pages of cases: queue, board, one case, and the moves made there."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.cases import portal_views, presentation, selectors, services
from ballast.areas.cases.clocks.views import clock_context
from ballast.areas.cases.documents.offers import documents_for
from ballast.areas.cases.machine import IN_HAND, MERGED
from ballast.areas.cases.measuring import views as measure_views
from ballast.areas.cases.models import Case
from ballast.areas.cases.ownership.handing import HANDING
from ballast.areas.cases.ownership.standing import handing_card
from ballast.areas.cases.packs.answers import told_answers
from ballast.areas.cases.packs.checklists import checklist
from ballast.areas.cases.packs.in_force import kinds, local_states, packs
from ballast.areas.cases.packs.outcomes import outcome_label
from ballast.areas.cases.relations import duplicates, family
from ballast.areas.cases.talk import mentions, reply_texts
from ballast.areas.cases.talk.attachments import given_files
from ballast.areas.desks.naming import desk_named, group_named
from ballast.areas.files import FORMATS, as_file
from ballast.areas.reference.selectors import today
from ballast.areas.registry.event_scope import active_events, get_told_event, openings, told_events
from ballast.areas.registry.listing import page_of
from ballast.areas.registry.selectors import visible_chains, visible_sites
from ballast.areas.registry.subjects import name_subjects


@login_required
@require_safe
def queue(request: SignedRequest) -> HttpResponse:
    if not can(request.user, "view_desk") and can(request.user, "view_portal"):
        return redirect("cases:problems")
    require(request.user, "view_desk")
    given = request.GET.dict()
    if given.pop("view", "") == "board":
        return redirect(f"{reverse('cases:board')}?{urlencode(given)}")
    rows = selectors.queue(request.user, given)
    if request.GET.get("format") in FORMATS:
        require(request.user, "export")
        found = family.with_waiting(list(rows))
        record_read(request.user, {case.enterprise.enterprise_id for case in found}, "export")
        return as_file("cases", presentation.head(), map(presentation.row, found), request.GET["format"])
    context = {
        "counts": selectors.counts(request.user),
        "asked": measure_views.asked(given),
        "kinds": [(kind.name, kind.label) for kind in kinds().values()],
        "states": [(state.name, state.label) for state in local_states().values()],
        "chains": visible_chains(request.user),
        "people": selectors.colleagues(request.user),
        "may_assign": can(request.user, "work_cases"),
        "may_file": [one for one in packs().values() if one.filed_by == "desk" and can(request.user, "work_cases")],
    }
    page = page_of(request, rows, selectors.with_parties)
    page.object_list = family.with_waiting(presentation.with_due(page.object_list))
    return render(request, "cases/list.html", context | {"page": page})


@login_required
@require_safe
def detail(request: SignedRequest, number: str) -> HttpResponse:
    require(request.user, "view_desk")
    case = selectors.case_for(request.user, number)
    record_read(request.user, [case.enterprise.enterprise_id], "case")
    moves = selectors.moves_for(request.user, case)
    merged = duplicates.merges_of(request.user, case)
    others = merged.others | family.other_cases(request.user, case)
    known = told_events(request.user)
    events = active_events(known, day=today())
    lines = presentation.with_units(case, selectors.story(request.user, case), others)
    context = {
        "case": presentation.with_due([case])[0],
        "story": lines,
        "seen": presentation.moves_in(lines),
        "merged": merged,
        "family": family.family_of(request.user, case),
        "documents": documents_for(request.user, case),
        "similar": duplicates.similar_cases(request.user, case),
        "next_move": (forward := next((m for m in moves if m.forward), None)),
        "other_moves": [m for m in moves if m is not forward and m.does not in HANDING],
        "works_on": case.state in IN_HAND and any(m.who == "desk" for m in moves),
        "is_merged": case.state in MERGED,
        "answers": told_answers(case.rules, case.answers),
        "outcome": outcome_label(case.outcome),
        "checklist": checklist(case),
        "people": selectors.desk_people(case),
        "files": selectors.attachments(request.user, case),
        "events": events.order_by("-start", "event_id")[:50] if can(request.user, "work_cases") else [],
        "may_speak": can(request.user, "work_cases"),
        "reply_texts": reply_texts.texts_for(request.user, case) if can(request.user, "work_cases") else [],
        "sees_site": visible_sites(request.user).filter(cases=case).exists(),
        **clock_context(request, case),
        **handing_card(request.user, case, moves),
        **_event_card(request.user, case),
    }
    return render(request, "cases/detail.html", context)


def _event_card(user: User, case: Case) -> dict[str, object]:
    """What the case's event is about, by name, as far as the person may know it, and whether its page opens."""
    if case.event is None:
        return {}
    told = openings(user, pk=case.event.pk)
    subjects = name_subjects(user, [case.event], told=[case.site.site_id])
    return {
        "sees_event": bool(told) or case.event.case_id == case.number,
        "opens_event": told.get(case.event.event_id, False),
        "event_subject": subjects[case.event.event_id],
    }


def _tell(request: SignedRequest, error: ValidationError) -> None:
    for text in error.messages:
        messages.error(request, text)


@login_required
def new(request: SignedRequest, pack: str) -> HttpResponse:
    """The form of a pack by which desks file."""
    require(request.user, "view_desk")
    return portal_views.new_case(request, pack, back="cases:detail")


@login_required
@require_POST
def tick(request: SignedRequest, number: str) -> HttpResponse:
    """Tick an item of the checklist off, or take that back."""
    given = request.POST
    try:
        services.set_tick(request.user, number, item=given.get("item", ""), done="done" in given)
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def move(request: SignedRequest, number: str) -> HttpResponse:
    given = request.POST
    try:
        owner = User.objects.filter(username=given.get("owner", "")).first()
        desk = desk_named(given.get("region", "")[:60])
        percent = given.get("capacity_left", "").strip()
        case = services.make_move(
            request.user, number, move=given.get("move", ""), text=given.get("text", ""), owner=owner,
            region=desk.region, department=desk.department, seen=presentation.seen(given.get("seen")),
            capacity_left=presentation.share(percent) if percent else None, outcome=given.get("outcome", ""),
        )  # fmt: skip
        messages.success(request, _("{number}: {state}.").format(number=number, state=case.get_state_display()))
    except ValidationError as error:
        _tell(request, error)
    if selectors.visible_cases(request.user).filter(number=number).exists():
        return redirect("cases:detail", number)
    return redirect("cases:list")


@login_required
@require_POST
def give_to_group(request: SignedRequest, number: str) -> HttpResponse:
    """Put the case into the queue of a working group too, or take it out."""
    try:
        group = group_named(request.POST.get("group", ""))
        services.give_to_group(request.user, number, group, text=request.POST.get("text", ""))
        messages.success(request, _("The group's queue is stored."))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def merge(request: SignedRequest, number: str) -> HttpResponse:
    """Merge the case into the one that the form names."""
    into = request.POST.get("into", "").strip()
    try:
        services.merge_case(request.user, number, into=into, text=request.POST.get("text", ""))
        messages.success(request, _("{number} is merged into {into}.").format(number=number, into=into))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def undo_merge(request: SignedRequest, number: str) -> HttpResponse:
    """Give the case back to its desk as it stood before it was merged."""
    try:
        case = services.undo_merge(request.user, number)
        messages.success(
            request, _("The merge is undone. {number}: {state}.").format(number=number, state=case.get_state_display())
        )
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def say(request: SignedRequest, number: str) -> HttpResponse:
    require(request.user, "work_cases")
    write = services.add_note if request.POST.get("type") == "note" else services.add_reply
    try:
        write(request.user, number, text=request.POST.get("text", ""), files=given_files(request))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_safe
def people(request: SignedRequest, number: str) -> HttpResponse:
    """A part of the page: the people who can be mentioned; with `q` those whose name goes on like that, to choose."""
    found = mentions.offered(request.user, number, search=request.GET.get("q", "")[:150])
    name = "cases/_mentions.html" if "q" in request.GET else "cases/_people.html"
    return render(request, name, {"people": found})


@login_required
@require_POST
def link_event(request: SignedRequest, number: str) -> HttpResponse:
    event = get_told_event(request.user, request.POST.get("event", ""))
    try:
        services.link_event(request.user, number, event=event)
        messages.success(request, _("The case is now about {event}.").format(event=event.label or event.event_id))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def assign_many(request: SignedRequest) -> HttpResponse:
    require(request.user, "work_cases")
    owner = User.objects.filter(username=request.POST.get("owner", "")).first()
    numbers = request.POST.getlist("number")[:200]
    done, refused = services.move_many(request.user, numbers, move="assign", owner=owner)
    text = ngettext("{count} case was assigned.", "{count} cases were assigned.", len(done))
    messages.success(request, text.format(count=len(done)))
    for number, reason in list(refused.items())[:10]:
        messages.error(request, _("{number} was not assigned: {reason}").format(number=number, reason=reason))
    return redirect("cases:list")


@login_required
@require_safe
def file(request: SignedRequest, number: str, pk: int) -> HttpResponse:
    return presentation.download(selectors.attachment(request.user, number, pk))
