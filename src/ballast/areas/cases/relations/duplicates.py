"""Cases that may be one problem, and cases that were merged because they are; each as far as the reader sees it."""

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from ballast.areas.accounts.models import User
from ballast.areas.cases.machine import AT_DESK, CLOSED, OPEN
from ballast.areas.cases.models import Case, Merge, ParentLink
from ballast.areas.cases.selectors import movable_cases, visible_cases
from ballast.areas.registry.models import Site

__all__ = ["Merged", "merges_of", "reported_already", "similar_cases"]

_MOST = 10


def similar_cases(user: User, case: Case) -> list[Case]:
    """Other open cases of the same enterprise about the same product or the same words, oldest first, at most ten.

    None for a case that is closed; those above and under it are known to belong to it.
    """
    if case.state in CLOSED:
        return []
    same = Q(blocked__iexact=case.blocked)
    if case.product_id:
        same |= Q(product=case.product_id)
    rows = visible_cases(user).filter(same, enterprise=case.enterprise_id, state__in=OPEN).exclude(pk=case.pk)
    family = ParentLink.objects.filter(Q(parent=case) | Q(child=case)).values_list("parent", "child")
    rows = rows.exclude(pk__in={key for row in family for key in row})
    return list(rows.select_related("lead_region", "owner").order_by("filed_at", "number")[:_MOST])


def reported_already(user: User, *, site: Site, kind: str, product: str | None, client_token: str) -> list[Case]:
    """Open cases of the site's enterprise with this kind and product, oldest first, at most ten.

    None when the form with this token was filed before: sent again, it gives the case that it had filed.
    """
    if client_token and Case.objects.filter(filed_by=user, client_token=client_token).exists():
        return []
    rows = visible_cases(user, "file_cases").filter(
        enterprise=site.enterprise_id, kind=kind, product=product, state__in=OPEN
    )
    return list(rows.select_related("lead_region", "owner").order_by("filed_at", "number")[:_MOST])


@dataclass(frozen=True)
class Merged:
    """The merges of one case that a reader sees.

    `into` is the case that it goes on in, `here` those that were merged into it, `others` the number of the other case
    by the key of the story's line. `undoable` says whether the reader may undo the case's own merge.
    """

    into: Case | None = None
    undoable: bool = False
    here: list[Case] = field(default_factory=list)
    others: dict[int, str] = field(default_factory=dict)


def merges_of(user: User, case: Case) -> Merged:
    """The merges of the case; other cases outside the reader's scope are left out."""
    merges = list(Merge.objects.filter(Q(case=case) | Q(into=case)).select_related("case", "into").order_by("line"))
    if not merges:
        return Merged()
    seen = set(_of(visible_cases(user), merges).values_list("pk", flat=True))
    own = next((merge for merge in merges if merge.case_id == case.pk and merge.into_id in seen), None)
    there = [merge for merge in merges if merge.into_id == case.pk and merge.case_id in seen]
    others = {merge.line_there_id: merge.case.number for merge in there}
    if own is None:
        return Merged(here=[merge.case for merge in there], others=others)
    open_still = own.into.state not in CLOSED
    both = _of(movable_cases(user, AT_DESK), [own])
    return Merged(
        into=own.into,
        undoable=open_still and both.count() == len({own.case_id, own.into_id}),
        here=[merge.case for merge in there],
        others={**others, own.line_id: own.into.number},
    )


def _of(rows: QuerySet[Case], merges: list[Merge]) -> QuerySet[Case]:
    return rows.filter(pk__in={pk for merge in merges for pk in (merge.case_id, merge.into_id)}).order_by()
