"""What an enterprise has reported of its stocks, and how it takes back a report made by mistake."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.registry.models import Need
from ballast.areas.reports import selectors, services
from ballast.areas.reports.forms import FIELDS
from ballast.areas.reports.models import StockReport
from ballast.core.cover import days_of_cover

__all__ = ["sent", "withdraw"]

_PAGE = 50


@login_required
@require_safe
def sent(request: SignedRequest) -> HttpResponse:
    """Own stock reports, every version, newest first; of one input with `need`."""
    require(request.user, "report")
    rows = selectors.own_reports(request.user)
    wanted = request.GET.get("need", "")
    need = None
    if wanted:
        need = selectors.own_needs(request.user).get(pk=int(wanted) if wanted.isdecimal() and len(wanted) < 16 else 0)
        rows = rows.filter(need=need)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/sent.html", {"page": page, "need": need})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedRequest, report_id: int) -> HttpResponse:
    """Ask whether to take a report back, showing what stands afterwards; take it back when confirmed."""
    require(request.user, "report")
    report = selectors.own_reports(request.user).get(pk=report_id)
    if request.method == "POST":
        services.withdraw_report(report, acting_user=request.user)
        messages.success(request, _after(report.need))
        return redirect("reports:sent")
    now, then = selectors.standing_report(report.need), selectors.standing_report(report.need, without=report)
    context = {
        "report": report,
        "changes": now == report,
        "standing": then,
        "lines": [(name, getattr(report, name), getattr(then, name, None)) for name in FIELDS],
        "cover": days_of_cover(report.stock, report.daily_use, report.blocked_stock),
        "cover_after": days_of_cover(then.stock, then.daily_use, then.blocked_stock) if then else None,
    }
    return render(request, "reports/withdraw.html", context)


def _after(need: Need) -> str:
    """What stands now that a report of the input was withdrawn, as a sentence."""
    names = {"product": need.product.label, "site": need.site.label}
    found: StockReport | None = selectors.standing_report(need)
    if found is None:
        text = _("The report is withdrawn. The stock of {product} at {site} is unknown until you report it.")
        return text.format(**names)
    text = _("The report is withdrawn. {product} at {site} stands at {stock} {unit}, as reported for {day}.")
    return text.format(**names, stock=f"{found.stock:,.12g}", unit=need.unit.label, day=found.day)
