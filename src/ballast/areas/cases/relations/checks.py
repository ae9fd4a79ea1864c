"""Whether the links of parents and children keep their rules: no closed parent over an open child, and no loop."""

from typing import NamedTuple

from ballast.areas.cases.machine import CLOSED
from ballast.areas.cases.models import ParentLink
from ballast.areas.cases.relations.holding_back import blocking

__all__ = ["Links", "broken_links"]


class Links(NamedTuple):
    """Pairs of numbers, parent and child: closed parents that wait for an open child, and links that close a loop."""

    closed_over_open: list[tuple[str, str]]
    in_loops: list[tuple[str, str]]


def broken_links() -> Links:
    """The links that break a rule, by number; without regard to scope."""
    closed = blocking().filter(parent__state__in=CLOSED).order_by("parent__number", "child__number")
    return Links(list(closed.values_list("parent__number", "child__number")), _loops())


def _loops() -> list[tuple[str, str]]:
    """The links of every loop."""
    rows = ParentLink.objects.order_by("pk").values_list("child__number", "parent__number")
    above = dict(rows)
    checked: set[str] = set()
    found: list[tuple[str, str]] = []
    for start in above:
        path: list[str] = []
        one: str | None = start
        while one is not None and one not in checked:
            checked.add(one)
            path.append(one)
            one = above.get(one)
        if one in path:
            found += [(above[child], child) for child in path[path.index(one) :]]
    return found
