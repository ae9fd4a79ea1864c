"""Pages of the policy reserve: the list, one measure with what proposes it and its issues, and its form."""

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import NotAllowedError, can, require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record
from ballast.areas.desks.selectors import open_departments
from ballast.areas.desks.views import take_errors
from ballast.areas.files import as_file, wanted_format
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import today
from ballast.areas.registry.models import Chain
from ballast.areas.reserve import selectors
from ballast.areas.reserve.issuing import services as issuing
from ballast.areas.reserve.library import services as library
from ballast.areas.reserve.library.forms import OptionForm
from ballast.areas.reserve.models import PolicyOption
from ballast.areas.reserve.trigger.showing import lines
from ballast.areas.searching import LONGEST

_PAGE = 50
_ASKS = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """Measures in scope, all or those in one state."""
    user = request.user
    counts = selectors.counts(user)
    state = request.GET.get("state", "")
    q = request.GET.get("q", "")[:LONGEST]
    rows = selectors.filter_options(user, selectors.visible_options(user), state=state, q=q).order_by("code")
    if form := wanted_format(request):
        return _file(request, list(rows), form)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    proposals = {row.option_id: row for row in selectors.open_proposals(user).filter(option__in=shown)}
    issues = {row.option_id: row for row in selectors.visible_issues(user).filter(
        selectors.in_force(today()), option__in=shown
    )}  # fmt: skip
    context = {
        "page": page, "counts": counts, "state": state, "may_keep": can(user, selectors.KEEP),
        "rows": [(row, proposals.get(row.pk), issues.get(row.pk)) for row in shown],
    }  # fmt: skip
    return render(request, "reserve/list.html", context)


def _file(request: SignedRequest, rows: list[PolicyOption], form: str) -> HttpResponse:
    require(request.user, "export")
    record("reserve.exported", request.user, subject_type="list", subject_id="reserve", detail={"rows": len(rows)})
    head = [
        _("Code"), _("Title in English"), _("Title in Chinese"), _("State"), _("Region"), _("Chain"), _("Trigger"),
        _("From"), _("Days"), _("Lamp"), _("Input"), _("Cost"), _("Currency"), _("Longest, days"), _("Legal basis"),
        _("Authority"), _("Proposed since"), _("In force until"),
    ]  # fmt: skip
    since = dict(selectors.open_proposals(request.user).order_by().values_list("option", "since"))
    issues = selectors.visible_issues(request.user).filter(selectors.in_force(today()))
    until = dict(issues.order_by().values_list("option", "ends"))
    lines = [
        (
            row.code, row.name, row.name_zh, row.get_state_display(), row.region_id, row.chain_id,
            row.get_trigger_measure_display() if row.trigger_measure else "", row.trigger_at_least,
            row.trigger_days if row.trigger_measure else None, row.get_trigger_level_display(), row.product_id,
            row.cost, row.currency, row.days, row.legal_basis, row.authority, since.get(row.pk), until.get(row.pk),
        )
        for row in rows
    ]  # fmt: skip
    return as_file("policy-reserve", head, lines, form)


@login_required
@require_safe
def detail(request: SignedRequest, option: str) -> HttpResponse:
    """One measure."""
    return _shown(request, selectors.get_option(request.user, option))


def _shown(request: SignedRequest, row: PolicyOption, **more: object) -> HttpResponse:
    """The page of a measure, with what was wrong with a form that was sent."""
    user, day = request.user, today()
    issues = list(selectors.visible_issues(user).filter(option=row)[:_PAGE])
    standing = next((one for one in issues if one.in_force(day)), None)
    asked = standing and next((one for one in standing.extensions.all() if one.state == "asked"), None)
    proposal = selectors.proposal_of(user, row)
    context = {
        "option": row, "proposal": proposal, "issues": issues, "standing": standing,
        "inputs": lines(proposal.figures) if proposal else [], "asked": asked, "day": day,
        "latest": day + dt.timedelta(days=row.days - 1),
        "may_keep": selectors.may(user, selectors.KEEP, row), "may_issue": selectors.may(user, selectors.ISSUE, row),
        "latest_extension": standing and standing.ends + dt.timedelta(days=row.days),
    }  # fmt: skip
    return render(request, "reserve/option.html", context | more, status=422 if more else 200)


@login_required
@_ASKS
def new(request: SignedRequest) -> HttpResponse:
    """Prepare a measure; it begins as a draft."""
    require(request.user, selectors.KEEP)
    return _form(request, None)


@login_required
@_ASKS
def change(request: SignedRequest, option: str) -> HttpResponse:
    """Change a measure that is not in force."""
    row = selectors.get_option(request.user, option)
    if not selectors.may(request.user, selectors.KEEP, row):
        raise NotAllowedError(selectors.KEEP)
    return _form(request, row)


def _form(request: SignedRequest, row: PolicyOption | None) -> HttpResponse:
    form = OptionForm(request.POST or None, initial=OptionForm.initial_of(row) if row else {})
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        code = given.pop("code")
        try:
            saved = library.save(request.user, row.code if row else code, cast(library.Given, given), new=row is None)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("The measure is stored."))
            return redirect("reserve:option", option=saved.code)
    context = {
        "form": form, "option": row, "regions": Region.objects.filter(level__in=("nation", "province", "city")),
        "chains": Chain.objects.all(), "desks": open_departments().none(),
    }  # fmt: skip
    return render(request, "reserve/form.html", context, status=422 if form.errors else 200)


def _act(request: SignedRequest, row: PolicyOption, act: Callable[[], object], told: str) -> HttpResponse:
    """Do it and go back to the measure; what is refused stands above what was typed."""
    try:
        act()
    except ValidationError as error:
        return _shown(request, row, faults=error.messages, given=request.POST.dict())
    messages.success(request, told)
    return redirect("reserve:option", option=row.code)


def _day(text: str, field: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        message = _("“{value}” is no date; write it as 2022-04-28.").format(value=text[:40])
        raise ValidationError({field: message}) from None


@login_required
@require_POST
def state(request: SignedRequest, option: str) -> HttpResponse:
    """Make a measure ready, a draft again, or take it out."""
    require(request.user, selectors.KEEP)
    row, given = selectors.get_option(request.user, option), request.POST.get("state", "")
    return _act(request, row, lambda: library.set_state(request.user, row, given), _("The measure is stored."))


@login_required
@require_POST
def issue(request: SignedRequest, option: str) -> HttpResponse:
    """Put a measure in force until a day."""
    require(request.user, selectors.ISSUE)
    row, given = selectors.get_option(request.user, option), request.POST

    def act() -> Any:
        ends = _day(given.get("ends", ""), "ends")
        return issuing.issue(request.user, row, ends=ends, note=given.get("note", ""))

    return _act(request, row, act, _("The measure is in force; it ends by itself on its last day."))


@login_required
@require_POST
def dismiss(request: SignedRequest, proposal: int) -> HttpResponse:
    """Dismiss what is proposed."""
    require(request.user, selectors.ISSUE)
    row, reason = selectors.get_proposal(request.user, proposal), request.POST.get("reason", "")
    act = lambda: issuing.dismiss(request.user, row, reason=reason)  # noqa: E731
    return _act(request, row.option, act, _("The proposal is dismissed."))


@login_required
@require_POST
def extend(request: SignedRequest, issue: int) -> HttpResponse:
    """Ask for a later last day."""
    require(request.user, selectors.ISSUE)
    row, given = selectors.get_issue(request.user, issue), request.POST

    def act() -> Any:
        until = _day(given.get("until", ""), "until")
        return issuing.ask_extension(request.user, row, until=until, reason=given.get("reason", ""))

    return _act(request, row.option, act, _("Asked for; a second person decides."))


@login_required
@require_POST
def decide(request: SignedRequest, extension: int) -> HttpResponse:
    """Grant or refuse a later last day."""
    require(request.user, selectors.ISSUE)
    row, given = selectors.get_extension(request.user, extension), request.POST
    grant = given.get("grant") == "1"
    act = lambda: issuing.decide_extension(request.user, row, grant=grant, note=given.get("note", ""))  # noqa: E731
    return _act(request, row.issue.option, act, _("Decided."))


@login_required
@require_POST
def stop(request: SignedRequest, issue: int) -> HttpResponse:
    """End a measure before its last day."""
    require(request.user, selectors.ISSUE)
    row, reason = selectors.get_issue(request.user, issue), request.POST.get("reason", "")
    return _act(request, row.option, lambda: issuing.stop(request.user, row, reason=reason), _("The measure is ended."))
