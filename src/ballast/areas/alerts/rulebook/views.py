"""The rules that are in force, one pack with its versions, and one version with its difference and dry run."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.rulebook import proposing, selectors
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.alerts.rulebook.showing import shown
from ballast.areas.alerts.rulebook.tried_shown import tried_shown

__all__ = ["decide", "pack", "packs", "version"]


@login_required
@require_safe
def packs(request: SignedRequest) -> HttpResponse:
    """All packs with the version in force."""
    return render(request, "alerts/rules.html", {"rows": selectors.pack_rows(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: SignedRequest, rule_pack: str) -> HttpResponse:
    """One pack: its rules and versions; a new version is proposed here."""
    row = selectors.pack_row(request.user, rule_pack)
    given: dict[str, Any] = {"text": row.text, "why": ""}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given = {key: request.POST.get(key, "").replace("\r\n", "\n") for key in given}
        try:
            made = proposing.propose(request.user, given["text"], given["why"])
        except ValidationError as error:
            errors = error.message_dict
        else:
            messages.success(request, _("The version waits for a second person."))
            return redirect("alerts:rule_version", made.pack, made.version)
    context = {
        "row": row,
        "rules": shown(row.pack),
        "versions": selectors.versions(request.user, rule_pack),
        "may_set": proposing.may_set(request.user),
        "given": given,
        "errors": errors,
        "longest": proposing.LONGEST,
    }
    return render(request, "alerts/rule_pack.html", context, status=422 if errors else 200)


@login_required
@require_safe
def version(request: SignedRequest, rule_pack: str, version: str) -> HttpResponse:
    """One version: what differs, what it would have done, and the decision."""
    return _version(request, rule_pack, version)


@login_required
@require_POST
def decide(request: SignedRequest, rule_pack: str, version: str) -> HttpResponse:
    """Approve, refuse or take back a version."""
    if not proposing.may_set(request.user):
        raise NotAllowedError
    note = request.POST.get("note", "")
    step = request.POST.get("step", "")
    steps: dict[str, Callable[[], PackVersion]] = {
        "approve": lambda: proposing.decide(request.user, rule_pack, version, approve=True, note=note),
        "refuse": lambda: proposing.decide(request.user, rule_pack, version, approve=False, note=note),
        "withdraw": lambda: proposing.withdraw(request.user, rule_pack, version, note),
    }
    if step not in steps:
        return _version(request, rule_pack, version, [_("Choose what to do with it.")])
    try:
        steps[step]()
    except ValidationError as error:
        return _version(request, rule_pack, version, error.messages)
    messages.success(request, _("The decision is kept."))
    return redirect("alerts:rule_version", rule_pack, version)


def _version(request: SignedRequest, rule_pack: str, version: str, errors: list[str] | None = None) -> HttpResponse:
    found = selectors.version_page(request.user, rule_pack, version)
    waits = found.row.state == PackVersion.State.PROPOSED and proposing.may_set(request.user)
    own = found.row.proposed_by_id == request.user.pk
    context = {
        "row": found.row,
        "lines": found.lines,
        "tried": tried_shown(found.row.dry_run),
        "dry_run": found.row.dry_run,
        "begin": found.row.dry_run.get("from"),
        "may_decide": waits and not own,
        "may_withdraw": waits and own,
        "errors": errors or [],
        "note": request.POST.get("note", ""),
    }
    return render(request, "alerts/rule_version.html", context, status=422 if errors else 200)
