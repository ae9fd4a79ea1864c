"""The problem ledger as a page and as a file of any length."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import person_of, require
from ballast.areas.audit.services import record_read
from ballast.areas.cases.measuring.views import asked
from ballast.areas.dispatch import register, register_paper
from ballast.areas.dispatch.facts import issuer
from ballast.areas.dispatch.register_words import filter_words
from ballast.areas.files import as_stream, wanted_format
from ballast.areas.papers import printing
from ballast.areas.reference.selectors import authority, now, today

__all__ = ["page"]


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """The ledger of the cases that the filters of the list of cases leave; `format` gives all of it as a file."""
    user, given = person_of(request), request.GET.dict()
    require(user, "view_desk")
    form, printed = wanted_format(request), request.GET.get("format", "") in register_paper.FORMS
    if form or printed:
        require(user, "export")
    keys, language = register.keys(user, given), get_language() or "en"
    if printed and len(keys) <= register_paper.MOST:
        return _printed(request, keys, given)
    if form:
        record_read(user, register.enterprises_in(user, given), "export")
        rows = register.written(keys, language, ZoneInfo(authority().time_zone))
        return as_stream(f"ledger-{today()}", register.head(), rows, form)
    found = Paginator(keys, 50).get_page(request.GET.get("page"))
    rows_shown = list(register.lines(list(found.object_list), language))
    record_read(user, {line.enterprise_id for line in rows_shown}, "case")
    context = {"page": found, "rows": rows_shown, "asked": asked(given)}
    if not printed:
        return render(request, "dispatch/ledger.html", context)
    fault = _too_long(len(keys))
    return render(request, "dispatch/ledger.html", context | {"fault": fault}, status=422)


def _printed(request: HttpRequest, keys: list[int], given: dict[str, str]) -> HttpResponse:
    """The ledger as a paper under the words of its filter."""
    user, of, language = person_of(request), authority(), printing.language_of(request)
    record_read(user, register.enterprises_in(user, given), "export")
    query = {name: value for name, value in given.items() if name not in {"format", "page", "lang"} and value}
    with override(language):
        narrowed = filter_words(given)
    document = register_paper.compose(
        list(register.lines(keys, language)), language, facts={"authority": issuer(of)}, narrowed=narrowed,
        address=f"{request.path}?{urlencode(query)}", at=now(),
    )  # fmt: skip
    return printing.answer(request, document, given["format"], f"ledger-{today()}")


def _too_long(cases: int) -> str:
    message = _(
        "A paper takes at most {most} cases, and this filter leaves {cases}. Narrow it, by month, desk or kind; or "
        "take the CSV or XLSX file, which has a row for every case."
    )
    return message.format(most=register_paper.MOST, cases=cases)
