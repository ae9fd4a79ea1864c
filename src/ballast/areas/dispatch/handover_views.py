"""Pages of the shift handover: notes, the form that writes one, its signature, and open promises."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.access import can, person_of, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.dispatch import handovers, selectors
from ballast.areas.dispatch.handover_facts import enterprise_ids
from ballast.areas.dispatch.handover_paper import compose
from ballast.areas.dispatch.models import Handover
from ballast.areas.papers import html, printing, scopes
from ballast.areas.papers.printing import language_of
from ballast.areas.reference.selectors import authority, now

__all__ = ["as_docx", "as_html", "as_pdf", "as_xlsx", "detail", "keep", "listing", "promise", "sign", "write"]

# A shift, unless the officer says otherwise.
_SHIFT = dt.timedelta(hours=12)


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Notes of the person's scopes, open promises, and the forms for both."""
    user = person_of(request)
    require(user, "view_desk")
    scope = selectors.readable(user, request.GET.get("scope") or None)
    page = Paginator(handovers.notes(user), 30).get_page(request.GET.get("page"))
    at, zone = now(), ZoneInfo(authority().time_zone)
    last = handovers.notes(user).filter(scope=scope, until_at__lt=at).first()
    since = last.until_at if last and at - last.until_at <= handovers.LONGEST_SHIFT else at - _SHIFT
    names = scopes.names([row.scope for row in page.object_list])
    context = {
        "page": page, "rows": [(row, names[row.scope]) for row in page.object_list], "scope": scope, "at": at,
        "promises": handovers.open_promises(user, scope), "may_write": can(user, "work_cases"),
        "since": _local(since, zone), "until": _local(at, zone), "next_until": _local(at + _SHIFT, zone),
    }  # fmt: skip
    return render(request, "dispatch/handovers.html", context)


def _local(at: dt.datetime, zone: ZoneInfo) -> str:
    """An instant as a form writes it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def _instant(request: HttpRequest, name: str) -> dt.datetime:
    """The instant of a form, in the authority's zone. Raises ValidationError for what is none."""
    text = request.POST.get(name, "").strip()
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    # What lies outside of the years that databases know is no time of a shift.
    if found is None or not 2000 <= found.year < 2200:
        message = _("“{value}” is not a time; give one such as 2022-04-28 17:00.").format(value=text)
        raise ValidationError({name: message})
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(authority().time_zone))


@login_required
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Write the note of the shift that ends."""
    user = person_of(request)
    require(user, "work_cases")
    try:
        note = handovers.write(
            user, since=_instant(request, "since"), until=_instant(request, "until"),
            next_until=_instant(request, "next_until"), remarks=request.POST.get("remarks", ""),
            scope=request.POST.get("scope") or None,
        )  # fmt: skip
    except ValidationError as error:
        _tell(request, error)
        return redirect("dispatch:handovers")
    messages.success(request, _("The note is written; who takes over signs it."))
    return redirect("dispatch:handover", note.pk)


def _read(request: HttpRequest, pk: int) -> Handover:
    """The note, with the entry of whose data the person saw."""
    user = person_of(request)
    note = handovers.note_for(user, pk)
    record_read(user, enterprise_ids(note.facts), "handover note")
    return note


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper of a note."""
    user, language = person_of(request), language_of(request)
    note = _read(request, pk)
    context = {
        "note": note, "language": language, "languages": printing.LANGUAGES,
        # The renderer escapes every text of the paper.
        "paper": mark_safe(html.fragment(compose(note, language))),  # noqa: S308
        "may_sign": can(user, "work_cases") and note.signed_at is None and note.written_by_id != user.pk,
    }  # fmt: skip
    return render(request, "dispatch/handover.html", context)


@login_required
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over."""
    try:
        handovers.sign(person_of(request), pk)
        messages.success(request, _("You have taken over."))
    except ValidationError as error:
        _tell(request, error)
    return redirect("dispatch:handover", pk)


@login_required
@require_POST
def promise(request: HttpRequest) -> HttpResponse:
    """Note a promise."""
    user, given = person_of(request), request.POST
    require(user, "work_cases")
    try:
        handovers.promise(
            user, text=given.get("text", ""), due_at=_instant(request, "due_at"), case=given.get("case", ""),
            scope=given.get("scope") or None,
        )  # fmt: skip
        messages.success(request, _("The promise is noted; every handover note names it until it is kept."))
    except ValidationError as error:
        _tell(request, error)
    return redirect("dispatch:handovers")


@login_required
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a promise is kept."""
    handovers.keep(person_of(request), pk)
    messages.success(request, _("The promise is kept."))
    return redirect("dispatch:handovers")


def _file(form: str) -> Callable[..., HttpResponse]:
    """The view that gives the note as a file of one form."""

    @login_required
    @require_safe
    def view(request: SignedRequest, pk: int) -> HttpResponse:
        return printing.answer(request, compose(_read(request, pk), language_of(request)), form, f"handover-{pk}")

    return view


as_html, as_pdf, as_docx, as_xlsx = (_file(form) for form in printing.FORMS)


def _tell(request: HttpRequest, error: ValidationError) -> None:
    for text in error.messages:
        messages.error(request, text)
