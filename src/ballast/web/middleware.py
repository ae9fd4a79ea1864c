"""Middleware: the authority of the request, and 404 for all that a person may not see."""

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse

from ballast.areas.reference.selectors import authority

__all__ = ["DeskMiddleware"]


class DeskMiddleware:
    """Read the authority once a request; turn "not there" and "not yours" alike into 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.authority = authority()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, ObjectDoesNotExist):
            raise Http404 from exception
