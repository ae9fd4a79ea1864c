"""Host names: a request that calls this server by an unknown one is refused, and the log says which setting to mend."""

import logging
from collections.abc import Callable, Iterable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

__all__ = ["HostMiddleware", "only_this_machine"]

logger = logging.getLogger("ballast.web")
_LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1"}


def only_this_machine(names: Iterable[str]) -> bool:
    """Whether all names are those by which a machine calls itself."""
    return set(names) <= _LOCAL


class HostMiddleware:
    """Answers 400 in a sentence to an unknown host name, before anything builds an address with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            name = request.headers.get("Host", "")[:255]
            logger.warning("Refused a request for host %r. If it is this server, add the name to BALLAST_HOSTS.", name)
            with override(get_language_from_request(request)):
                text = _("This server does not go by the name in the address. Ask whoever runs it for the right one.")
            return HttpResponse(f"{text}\n", status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
