"""Counts of reported problems as a person may see them: only filings of enterprises in their scope are counted."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.alerts.models import Level
from ballast.areas.cases.packs.in_force import PROBLEM, pack_named
from ballast.areas.economy.filings.counting import ALL_KINDS, Filings, filings_of
from ballast.areas.economy.filings.judging import (
    SHOWN_DAYS,
    Expected,
    Signal,
    expected,
    judged_all,
    rules_on_counts,
    weeks_of,
    worst,
)
from ballast.areas.economy.materials.rules import rules_on
from ballast.areas.reference.models import Region
from ballast.areas.registry.kept import kept
from ballast.core.columns import Floats
from ballast.core.warning import Rule

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "EVERYWHERE",
    "Board",
    "Counted",
    "board",
    "columns_of",
    "counted",
    "kinds_of_problems",
    "parts_of",
    "raised",
]

# Stands for the whole of a person's scope where a region is asked for.
EVERYWHERE = "all"
_KEPT_SECONDS = 600
_SEVERITY = {str(level): rank for rank, level in enumerate(Level.values)}
_WEEKS = 26


@dataclass(frozen=True)
class Counted:
    """Filings of one kind in one region, and what the rules say of them. Region None is the whole scope, "" all kinds.

    `days` are the filings of the last 56 days, today so far the last of them; `weeks` of the last 26 whole weeks.
    """

    region: Region | None
    kind: str
    level: str
    since: dt.date | None
    days: tuple[int, ...]
    weeks: tuple[int, ...]
    problems: int  # named by the filings of the last seven days
    expected: Expected | None
    signals: tuple[Signal, ...]

    @property
    def today(self) -> int:
        """Filings of today so far."""
        return self.days[-1] if self.days else 0

    @property
    def week(self) -> int:
        """Filings of the last seven days, today included."""
        return sum(self.days[-7:])

    @property
    def code(self) -> str:
        """The region as addresses name it."""
        return self.region.code if self.region else EVERYWHERE


@dataclass(frozen=True)
class Board:
    """Everything together, each kind in the whole scope, each region for one kind, and what is raised anywhere."""

    first: dt.date
    last: dt.date
    whole: Counted
    kinds: list[Counted]
    regions: list[Counted]
    raised: list[Counted]


def kinds_of_problems() -> dict[str, str]:
    """Label of each kind of problem, by code."""
    return {kind.name: str(kind.label) for kind in pack_named(PROBLEM).kinds}


def board(user: "User", *, kind: str = ALL_KINDS) -> Board:
    """The counts in scope; `kind` is that of the list by region. ObjectDoesNotExist for a kind that there is not."""
    require(user, "view_desk")
    if kind and kind not in kinds_of_problems():
        raise ObjectDoesNotExist
    found, table = _table(user)
    kinds = [table[None, one] for one in kinds_of_problems()]
    regions = [one for (region, of), one in table.items() if region is not None and of == kind]
    return Board(
        found.first, found.last, table[None, ALL_KINDS], _ordered(kinds), _ordered(regions), _raised(table.values())
    )


def raised(user: "User") -> list[Counted]:
    """Counts in scope that stand above a limit, worst first."""
    require(user, "view_desk")
    return _raised(_table(user)[1].values())


def counted(user: "User", region: str, kind: str = ALL_KINDS) -> Counted:
    """One count. ObjectDoesNotExist for a region out of scope and for a kind that there is not."""
    require(user, "view_desk")
    if kind and kind not in kinds_of_problems():
        raise ObjectDoesNotExist
    found = filings_of(user)
    homes = _homes(found)
    place = None if region == EVERYWHERE else _region_in_scope(user, region, homes)
    inside = list(homes) if place is None else _inside(place, homes)
    return _judged(found, [(place, inside, kind)], _rules(found.last))[0]


def parts_of(found: Filings) -> dict[str, list[str]]:
    """The regions filed from, by the part that the list by region names."""
    return _parts(_homes(found))


def columns_of(found: Filings) -> list[Floats]:
    """Filings by day of every kind and of all, in the whole and in each part that the list by region names."""
    places = [found.regions, *parts_of(found).values()]
    return [found.column(inside, kind) for inside in places for kind in (ALL_KINDS, *kinds_of_problems())]


def _region_in_scope(user: "User", code: str, homes: dict[str, str]) -> Region:
    """A region of the scope, or one that the list by region names. Region.DoesNotExist for any other."""
    scope = scope_of(user, "view_desk")
    place = Region.objects.get(code=code)
    # A chain without a region reaches everywhere, and counts the enterprises of the chain alone.
    if scope.everything or any(not top for top, _chain in scope.places) or code in _parts(homes):
        return place
    tops = Region.objects.filter(code__in=[top for top, _chain in scope.places]).values_list("path", flat=True)
    if not any(place.path.startswith(top) for top in tops):
        raise Region.DoesNotExist
    return place


def _table(user: "User") -> tuple[Filings, dict[tuple[str | None, str], Counted]]:
    """Every count in scope, by region (None: the whole) and kind; kept until a problem is filed or the day ends."""
    found = filings_of(user)
    rules = _rules(found.last)
    named = [rule.label for rule in rules]
    table = kept(lambda: _computed(found, rules), "counts", found.mark, named, seconds=_KEPT_SECONDS)
    return found, table


def _computed(found: Filings, rules: Sequence[Rule]) -> dict[tuple[str | None, str], Counted]:
    parts = parts_of(found)
    places = Region.objects.in_bulk(parts)
    kinds = [ALL_KINDS, *kinds_of_problems()]
    wanted: list[_Asked] = [(None, found.regions, kind) for kind in kinds]
    wanted += [(places[code], inside, kind) for code, inside in parts.items() for kind in kinds]
    counts = _judged(found, wanted, rules)
    return {(place.code if place else None, kind): one for (place, _i, kind), one in zip(wanted, counts, strict=True)}


# A region (None: the whole scope), the regions filed from that lie in it, and a kind.
_Asked = tuple[Region | None, list[str], str]


def _judged(found: Filings, wanted: Sequence[_Asked], rules: Sequence[Rule]) -> list[Counted]:
    """The counts that are asked for, each with what the rules that speak of its region say."""
    columns = [found.column(inside, kind) for _place, inside, kind in wanted]
    signals: list[list[Signal]] = [[] for _one in wanted]
    for rule in rules:
        here = [k for k, one in enumerate(wanted) if rule.subjects.region in ("", one[0].code if one[0] else "")]
        for k, signal in zip(here, judged_all(rule, [columns[k] for k in here], found.last), strict=True):
            signals[k].append(signal)
    counts = []
    for (place, inside, kind), column, said in zip(wanted, columns, signals, strict=True):
        level, since = worst(said)
        days = tuple(int(one) for one in column[-SHOWN_DAYS:])
        weeks = tuple(int(one) for one in weeks_of(column[:-1])[-_WEEKS:])
        problems = found.problems(inside, kind, days=7)
        counts.append(Counted(place, kind, level, since, days, weeks, problems, expected(column), tuple(said)))
    return counts


def _rules(day: dt.date) -> list[Rule]:
    return rules_on_counts(list(rules_on(day).values()), day)


def _homes(found: Filings) -> dict[str, str]:
    """Path of each region from which anything was filed, by its code."""
    codes = {key.region for key in found.by_day}
    return dict(Region.objects.filter(code__in=codes).order_by("code").values_list("code", "path"))


def _inside(place: Region, homes: dict[str, str]) -> list[str]:
    return [code for code, path in homes.items() if path.startswith(place.path)]


def _parts(homes: dict[str, str]) -> dict[str, list[str]]:
    """The regions filed from, by the part that holds them: one step below what all have in common."""
    split = {code: path.strip("/").split("/") for code, path in homes.items()}
    common = 0
    while split and all(len(p) > common + 1 for p in split.values()) and len({p[common] for p in split.values()}) == 1:
        common += 1
    found: dict[str, list[str]] = {}
    for code, path in split.items():
        found.setdefault(path[min(common, len(path) - 1)], []).append(code)
    return found


def _raised(table: Iterable[Counted]) -> list[Counted]:
    return _ordered(one for one in table if one.level not in (Level.NORMAL, Level.NO_DATA))


def _ordered(rows: Iterable[Counted]) -> list[Counted]:
    """Worst first, then most filings of the week; the whole of a scope before its parts."""
    return sorted(rows, key=lambda one: (_SEVERITY[one.level], -one.week, one.region is not None, one.code, one.kind))
