"""What every API operation stands on: sign-in, one error shape, cursor paging, idempotent writes."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf
from pydantic import Field

from ballast.areas.accounts import selectors
from ballast.areas.accounts.models import User

__all__ = [
    "ApiError",
    "BearerAuth",
    "Error",
    "FieldError",
    "ListFilters",
    "Page",
    "Paging",
    "SessionAuth",
    "paginate",
    "signed_in",
]

T = TypeVar("T")
# A row of a list: an object or a dict; or a value of one of its columns.
Row = Any
MAX_LIMIT = 200


class FieldError(Schema):
    """One field that was refused and why."""

    field: str
    message: str


class Error(Schema):
    """The one shape of every error answer."""

    code: str
    message: str
    fields: list[FieldError] = []


class ApiError(Exception):
    """An answer other than success: a stable code for programs, a sentence for people, a status."""

    def __init__(self, code: str, message: str, status: int = 422, fields: Sequence[tuple[str, str]] = ()) -> None:
        self.code, self.message, self.status, self.fields = code, message, status, tuple(fields)
        super().__init__(message)


class Page(Schema, Generic[T]):
    """A part of a list; `next` is the cursor of the part after it, null on the last."""

    items: list[T]
    next: str | None = None


class Paging(Schema):
    """Query parameters of every list: `paging: Query[Paging]`."""

    cursor: str | None = Field(None, max_length=500, description="The `next` of the page before.")
    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="Rows a page.")


class ListFilters(Schema):
    """What every list of enterprises, sites or things of theirs can be narrowed by, as on its page."""

    q: str = Field("", max_length=100, description="Text to be found in names and identifiers.")
    region: str = Field("", max_length=16, description="Region code: the region and what lies below it.")
    chain: str = Field("", max_length=32)


def _cursor(value: object) -> str:
    text = value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
    return base64.urlsafe_b64encode(json.dumps([text]).encode()).decode().rstrip("=")


def _bad_cursor() -> ApiError:
    message = _("The cursor is not one that this list gave out. Begin again without it.")
    return ApiError("bad_cursor", message, 422, [("cursor", message)])


def _value(cursor: str) -> int | str:
    """What a cursor carries: a text or a whole number."""
    try:
        value = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(value, list) or len(value) != 1 or type(value[0]) not in {int, str}:
        raise _bad_cursor()
    if isinstance(value[0], str) and "\x00" in value[0]:
        raise _bad_cursor()
    found: int | str = value[0]
    return found


def _read(row: Row, key: str) -> Row:
    for part in key.split("__"):
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


def _field_value(queryset: QuerySet[Any], key: str, value: int | str) -> Row:
    """The cursor's value as the type of the column, else 422."""
    model: Any = queryset.model
    *relations, column = key.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    field = model._meta.pk if column == "pk" else model._meta.get_field(column)
    try:
        found = field.to_python(value)
    except (ValidationError, ValueError, OverflowError):
        raise _bad_cursor() from None
    if isinstance(found, int) and abs(found) >= 2**63:
        raise _bad_cursor()
    return found


def paginate(
    rows: QuerySet[Any] | Sequence[Any],
    cursor: str | None = None,
    limit: int = 50,
    *,
    key: str = "pk",
    keys_first: bool = False,
) -> dict[str, Any]:
    """One page of `rows` as {"items", "next"}, ordered by `key`: a unique column ("-key" descends).

    A later page begins after the key of the row before it, so rows that come or go in between neither
    repeat nor hide others. Sequences of objects or dicts are paged in the same way. With `keys_first` the
    database sorts keys alone and reads in full what is shown, for rows that no index gives in order.
    ApiError 422 on a cursor that this list did not give out.
    """
    limit = min(max(limit, 1), MAX_LIMIT)
    descending, key = key.startswith("-"), key.removeprefix("-")
    after = _value(cursor) if cursor else None
    if isinstance(rows, QuerySet):
        queryset = rows.order_by(f"{'-' if descending else ''}{key}")
        if after is not None:
            queryset = queryset.filter(**{f"{key}__{'lt' if descending else 'gt'}": _field_value(queryset, key, after)})
        if keys_first:
            queryset = queryset.filter(pk__in=list(queryset.values_list("pk", flat=True)[: limit + 1]))
        found = list(queryset[: limit + 1])
    else:
        found = _slice(rows, key, after, limit, descending=descending)
    items = found[:limit]
    return {"items": items, "next": _cursor(_read(items[-1], key)) if len(found) > limit else None}


def key_of(cursor: str | None) -> int | None:
    """The key at which a page of `page_of_keys` ended; None before the first. ApiError 422 on another's cursor."""
    found = _value(cursor) if cursor else None
    if found is not None and not (isinstance(found, int) and 0 <= found < 2**63):
        raise _bad_cursor()
    return found if isinstance(found, int) else None


def page_of_keys(keys: Sequence[int], limit: int) -> tuple[list[int], str | None]:
    """The first of some keys that stand in any order, and the cursor of the page after them."""
    limit = min(max(limit, 1), MAX_LIMIT)
    found = list(keys[:limit])
    return found, _cursor(found[-1]) if len(keys) > limit else None


def _slice(rows: Sequence[Any], key: str, after: int | str | None, limit: int, *, descending: bool) -> list[Any]:
    ordered = sorted(rows, key=lambda row: _read(row, key), reverse=descending)
    try:
        if after is not None:
            ordered = [r for r in ordered if (_read(r, key) < after if descending else _read(r, key) > after)]
    except TypeError:
        raise _bad_cursor() from None
    return ordered[: limit + 1]


class BearerAuth(HttpBearer):
    """`Authorization: Bearer <token>`: acts with the rights of the person who made the token."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person of a token that holds."""
        user = selectors.user_of_token(token)
        if user:
            request.user = user
        return user


class SessionAuth(APIKeyCookie):
    """A person signed in on the pages; writes also need the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        """The person of the session; ApiError 403 when a write comes without the CSRF token."""
        # A wrong token is refused, not silently replaced by the session beside it.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        if check_csrf(request):
            message = _("The CSRF token is missing or wrong. Load the page again.")
            raise ApiError(code="csrf_failed", message=message, status=403)
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The person of the session; the cookie itself is read by the session middleware."""
        return self(request)


_METHODS = (BearerAuth(), SessionAuth())


def signed_in(request: HttpRequest) -> User | None:
    """The person behind an API request, found once a request; None when nobody is."""
    if not hasattr(request, "_api_user"):
        found: Any = next((user for method in _METHODS if (user := method(request))), None)
        request._api_user = found  # type: ignore[attr-defined]
    return request._api_user  # type: ignore[attr-defined, no-any-return]
