"""A write that is sent twice with the same key is done once: the second gets the first one's answer."""

import datetime as dt
import functools
import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.accounts.apikit import ApiError, signed_in
from ballast.areas.accounts.models import IdempotencyKey, User

__all__ = ["HEADER", "KEPT", "idempotent"]

HEADER = "Idempotency-Key"
KEPT = dt.timedelta(hours=48)
_WRITES = {"POST", "PUT", "PATCH"}
_LONGEST = 200


def _fingerprint(request: HttpRequest) -> str:
    parts = (request.method or "", request.get_full_path(), hashlib.sha256(request.body).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get(HEADER, "").strip()
    if len(key) > _LONGEST or not (key.isascii() and key.isprintable()):
        message = _("The key must be at most {count} printable ASCII characters.").format(count=_LONGEST)
        raise ApiError(code="bad_idempotency_key", message=message, fields=[(HEADER, message)])
    return key


def _stored(user: User, key: str, fingerprint: str) -> HttpResponse | None:
    """The answer that was given before under this key, if any; 409 when the request was another."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    found = IdempotencyKey.objects.filter(user=user, key=key).first()
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        message = _("This idempotency key was used for another request. Use a new key.")
        raise ApiError(code="idempotency_key_reused", message=message, status=409, fields=[(HEADER, message)])
    answer = HttpResponse(found.body, status=found.status, content_type="application/json; charset=utf-8")
    answer["Idempotency-Replayed"] = "true"
    return answer


def _once(
    run: Callable[..., HttpResponse], request: HttpRequest, user: User, key: str, given: dict[str, object]
) -> HttpResponse:
    """Do the write and keep its answer in one transaction, so a crash leaves both or neither.

    A refused request leaves nothing, not even its key. A twin that comes meanwhile waits for this
    transaction and then gets its answer.
    """
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        if (answer := _stored(user, key, fingerprint)) is not None:
            return answer
        row = IdempotencyKey.objects.create(user=user, key=key, fingerprint=fingerprint, status=0, body="")
        answer = run(request, **given)
        if answer.status_code >= 400:
            transaction.set_rollback(True)
        else:
            row.status, row.body = answer.status_code, answer.content.decode()
            row.save(update_fields=["status", "body"])
    return answer


def idempotent(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of an operation's run: obeys the Idempotency-Key header of POST, PUT and PATCH."""

    @functools.wraps(run)
    def keyed(request: HttpRequest, *_args: object, **given: object) -> HttpResponse:
        if request.method not in _WRITES or HEADER not in request.headers:
            return run(request, **given)
        # The body whole, before the check of a session's CSRF token reads a form out of it.
        _ = request.body
        user, key = signed_in(request), _key_of(request)
        if user is None or not key:
            return run(request, **given)
        try:
            return _once(run, request, user, key, given)
        except IntegrityError:
            # The twin was first: its answer is there now.
            answer = _stored(user, key, _fingerprint(request))
            if answer is None:
                raise
            return answer

    return keyed
