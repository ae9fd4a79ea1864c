"""Parents and children of cases, as far as the reader sees them; and how many children each case waits for."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Q

from ballast.areas.accounts.models import User
from ballast.areas.cases.machine import AT_DESK, OPEN
from ballast.areas.cases.models import Case, CaseEntry, ParentLink
from ballast.areas.cases.relations.holding_back import blocking
from ballast.areas.cases.relations.lines import AS_CHILD, HAS_CHILD
from ballast.areas.cases.selectors import movable_cases, visible_cases

__all__ = ["Child", "Family", "family_of", "family_shown", "other_cases", "waiting_counts", "with_waiting"]

# Above that many cases the links of all are counted, rather than those of each.
_MANY = 500


class Child(NamedTuple):
    """A case under another one, whether it blocks, and whether the parent waits for it now."""

    case: Case
    blocks: bool
    held_by: bool


@dataclass(frozen=True)
class Family:
    """The case above one case, and those below it, that a reader sees.

    `held` counts the children for which the case waits, those outside the reader's scope among them; `hidden` those
    children that the reader does not see. `above_hidden` says that there is a parent that they do not see, `blocks`
    that the parent waits for this case as long as it is open; `may_leave` that the reader may take it off.
    """

    parent: Case | None = None
    above_hidden: bool = False
    blocks: bool = False
    may_leave: bool = False
    children: list[Child] = field(default_factory=list)
    hidden: int = 0
    held: int = 0


def family_of(user: User, case: Case) -> Family:
    """Parent and children of the case; other cases outside the reader's scope are only counted."""
    related = ("parent__lead_region", "parent__owner", "child__lead_region", "child__owner", "rests_on")
    links = list(
        ParentLink.objects.filter(Q(parent=case) | Q(child=case)).select_related(*related).order_by("child__number")
    )
    if not links:
        return Family()
    keys = {key for link in links for key in (link.parent_id, link.child_id)}
    seen = set(visible_cases(user).filter(pk__in=keys).order_by().values_list("pk", flat=True))
    above = next((link for link in links if link.child_id == case.pk), None)
    below = [link for link in links if link.parent_id == case.pk]
    children = [Child(link.child, link.blocks, _holds(link)) for link in below if link.child_id in seen]
    shown = above is not None and above.parent_id in seen
    return Family(
        parent=above.parent if above is not None and shown else None,
        above_hidden=above is not None and not shown,
        blocks=above is not None and above.blocks,
        may_leave=above is not None and shown and movable_cases(user, AT_DESK).filter(pk=above.parent_id).exists(),
        children=children,
        hidden=len(below) - len(children),
        held=sum(_holds(link) for link in below),
    )


def family_shown(family: Family) -> dict[str, Any]:
    """A family as other programs are told it, by the API and the command line."""
    return {
        "parent": family.parent.number if family.parent else None,
        "blocks": family.blocks,
        "children": [
            {"number": one.case.number, "state": one.case.state, "blocks": one.blocks, "open": one.held_by}
            for one in family.children
        ],
        "hidden": family.hidden,
    }


def _holds(link: ParentLink) -> bool:
    return link.blocks and link.rests_on.state in OPEN


def other_cases(user: User, case: Case) -> dict[int, str]:
    """The number of the other case, by the key of each line that tells of a parent or child that the reader sees."""
    lines = CaseEntry.objects.filter(case=case, move__in=(AS_CHILD, HAS_CHILD)).order_by()
    told = {key: facts.get("case", "") for key, facts in lines.values_list("pk", "facts")}
    if not told:
        return {}
    seen = set(visible_cases(user).filter(number__in=set(told.values())).order_by().values_list("number", flat=True))
    return {key: number for key, number in told.items() if number in seen}


def waiting_counts(keys: Collection[int]) -> dict[int, int]:
    """How many open children each case waits for, by its key; a case that waits for none is not there. One query."""
    if not keys:
        return {}
    rows = blocking() if len(keys) > _MANY else blocking().filter(parent__in=keys)
    return dict(rows.order_by().values_list("parent").annotate(children=Count("pk")))


def with_waiting(cases: list[Case]) -> list[Case]:
    """The cases with `waits_for`, the number of open children for which each waits."""
    counts = waiting_counts({case.pk for case in cases})
    for case in cases:
        case.waits_for = counts.get(case.pk, 0)
    return cases
