"""Whether the stored parts of desks are what the log says, and the mending of those that are not.

A case in hand is followed with every line; what is over is not, so a case that closed before parts were stored has none
until they are mended.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from ballast.areas.cases.clocks.dues import judged, stories
from ballast.areas.cases.clocks.models import Part
from ballast.areas.cases.clocks.parts import PartRow, keep_parts
from ballast.areas.cases.clocks.rules import Rules, rules_in_force
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.reference.models import WorkingCalendar
from ballast.areas.reference.selectors import now

__all__ = ["Mended", "mend_parts", "over", "unlike_parts"]

_BATCH = 1_000
# Used minutes are a sum of stretches; a database may keep the last bit otherwise.
_SAME = 1e-6


class Mended(NamedTuple):
    """How many cases got other parts than were stored, of how many that were looked at."""

    changed: int
    looked_at: int


def over() -> QuerySet[Case]:
    """The cases that no desk has in hand any more."""
    return Case.objects.exclude(state__in=IN_HAND).order_by("pk")


def unlike_parts(rows: QuerySet[Case] | None = None, *, step: Callable[[int], None] | None = None) -> list[str]:
    """Numbers of the cases (default: all) whose stored parts are not those of their log.

    `step` is told how many cases were looked at since the last time.
    """
    rules, found = _Rules(), []
    for batch in _batches(Case.objects.order_by("pk") if rows is None else rows):
        cases = list(Case.objects.filter(pk__in=batch).select_related("department").order_by("pk"))
        wanted, stored = _computed(cases, rules), _stored(batch)
        found += [case.number for case in cases if not _alike(stored.get(case.pk, {}), wanted[case.pk])]
        if step:
            step(len(batch))
    return found


def mend_parts(rows: QuerySet[Case] | None = None, *, step: Callable[[int], None] | None = None) -> Mended:
    """Store the parts of the cases (default: those that are over) as their log says; again it changes nothing.

    What was written stays when it is broken off.
    """
    rules, changed, looked_at = _Rules(), 0, 0
    for batch in _batches(over() if rows is None else rows):
        with transaction.atomic():
            locked = Case.objects.filter(pk__in=batch).select_related("department").select_for_update(of=("self",))
            wanted, stored = _computed(list(locked.order_by("pk")), rules), _stored(batch)
            unlike = {key: parts for key, parts in wanted.items() if not _alike(stored.get(key, {}), parts)}
            keep_parts(unlike)
        changed, looked_at = changed + len(unlike), looked_at + len(batch)
        if step:
            step(len(batch))
    return Mended(changed, looked_at)


class _Rules:
    """By what a case is judged: one in hand by the newest calendars, one that is over by those of when it ended."""

    def __init__(self) -> None:
        self._since = list(WorkingCalendar.objects.order_by("since").values_list("since", flat=True))
        self._known: dict[int, Rules] = {}
        self._in_hand = frozenset(IN_HAND)

    def of(self, case: Case) -> Rules:
        newest = case.state in self._in_hand
        versions = -1 if newest else sum(since <= case.state_since for since in self._since)
        if versions not in self._known:
            self._known[versions] = rules_in_force(None if newest else case.state_since)
        return self._known[versions]


def _batches(rows: QuerySet[Case]) -> Iterator[list[int]]:
    keys = list(rows.values_list("pk", flat=True))
    return (keys[first : first + _BATCH] for first in range(0, len(keys), _BATCH))


def _computed(cases: list[Case], rules: _Rules) -> dict[int, list[PartRow]]:
    if not cases:
        return {}
    at, logs = now(), stories(cases, rules.of(cases[0]))
    return {case.pk: judged(case, logs[case.pk], rules.of(case), at).parts for case in cases}


def _stored(keys: Sequence[int]) -> dict[int, dict[str, PartRow]]:
    found: dict[int, dict[str, PartRow]] = {}
    for case, *row in Part.objects.filter(case__in=keys).values_list("case_id", *PartRow._fields):
        found.setdefault(case, {})[row[0]] = PartRow(*row)
    return found


def _alike(stored: dict[str, PartRow], wanted: Sequence[PartRow]) -> bool:
    """Whether the parts say the same; how far one that is not over has come is a matter of when it was looked at."""
    return stored.keys() == {part.agency for part in wanted} and all(
        _said(stored[part.agency]) == _said(part)
        and (not part.ended or abs(stored[part.agency].used - part.used) < _SAME)
        for part in wanted
    )


def _said(part: PartRow) -> tuple[object, ...]:
    return (part.ended, part.due, part.state, part.upto) if part.ended else (part.ended, part.due)
