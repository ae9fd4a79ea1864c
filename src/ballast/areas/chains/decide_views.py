"""What to solve first, as a part of the list of cases."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.chains.decide import decide_first

__all__ = ["first"]

# How many decisions a desk may ask for.
_CHOICES = (3, 5, 10, 20)
_USUAL = 5


@login_required
@require_safe
def first(request: SignedRequest) -> HttpResponse:
    """The so many decisions that save most output, `?k=`; cases that help only together stand as one set."""
    require(request.user, "view_desk")
    asked = request.GET.get("k", "")
    number = int(asked) if asked in map(str, _CHOICES) else _USUAL
    decisions = decide_first(request.user, limit=number)
    context = {"decisions": decisions, "number": number, "choices": _CHOICES}
    return render(request, "chains/_decide.html", context)
