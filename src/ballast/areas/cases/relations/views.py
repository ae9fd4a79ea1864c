"""What the case page does about parents and children."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import selectors, services
from ballast.areas.cases.machine import AT_DESK
from ballast.areas.cases.models import Case
from ballast.areas.cases.relations.forms import SplitForm, part_rows

__all__ = ["link", "split", "unlink"]


def _tell(request: SignedRequest, error: ValidationError) -> None:
    for text in error.messages:
        messages.error(request, text)


@login_required
@require_POST
def link(request: SignedRequest, number: str) -> HttpResponse:
    """Put the case that the form names under this one."""
    require(request.user, "work_cases")
    case = selectors.visible_cases(request.user).only("number").get(number=number)
    child = request.POST.get("child", "").strip()[:32]
    try:
        services.link_child(request.user, case.number, child=child, blocks="blocks" in request.POST)
        messages.success(request, _("{child} is under {number} now.").format(child=child, number=number))
    except Case.DoesNotExist:
        message = _("There is no case “{number}” that you may work on; give the number of one.")
        messages.error(request, message.format(number=child))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def unlink(request: SignedRequest, number: str) -> HttpResponse:
    """Take the case off from under its parent; back to the page from which that was asked."""
    try:
        services.unlink_child(request.user, number)
        messages.success(request, _("{number} is under no other case any more.").format(number=number))
    except ValidationError as error:
        _tell(request, error)
    back = request.POST.get("back", "")
    known = selectors.visible_cases(request.user).filter(number=back[:32]).exists()
    return redirect("cases:detail", back if known else number)


@login_required
def split(request: SignedRequest, number: str) -> HttpResponse:
    """The form that splits the case into parts; what was typed stays when something is wrong."""
    require(request.user, "work_cases")
    related = ("enterprise", "site", "product", "place")
    case = selectors.movable_cases(request.user, AT_DESK).select_related(*related).get(number=number)
    data = request.POST if request.method == "POST" else None
    form = SplitForm(data)
    rows = part_rows(case, data, by=request.GET.get("by", ""))
    faults: list[str] = []
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        parts = [part for row in rows if (part := row.part)]
        try:
            made = services.split_case(request.user, number, parts, client_token=form.cleaned_data["client_token"])
        except ValidationError as error:
            faults = list(error.messages)
        else:
            text = ngettext(
                "{number} is split: {count} case is under it.",
                "{number} is split: {count} cases are under it.",
                len(made),
            )
            messages.success(request, text.format(number=number, count=len(made)))
            return redirect("cases:detail", number)
    wrong = bool(faults or form.errors or rows.total_error_count()) if request.method == "POST" else False
    context = {"case": case, "form": form, "rows": rows, "faults": faults, "wrong": wrong}
    return render(request, "cases/split.html", context, status=422 if wrong else 200)
