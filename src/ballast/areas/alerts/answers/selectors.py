"""Which answers hold, and what of them a person reads."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ballast.areas.accounts.access import can, scope_of
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.reference.selectors import today
from ballast.areas.registry.selectors import scope_filter

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.alerts.models import Lamp

__all__ = ["Kept", "Place", "answered_tallies", "answers_of", "in_force", "shown", "with_answer"]


@dataclass(frozen=True)
class Kept:
    """An answer as a person may read it: an enterprise sees that and until when, neither who nor why."""

    pk: int
    kind: str
    label: str
    begun_at: dt.datetime
    until: dt.date
    holds: bool
    by: str = ""
    note: str = ""
    ended_at: dt.datetime | None = None
    ended_why: str = ""


class Place(NamedTuple):
    """How many lamps of one region and set of chains have an answer of one kind."""

    region: str
    chains: str
    kind: str
    number: int


def in_force(day: dt.date | None = None) -> Q:
    """Condition on answers: they hold on a day, today when left out."""
    return Q(ended_at=None, until__gte=day or today())


def shown(user: "User", answer: Answer, day: dt.date, *, internal: bool | None = None) -> Kept:
    """The answer as the person may read it; reads no more when `by` is at hand.

    `internal` says whether it is of their desk; left out, it is when they have one.
    """
    internal = can(user, "view_desk") if internal is None else internal
    person = answer.by
    return Kept(
        pk=answer.pk, kind=answer.kind, label=answer.get_kind_display(), begun_at=answer.begun_at, until=answer.until,
        holds=answer.holds(day),
        by=(person.get_full_name() or person.get_username()) if internal and person else "",
        note=answer.note if internal else "",
        ended_at=answer.ended_at, ended_why=answer.get_ended_why_display() if answer.ended_why else "",
    )  # fmt: skip


def answers_of(user: "User", lamps: "Iterable[Lamp]", *, past: bool = False) -> dict[int, list[Kept]]:
    """By key of the lamp its answers that hold, `past` ones too, newest first; one query. The lamps are in scope."""
    day, keys = today(), [lamp.pk for lamp in lamps]
    rows = LampAnswer.objects.filter(lamp__in=keys).select_related("by").order_by("-pk")
    desks = None
    if can(user, "view_portal") and can(user, "view_desk"):
        # Who has a desk elsewhere reads of their own enterprise's lamps what an enterprise reads.
        own = scope_filter(
            scope_of(user, "view_desk"), "lamp__enterprise__", region="lamp__region", chains="lamp__chains"
        )
        desks = set(rows.filter(own).values_list("lamp_id", flat=True))
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in rows if past else rows.filter(in_force(day)):
        internal = None if desks is None else row.lamp_id in desks
        found[row.lamp_id].append(shown(user, row, day, internal=internal))
    return dict(found)


def with_answer(kind: str) -> Q:
    """Condition on lamps: an answer of the kind holds; "none": no answer does. An unknown kind finds nothing."""
    standing = LampAnswer.objects.filter(in_force(), lamp=OuterRef("pk"))
    if kind == "none":
        return ~Q(Exists(standing))
    return Q(Exists(standing.filter(kind=kind)))


def answered_tallies(lamps: "QuerySet[Lamp]") -> list[Place]:
    """Of these lamps those with an answer that holds, by region, chains and kind; read from the few answers."""
    rows = LampAnswer.objects.filter(in_force(), lamp__in=lamps.order_by()).order_by()
    counted = rows.values_list("lamp__region_id", "lamp__chains", "kind").annotate(n=Count("lamp", distinct=True))
    return [Place(*row) for row in counted]
