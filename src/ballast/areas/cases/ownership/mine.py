"""What one officer has to do: answers that are waited for, escalations, their own cases, those of their groups."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from ballast.areas.accounts.access import can, require, scope_of
from ballast.areas.accounts.models import User
from ballast.areas.cases.clocks.extensions import answerable
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs.model import Right
from ballast.areas.cases.selectors import movable_cases, queue, visible_cases, with_parties
from ballast.areas.desks.models import WorkingGroup
from ballast.areas.desks.selectors import groups_of
from ballast.areas.notices.models import Notice
from ballast.areas.reference.models import Region

if TYPE_CHECKING:
    from ballast.areas.cases.clocks.models import Extension

__all__ = ["Awaited", "awaited", "my_cases", "my_groups", "own_desks"]

_SHOWN = 50
# Addresses know these words; other sorts are those of the list of cases.
_SORTS = {"risk": "-risk", "due": "due"}


@dataclass(frozen=True)
class Awaited:
    """What waits for the officer's word; of each sort the first fifty, most output at risk first."""

    offered: list[Case]
    refused: list[Case]
    extensions: "list[Extension]"
    escalated: list[Case]

    @property
    def cases(self) -> list[Case]:
        """The cases of all sorts; one may stand in more than one."""
        return [*self.offered, *self.refused, *self.escalated]

    def __bool__(self) -> bool:
        return bool(self.offered or self.refused or self.extensions or self.escalated)


def own_desks(user: User) -> list[str]:
    """Codes of the regions whose desk the person works at: those named in their rights, not what lies below them."""
    scope = scope_of(user, "hand_over_cases")
    if scope.everything:
        return list(Region.objects.filter(level="nation").values_list("code", flat=True))
    return sorted({region for region, _chain in scope.places if region})


def awaited(user: User) -> Awaited:
    """The cases that were offered to the person's desks or refused below them, requests for time, escalations."""
    require(user, "view_desk")
    codes = own_desks(user)
    offered = _first(movable_cases(user, _answering("offered")).filter(offered_to__in=codes))
    refused = _first(movable_cases(user, _answering("superior")).filter(escalated_to__in=codes))
    times = answerable(user).select_related("case__enterprise", "desk").order_by("pk")[:_SHOWN]
    told = Notice.objects.filter(person=user, template="escalated", read_at=None).order_by().values("case_number")
    deciding = [case.pk for case in refused]
    escalated = _first(visible_cases(user).filter(number__in=told).exclude(pk__in=deciding))
    return Awaited(offered, refused, list(times) if can(user, "work_cases") else [], escalated)


def _answering(who: str) -> Right:
    return Right.model_validate({"permission": "hand_over_cases", "who": who})


def _first(rows: QuerySet[Case]) -> list[Case]:
    rows = rows.filter(Q(state__in=IN_HAND)).order_by("-output_at_risk", "due_at", "number")
    return list(with_parties(rows).select_related("department__region")[:_SHOWN])


def my_cases(user: User, sort: str) -> QuerySet[Case]:
    """The person's own cases in hand, by output at risk, or by time left where `sort` is "due"."""
    return queue(user, {"mine": "1", "sort": _SORTS.get(sort, "-risk")})


def my_groups(user: User, sort: str) -> list[tuple[WorkingGroup, int, list[Case]]]:
    """The groups in which the person is at work: how many cases are in hand, and the first of them."""
    found = []
    for group in WorkingGroup.objects.filter(pk__in=groups_of(user)).order_by("name", "pk"):
        rows = queue(user, {"group": str(group.pk), "sort": _SORTS.get(sort, "-risk")})
        found.append((group, rows.count(), list(rows.select_related("department__region")[:_SHOWN])))
    return found
