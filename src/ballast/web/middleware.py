"""Middleware: the authority of the request, and 404 for all that a person may not see."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.reference.selectors import authority
from ballast.web import figures, scope

__all__ = ["DeskMiddleware"]


class DeskMiddleware:
    """Read the authority once a request; turn "not there" and "not yours" alike into 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SignedRequest) -> HttpResponse:
        request.authority = authority()
        request.narrowed = False
        if request.user.is_authenticated:
            scope.narrow(request)
        currency = figures.currency.set(request.authority.currency)
        try:
            with timezone.override(ZoneInfo(request.authority.time_zone)):
                return self.get_response(request)
        finally:
            figures.currency.reset(currency)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, ObjectDoesNotExist):
            raise Http404 from exception
