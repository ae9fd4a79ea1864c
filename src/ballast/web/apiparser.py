"""Reads request bodies and queries; refuses values that no database can store."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser

from ballast.areas.accounts.apikit import ApiError

__all__ = ["StrictParser", "check_value"]

_LARGEST = 2**63 - 1
_DEEPEST = 50


def _refuse(name: str, message: str) -> ApiError:
    return ApiError("invalid", message, 422, [(name, message)])


def check_value(value: object, name: str = "", depth: int = 0) -> None:
    """Raise ApiError 422 for a NUL, half of a surrogate pair, or a whole number beyond 64 bits, at any depth."""
    if depth > _DEEPEST:
        raise _refuse(name, _("The value is nested deeper than {count} levels.").format(count=_DEEPEST))
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise _refuse(name, _("The text holds a character that cannot be stored."))
    elif isinstance(value, int) and not -_LARGEST - 1 <= value <= _LARGEST:
        raise _refuse(name, _("The number is beyond 64 bits."))
    elif isinstance(value, dict):
        for key, child in value.items():
            check_value(key, name, depth + 1)
            check_value(child, f"{name}.{key}" if name else key, depth + 1)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            check_value(child, f"{name}.{index}" if name else str(index), depth + 1)


def _no_constant(text: str) -> NoReturn:
    raise _refuse(name="", message=_("{value} is not a number in JSON.").format(value=text))


class StrictParser(Parser):
    """Ninja's parser, with every value checked once here instead of in each operation."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body as JSON without NaN and Infinity."""
        try:
            data: dict[str, Any] = json.loads(request.body, parse_constant=_no_constant)
        except RecursionError as exc:
            raise ValueError from exc
        check_value(data)
        return data

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Query or form values; a value that comes twice counts once unless a list is expected."""
        result = super().parse_querydict(data, list_fields, request)
        for name, value in result.items():
            check_value(value, name)
        return result
