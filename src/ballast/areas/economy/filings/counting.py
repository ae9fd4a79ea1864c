"""How reports of problems become counts by day: what is one filing, of whom, and since when there are any.

A filing is what one enterprise reported of one kind on one day, however many problems it named: a sheet of 401 rows is
one. The rules on counts take filings to come independently of each other; the rows of one sheet do not, and who has a
spreadsheet would raise every alarm. Parts that a desk splits off a case are no filings, and one that is withdrawn or
merged later stays counted, because it was there on its day: nothing that happens later changes a count.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Max, Min, Q, QuerySet

from ballast.areas.accounts.access import Scope, scope_of
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs.in_force import PROBLEM
from ballast.areas.cases.selectors import day_bounds
from ballast.areas.instants import as_text, local_minutes
from ballast.areas.reference.selectors import authority, now, today
from ballast.areas.registry.kept import kept
from ballast.areas.registry.selectors import scope_filter
from ballast.core.columns import Floats

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["ALL_KINDS", "Filings", "Key", "filings_of", "filings_within"]

# Of all kinds together: an enterprise that reports two kinds on a day has filed once.
ALL_KINDS = ""
_KEPT_SECONDS = 3600


class Key(NamedTuple):
    """Region of the enterprise, and kind of problem."""

    region: str
    kind: str


# Filings and the problems that they named by the day's number from the first; plain, for it is kept for every process.
_Days = dict[int, tuple[int, int]]


@dataclass(frozen=True)
class Filings:
    """Filings by region and kind for every day from `first` to `last`; the last day may not be over yet.

    `first` is the day on which any enterprise first reported: before it nobody could, and nothing is known.
    """

    first: dt.date
    last: dt.date
    # Differs whenever the counts do: what is computed from them is kept under it, and asked for before they are read.
    mark: tuple[object, ...]
    read: Callable[[], Mapping[Key, _Days]]

    @cached_property
    def by_day(self) -> Mapping[Key, _Days]:
        """Filings and problems by region and kind, then by the day's number from the first."""
        return self.read()

    @property
    def days(self) -> int:
        """Days from the first to the last, both included."""
        return (self.last - self.first).days + 1

    @property
    def regions(self) -> list[str]:
        """The regions from which anything was filed."""
        return sorted({key.region for key in self.by_day})

    def column(self, regions: Collection[str], kind: str) -> Floats:
        """[days] filings of a kind from all of the regions."""
        found = np.zeros(self.days)
        for region in regions:
            for day, (filings, _problems) in self.by_day.get(Key(region, kind), {}).items():
                found[day] += filings
        return found

    def problems(self, regions: Collection[str], kind: str, *, days: int) -> int:
        """Problems that the filings of the last days named."""
        wanted = range(self.days - days, self.days)
        parts = (self.by_day.get(Key(region, kind), {}) for region in regions)
        return sum(part[day][1] for part in parts for day in wanted if day in part)


def filings_of(user: "User") -> Filings:
    """Filings of the enterprises in the person's scope, up to now; those of others are in no count.

    What was filed before today is kept; what came today is read anew.
    """
    return filings_within(scope_of(user, "view_desk"))


def filings_within(scope: Scope) -> Filings:
    """Filings of the enterprises in a scope, up to now."""
    of, day = authority(), today()
    midnight = day_bounds(day, of.time_zone)[0]
    past = Q(filed_at__lt=midnight)
    seen = _reports(Scope(everything=True)).filter(past).aggregate(Max("pk"), Count("pk"), first=Min("filed_at"))
    first = seen.pop("first")
    begin = first.astimezone(ZoneInfo(of.time_zone)).date() if first else day
    parts = (scope.everything, scope.places, scope.enterprises, day, of.time_zone, sorted(seen.items()))
    fresh = _counted(scope, Q(filed_at__gte=midnight, filed_at__lte=now(of)), begin, of.time_zone)

    def read() -> dict[Key, _Days]:
        before = kept(lambda: _counted(scope, past, begin, of.time_zone), "filings", *parts, seconds=_KEPT_SECONDS)
        return {key: {**before.get(key, {}), **fresh.get(key, {})} for key in {*before, *fresh}}

    return Filings(begin, day, (*parts, sorted((key, sorted(days.items())) for key, days in fresh.items())), read)


def _reports(scope: Scope) -> QuerySet[Case]:
    mine = Case.objects.filter(scope_filter(scope, "enterprise__", region="home"))
    return mine.filter(pack=PROBLEM, split_from=None).order_by()


def _counted(scope: Scope, when: Q, first: dt.date, zone_name: str) -> dict[Key, _Days]:
    """Filings and problems by region and kind, then by the day's number from the first."""
    day_of, numbers = local_minutes(ZoneInfo(zone_name)), dict[str, int]()
    problems: Counter[tuple[str, str, int, int]] = Counter()
    rows = _reports(scope).filter(when).values_list("home_id", "kind", "enterprise_id", as_text("filed_at"))
    for home, kind, enterprise, at in rows.iterator(chunk_size=5000):
        date = day_of(at)[:10]
        if date not in numbers:
            numbers[date] = (dt.date.fromisoformat(date) - first).days
        problems[home, kind, enterprise, numbers[date]] += 1
    everything: Counter[tuple[str, str, int, int]] = Counter()
    for (home, _kind, enterprise, day), number in problems.items():
        everything[home, ALL_KINDS, enterprise, day] += number
    found: dict[Key, _Days] = {}
    for counted in (problems, everything):
        for (home, kind, _enterprise, day), number in counted.items():
            days = found.setdefault(Key(home, kind), {})
            filings, named = days.get(day, (0, 0))
            days[day] = filings + 1, named + number
    return found
