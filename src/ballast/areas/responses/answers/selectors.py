"""Which answers to warnings hold, and for which plants."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, Min, OuterRef, Q

from ballast.areas.accounts.access import Scope
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.selectors import Kept, in_force, shown
from ballast.areas.reference.selectors import today
from ballast.areas.registry.selectors import scope_filter
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.models import WarnedOf

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.responses.models import Warned

__all__ = ["answers_of", "silences_of", "standing_in", "with_answer"]


def answers_of(user: "User", warnings: "Iterable[Warned]", *, past: bool = False) -> dict[int, list[Kept]]:
    """By key of the warning its answers that hold, `past` ones too, newest first; the warnings are in scope."""
    day = today()
    rows = WarningAnswer.objects.filter(warning__in=[warning.pk for warning in warnings])
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in (rows if past else rows.filter(in_force(day))).select_related("by").order_by("-pk"):
        found[row.warning_id].append(shown(user, row, day))
    return dict(found)


def with_answer(kind: str) -> Q:
    """Condition on warnings: an answer of the kind holds; "none": no answer does."""
    standing = WarningAnswer.objects.filter(in_force(), warning=OuterRef("pk"))
    return ~Q(Exists(standing)) if kind == "none" else Q(Exists(standing.filter(kind=kind)))


def silences_of(warnings: Iterable[int]) -> dict[int, list[Scope]]:
    """By key of the warning the scopes for which it is silenced."""
    rows = WarningAnswer.objects.filter(in_force(), kind=Answer.Kind.SILENCED, warning__in=list(warnings))
    found: dict[int, list[Scope]] = defaultdict(list)
    for row in rows:
        found[row.warning_id].append(row.scope)
    return found


def standing_in(scope: Scope, warning: "Warned") -> tuple[int, dt.date | None]:
    """How many plants in a scope stop because of a warning now, and the first day."""
    rows = WarnedOf.objects.filter(
        scope_filter(scope, "site__enterprise__"), warning=warning, left_at=None, product=None
    )
    found = rows.aggregate(stops=Count("pk"), first=Min("stops_on"))
    return found["stops"], found["first"]
