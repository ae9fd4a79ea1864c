"""A day in an address: /briefs/2022-04-28/."""

import datetime as dt

from django.urls import register_converter
from django.urls.converters import get_converters

__all__ = ["DayConverter", "register"]


class DayConverter:
    """A date as it stands in an address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        """The date; ValueError, and with it 404, for what is none."""
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        """The date as a text."""
        return str(value)


def register() -> None:
    """Let addresses have days; each area that needs them asks for it."""
    if "day" not in get_converters():
        register_converter(DayConverter, "day")
