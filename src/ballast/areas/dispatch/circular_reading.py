"""Which circulars a person may read, and how much of each."""

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from ballast.areas.accounts.access import PERMISSIONS
from ballast.areas.accounts.models import User
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.dispatch.circular_facts import narrowed
from ballast.areas.dispatch.circular_paper import compose
from ballast.areas.dispatch.models import Circular
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Region

if TYPE_CHECKING:
    from ballast.areas.papers.blocks import Document

__all__ = [
    "acts_of",
    "addressees",
    "circular_for",
    "document_of",
    "enterprises_in",
    "facts_for",
    "may_issue",
    "moved_on",
    "visible_circulars",
]

_TOLD = (Circular.State.ISSUED, Circular.State.WITHDRAWN)


def visible_circulars(user: User) -> QuerySet[Circular]:
    """Circulars of the scopes that the person reads, and those issued to a region that is wholly theirs.

    What is not issued is for those who may issue.
    """
    issuers = Circular.objects.order_by().values_list("scope", flat=True).distinct()
    read = [scope for scope in issuers if scopes.allowed(user, scope)]
    theirs = [scope for scope in issuers if scopes.allowed(user, scope, "issue_brief")]
    mine = Q(scope__in=theirs) | Q(scope__in=read, state__in=_TOLD)
    return Circular.objects.filter(mine | Q(pk__in=_addressed(user)))


def _addressed(user: User) -> QuerySet[Any]:
    """Keys of the circulars that were issued to a region of the person's."""
    condition = Q(pk__in=[])
    for key in scopes.keys_of(user):
        path, _mark, chain = key.partition("#")
        if not chain:
            condition |= Q(path__startswith=path)
    regions = Region.objects.filter(condition).order_by().values("pk")
    rows = Circular.objects.filter(state__in=_TOLD, regions__in=regions).order_by()
    return rows.values("pk")


def circular_for(user: User, pk: int) -> Circular:
    """One circular that the person may read; Circular.DoesNotExist for any other."""
    people = ("drafted_by", "approved_by", "withdrawn_by")
    return visible_circulars(user).select_related(*people).get(pk=pk)


def may_issue(user: User, circular: Circular) -> bool:
    """Whether the person may approve and withdraw circulars of its scope."""
    return scopes.allowed(user, circular.scope, "issue_brief")


def acts_of(user: User, circular: Circular) -> list[str]:
    """What the person may do with it now: change or discard their draft, approve another's, withdraw what is issued."""
    if not may_issue(user, circular):
        return []
    if circular.state == Circular.State.ISSUED:
        return ["withdraw"]
    if circular.state != Circular.State.DRAFT or circular.drafted_by_id is None:
        return []
    return ["change", "discard"] if circular.drafted_by_id == user.pk else ["approve"]


def facts_for(user: User, circular: Circular) -> dict[str, Any]:
    """All facts for who reads the issuer's papers; an addressee's own part for an addressee."""
    facts: dict[str, Any] = circular.facts
    if scopes.allowed(user, circular.scope):
        return facts
    return narrowed(facts, [row["id"] for row in facts["regions"] if scopes.allowed(user, row["path"])])


def enterprises_in(facts: dict[str, Any]) -> list[str]:
    """The enterprises that the letter names."""
    return sorted({case["enterprise_id"] for region in facts["regions"] for case in region["cases"]})


def document_of(user: User, circular: Circular, language: str) -> "Document":
    """The letter as the person may read it, in "en" or "zh-hans"."""
    return compose(circular, facts_for(user, circular), language)


def moved_on(circular: Circular) -> int:
    """How many of the listed cases are not in hand any more, for who is to approve the draft."""
    numbers = [case["number"] for region in circular.facts["regions"] for case in region["cases"]]
    still = 0
    for start in range(0, len(numbers), 500):
        still += Case.objects.filter(number__in=numbers[start : start + 500], state__in=IN_HAND).count()
    return len(numbers) - still


def addressees(circular: Circular) -> list[User]:
    """People who work on cases at the desks that the circular goes to."""
    roles = [role for role, allowed in PERMISSIONS.items() if "work_cases" in allowed]
    codes = circular.regions.order_by().values("pk")
    rows = User.objects.filter(grants__region__in=codes, grants__role__in=roles, is_active=True).distinct()
    paths = list(circular.regions.values_list("path", flat=True))
    return [user for user in rows.order_by("username") if any(scopes.allowed(user, path) for path in paths)]
