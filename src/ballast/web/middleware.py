"""Middleware: the authority of the request, 404 for all that a person may not see, 400 for what nothing can store."""

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.reference.selectors import standing_authority
from ballast.web import figures, scope

__all__ = ["DeskMiddleware"]


def _texts(given: QueryDict) -> Iterator[str]:
    return (text for _name, texts in given.lists() for text in texts)


class DeskMiddleware:
    """Read the authority once a request; turn "not there" and "not yours" alike into 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SignedRequest) -> HttpResponse:
        with standing_authority() as request.authority:
            request.narrowed = False
            if request.user.is_authenticated:
                scope.narrow(request)
            currency = figures.currency.set(request.authority.currency)
            try:
                with timezone.override(ZoneInfo(request.authority.time_zone)):
                    return self.get_response(request)
            finally:
                figures.currency.reset(currency)

    def process_view(self, request: HttpRequest, _view: object, _args: object, values: dict[str, Any]) -> None:
        """Refuse a NUL in address, query or form: PostgreSQL stores none, and no list has one to find."""
        # The API says so in its own shape.
        if request.path.startswith("/api/"):
            return
        sent = [*values.values(), *_texts(request.GET), *_texts(request.POST)]
        if any("\x00" in text for text in sent if isinstance(text, str)):
            message = "a NUL in address, query or form"
            raise SuspiciousOperation(message)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, ObjectDoesNotExist):
            raise Http404 from exception
