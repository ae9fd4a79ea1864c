"""The enterprise's pages of its own problems: report one, follow it, confirm or dispute."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import duplicates, presentation, selectors, services
from ballast.areas.cases.attachments import FileGiven, given_files
from ballast.areas.cases.clock_card import answer_words, portal_words
from ballast.areas.cases.forms import ProblemForm
from ballast.areas.cases.machine import RESOLVED
from ballast.areas.cases.models import Case
from ballast.areas.cases.standing import standing


@login_required
@require_safe
def problems(request: SignedRequest) -> HttpResponse:
    """Everything that the person's enterprises reported."""
    require(request.user, "view_portal")
    rows = selectors.own_cases(request.user)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "cases/problems.html", {"page": page, "waiting": rows.filter(state__in=RESOLVED).count()})


@login_required
def to_new(request: SignedRequest) -> HttpResponse:
    """The short address of the form."""
    return redirect("cases:new")


@login_required
def new(request: SignedRequest) -> HttpResponse:
    """The form; what was typed stays when something is wrong.

    It comes back once when the same problem is open already: the person files all the same or goes to that case.
    """
    require(request.user, "file_cases")
    initial = {"contact": request.user.get_full_name()}
    form = ProblemForm(request.POST or None, request.FILES or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        if "again" not in request.POST and (known := _reported_already(request.user, form)):
            return render(request, "cases/new.html", {"form": form, "known": known}, status=409)
        fields = dict(form.cleaned_data)
        file = fields.pop("attachment")
        given = FileGiven(file.name, file.read()) if file else None
        try:
            case = services.file_case(request.user, **fields, attachment=given)
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            received = _("Received. Your receipt number is {number}.").format(number=case.number)
            messages.success(request, f"{received} {answer_words(case)}".strip())
            return redirect("cases:problem", case.number)
    context = {"form": form, "again": "again" in request.POST}
    return render(request, "cases/new.html", context, status=422 if form.errors else 200)


def _reported_already(user: User, form: ProblemForm) -> list[Case]:
    """Open cases of the same enterprise, kind and product as in a form that can stand."""
    given = form.cleaned_data
    return duplicates.reported_already(
        user, site=given["site"], kind=given["kind"], product=given["product"].pk, client_token=given["client_token"]
    )


@login_required
@require_safe
def problem(request: SignedRequest, number: str) -> HttpResponse:
    """One problem: who has it, since when, what next."""
    require(request.user, "view_portal")
    case = selectors.own_case(request.user, number)
    merged = duplicates.merges_of(request.user, case)
    lines = presentation.with_units(case, selectors.own_story(case), merged.others)
    context = {
        "case": case,
        "standing": standing(case),
        "merged": merged,
        "story": lines,
        "seen": presentation.moves_in(lines),
        "next_step": presentation.next_step(case),
        "promises": portal_words(case),
        "moves": {move.name: move for move in selectors.moves_for(request.user, case)},
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
