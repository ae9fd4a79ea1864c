"""Note a review on the page of its material."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.economy.reviews import selectors, services
from ballast.areas.economy.views import shown_material

__all__ = ["review"]


@login_required
@require_POST
def review(request: SignedRequest, commodity_id: str) -> HttpResponse:
    """Keep what was found; what cannot stand is shown again beside its fault."""
    if not selectors.may_review(request.user):
        raise NotAllowedError(selectors.REVIEW)
    note = request.POST.get("note", "")
    try:
        services.review(request.user, commodity_id, note)
    except ValidationError as error:
        return shown_material(request, commodity_id, errors=error.messages, note=note)
    messages.success(request, _("The review is kept; the next one counts from today."))
    return redirect("economy:material", commodity_id)
