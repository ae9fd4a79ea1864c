"""The enterprise's page for many problems in one sheet: template, upload, what was filed and what is to be mended."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.models import Case
from ballast.areas.cases.sheets.bulk import Filed, Outcome, file_many, new_token
from ballast.areas.cases.sheets.sheet import (
    LIMIT,
    ProblemSheetForm,
    column_title,
    read_sheet,
    rows_from_token,
    template,
    to_token,
)
from ballast.areas.reference.models import Region

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


@login_required
@require_safe
def sheet_template(request: SignedRequest) -> HttpResponse:
    """The sheet to fill in, with the person's own sites among the choices."""
    return _file(template(request.user), "problems")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: SignedRequest) -> HttpResponse:
    """Read a filled sheet and file all of it, or show every fault and ask what to do with the good rows."""
    require(request.user, "file_cases")
    if request.method != "POST":
        return _page(request)
    if "rows" in request.POST:
        return _asked(request)
    form = ProblemSheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    given = form.cleaned_data["sheet"]
    rows, faults = read_sheet(given.read(), given.name)
    if faults:
        shown = [(fault, column_title(fault.column)) for fault in faults]
        return _page(request, status=422, faults=shown, refused=1, name=given.name)
    outcome = file_many(request.user, rows, request.POST.get("token", ""))
    return _told(request, outcome, given.name)


def _asked(request: SignedRequest) -> HttpResponse:
    """What the page of faults offers: file the good rows, or get the others as a sheet."""
    try:
        rows = rows_from_token(request.POST["rows"])
    except signing.BadSignature:
        messages.error(request, _("The preview is more than an hour old or was altered. Upload the sheet again."))
        return redirect("cases:sheet")
    if request.POST.get("do") == "correct":
        return _file(template(request.user, [row for row in rows if row.faults]), "problems-to-correct")
    outcome = file_many(request.user, rows, request.POST.get("token", ""), good_only=True)
    return _told(request, outcome, request.POST.get("name", ""))


def _told(request: SignedRequest, outcome: Outcome, name: str) -> HttpResponse:
    kept = sorted([*outcome.refused, *outcome.held], key=lambda row: row.number)
    nothing = bool(outcome.refused) and not outcome.filed
    return _page(
        request,
        status=422 if nothing else 200,
        name=name,
        faults=[(fault, column_title(fault.column)) for fault in outcome.faults],
        refused=len(outcome.refused),
        held=len(outcome.held),
        filed=outcome.filed,
        desks=_by_desk(outcome.filed),
        answers=_answers(outcome.filed),
        before=_by_desk(outcome.before),
        before_count=len(outcome.before),
        rows=to_token(kept) if outcome.refused else "",
    )


def _answers(filed: Iterable[Filed]) -> dict[str, dt.datetime]:
    """The first and the last instant by which a desk owes its answer; empty where no clock runs."""
    known = [one.case.answer_due for one in filed if one.case.answer_due]
    return {"first": min(known), "last": max(known)} if known else {}


def _by_desk(filed: Iterable[Filed]) -> list[tuple[Region, list[Case]]]:
    """The cases of each desk, by region and number."""
    cases = sorted((one.case for one in filed), key=lambda case: (case.lead_region_id, case.number))
    return [(found[0].lead_region, found) for _code, group in groupby(cases, key=lambda c: c.lead_region_id)
            if (found := list(group))]  # fmt: skip


def _page(request: SignedRequest, *, status: int = 200, **context: object) -> HttpResponse:
    # A form that comes back keeps its mark, so that sending it again is the same upload.
    token = request.POST.get("token", "")[:64] or new_token()
    context = {"form": ProblemSheetForm(), "token": token, "limit": LIMIT, **context}
    return render(request, "cases/sheet.html", context, status=status)
