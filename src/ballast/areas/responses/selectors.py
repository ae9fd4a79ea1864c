"""Which warnings a person may see, and what stands in one; never beyond their scope."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from ballast.areas.accounts.access import can, require, scope_of
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.registry.event_scope import told_events
from ballast.areas.registry.selectors import in_chain, in_region, scope_filter
from ballast.areas.responses.answers.selectors import with_answer
from ballast.areas.responses.escalation.selectors import Step, story_of, was_escalated
from ballast.areas.responses.models import Told, Warned, WarnedOf
from ballast.areas.responses.warnings.naming import titles_for
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.cases.models import Case

__all__ = [
    "STATES",
    "Row",
    "budget_of",
    "cases_of",
    "escalation_of",
    "filter_warnings",
    "get_warning",
    "may",
    "members_of",
    "rows_of",
    "state_counts",
    "visible_warnings",
    "with_figures",
]

# What the list is filtered by; "ended" is every warning that is over, however it was decided.
STATES = ("open", "confirmed", "dismissed", "ended")
_PLACE = "site__enterprise__"
_SEARCHED = (
    "site__name", "site__name_zh", "site__site_id", f"{_PLACE}name", f"{_PLACE}name_zh", f"{_PLACE}enterprise_id",
    "product__name", "product__name_zh",
)  # fmt: skip


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


def _members(user: "User", permission: str = "view_desk") -> QuerySet[WarnedOf]:
    """Members where the person has the permission: present ones, and of a warning that is over those at its end."""
    now = Q(left_at=None) | Q(left_at=F("warning__ended_at"))
    return WarnedOf.objects.filter(now, scope_filter(scope_of(user, permission), _PLACE))


def visible_warnings(user: "User", *, state: str = "") -> QuerySet[Warned]:
    """Warnings with a member in the person's scope, newest first. NotAllowedError for who has no desk."""
    require(user, "view_desk")
    rows = Warned.objects.filter(Exists(_members(user).filter(warning=OuterRef("pk")))).select_related("site")
    if state == "ended":
        return rows.filter(ended_at__isnull=False)
    return rows.filter(ended_at=None, state=state) if state else rows


def filter_warnings(
    user: "User",
    rows: QuerySet[Warned],
    *,
    q: str = "",
    region: str = "",
    chain: str = "",
    answer: str = "",
    escalated: bool = False,
    digest: int | None = None,
) -> QuerySet[Warned]:
    """The rows that match every filter that is given.

    `q` is a warning's number, or looks in the causes that the person may name and in the plants and enterprises in
    scope; `answer` is a kind of answer that holds, or "none"; `escalated` leaves those that nobody answered in time;
    `digest` is one of the person's own.
    """
    if region or chain:
        place = in_region(region, _PLACE) if region else Q()
        place &= in_chain(chain, _PLACE) if chain else Q()
        rows = rows.filter(Exists(_members(user).filter(place, warning=OuterRef("pk"))))
    if answer:
        rows = rows.filter(with_answer(answer))
    if escalated:
        rows = rows.filter(was_escalated(), ended_at=None, state=Warned.State.OPEN)
    if digest is not None:
        rows = rows.filter(pk__in=Told.objects.filter(person=user, digest=digest).order_by().values("warning"))
    return rows.filter(_holding(user, rows, q)) if q else rows


def _holding(user: "User", rows: QuerySet[Warned], q: str) -> Q:
    """Condition: the words name the warning, its cause as far as it may be told, or a plant of it in scope."""
    if number := re.fullmatch(r"[Ww]-?(\d{1,18})", q.strip()):
        return Q(pk=int(number[1]))
    named = _members(user).filter(matching(q, *_SEARCHED), warning=OuterRef("pk"))
    told = set(told_events(user).filter(matching(q, "name", "event_id")).values_list("event_id", flat=True))
    caused = [pk for pk, events in rows.values_list("pk", "events") if told.intersection(events)] if told else []
    return Q(Exists(named)) | Q(pk__in=caused)


def with_figures(user: "User", rows: QuerySet[Warned]) -> QuerySet[Warned]:
    """The rows with what lists are sorted by, counted in the person's scope: lost, stops, first_stop, reds."""
    mine = _members(user).filter(warning=OuterRef("pk")).order_by().values("warning")
    stop = Q(product=None)
    found = {"lost": Sum("lost_output"), "first_stop": Min("stops_on"), "stops": Count("pk", filter=stop),
             "reds": Count("pk", filter=~stop)}  # fmt: skip
    return rows.annotate(**{name: Subquery(mine.annotate(figure=one).values("figure")) for name, one in found.items()})


def budget_of(user: "User") -> tuple[int, int]:
    """How many warnings the person was told of in the last 24 hours, and how many wait for the digest."""
    since = timezone.now() - dt.timedelta(days=1)
    told, held = Q(state=Told.State.TOLD, at__gte=since), Q(state=Told.State.HELD)
    counted = Told.objects.filter(person=user).aggregate(
        told=Count("pk", filter=told), held=Count("warning", filter=held, distinct=True)
    )
    return counted["told"], counted["held"]


def get_warning(user: "User", pk: int, permission: str = "view_desk") -> Warned:
    """The warning; Warned.DoesNotExist when absent, or where the person has the permission for no member of it."""
    mine = Exists(_members(user, permission).filter(warning=OuterRef("pk")))
    return visible_warnings(user).filter(mine).select_related("site", "decided_by").get(pk=pk)


def may(user: "User", permission: str, warning: Warned) -> bool:
    """Whether the person has the permission for a member of a warning that they see."""
    if not can(user, permission):
        return False
    # Who sees no more than that needs no question; others hold a wider right to look.
    alike = scope_of(user, permission) == scope_of(user, "view_desk")
    return alike or _members(user, permission).filter(warning=warning).exists()


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
    titles = titles_for(user, warnings, with_sites=True)
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


def escalation_of(user: "User", warning: Warned) -> list[Step]:
    """Steps of the escalation by the desks of the plants in scope: those taken, then the next of each desk."""
    paths = _members(user).filter(warning=warning).order_by().values_list("site__enterprise__region__path", flat=True)
    return story_of(warning, paths.distinct())


def cases_of(user: "User", warning: Warned) -> QuerySet["Case"]:
    """Coordination cases that the warning led to and that the person may see."""
    return (
        visible_cases(user).filter(warnings=warning).select_related("enterprise", "owner").order_by("due_at", "number")
    )
