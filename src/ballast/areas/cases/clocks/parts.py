"""Each desk's own part of the time of a case, stored beside the case so that it can be counted by the thousand.

The rows say what `deadlines` says of the parts, and nothing else; they are written with the due times of the case.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Q

from ballast.areas.bulk import upsert
from ballast.areas.cases.clocks.log import Story
from ballast.areas.cases.clocks.models import Part
from ballast.areas.desks.models import Department
from ballast.areas.reference.models import Region
from ballast.core.clocks import Clock, ClockName, State
from ballast.core.clocks.policy import PART

__all__ = [
    "PART_WORDS",
    "PartRow",
    "desk_known",
    "desk_labels",
    "keep_parts",
    "parts_of",
    "parts_that_are",
    "quick_parts",
]

# How a part can stand, for counts and lists: in hand, ended in time, ended late, in hand and late.
PART_WORDS = ("running", "met", "missed", "late")

_MINUTE = dt.timedelta(minutes=1)
_BATCH = 5_000


class PartRow(NamedTuple):
    """What is stored of a part: fields of Part by name."""

    agency: str
    state: str
    ended: bool
    due: dt.datetime | None
    upto: dt.datetime
    used: float


def parts_of(clocks: Mapping[ClockName, Clock]) -> list[PartRow]:
    """The parts among the clocks of a case, in the order in which the desks had it."""
    return [
        PartRow(name.agency, clock.state.value, clock.stopped, clock.due, clock.upto, clock.used / _MINUTE)
        for name, clock in clocks.items()
        if name.clock == PART and clock.state is not State.NOT_BEGUN
    ]


def quick_parts(story: Story, due: dt.datetime | None, at: dt.datetime) -> list[PartRow]:
    """The part of the one desk of a case that nothing ever held; it runs from the filing on. None without a rule."""
    first = story.log.filed
    if due is None:
        return []
    state = State.MISSED if at > due else State.RUNNING
    return [PartRow(first.agency, state.value, False, due, first.at, 0.0)]


def keep_parts(found: Mapping[int, Sequence[PartRow]]) -> None:
    """Store the parts of cases, by key; those that are as they were stay. A case without a part any more has none."""
    keys = list(found)
    for first in range(0, len(keys), _BATCH):
        batch = keys[first : first + _BATCH]
        there = {
            (case, row[0]): (pk, PartRow(*row))
            for pk, case, *row in Part.objects.filter(case__in=batch).values_list("pk", "case_id", *PartRow._fields)
        }
        wanted = {(case, row.agency): row for case in batch for row in found[case]}
        gone = [pk for key, (pk, _row) in there.items() if key not in wanted]
        if gone:
            Part.objects.filter(pk__in=gone).delete()
        changed = [[key[0], *row] for key, row in wanted.items() if key not in there or there[key][1] != row]
        if changed:
            upsert(Part, ["case", "agency"], ["case_id", *PartRow._fields], changed)


def parts_that_are(word: str, at: dt.datetime) -> Q:
    """Condition on parts for one of PART_WORDS at an instant; a part that is late is among those in hand too."""
    return {
        "running": Q(ended=False),
        "met": Q(ended=True, state=Part.State.MET),
        "missed": Q(ended=True, state=Part.State.MISSED),
        "late": Q(ended=False, due__lt=at),
    }[word]


def desk_labels(agencies: Iterable[str]) -> dict[str, str]:
    """What desks are called in the language of the page, by their word; the word itself for one that is not known."""
    pairs = {agency: agency.partition("/") for agency in agencies}
    regions = Region.objects.in_bulk({region for region, _slash, _code in pairs.values()})
    codes = {code for _region, _slash, code in pairs.values() if code}
    rows = Department.objects.filter(region__in=regions, code__in=codes).select_related("region") if codes else ()
    known = {row.key: row.full for row in rows} | {code: row.label for code, row in regions.items()}
    return {agency: known.get(agency, agency) for agency in pairs}


def desk_known(word: str) -> bool:
    """Whether there is a desk for the word of a policy: region, region/department, or /department of any region."""
    region, _slash, code = word.partition("/")
    if not code:
        return Region.objects.filter(code=region).exists()
    rows = Department.objects.filter(code=code)
    return (rows.filter(region=region) if region else rows).exists()
