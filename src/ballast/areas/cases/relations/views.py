"""What the case page does about parents and children."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import selectors, services
from ballast.areas.cases.models import Case

__all__ = ["link", "unlink"]


def _tell(request: SignedRequest, error: ValidationError) -> None:
    for text in error.messages:
        messages.error(request, text)


@login_required
@require_POST
def link(request: SignedRequest, number: str) -> HttpResponse:
    """Put the case that the form names under this one."""
    require(request.user, "work_cases")
    case = selectors.visible_cases(request.user).only("number").get(number=number)
    child = request.POST.get("child", "").strip()[:32]
    try:
        services.link_child(request.user, case.number, child=child, blocks="blocks" in request.POST)
        messages.success(request, _("{child} is under {number} now.").format(child=child, number=number))
    except Case.DoesNotExist:
        message = _("There is no case “{number}” that you may work on; give the number of one.")
        messages.error(request, message.format(number=child))
    except ValidationError as error:
        _tell(request, error)
    return redirect("cases:detail", number)


@login_required
@require_POST
def unlink(request: SignedRequest, number: str) -> HttpResponse:
    """Take the case off from under its parent; back to the page from which that was asked."""
    try:
        services.unlink_child(request.user, number)
        messages.success(request, _("{number} is under no other case any more.").format(number=number))
    except ValidationError as error:
        _tell(request, error)
    back = request.POST.get("back", "")
    known = selectors.visible_cases(request.user).filter(number=back[:32]).exists()
    return redirect("cases:detail", back if known else number)
