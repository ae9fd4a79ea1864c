"""What a desk does to the clocks of a case, and the page of calendars and policies."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ballast.areas.accounts.access import NotAllowedError, can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.clocks import extensions, waiting
from ballast.areas.cases.clocks import policies as clock_policies
from ballast.areas.cases.clocks.card import clock_labels
from ballast.areas.cases.clocks.checks import beyond_calendar
from ballast.areas.cases.clocks.models import ClockPolicy, Extension
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs.in_force import packs
from ballast.areas.cases.packs.model import ClockRule, Pack
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.reference.selectors import today
from ballast.areas.reference.services import load_calendar

_MOST_BYTES = 1_000_000


def clock_context(request: SignedRequest, case: Case) -> dict[str, object]:
    """What the forms of the clocks on the page of a case need."""
    asked = list(case.extensions.filter(granted__isnull=True).select_related("asked_by"))
    return {
        "extensions": asked,
        "decides": set(extensions.answerable(request.user, case.extensions.all()).values_list("pk", flat=True))
        if asked
        else set(),
        "may_wait": waiting.may_wait(request.user, case),
        "waits": case.waits_on(today()),
        "waiting_for": waiting.WaitingFor.choices,
        "extension_clocks": Extension.Clock.choices,
    }


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _tell(request: SignedRequest, error: ValidationError) -> None:
    for text in error.messages:
        messages.error(request, text)


@login_required
@require_POST
def wait(request: SignedRequest, number: str) -> HttpResponse:
    """Let the case wait."""
    given = request.POST
    try:
        waiting.let_wait(
            request.user, number, whom=given.get("whom", ""), text=given.get("text", ""),
            until=_date(given.get("until", "")),
        )  # fmt: skip
        messages.success(request, _("{number} waits; its clocks stand.").format(number=number))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def go_on(request: SignedRequest, number: str) -> HttpResponse:
    """Take up a case that waits."""
    try:
        waiting.go_on(request.user, number, text=request.POST.get("text", ""))
        messages.success(request, _("{number} goes on.").format(number=number))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def ask_for_time(request: SignedRequest, number: str) -> HttpResponse:
    """Ask the desk above for more time."""
    given = request.POST
    days = given.get("days", "")
    try:
        extensions.ask_for_time(
            request.user, number, clock=given.get("clock", ""), text=given.get("text", ""),
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
        )  # fmt: skip
        messages.success(request, _("The desk above is asked for more time."))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def decide_on_time(request: SignedRequest, number: str, pk: int) -> HttpResponse:
    """Grant or refuse more time."""
    given = request.POST
    try:
        extensions.decide_on_time(request.user, number, pk, grant=given.get("grant") == "1", text=given.get("text", ""))
        messages.success(request, _("Your decision stands in the story."))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedRequest) -> HttpResponse:
    """Calendars and policies in force; an administrator loads new versions here."""
    loads = can(request.user, "load_tables")
    if not (loads or can(request.user, "view_desk")):
        raise NotAllowedError
    if request.method == "POST":
        return _load(request)
    rules, labels = rules_in_force(), clock_labels()
    context = {
        "calendars": sorted(rules.days.values(), key=lambda one: (one.name != rules.office, one.name)),
        "office": rules.office,
        "packs": [
            (pack, rules.policies[name][0], [(labels[rule.clock], _kinds(pack, rule), rule) for rule in pack.clocks])
            for name, pack in packs().items()
        ],
        "versions": ClockPolicy.objects.order_by("pack", "-since"),
        "beyond": beyond_calendar(visible_cases(request.user).filter(state__in=IN_HAND)),
        "loads": loads,
    }
    return render(request, "cases/clocks.html", context)


def _kinds(pack: Pack, rule: ClockRule) -> str:
    """The kinds that a rule is for, and its desks where it is not for all, in the language of the page."""
    kinds = ", ".join(str(pack.kinds_by_name[kind].label) for kind in rule.kinds) or _("All kinds")
    return f"{kinds} ({', '.join(rule.desks)})" if rule.desks else kinds


def _text_of(request: SignedRequest) -> str:
    """The file that the person chose. Raises ValidationError when there is none or it is not text."""
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > _MOST_BYTES:
        raise ValidationError(_("Choose a TOML file of at most 1 MB."))
    try:
        return str(file.read(), "utf-8")
    except UnicodeDecodeError:
        raise ValidationError(_("The file is not in UTF-8; save it so.")) from None


def _load(request: SignedRequest) -> HttpResponse:
    """Take in the file that an administrator chose: a calendar or a policy."""
    require(request.user, "load_tables")
    load = clock_policies.load_policy if request.POST.get("what") == "policy" else load_calendar
    try:
        done = load(request.user, _text_of(request))
        messages.success(request, _("It is loaded.") if done else _("Nothing new: this version is there already."))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:clocks")
