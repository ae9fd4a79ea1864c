"""Pages of the routing rules: the list in its order, and one rule with what it would do before it is stored."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.routing import book as rule_book
from ballast.areas.cases.routing.forms import RuleForm
from ballast.areas.desks import selectors
from ballast.areas.desks.models import RoutingRule
from ballast.areas.desks.views import choices, take_errors
from ballast.areas.reference.selectors import today

_ASKS = require_http_methods(["GET", "HEAD", "POST"])
# Between two rules there is room for more.
_STEP = 10


@login_required
@require_safe
def rules(request: SignedRequest) -> HttpResponse:
    """The rules in their order."""
    rows = list(selectors.rules(request.user))
    known = kinds()
    for row in rows:
        row.kind_label = str(known[row.kind].label) if row.kind in known else row.kind  # type: ignore[attr-defined]
    return render(request, "cases/rules.html", {"rows": rows, "day": today(), "keeps": True})


@login_required
@_ASKS
def new_rule(request: SignedRequest) -> HttpResponse:
    """A new rule, after all others unless another position is given."""
    last = selectors.rules(request.user).last()
    return _page(request, None, {"position": last.position + _STEP if last else _STEP, "starts": today()})


@login_required
@_ASKS
def rule(request: SignedRequest, rule_id: int) -> HttpResponse:
    """One rule, to be changed."""
    found = selectors.rules(request.user).get(pk=rule_id)
    return _page(request, found, RuleForm.initial_of(found))


def _page(request: SignedRequest, stored: RoutingRule | None, initial: dict[str, Any]) -> HttpResponse:
    """The form; sent once it shows what the rule would do, sent again unchanged it stores the rule."""
    require(request.user, selectors.KEEP)
    form = RuleForm(request.POST or None, user=request.user, initial=initial)
    effect: rule_book.Preview | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if form.was_previewed() and request.POST.get("step") == "store":
                rule_book.save_rule(request.user, stored, form.draft())
                messages.success(request, _("The rule is stored."))
                return redirect("cases:rules")
            effect = rule_book.preview(request.user, rule_book.drafted(request.user, stored, form.draft()))
        except ValidationError as error:
            take_errors(form, error)
    context = {"form": form, "rule": stored, "effect": effect, "shown": form.digest() if effect else ""}
    return render(request, "cases/rule.html", context | choices(request))


@login_required
@require_POST
def end_rule(request: SignedRequest, rule_id: int) -> HttpResponse:
    """Take a rule away."""
    rule_book.end_rule(request.user, selectors.rules(request.user).get(pk=rule_id))
    messages.success(request, _("The rule is taken away."))
    return redirect("cases:rules")
