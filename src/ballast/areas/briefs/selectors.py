"""Briefs that a person may read, and whether the newest still says what the register says."""

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import QuerySet

from ballast.areas.alerts.models import LampChange
from ballast.areas.briefs.document import compose
from ballast.areas.briefs.facts.stops import current_run
from ballast.areas.briefs.facts.versions import VERSION, brought_up, enterprise_ids, version_of
from ballast.areas.briefs.models import Brief
from ballast.areas.cases.models import CaseEntry
from ballast.areas.papers import scopes
from ballast.areas.reports.models import OperatingReport, StockReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ballast.areas.accounts.models import User
    from ballast.areas.papers.blocks import Document

__all__ = [
    "OtherVersionError",
    "brief_is_stale",
    "days",
    "document_of",
    "enterprises_in",
    "latest",
    "marks",
    "neighbours",
    "newest",
    "query_of",
    "readable",
]


class OtherVersionError(ValueError):
    """Another version of Ballast stored the brief's facts in a form that this one cannot print."""

    def __init__(self, brief: Brief) -> None:
        super().__init__(
            f"The brief of {brief.day}, issue {brief.issue}, was made by another version of Ballast, "
            f"whose form of facts ({version_of(brief.facts)}) this one ({VERSION}) cannot print."
        )


def newest(day: dt.date, scope: str) -> Brief | None:
    """The last issue of a day's brief for a scope, without any check of rights."""
    return Brief.objects.filter(day=day, scope=scope).order_by("-issue").first()


def readable(user: "User", scope: str | None = None, permission: str = "view_desk") -> str:
    """The scope key that the person reads, or has the permission for: the one asked for, else their own.

    Raises Brief.DoesNotExist when it is not theirs.
    """
    key = scope or scopes.home(user, permission)
    if key is None or not scopes.allowed(user, key, permission):
        raise Brief.DoesNotExist
    return key


def latest(user: "User", *, day: dt.date, scope: str | None = None) -> Brief:
    """The last issue of a day's brief in a scope the person may read; raises Brief.DoesNotExist."""
    found = newest(day, readable(user, scope))
    if found is None:
        raise Brief.DoesNotExist
    return found


def days(user: "User", scope: str | None = None) -> QuerySet[Brief]:
    """The last issue of each day's brief in a scope, newest day first."""
    rows = Brief.objects.filter(scope=readable(user, scope))
    last = dict(rows.order_by("day", "issue").values_list("day", "pk"))
    return rows.filter(pk__in=last.values()).defer("facts").order_by("-day")


def enterprises_in(brief: Brief) -> list[str]:
    """The enterprises that the paper names with their data."""
    return sorted(set(enterprise_ids(brief.facts)))


def neighbours(brief: Brief) -> tuple[dt.date | None, dt.date | None]:
    """The days with a brief of the same scope before and after this one."""
    rows = Brief.objects.filter(scope=brief.scope)
    before = rows.filter(day__lt=brief.day).order_by("-day").values_list("day", flat=True).first()
    after = rows.filter(day__gt=brief.day).order_by("day").values_list("day", flat=True).first()
    return before, after


def query_of(given: "Mapping[str, str]") -> str:
    """The language and scope that were asked for, to be added to an address that has a query."""
    kept = {key: given[key] for key in ("lang", "scope") if given.get(key)}
    return f"&{urlencode(kept)}" if kept else ""


def marks() -> dict[str, int]:
    """The newest of all that a brief rests on, by key; nothing new has happened while they stay."""
    run = current_run()
    found = {"forecast": run.pk if run else 0}
    for name, model in (
        ("lamps", LampChange),
        ("cases", CaseEntry),
        ("stocks", StockReport),
        ("operations", OperatingReport),
    ):
        found[name] = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return found


def brief_is_stale(brief: Brief) -> bool:
    """Whether anything was reported, moved or forecast since the last look, or another version of Ballast made it."""
    return version_of(brief.facts) != VERSION or brief.marks != marks()


def document_of(brief: Brief, language: str) -> "Document":
    """The stored brief as a document in "en" or "zh-hans".

    Raises OtherVersionError for one whose facts were stored in a form that this version does not read.
    """
    try:
        facts = brought_up(brief.facts)
        return compose(facts, language, issue=brief.issue, cut_off=brief.cut_off_at, editor=brief.made_by)
    except (AttributeError, LookupError, TypeError) as error:
        if version_of(brief.facts) == VERSION:
            raise
        raise OtherVersionError(brief) from error
