"""The ledger as one look at it shows: the cases of a scope at an instant, and what befell them in a time before."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from ballast.areas.accounts.access import Scope
from ballast.areas.cases.machine import IN_HAND, OPEN, telling
from ballast.areas.cases.measuring.logged import ENTRIES
from ballast.areas.cases.models import Case, CaseEntry, Escalation, ParentLink
from ballast.areas.cases.selectors import cases_in
from ballast.areas.desks.models import Receiver

__all__ = ["DECISIONS", "FLOWS", "STOCKS", "Ledger", "Row", "one_look", "read", "remembered"]

# What befell cases between two sheets, and the words of their log that tell it.
FLOWS = ("new", "solved", "confirmed", "withdrawn", "merged")
# How cases stand.
STOCKS = ("in_hand", "overdue", "waiting", "held")
# What asks for a decision.
DECISIONS = ("escalated", "stepped", "refused", "disputed", "unanswered", "ownerless")
# An offer to another region that was not answered for so long asks for one.
ANSWER_WITHIN = dt.timedelta(hours=24)


class Row(NamedTuple):
    """A case as the sheet counts it."""

    pk: int
    number: str
    kind: str
    state: str
    home: str  # path of the enterprise's region
    desk: str  # code of the region that leads
    filed_at: dt.datetime
    due_at: dt.datetime
    owner: int | None
    offered_to: str | None
    escalated_to: str | None


@dataclass(frozen=True)
class Ledger:
    """The rows that a sheet looked at, and for each figure the keys of the cases that it counts."""

    rows: dict[int, Row]
    figures: dict[str, frozenset[int]]

    @property
    def digest(self) -> str:
        """SHA-256 over the rows and figures in their order; the same ledger gives the same digest."""
        told = {
            "rows": [self.rows[pk] for pk in sorted(self.rows)],
            "figures": {name: sorted(keys) for name, keys in sorted(self.figures.items())},
        }
        return hashlib.sha256(json.dumps(told, default=_instant, separators=(",", ":")).encode()).hexdigest()


def _instant(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat()


@contextmanager
def one_look() -> Iterator[None]:
    """Everything read within is of one instant: what others write in the meantime is not seen."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def read(scope: Scope, *, since: dt.datetime, until: dt.datetime) -> Ledger:
    """The ledger of a scope at `until`, an instant that has passed, with what befell its cases since `since`.

    Cases that moved after `until` are counted in the state in which they were then; desks, owners and what stands under
    which case are those of now.
    """
    inside = cases_in(scope).filter(filed_at__lte=until).order_by()
    later = _states_then(inside, until)
    befell = {word: _told(scope, ENTRIES[word], since, until) for word in FLOWS[1:]}
    touched = frozenset().union(*befell.values(), later)
    # Closed cases that nothing befell are in no figure; of 54,000 that leaves a few thousand rows.
    wanted = inside.filter(Q(state__in=OPEN) | Q(filed_at__gt=since))
    rows = {row.pk: row for row in (_row(one, later) for one in wanted.values_list(*_FIELDS))}
    rows |= _rows_of(touched - rows.keys(), later)
    figures = {"new": frozenset(pk for pk, row in rows.items() if since < row.filed_at)} | befell
    return Ledger(rows, figures | _standing(rows, until) | _asking(scope, rows, since, until))


def remembered(figures: Mapping[str, Iterable[int]]) -> Ledger:
    """The ledger as a stored sheet counted it; the rows are those of now. A figure that it did not count is empty."""
    known = {name: frozenset(figures.get(name, ())) for name in (*FLOWS, *STOCKS, *DECISIONS)}
    return Ledger(_rows_of(frozenset().union(*known.values()), {}), known)


def _rows_of(keys: AbstractSet[int], later: dict[int, str]) -> dict[int, Row]:
    wanted = sorted(keys)
    found: dict[int, Row] = {}
    for start in range(0, len(wanted), _BATCH):
        some = Case.objects.filter(pk__in=wanted[start : start + _BATCH]).order_by()
        found |= {row.pk: row for row in (_row(one, later) for one in some.values_list(*_FIELDS))}
    return found


_BATCH = 500
_FIELDS = (
    "pk", "number", "kind", "state", "home__path", "lead_region_id", "filed_at", "due_at", "owner_id", "offered_to_id",
    "escalated_to_id",
)  # fmt: skip


def _row(values: tuple[object, ...], later: dict[int, str]) -> Row:
    row = Row(*values)  # type: ignore[arg-type]
    return row._replace(state=later[row.pk]) if row.pk in later else row


def _states_then(inside: QuerySet[Case], until: dt.datetime) -> dict[int, str]:
    """State at `until` of the cases that moved after it: where their first later move began."""
    moves = CaseEntry.objects.filter(type=CaseEntry.Type.MOVE, at__gt=until, case__in=inside).order_by("at", "pk")
    found: dict[int, str] = {}
    for case, before in moves.values_list("case_id", "state_before"):
        found.setdefault(case, before)
    return {case: state for case, state in found.items() if state}


def _told(scope: Scope, condition: Q, since: dt.datetime, until: dt.datetime) -> frozenset[int]:
    """Cases of the scope whose log has such a line after `since` and up to `until`."""
    entries = CaseEntry.objects.filter(condition, at__gt=since, at__lte=until).order_by()
    if not scope.everything:
        entries = entries.filter(case__in=cases_in(scope).order_by())
    return frozenset(entries.values_list("case_id", flat=True))


def _standing(rows: dict[int, Row], at: dt.datetime) -> dict[str, frozenset[int]]:
    in_hand, opened = set(IN_HAND), set(OPEN)
    waits = _waiting_at(at)
    return {
        "in_hand": frozenset(pk for pk, row in rows.items() if row.state in in_hand),
        "overdue": frozenset(pk for pk, row in rows.items() if row.state in in_hand and row.due_at < at),
        "waiting": frozenset(pk for pk, row in rows.items() if row.state in opened - in_hand),
        "held": frozenset(pk for pk, row in rows.items() if row.state in opened and pk in waits),
    }


def _waiting_at(at: dt.datetime) -> frozenset[int]:
    """Cases for which a child that blocks was open at the instant."""
    links = list(ParentLink.objects.filter(blocks=True).values_list("parent_id", "rests_on_id", "rests_on__state"))
    then = _states_then(Case.objects.filter(pk__in=ParentLink.objects.values("rests_on")), at) if links else {}
    opened = set(OPEN)
    return frozenset(parent for parent, child, state in links if then.get(child, state) in opened)


def _asking(scope: Scope, rows: dict[int, Row], since: dt.datetime, until: dt.datetime) -> dict[str, frozenset[int]]:
    """Cases in hand that ask for a decision, by why; one case may do so for more than one reason."""
    refused = _told(scope, Q(type=CaseEntry.Type.MOVE, move="refuse"), since, until)
    offered = _told(scope, Q(type=CaseEntry.Type.MOVE, move="hand_over"), until - ANSWER_WITHIN, until)
    steps = Escalation.objects.filter(at__gt=since, at__lte=until, to__in=(Receiver.SUPERIOR, Receiver.LEADER))
    stepped = set(steps.order_by().values_list("case_id", flat=True))
    in_hand, disputed = set(IN_HAND), set(telling("disputed"))
    held = {pk: row for pk, row in rows.items() if row.state in in_hand}
    return {
        "escalated": frozenset(pk for pk, row in held.items() if row.escalated_to and not row.offered_to),
        "stepped": frozenset(pk for pk in held if pk in stepped),
        "refused": frozenset(pk for pk in held if pk in refused),
        "disputed": frozenset(pk for pk, row in held.items() if row.state in disputed),
        "unanswered": frozenset(pk for pk, row in held.items() if row.offered_to and pk not in offered),
        "ownerless": frozenset(pk for pk, row in held.items() if row.owner is None and row.due_at < until),
    }
