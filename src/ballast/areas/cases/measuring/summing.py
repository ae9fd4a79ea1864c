"""The log of cases summed up, one column a case; a process reads of the whole log only what is new to it."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from django.db.models import Count, Field, Func, Max, Min, Q, QuerySet, Sum

from ballast.areas.cases.measuring.logged import ENTRIES, UNDOING
from ballast.areas.cases.models import Case, CaseEntry

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler
    from numpy.typing import NDArray

__all__ = ["seconds", "summary"]

# From so many cases on the whole log is kept: below, reading their own lines is as quick.
_MANY = 5_000
# A column that is taken as it comes: half of the time of a large answer would go into reading its numbers again.
_UNREAD: Field[Any, Any] = Field()
_Sql = tuple[str, tuple[str | int, ...]]


class _Seconds(Func):
    """An instant as whole seconds since 1970, told by the database: a tenth of the work of reading instants."""

    output_field = _UNREAD

    def as_sqlite(self, compiler: "SQLCompiler", connection: "BaseDatabaseWrapper") -> _Sql:  # type: ignore[override]
        return self.as_sql(compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)")

    def as_postgresql(self, compiler: "SQLCompiler", connection: "BaseDatabaseWrapper") -> _Sql:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint")


def seconds(field: str) -> Func:
    """The instants of a field as whole seconds since 1970, as the database has them."""
    return _Seconds(field)


@dataclass(frozen=True)
class _Summed:
    """What the log up to a line says of each case that it says anything of."""

    cases: "NDArray[np.int64]"  # [n] ascending
    table: "NDArray[np.float64]"  # [3 + words, n] see `summary`


@dataclass(frozen=True)
class _Whole:
    """The whole log up to a line, and by what is seen that none of these lines came or went since."""

    asked: str
    newest: int
    lines: tuple[int, int]
    summed: _Summed


_whole: _Whole | None = None


def summary(rows: QuerySet[Case], case: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """[3 + words, n] of the cases `rows` with the keys `case`, in that order; nan where the log tells nothing.

    Rows: first response, last solution (seconds since 1970), the key of the last line that undoes one, and of each word
    of ENTRIES the key of the last line that tells it.
    """
    own = CaseEntry.objects.filter(case__in=rows.order_by().values("pk"))
    found = _summed(own) if len(case) < _MANY else _of_all()
    table = np.full((3 + len(ENTRIES), len(case)), np.nan)
    if found.cases.size:
        place = np.minimum(np.searchsorted(found.cases, case), found.cases.size - 1)
        known = found.cases[place] == case
        table[:, known] = found.table[:, place[known]]
    return table


def _of_all() -> _Summed:
    """The whole log. Lines that came since it was last read are added; it is read anew when others came or went."""
    global _whole
    told = f"{connection.settings_dict['NAME']} {_telling(CaseEntry.objects.all()).query}"
    kept = _whole if _whole is not None and _whole.asked == told else None
    before = kept.newest if kept else 0
    # One look at one moment: a line with a lower key may be committed after one with a higher key was read.
    upto, *counts = CaseEntry.objects.order_by().aggregate(
        upto=Max("pk"), old=Count("pk", filter=Q(pk__lte=before)), old_sum=Sum("pk", filter=Q(pk__lte=before)),
        lines=Count("pk"), line_sum=Sum("pk"),
    ).values()  # fmt: skip
    old, old_sum, lines, line_sum = (int(count or 0) for count in counts)
    upto = upto or 0
    if kept is None or (old, old_sum) != kept.lines:
        found = _summed(CaseEntry.objects.filter(pk__lte=upto))
    elif upto > before:
        found = _joined(kept.summed, _summed(CaseEntry.objects.filter(pk__gt=before, pk__lte=upto)))
    else:
        return kept.summed
    _whole = _Whole(told, upto, (lines, line_sum), found)
    return found


def _telling(log: QuerySet[CaseEntry]) -> QuerySet[CaseEntry]:
    """The lines that tell anything that is measured."""
    return log.filter(reduce(or_, ENTRIES.values()) | UNDOING).order_by()


def _summed(log: QuerySet[CaseEntry]) -> _Summed:
    """Lines summed up by the database in one pass."""
    told = _telling(log).values_list("case").annotate(
        response=_Seconds(Min("at", filter=ENTRIES["responded"])),
        solution=_Seconds(Max("at", filter=ENTRIES["solved"])),
        undoing=Max("pk", filter=UNDOING),
        **{f"last_{word}": Max("pk", filter=condition) for word, condition in ENTRIES.items()},
    )  # fmt: skip
    rows = list(told)
    if not rows:
        return _Summed(np.empty(0, np.int64), np.empty((3 + len(ENTRIES), 0)))
    of, *columns = zip(*rows, strict=True)
    cases = np.array(of, dtype=np.int64)
    order = np.argsort(cases)
    return _Summed(cases[order], np.array([np.array(column, dtype=float)[order] for column in columns]))


def _joined(before: _Summed, more: _Summed) -> _Summed:
    """Both: the earlier response, and the later of all else."""
    cases = np.union1d(before.cases, more.cases)
    tables = []
    for part in (before, more):
        table = np.full((len(part.table), cases.size), np.nan)
        table[:, np.searchsorted(cases, part.cases)] = part.table
        tables.append(table)
    joined = np.fmax(*tables)
    joined[0] = np.fmin(tables[0][0], tables[1][0])
    return _Summed(cases, joined)
