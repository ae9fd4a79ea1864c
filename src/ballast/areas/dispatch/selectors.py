"""Dispatch sheets that a person may read, and the cases that their figures counted."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from ballast.areas.accounts.access import scope_of
from ballast.areas.alerts.models import Lamp
from ballast.areas.cases.models import Case
from ballast.areas.cases.selectors import visible_cases, with_parties
from ballast.areas.dispatch.document import compose
from ballast.areas.dispatch.facts import enterprise_ids
from ballast.areas.dispatch.models import Sheet, SheetCases
from ballast.areas.dispatch.reds import reds_without_case
from ballast.areas.papers import scopes

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.papers.blocks import Document

__all__ = [
    "counted_keys",
    "document_of",
    "enterprises_in",
    "figures_of",
    "in_full",
    "last_before",
    "levels",
    "neighbours",
    "newest",
    "own_reds",
    "readable",
    "sheet_for",
    "sheets",
]


def readable(user: "User", scope: str | None = None, permission: str = "view_desk") -> str:
    """The scope key that the person reads, or has the permission for: the one asked for, else their own.

    Raises Sheet.DoesNotExist for another's.
    """
    key = scope or scopes.home(user, permission)
    if key is None or not scopes.allowed(user, key, permission):
        raise Sheet.DoesNotExist
    return key


def newest(day: dt.date, scope: str) -> Sheet | None:
    """The last issue of a day's sheet, without any check of rights."""
    return Sheet.objects.filter(day=day, scope=scope).order_by("-issue").first()


def last_before(day: dt.date, scope: str) -> Sheet | None:
    """The last sheet of an earlier day, with the cases that it counted."""
    rows = Sheet.objects.filter(day__lt=day, scope=scope).select_related("cases")
    return rows.order_by("-day", "-issue").first()


def sheet_for(user: "User", day: dt.date, *, scope: str | None = None, issue: int | None = None) -> Sheet:
    """A day's sheet in a scope that the person may read, its last issue unless one is named; Sheet.DoesNotExist."""
    key = readable(user, scope)
    if issue is not None:
        return Sheet.objects.get(day=day, scope=key, issue=issue)
    found = newest(day, key)
    if found is None:
        raise Sheet.DoesNotExist
    return found


def sheets(user: "User", scope: str | None = None) -> QuerySet[Sheet]:
    """The last issue of each day's sheet in a scope, newest day first."""
    rows = Sheet.objects.filter(scope=readable(user, scope))
    last = dict(rows.order_by("day", "issue").values_list("day", "pk"))
    return rows.filter(pk__in=last.values()).defer("facts").order_by("-day")


def figures_of(found: Iterable[Sheet]) -> dict[int, dict[str, Any]]:
    """The figures of sheets by their keys, read without the rest of their facts."""
    rows = Sheet.objects.filter(pk__in=[sheet.pk for sheet in found]).order_by()
    return dict(rows.values_list("pk", "facts__figures"))


def neighbours(sheet: Sheet) -> tuple[dt.date | None, dt.date | None]:
    """The days with a sheet of the same scope before and after this one."""
    rows = Sheet.objects.filter(scope=sheet.scope)
    before = rows.filter(day__lt=sheet.day).order_by("-day").values_list("day", flat=True).first()
    after = rows.filter(day__gt=sheet.day).order_by("day").values_list("day", flat=True).first()
    return before, after


def levels(user: "User", day: dt.date) -> dict[str, str]:
    """The scopes in which the person can read a sheet of the day, by key, with their names; the widest first."""
    keys = Sheet.objects.filter(day=day).order_by().values_list("scope", flat=True).distinct()
    mine = sorted((key for key in keys if scopes.allowed(user, key)), key=lambda key: (key.count("/"), key))
    return scopes.names(mine)


def enterprises_in(sheet: Sheet) -> list[str]:
    """The enterprises that the paper names with their data."""
    return enterprise_ids(sheet.facts)


def document_of(sheet: Sheet, language: str) -> "Document":
    """The stored sheet as a document in "en" or "zh-hans"."""
    return compose(
        sheet.facts, language, issue=sheet.issue, cut_off=sheet.cut_off_at, editor=sheet.made_by,
        digest=sheet.inputs_hash,
    )  # fmt: skip


def counted_keys(sheet: Sheet, figure: str, narrowed: Mapping[str, str]) -> list[int]:
    """Keys of the cases that a figure of the sheet counted, in the order of their due time; KeyError for no figure.

    `narrowed` may name kind, region and desk, as the lines of the sheet's tables do.
    """
    stored: dict[str, Any] = SheetCases.objects.get(sheet=sheet).counted
    keys: list[int] = stored["figures"][figure]
    for place, word in enumerate(("kind", "region", "desk")):
        if wanted := narrowed.get(word):
            keys = [pk for pk in keys if stored["cases"][str(pk)][place] == wanted]
    return keys


def in_full(user: "User", keys: list[int]) -> list[Case]:
    """The cases of the keys that the person may see now, in the order of the keys."""
    rows = with_parties(visible_cases(user).filter(pk__in=keys)).select_related("department__region")
    found = {case.pk: case for case in rows}
    return [found[key] for key in keys if key in found]


def own_reds(user: "User") -> QuerySet[Lamp]:
    """Red lamps in the person's scope at whose site no case is open."""
    return reds_without_case(scope_of(user, "view_desk"))
