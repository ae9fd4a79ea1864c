"""The enterprise's pages of its own problems: report one, follow it, confirm or dispute."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import presentation, selectors, services
from ballast.areas.cases.clocks.card import answer_words, portal_words
from ballast.areas.cases.documents.offers import documents_for
from ballast.areas.cases.filing import filing_right
from ballast.areas.cases.forms import CaseForm
from ballast.areas.cases.machine import MERGED, RESOLVED
from ballast.areas.cases.models import Case
from ballast.areas.cases.ownership.standing import standing
from ballast.areas.cases.packs.answers import told_answers
from ballast.areas.cases.packs.in_force import PROBLEM, packs
from ballast.areas.cases.packs.outcomes import outcome_label
from ballast.areas.cases.relations import duplicates, family
from ballast.areas.cases.talk.attachments import FileGiven, given_files


@login_required
@require_safe
def problems(request: SignedRequest) -> HttpResponse:
    """Everything that the person's enterprises reported."""
    require(request.user, "view_portal")
    rows = selectors.own_cases(request.user)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    others = [one for one in packs().values() if one.filed_by == "enterprise" and one.name != PROBLEM]
    context = {"page": page, "waiting": rows.filter(state__in=RESOLVED).count(), "may_file": others}
    return render(request, "cases/problems.html", context)


@login_required
def to_new(request: SignedRequest) -> HttpResponse:
    """The short address of the form."""
    return redirect("cases:new")


@login_required
def new(request: SignedRequest, pack: str = PROBLEM) -> HttpResponse:
    """The form of a pack; what was typed stays when something is wrong.

    It comes back once when the same problem is open already: the person files all the same or goes to that case.
    """
    require(request.user, "view_portal")
    return new_case(request, pack, back="cases:problem")


def new_case(request: SignedRequest, name: str, *, back: str) -> HttpResponse:
    """The form of the pack of that name, or the case that was filed by it on the page `back`. Http404 for no such pack
    and for one by which the person files nothing."""
    pack = packs().get(name)
    if pack is None or not can(request.user, filing_right(pack.kinds[0].name)):
        raise Http404
    initial = {"contact": request.user.get_full_name()}
    form = CaseForm(request.POST or None, request.FILES or None, user=request.user, pack=pack, initial=initial)
    if request.method == "POST" and form.is_valid():
        if "again" not in request.POST and (known := _reported_already(request.user, form)):
            return render(request, "cases/new.html", {"form": form, "known": known}, status=409)
        if case := _filed(request.user, form):
            received = _("Received. Your receipt number is {number}.").format(number=case.number)
            messages.success(request, f"{received} {answer_words(case)}".strip())
            return redirect(back, case.number)
    context = {"form": form, "again": "again" in request.POST}
    return render(request, "cases/new.html", context, status=422 if form.errors else 200)


def _filed(user: User, form: CaseForm) -> Case | None:
    """The case; None when something cannot stand, which the form then says."""
    problem = form.problem
    file = problem.pop("attachment", None)
    try:
        return services.file_case(user, **problem, attachment=FileGiven(file.name, file.read()) if file else None)
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            form.add_error(form.name_of(name), texts)
    return None


def _reported_already(user: User, form: CaseForm) -> list[Case]:
    """Open cases of the same enterprise, kind and product as in a form that can stand; none for a desk's own form."""
    given = form.problem
    if form.by_desk:
        return []
    product = given.get("product")
    return duplicates.reported_already(
        user, site=given["site"], kind=given["kind"], product=product and product.pk, client_token=given["client_token"]
    )


@login_required
@require_safe
def problem(request: SignedRequest, number: str) -> HttpResponse:
    """One problem: who has it, since when, what next."""
    require(request.user, "view_portal")
    case = selectors.own_case(request.user, number)
    merged = duplicates.merges_of(request.user, case)
    others = merged.others | family.other_cases(request.user, case)
    lines = presentation.with_units(case, selectors.own_story(case), others)
    moves = selectors.moves_for(request.user, case)
    context = {
        "case": case,
        "standing": standing(case),
        "merged": merged,
        "family": family.family_of(request.user, case),
        "documents": documents_for(request.user, case),
        "story": lines,
        "seen": presentation.moves_in(lines),
        "next_step": presentation.next_step(case),
        "promises": portal_words(case),
        "next_moves": [move for move in moves if move.forward],
        "other_moves": [move for move in moves if not move.forward],
        "is_merged": case.state in MERGED,
        "answers": told_answers(case.rules, case.answers),
        "outcome": outcome_label(case.outcome),
        "files": selectors.own_attachments(case),
    }
    return render(request, "cases/problem.html", context)


@login_required
@require_POST
def answer(request: SignedRequest, number: str) -> HttpResponse:
    """Confirm, dispute or withdraw."""
    require(request.user, "answer_cases")
    case = selectors.own_case(request.user, number)
    try:
        given = request.POST
        services.make_move(
            request.user, case.number, move=given.get("move", ""), text=given.get("text", ""),
            seen=presentation.seen(given.get("seen")),
            outcome=given.get("outcome", ""),
        )  # fmt: skip
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect("cases:problem", number)


@login_required
@require_POST
def say(request: SignedRequest, number: str) -> HttpResponse:
    """A word to the desk."""
    require(request.user, "answer_cases")
    case = selectors.own_case(request.user, number)
    try:
        services.add_reply(request.user, case.number, text=request.POST.get("text", ""), files=given_files(request))
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect("cases:problem", number)
