"""The way back of who sent a form and is no longer signed in, or opens the address of a form by hand."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

__all__ = ["ReturnMiddleware"]


def _page_of(request: HttpRequest) -> str:
    """Path of the page on which the form stood, as the browser tells; the first page when it tells none of ours."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(told)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


def _asks_to_sign_in(request: HttpRequest, answer: HttpResponse) -> bool:
    if answer.status_code != 302:
        return False
    parts = urlsplit(answer.headers["Location"])
    return parts.path == resolve_url(settings.LOGIN_URL) and "next" in QueryDict(parts.query)


class ReturnMiddleware:
    """Lead back to a page that can be opened: addresses that only take a form are none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.path.startswith("/api/"):
            return answer
        in_part = request.headers.get("HX-Request") == "true"
        if (in_part or request.method == "POST") and _asks_to_sign_in(request, answer):
            sign_in = redirect_to_login(_page_of(request))
            # A part of a page cannot hold the sign-in: the whole page goes there.
            return HttpResponse(headers={"HX-Redirect": sign_in.url}) if in_part else sign_in
        if answer.status_code == 405 and request.method == "GET" and not in_part:
            page = render(request, "405.html", status=405)
            page.headers["Allow"] = answer.headers["Allow"]
            return page
        return answer
