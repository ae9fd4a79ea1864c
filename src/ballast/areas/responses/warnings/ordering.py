"""In which order warnings are listed, on the page and over the API."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet

from ballast.areas.registry.listing import ordered
from ballast.areas.responses import selectors
from ballast.areas.responses.models import Warned

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["DEAREST", "SORTS", "in_order", "keys_in_order"]

# What is at risk counts first, then what has stood longest.
SORTS: Final = {
    "risk": ("lost", "began_at"),
    "since": ("began_at",),
    "stops": ("stops", "began_at"),
    "first": ("first_stop", "began_at"),
    "reds": ("reds", "began_at"),
}
DEAREST: Final = "-risk"


def in_order(user: "User", rows: QuerySet[Warned], sort: str) -> QuerySet[Warned]:
    """The rows by a key of SORTS ("-key" descends, another means the dearest first), with the figures of the scope."""
    return ordered(selectors.with_figures(user, rows), sort, SORTS, default=DEAREST)


def keys_in_order(user: "User", rows: QuerySet[Warned], sort: str, after: int | None) -> Sequence[int]:
    """Keys of the rows in their order; of those behind the warning `after` where it is given.

    A warning that was decided meanwhile still has its place, so that paging on neither repeats nor hides others.
    """
    if after is None:
        return list(in_order(user, rows, sort).values_list("pk", flat=True))
    wanted = set(rows.order_by().values_list("pk", flat=True))
    with_it = selectors.visible_warnings(user).filter(Q(pk__in=rows.order_by().values("pk")) | Q(pk=after))
    keys = list(in_order(user, with_it, sort).values_list("pk", flat=True))
    place = keys.index(after) + 1 if after in keys else len(keys)
    return [key for key in keys[place:] if key in wanted]
