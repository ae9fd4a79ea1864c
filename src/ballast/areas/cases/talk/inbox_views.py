"""The page of notices: what happened in the cases of a person, newest first."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.talk import inbox
from ballast.areas.notices import selectors, services

__all__ = ["notice", "notices", "read"]

_PER_PAGE = 30


@login_required
@require_safe
def notices(request: SignedRequest) -> HttpResponse:
    """All notices of the person."""
    rows = selectors.notices_of(request.user)
    if request.GET.get("unread"):
        rows = rows.filter(read_at=None)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": inbox.lines(request.user, page), "unread_only": bool(request.GET.get("unread"))}
    return render(request, "cases/notices.html", context)


@login_required
@require_safe
def notice(request: SignedRequest, pk: int) -> HttpResponse:
    """Open what one notice is about; with that it is read."""
    found = selectors.notices_of(request.user).get(pk=pk)
    services.mark_read(request.user, [pk])
    return redirect(inbox.address_of(request.user, found))


@login_required
@require_POST
def read(request: SignedRequest) -> HttpResponse:
    """Mark all notices as read."""
    count = services.mark_read(request.user)
    text = ngettext("{count} notice is now read.", "{count} notices are now read.", count)
    messages.success(request, text.format(count=count))
    return redirect("cases:notices")
