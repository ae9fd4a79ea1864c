"""Where the values of a rule's measure are stored: each area offers what it keeps, so that rules can be tried on it.

Rules speak of inputs, commodities, series and regions, whose values lie in areas that build on this one; they register
a source here when they are loaded.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ballast.core.columns import Floats
from ballast.core.warning import Rule

__all__ = ["Source", "Stored", "grid", "offer", "place_in", "source_of"]

# How many periods back a year is, and how far one is from the next.
_PERIODS = {"day": 365, "week": 52, "month": 12}


@dataclass(frozen=True, eq=False)
class Stored:
    """Values of some subjects by period of the rule: `days` [T] the first day of each, `values` [T, n], nan for none.

    Each value is the one that stood then: nothing published later is in it.
    """

    days: tuple[dt.date, ...]
    values: Floats


@dataclass(frozen=True)
class Source:
    """One kind of stored values: which rules it has values for, and those of the year up to a day.

    `lights` says whether lamps of the service follow the rule, beside being tried on the values.
    """

    name: Literal["inputs", "materials", "series", "counts"]
    takes: Callable[[Rule], bool]
    lights: Callable[[Rule], bool]
    read: Callable[[Rule, dt.date], Iterator[Stored]]


_SOURCES: dict[str, Source] = {}


def offer(source: Source) -> None:
    """Make a source known; the same one again changes nothing."""
    _SOURCES[source.name] = source


def source_of(rule: Rule) -> Source | None:
    """The source that has values of a rule's measure; None where the service keeps none."""
    return next((source for source in _SOURCES.values() if source.takes(rule)), None)


def grid(rule: Rule, until: dt.date) -> tuple[dt.date, ...]:
    """First days of the periods of the year that ends with a day: 365 days, 52 weeks that end with it, or 12 months."""
    count = _PERIODS[rule.period]
    if rule.period == "month":
        last = until.year * 12 + until.month - 1
        return tuple(dt.date(k // 12, k % 12 + 1, 1) for k in range(last - count + 1, last + 1))
    step = 7 if rule.period == "week" else 1
    return tuple(until - dt.timedelta(days=step * k - 1) for k in range(count, 0, -1))


def place_in(days: tuple[dt.date, ...], day: dt.date) -> int | None:
    """Place of the period that holds a day; None outside."""
    place = int(np.searchsorted(np.array(days, dtype="datetime64[D]"), np.datetime64(day), side="right")) - 1
    step = (days[-1] - days[-2]).days
    return None if place < 0 or (place == len(days) - 1 and (day - days[-1]).days >= max(step, 1)) else place
