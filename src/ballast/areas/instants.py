"""Instants as texts from the database, for reading many rows without a conversion that the reader does not need."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache

from django.db.models import TextField
from django.db.models.functions import Cast

__all__ = ["as_text", "aware", "local_minutes"]

# Texts of so many minutes are kept at a time: six weeks, in a few megabytes.
_MINUTES = 60_000


def as_text(field: str) -> Cast:
    """The instant of a field as the database writes it: in UTC, "2022-04-28 07:00:00" and what may follow.

    A field as it stands costs more than the rest of its row: SQLite keeps a text, from which an instant is made.
    """
    return Cast(field, TextField())


def aware(text: str) -> dt.datetime:
    """The instant of such a text."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def local_minutes(zone: dt.tzinfo) -> Callable[[str], str]:
    """What writes such a text as its minute in the zone, "2022-04-28T15:00"."""

    @lru_cache(_MINUTES)
    def local(minute: str) -> str:
        return aware(minute).astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes")

    # Many rows share their minutes, and few their seconds.
    return lambda text: local(text[:16])
