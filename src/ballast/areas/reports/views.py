"""The enterprise's stocks and state of the day; the desk's list of who has not reported."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import can, require
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.files import as_file, wanted_format
from ballast.areas.modes.duties import duties_of, normal_cadence
from ballast.areas.modes.selectors import visible_in_force
from ballast.areas.reference.selectors import now
from ballast.areas.registry.listing import ordered, page_of
from ballast.areas.registry.models import Need, Site
from ballast.areas.registry.selectors import filter_sites, scope_regions, visible_chains, visible_enterprises
from ballast.areas.registry.services import note_export
from ballast.areas.reports import forms, selectors, services
from ballast.areas.reports.models import OperatingReport
from ballast.areas.reports.rows import RowsError
from ballast.areas.reports.turnout import turnout
from ballast.tables.sheets import write_stock_sheet

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RECEIPT = "reports.receipt"
_SORTS = {
    "site": ("site_id",),
    "name": ("name",),
    "enterprise": ("enterprise__name", "site_id"),
    "region": ("region_id", "site_id"),
    "last": ("last_report", "site_id"),
}


def _own_needs(request: SignedRequest) -> list[Need]:
    require(request.user, "report")
    return list(selectors.own_needs(request.user).select_related("lamp"))


@login_required
def stocks(request: SignedRequest) -> HttpResponse:
    """The table of own inputs, with the last figures; saving reports all rows that have a stock."""
    needs = _own_needs(request)
    table = forms.StockTable(needs, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        rows = table.rows()
        if not table.wrong:
            try:
                return _saved(request, services.report_stocks(request.user, rows, source="page"))
            except RowsError as error:
                table.refuse(rows, error)
    receipt = _receipt(request, needs) if request.method == "GET" else None
    context = {"table": table, "receipt": receipt, "sheet_form": forms.SheetForm(), "fields": forms.FIELDS}
    return render(request, "reports/stocks.html", context, status=422 if table.wrong else 200)


def _saved(request: SignedRequest, receipt: services.Receipt) -> HttpResponse:
    request.session[_RECEIPT] = forms.dumps_receipt(receipt)
    return redirect("reports:stocks")


def _receipt(request: SignedRequest, needs: list[Need]) -> dict[str, Any] | None:
    """What the last save changed, shown once."""
    kept = request.session.pop(_RECEIPT, None)
    if kept is None:
        return None
    found = json.loads(kept)
    by_key = {need.pk: need for need in needs}
    changes = [(by_key[pk], values) for pk, values in found["changes"] if pk in by_key and values]
    return {**found, "changes": changes}


@login_required
def template(request: SignedRequest) -> HttpResponse:
    """The stock sheet to fill in, with the last figures."""
    lines = forms.lines_of(_own_needs(request))
    response = HttpResponse(write_stock_sheet(lines, get_language() or "en"), content_type=_XLSX)
    response["Content-Disposition"] = 'attachment; filename="stocks.xlsx"'
    return response


@login_required
def upload(request: SignedRequest) -> HttpResponse:
    """Read a filled sheet: show what it will change, or all its faults; store it when confirmed."""
    needs = _own_needs(request)
    if request.method != "POST":
        return render(request, "reports/upload.html", {"form": forms.SheetForm()})
    if "rows" in request.POST:
        return _confirmed(request, needs)
    form = forms.SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "reports/upload.html", {"form": form}, status=422)
    sheet = form.cleaned_data["sheet"]
    read = forms.read_sheet(sheet.read(), sheet.name, needs)
    context = {"form": forms.SheetForm(), "read": read, "name": sheet.name}
    if read.faults:
        return render(request, "reports/upload.html", context, status=422)
    return render(request, "reports/upload.html", {**context, "preview": _preview(read)})


def _preview(read: forms.SheetRead) -> list[tuple]:
    """(need, [(field, before, after)]) of the rows whose figures differ from the present ones."""
    found = []
    for row in read.rows:
        after = {name: getattr(row, name) for name in forms.FIELDS}
        pairs = [(n, getattr(row.need, n), v) for n, v in after.items() if v is not None and v != getattr(row.need, n)]
        if pairs:
            found.append((row.need, pairs))
    return found


def _confirmed(request: SignedRequest, needs: list[Need]) -> HttpResponse:
    try:
        rows = forms.rows_from_token(request.POST["rows"], needs)
        receipt = services.report_stocks(request.user, rows, source="upload")
    except signing.BadSignature:
        messages.error(request, _("The preview is more than an hour old or was altered. Upload the sheet again."))
        return redirect("reports:upload")
    except RowsError as error:
        faults = [forms.SheetFault(None, p.field, "", p.message) for p in error.problems]
        context = {"form": forms.SheetForm(), "read": forms.SheetRead([], 0, faults)}
        return render(request, "reports/upload.html", context, status=422)
    return _saved(request, receipt)


@login_required
def operation(request: SignedRequest) -> HttpResponse:
    """The operating state of today."""
    require(request.user, "report")
    enterprise = visible_enterprises(request.user, "report").get()
    last = selectors.last_operation(enterprise)
    duty = duties_of(enterprise)
    form = forms.OperationForm(request.POST or None, initial=_initial(last), wide=duty.wide)
    if request.method == "POST" and form.is_valid():
        try:
            services.report_operation(request.user, enterprise, source="page", **form.values())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The state of today is stored."))
            return redirect("reports:operation")
    context = {"form": form, "enterprise": enterprise, "last": last, "duty": duty}
    return render(request, "reports/operation.html", context, status=422 if form.errors else 200)


def _initial(last: OperatingReport | None) -> dict[str, Any]:
    if last is None:
        return {}
    known = {name: getattr(last, name) for name in ("staff_share", "capacity_share")}
    shares = {name: f"{share * 100:.12g}" for name, share in known.items() if share is not None}
    return {"operation": last.operation, **shares}


# Parameter of the address -> list that it asks for.
_ASKED = {"reported": "reported", "late": "silent", "expected": "expected"}
_LISTS: dict[str, Callable[[User], QuerySet[Site]]] = {
    "reported": selectors.reported_sites,
    "silent": selectors.silent_sites,
    "due": selectors.late_sites,
    "expected": selectors.expected_sites,
}


@login_required
def late(request: SignedRequest) -> HttpResponse:
    """Sites by report: late (as it opens), not reported yet (`late`), reported (`reported`), all (`expected`)."""
    user, given = request.user, request.GET
    require(user, "view_desk")
    shown = next((word for name, word in _ASKED.items() if given.get(name)), "due")
    rows = filter_sites(
        _LISTS[shown](user), q=given.get("q", ""), region=given.get("region", ""), chain=given.get("chain", "")
    )
    if form := wanted_format(request):
        return _late_file(request, rows.order_by("site_id").select_related("enterprise", "region"), form)
    page = page_of(
        request,
        ordered(rows, given.get("sort", ""), _SORTS, default="site"),
        lambda found: found.select_related("enterprise__lamp", "region"),
    )
    context = {
        "page": page,
        "due": selectors.due(),
        "modes": [row for row in visible_in_force(user) if row.cadence != normal_cadence()],
        "instant": now(),
        "shown": shown,
        "coverage": selectors.coverage(user),
        "reminded": selectors.reminded_today([site.enterprise_id for site in page]),
        "may_remind": can(user, "work_cases"),
        "regions": scope_regions(user),
        "chains": visible_chains(user),
    }
    return render(request, "reports/late.html", context)


def _late_file(request: SignedRequest, rows: Iterable[Any], form: str) -> HttpResponse:
    rows = list(rows)
    note_export(request.user, {site.enterprise.enterprise_id for site in rows}, "reports")
    head = [_("Site"), _("Name"), _("Enterprise"), _("Region"), _("Inputs in use"), _("Last report")]
    lines = [(s.site_id, s.label, s.enterprise.enterprise_id, s.region_id, s.inputs, s.last_report) for s in rows]
    return as_file("reports", head, lines, form)


@login_required
@require_safe
def rates(request: SignedRequest) -> HttpResponse:
    """Reports that were due and came on each of the last seven days, by the duties of each day."""
    require(request.user, "view_desk")
    rows = turnout(request.user)
    if form := wanted_format(request):
        require(request.user, "export")
        head = [_("Day"), _("Reports due"), _("Received"), _("In time"), _("Rate")]
        return as_file("reporting-rates", head, [(*row, row.rate) for row in rows], form)
    return render(request, "reports/rates.html", {"rows": rows, "modes": visible_in_force(request.user)})


@login_required
@require_POST
def remind(request: SignedRequest) -> HttpResponse:
    """Record a reminder to the enterprises ticked."""
    require(request.user, "work_cases")
    chosen = request.POST.getlist("enterprise")[:200]
    for enterprise_id in chosen:
        services.remind(request.user, enterprise_id)
    text = ngettext("{count} enterprise was reminded.", "{count} enterprises were reminded.", len(chosen))
    messages.success(request, text.format(count=len(chosen)))
    return redirect("reports:late")
