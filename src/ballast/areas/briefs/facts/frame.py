"""What all sections of a brief share: day, window, scope, and the shape of a figure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from ballast.areas.accounts.access import Scope
from ballast.areas.registry.selectors import scope_filter

__all__ = ["Figure", "Frame", "figure", "names"]

Figure = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """One brief's day, cut-off (aware), scope, and the instants that it counts from."""

    day: dt.date
    cut_off: dt.datetime
    scope: Scope
    time_zone: dt.tzinfo

    @property
    def midnight(self) -> dt.datetime:
        """The day's first instant in the authority's zone: what is new has come since then, here as on Today."""
        return dt.datetime.combine(self.day, dt.time(), self.time_zone)

    @property
    def midnight_before(self) -> dt.datetime:
        """The first instant of the day before."""
        return dt.datetime.combine(self.day - dt.timedelta(days=1), dt.time(), self.time_zone)

    @property
    def a_day_ago(self) -> dt.datetime:
        """The cut-off's hour on the day before."""
        return self.cut_off - dt.timedelta(days=1)

    def of_enterprises(self, prefix: str = "") -> Q:
        """Condition on enterprises, reached through `prefix`."""
        return scope_filter(self.scope, prefix)


def figure(value: float | None, path: str, *, before: float | None = None, **query: str) -> Figure:
    """One figure: its value, the same a day earlier (None: not comparable), and the list that it counts.

    `{since}` and `{until}` in a query value are filled with midnight and the cut-off when it is printed.
    """
    href = f"{path}?{urlencode(query, safe='{},')}" if query else path
    return {"value": value, "before": before, "href": href}


def names(row: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """The two names of a row of `values()`, as `name` and `name_zh`."""
    return {"name": str(row[f"{prefix}name"] or ""), "name_zh": str(row[f"{prefix}name_zh"] or "")}
