"""Every error of the API in the one shape {code, message, fields[]}, whatever raised it."""

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.core.signals import got_request_exception
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI, errors

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.idempotency import idempotent
from ballast.web.apiparser import check_value

__all__ = ["error_answer", "guarded", "register", "shaped", "unknown_path"]

logger = logging.getLogger("ballast.api")
_CODES = {400: "bad_request", 401: "not_signed_in", 403: "refused", 404: "not_found", 429: "too_many_requests"}


def error_answer(code: str, message: str, status: int, fields: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """The error shape as an answer."""
    body = {"code": code, "message": message, "fields": [{"field": f, "message": m} for f, m in fields]}
    answer = JsonResponse(body, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="Ballast"'
    return answer


def _api_error(request: HttpRequest, exc: ApiError) -> HttpResponse:
    return error_answer(exc.code, exc.message, exc.status, exc.fields)


def _not_found(request: HttpRequest, exc: Exception) -> HttpResponse:
    return error_answer("not_found", _("There is nothing at this address that you may see."), 404)


def _http_error(request: HttpRequest, exc: errors.HttpError) -> HttpResponse:
    cause = exc.__cause__
    if isinstance(cause, ApiError):
        return _api_error(request, cause)
    if isinstance(exc, errors.AuthenticationError):
        message = _("Send a valid token: Authorization: Bearer followed by the token.")
        return error_answer("not_signed_in", message, 401)
    if exc.status_code == 400:
        return error_answer("bad_body", _("The body cannot be read as JSON."), 422)
    if exc.status_code == 429:
        return error_answer("too_many_requests", _("Too many requests. Wait and try again."), 429)
    return error_answer(_CODES.get(exc.status_code, "error"), str(exc), exc.status_code)


def _validation(request: HttpRequest, exc: errors.ValidationError) -> HttpResponse:
    fields = [(".".join(str(part) for part in error["loc"][1:]), error["msg"]) for error in exc.errors]
    return error_answer("invalid", _("Some values are missing or wrong; see the fields."), 422, fields)


def _django_validation(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    found = exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages}
    fields = [("" if name == NON_FIELD_ERRORS else name, text) for name, texts in found.items() for text in texts]
    return error_answer("invalid", " ".join(text for _name, text in fields), 422, [f for f in fields if f[0]])


def _too_big(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
    return error_answer("too_large", _("The body is larger than the server accepts."), 413)


def _unreadable(request: HttpRequest, exc: Exception) -> HttpResponse:
    return error_answer("bad_body", _("The body cannot be read."), 422)


def _out_of_range(request: HttpRequest, exc: Exception) -> HttpResponse:
    return error_answer("out_of_range", _("A number or text is larger than can be stored."), 422)


def _fault(request: HttpRequest, exc: Exception) -> HttpResponse:
    logger.error("%s %s failed", request.method, request.path, exc_info=exc)
    got_request_exception.send(sender=None, request=request)
    return error_answer("fault", _("The server failed. The fault has been logged; nothing was changed."), 500)


def register(api: NinjaAPI) -> None:
    """Set the handlers of all errors that an operation can raise."""
    handlers: dict[type[Exception], Any] = {
        ApiError: _api_error,
        ObjectDoesNotExist: _not_found,
        Http404: _not_found,
        errors.HttpError: _http_error,
        errors.ValidationError: _validation,
        ValidationError: _django_validation,
        RequestDataTooBig: _too_big,
        SuspiciousOperation: _unreadable,
        MultiPartParserError: _unreadable,
        DataError: _out_of_range,
        OverflowError: _out_of_range,
        Exception: _fault,
    }
    for error, handler in handlers.items():
        api.add_exception_handler(error, handler)


def guarded(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of an operation's run: checks the path's values, then obeys the idempotency key."""
    keyed = idempotent(run)

    @functools.wraps(run)
    def checked(request: HttpRequest, *args: object, **given: object) -> HttpResponse:
        try:
            for name, value in given.items():
                check_value(value, name)
            return keyed(request, *args, **given)
        except ApiError as exc:
            return _api_error(request, exc)
        except RequestDataTooBig as exc:
            return _too_big(request, exc)

    return checked


def shaped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, with "no such address" and "no such method" in the error shape."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except Http404 as exc:
            return _not_found(request, exc)
        if answer.status_code != 405:
            return answer
        allowed = answer["Allow"]
        message = _("This address knows only {methods}.").format(methods=allowed)
        refused = error_answer("method_not_allowed", message, 405)
        refused["Allow"] = allowed
        return refused

    wrapped.csrf_exempt = True  # type: ignore[attr-defined]
    return wrapped


def unknown_path(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer of an address below the API's root that is none of its own."""
    return _not_found(request, Http404())


unknown_path.csrf_exempt = True  # type: ignore[attr-defined]
