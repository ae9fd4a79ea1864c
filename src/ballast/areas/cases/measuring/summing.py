"""The log of cases summed up, one column a case; a process reads of the whole log only what is new to it."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from ballast.areas.cases.measuring.logged import ENTRIES, UNDOING
from ballast.areas.cases.measuring.remembering import Summed, load, marks_of, save
from ballast.areas.cases.measuring.seconds import seconds
from ballast.areas.cases.models import Case, CaseEntry

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["summary"]

# From so many cases on the whole log is kept: below, reading their own lines is as quick.
_MANY = 5_000
# Lines that are new to the file of a data folder before it is written again.
_LAG = 10_000


@dataclass(frozen=True)
class _Whole:
    """The whole log up to a line, and by what is seen that none of these lines came or went since."""

    asked: str
    newest: int
    lines: tuple[int, int]
    summed: Summed
    saved: int  # the newest line in the file


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


def _of_all() -> Summed:
    """The whole log. Lines that came since it was last read are added; it is read anew when others came or went."""
    global _whole
    told = f"{connection.settings_dict['NAME']} {_telling(CaseEntry.objects.all()).query}"
    _whole = kept = _whole if _whole is not None and _whole.asked == told else _of_file(told)
    before = kept.newest if kept else 0
    # One look at one moment: a line with a lower key may be committed after one with a higher key was read.
    upto, *counts = CaseEntry.objects.order_by().aggregate(
        upto=Max("pk"), old=Count("pk", filter=Q(pk__lte=before)), old_sum=Sum("pk", filter=Q(pk__lte=before)),
        lines=Count("pk"), line_sum=Sum("pk"),
    ).values()  # fmt: skip
    old, old_sum, lines, line_sum = (int(count or 0) for count in counts)
    upto = upto or 0
    anew, saved = kept is None or (old, old_sum) != kept.lines, kept.saved if kept else 0
    if kept is not None and not anew and upto <= before:
        return kept.summed
    marks = marks_of(upto) if anew or upto - saved >= _LAG else None
    if kept is None or anew:
        found = _summed(CaseEntry.objects.filter(pk__lte=upto))
    else:
        found = _joined(kept.summed, _summed(CaseEntry.objects.filter(pk__gt=before, pk__lte=upto)))
    if marks:
        save(told, upto, marks, found)
        saved = upto
    _whole = _Whole(told, upto, (lines, line_sum), found, saved)
    return found


def _of_file(told: str) -> _Whole | None:
    """The whole log as the file of the data folder has it, where it is this log's."""
    found = load(told)
    if found is None:
        return None
    newest, (lines, keys, _cases, _at), summed = found
    return _Whole(told, newest, (lines, keys), summed, newest)


def _telling(log: QuerySet[CaseEntry]) -> QuerySet[CaseEntry]:
    """The lines that tell anything that is measured."""
    return log.filter(reduce(or_, ENTRIES.values()) | UNDOING).order_by()


def _summed(log: QuerySet[CaseEntry]) -> Summed:
    """Lines summed up by the database in one pass."""
    told = _telling(log).values_list("case").annotate(
        response=seconds(Min("at", filter=ENTRIES["responded"])),
        solution=seconds(Max("at", filter=ENTRIES["solved"])),
        undoing=Max("pk", filter=UNDOING),
        **{f"last_{word}": Max("pk", filter=condition) for word, condition in ENTRIES.items()},
    )  # fmt: skip
    rows = list(told)
    if not rows:
        return Summed(np.empty(0, np.int64), np.empty((3 + len(ENTRIES), 0)))
    of, *columns = zip(*rows, strict=True)
    cases = np.array(of, dtype=np.int64)
    order = np.argsort(cases)
    return Summed(cases[order], np.array([np.array(column, dtype=float)[order] for column in columns]))


def _joined(before: Summed, more: Summed) -> Summed:
    """Both: the earlier response, and the later of all else."""
    cases = np.union1d(before.cases, more.cases)
    tables = []
    for part in (before, more):
        table = np.full((len(part.table), cases.size), np.nan)
        table[:, np.searchsorted(cases, part.cases)] = part.table
        tables.append(table)
    joined = np.fmax(*tables)
    joined[0] = np.fmin(tables[0][0], tables[1][0])
    return Summed(cases, joined)
