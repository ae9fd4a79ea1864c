"""Lists as pages show them: sorted, and cut into pages by key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest

__all__ = ["first_of", "ordered", "page_of"]

PAGE_SIZE = 50


def ordered(rows: QuerySet[Any], sort: str, sorts: Mapping[str, Sequence[str]], *, default: str) -> QuerySet[Any]:
    """The rows by a sort key of the table ("-key" descends, unknown keys mean the default); unknown values last."""
    key = sort.removeprefix("-")
    if key not in sorts:
        sort, key = default, default.removeprefix("-")
    down = sort.startswith("-")
    first, *rest = sorts[key]
    by = F(first).desc(nulls_last=True) if down else F(first).asc(nulls_last=True)
    return rows.order_by(by, *(F(name).asc(nulls_last=True) for name in rest), "pk")


def page_of(
    request: HttpRequest, rows: QuerySet[Any], dress: Callable[[QuerySet[Any]], QuerySet[Any]], *, size: int = PAGE_SIZE
) -> "Page[Any]":
    """The page of the list that `?page=` asks for, the last one when beyond it; `dress` adds joins and counts.

    Keys are cut first and only their rows are read in full, so a page costs the same in a short list and in a
    long one.
    """
    page = Paginator(rows.values_list("pk", flat=True), size).get_page(request.GET.get("page"))
    page.object_list = _in_full(rows, list(page.object_list), dress)
    return page


def first_of(rows: QuerySet[Any], number: int, dress: Callable[[QuerySet[Any]], QuerySet[Any]]) -> list[Any]:
    """The first rows of a list, cut and read as `page_of` does."""
    return _in_full(rows, list(rows.values_list("pk", flat=True)[:number]), dress)


def _in_full(rows: QuerySet[Any], keys: list[Any], dress: Callable[[QuerySet[Any]], QuerySet[Any]]) -> list[Any]:
    """The rows of the keys in their order; one that went in the meantime is left out."""
    found = {row.pk: row for row in dress(rows.model._default_manager.filter(pk__in=keys))}
    return [found[key] for key in keys if key in found]
