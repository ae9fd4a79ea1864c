"""Pages of CAP: a message as a file, issuing one, and what came from elsewhere."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.responses.cap import issuing, receiving
from ballast.areas.responses.cap.parsing import LARGEST, CapError

_PAGE = 20


@login_required
@require_safe
def document(request: SignedRequest, issued_id: int) -> HttpResponse:
    """An issued message as XML."""
    require(request.user, "view_desk")
    row = get_object_or_404(issuing.issued_to(request.user), pk=issued_id)
    answer = HttpResponse(bytes(row.document), content_type="application/cap+xml")
    answer["Content-Disposition"] = f'attachment; filename="{row.identifier}.xml"'
    return answer


@login_required
@require_POST
def issued(request: SignedRequest, pk: int) -> HttpResponse:
    """Issue the next message of a warning."""
    try:
        row = issuing.issue(request.user, pk)
        messages.success(request, _("Issued: {kind}, status {status}.").format(kind=row.kind, status=row.status))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("responses:warning", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def incoming(request: SignedRequest) -> HttpResponse:
    """Messages from elsewhere, and the form that takes one in."""
    user, faults = request.user, []
    rows = receiving.received(user)
    if request.method == "POST":
        file = request.FILES.get("document")
        try:
            row = receiving.receive(user, file.read(LARGEST + 1) if file else b"")
        except CapError as error:
            faults = error.faults
        else:
            messages.success(request, _("The message {identifier} is kept.").format(identifier=row.identifier))
            return redirect("responses:cap")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    shown = [(row, receiving.proposal_of(row)) for row in page.object_list]
    context = {"page": page, "rows": shown, "faults": faults}
    return render(request, "responses/cap.html", context, status=422 if faults else 200)
