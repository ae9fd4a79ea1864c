"""Which warnings a person may see, and what stands in one; never beyond their scope."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.registry.selectors import scope_filter
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.areas.responses.warnings.naming import titles_for

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.cases.models import Case

__all__ = ["STATES", "Row", "cases_of", "get_warning", "members_of", "rows_of", "state_counts", "visible_warnings"]

# What the list is filtered by; "ended" is every warning that is over, however it was decided.
STATES = ("open", "confirmed", "dismissed", "ended")
_PLACE = "site__enterprise__"


@dataclass(frozen=True)
class Row:
    """A warning as a line of the list: its cause in words, and its members in the person's scope."""

    warning: Warned
    title: str
    stops: int
    reds: int
    first_stop: dt.date | None
    lost_output: float | None
    certain: int


def _members(user: "User") -> QuerySet[WarnedOf]:
    """Members in the person's scope: present ones, and of a warning that is over those at its end."""
    now = Q(left_at=None) | Q(left_at=F("warning__ended_at"))
    return WarnedOf.objects.filter(now, scope_filter(scope_of(user, "view_desk"), _PLACE))


def visible_warnings(user: "User", *, state: str = "") -> QuerySet[Warned]:
    """Warnings with a member in the person's scope, newest first. NotAllowedError for who has no desk."""
    require(user, "view_desk")
    rows = Warned.objects.filter(Exists(_members(user).filter(warning=OuterRef("pk")))).select_related("site")
    if state == "ended":
        return rows.filter(ended_at__isnull=False)
    return rows.filter(ended_at=None, state=state) if state else rows


def get_warning(user: "User", pk: int) -> Warned:
    """The warning; Warned.DoesNotExist when absent or out of scope."""
    return visible_warnings(user).select_related("site", "decided_by").get(pk=pk)


def state_counts(user: "User") -> dict[str, int]:
    """Visible warnings by what the list is filtered by."""
    over = Q(ended_at__isnull=False)
    words = {state: Count("pk", filter=Q(state=state) & ~over) for state in STATES if state != "ended"}
    return visible_warnings(user).order_by().aggregate(**words, ended=Count("pk", filter=over))


def rows_of(user: "User", warnings: "list[Warned]") -> list[Row]:
    """The warnings with what the list shows of them; a fixed number of queries."""
    stop = Q(product=None)
    counted = _members(user).filter(warning__in=[w.pk for w in warnings]).order_by().values_list("warning")
    found = counted.annotate(
        n_stops=Count("pk", filter=stop),
        n_reds=Count("pk", filter=~stop),
        first=Min("stops_on"),
        lost=Sum("lost_output"),
        n_certain=Count("pk", filter=stop & Q(certain=True)),
    )
    figures = {pk: rest for pk, *rest in found}
    titles = titles_for(user, warnings)
    return [Row(one, titles[one.pk], *figures[one.pk]) for one in warnings if one.pk in figures]


def members_of(user: "User", warning: Warned) -> QuerySet[WarnedOf]:
    """Members in scope: stops first, soonest and dearest first, then red inputs with the least cover."""
    rows = _members(user).filter(warning=warning)
    rows = rows.select_related("site__enterprise", "site__region", "site__product", "product")
    return rows.order_by(
        F("stops_on").asc(nulls_last=True),
        F("lost_output").desc(nulls_last=True),
        F("cover_days").asc(nulls_last=True),
        "pk",
    )


def cases_of(user: "User", warning: Warned) -> QuerySet["Case"]:
    """Coordination cases that the warning led to and that the person may see."""
    return (
        visible_cases(user).filter(warnings=warning).select_related("enterprise", "owner").order_by("due_at", "number")
    )
