"""The problem ledger as a page and as a file of any length."""

from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import person_of, require
from ballast.areas.audit.services import record_read
from ballast.areas.cases.measuring.views import asked
from ballast.areas.dispatch import register
from ballast.areas.files import as_stream, wanted_format
from ballast.areas.reference.selectors import authority, today

__all__ = ["page"]


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """The ledger of the cases that the filters of the list of cases leave; `format` gives all of it as a file."""
    user, given = person_of(request), request.GET.dict()
    require(user, "view_desk")
    form = wanted_format(request)
    if form:
        require(user, "export")
    keys, language = register.keys(user, given), get_language() or "en"
    if form:
        record_read(user, register.enterprises_in(user, given), "export")
        rows = register.cells(register.lines(keys, language), ZoneInfo(authority().time_zone))
        return as_stream(f"ledger-{today()}", register.head(), rows, form)
    found = Paginator(keys, 50).get_page(request.GET.get("page"))
    rows_shown = list(register.lines(list(found.object_list), language))
    record_read(user, {line.enterprise_id for line in rows_shown}, "case")
    return _shown(request, found, rows_shown, given)


def _shown(request: HttpRequest, found: object, rows: list[register.Line], given: dict[str, str]) -> HttpResponse:
    return render(request, "dispatch/ledger.html", {"page": found, "rows": rows, "asked": asked(given)})
