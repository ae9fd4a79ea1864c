"""Which measures, proposals and issues a person may see; enterprises see none."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from ballast.areas.accounts.access import can, require
from ballast.areas.reference.selectors import today
from ballast.areas.registry.places import covers, inside_scope, touching_scope
from ballast.areas.reserve.models import Extension, Issue, PolicyOption, Proposal

if TYPE_CHECKING:
    from collections.abc import Collection

    from ballast.areas.accounts.models import User

__all__ = [
    "ISSUE", "KEEP", "STATES", "counts", "filter_options", "get_extension", "get_issue", "get_option", "get_proposal",
    "in_force", "may", "open_proposals", "overlapping", "proposal_of", "visible_issues", "visible_options",
    "waiting_for",
]  # fmt: skip

# Permissions: to keep the library; to issue, extend, end and dismiss.
KEEP, ISSUE = "keep_reserve", "issue_measures"
# What the list is filtered by.
STATES = ("proposed", "issued", "ready", "draft", "ended")


def in_force(day: dt.date, prefix: str = "") -> Q:
    """Condition on issues: in force on a day, by their days alone."""
    found = {"stopped_at": None, "starts__lte": day, "ends__gte": day}
    return Q(**{f"{prefix}{name}": value for name, value in found.items()})


def visible_options(user: "User") -> QuerySet[PolicyOption]:
    """Measures that hold somewhere in the person's scope. NotAllowedError for who has no desk."""
    require(user, "view_desk")
    rows = PolicyOption.objects.filter(touching_scope(user, "view_desk"))
    return rows.select_related("region", "chain", "product", "issuer")


def _proposed(user: "User") -> QuerySet[Proposal]:
    """Open proposals whose whole place lies in scope: their figures tell of every plant there."""
    mine = PolicyOption.objects.filter(inside_scope(user, "view_desk"), state=PolicyOption.State.READY)
    return Proposal.objects.filter(ended_at=None, state=Proposal.State.OPEN, option__in=mine.order_by().values("pk"))


def filter_options(
    user: "User", rows: QuerySet[PolicyOption], *, state: str = "", q: str = ""
) -> QuerySet[PolicyOption]:
    """The measures in a state, "proposed" and "issued" being ready ones too, and with a text in code or title."""
    if q:
        rows = rows.filter(Q(code__icontains=q) | Q(name__icontains=q) | Q(name_zh__icontains=q))
    if state == "proposed":
        return rows.filter(pk__in=_proposed(user).order_by().values("option"))
    if state == "issued":
        return rows.filter(Exists(Issue.objects.filter(in_force(today()), option=OuterRef("pk"))))
    return rows.filter(state=state) if state in PolicyOption.State.values else rows


def counts(user: "User") -> dict[str, int]:
    """Measures in scope by what the list is filtered by."""
    rows = visible_options(user).order_by()
    words = {state: Count("pk", filter=Q(state=state)) for state in PolicyOption.State.values}
    issued = Exists(Issue.objects.filter(in_force(today()), option=OuterRef("pk")))
    proposed = Q(pk__in=_proposed(user).order_by().values("option"))
    return rows.aggregate(**words, proposed=Count("pk", filter=proposed), issued=Count("pk", filter=issued))


def get_option(user: "User", code: str) -> PolicyOption:
    """The measure of a code; PolicyOption.DoesNotExist when absent or out of scope."""
    return visible_options(user).get(code=code)


def open_proposals(user: "User") -> QuerySet[Proposal]:
    """What is proposed now in the person's scope, the longest standing first."""
    require(user, "view_desk")
    return _proposed(user).select_related("option__region", "option__chain", "option__product").order_by("since", "pk")


def proposal_of(user: "User", option: PolicyOption) -> Proposal | None:
    """The proposal of a measure that stands, open or decided; None where its place is not all in scope."""
    if not covers(user, "view_desk", option.region, option.chain_id):
        return None
    return option.proposals.filter(ended_at=None).select_related("decided_by").first()


def get_proposal(user: "User", pk: int) -> Proposal:
    """The proposal; Proposal.DoesNotExist when absent or not wholly in scope."""
    mine = visible_options(user).filter(inside_scope(user, "view_desk")).order_by()
    return Proposal.objects.select_related("option__region", "option__chain", "option__issuer").get(
        pk=pk, option__in=mine.values("pk")
    )


def visible_issues(user: "User") -> QuerySet[Issue]:
    """Issues of the measures in scope, newest first, with the extensions that were asked for."""
    options = visible_options(user).order_by().values("pk")
    asked = Prefetch("extensions", Extension.objects.select_related("asked_by", "decided_by"))
    rows = Issue.objects.filter(option__in=options).select_related(
        "option__region", "option__chain", "option__issuer", "issued_by", "stopped_by"
    )
    return rows.prefetch_related(asked)


def get_issue(user: "User", pk: int) -> Issue:
    """The issue; Issue.DoesNotExist when absent or out of scope."""
    return visible_issues(user).get(pk=pk)


def get_extension(user: "User", pk: int) -> Extension:
    """What was asked for; Extension.DoesNotExist when absent or out of scope."""
    issues = visible_issues(user).prefetch_related(None).order_by().values("pk")
    return Extension.objects.select_related(
        "issue__option__region", "issue__option__chain", "issue__option__issuer"
    ).get(pk=pk, issue__in=issues)


def waiting_for(user: "User") -> list[Extension]:
    """Extensions that wait for a second person who this person can be, the oldest first."""
    if not can(user, ISSUE):
        return []
    rows = Extension.objects.filter(in_force(today(), "issue__"), state=Extension.State.ASKED).exclude(asked_by=user)
    rows = rows.select_related("issue__option__region", "issue__option__chain", "issue__option__issuer")
    return [row for row in rows.order_by("pk") if may(user, ISSUE, row.issue.option)]


def may(user: "User", permission: str, option: PolicyOption) -> bool:
    """Whether the person keeps or issues it: the place of the measure and its issuer's region lie wholly in scope."""
    if not covers(user, permission, option.region, option.chain_id):
        return False
    return option.issuer is None or covers(user, permission, option.issuer, option.chain_id)


def overlapping(
    user: "User", regions: "Collection[str]", chains: "Collection[str]", products: "Collection[str]", *, limit: int = 10
) -> list[PolicyOption]:
    """Ready measures for such regions (paths), chains and inputs: those proposed first, then by code.

    For a warning: what the library holds against it.
    """
    codes = {code for path in regions for code in path.strip("/").split("/")}
    fitting = (
        (Q(region=None) | Q(region__in=codes))
        & (Q(chain=None) | Q(chain__in=chains))
        & (Q(product=None) | Q(product__in=products))
    )
    rows = visible_options(user).filter(fitting, state=PolicyOption.State.READY)
    rows = rows.annotate(
        proposed=Exists(_proposed(user).filter(option=OuterRef("pk"))),
        issued=Exists(Issue.objects.filter(in_force(today()), option=OuterRef("pk"))),
    )
    return list(rows.order_by("-proposed", "-issued", "code")[:limit])
