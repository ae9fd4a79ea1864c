"""The board: open cases as cards, a column for each state, those that put most output at risk on top."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.models import Case
from ballast.areas.cases.packs.in_force import PROBLEM, local_states, pack_named
from ballast.areas.cases.packs.model import LocalState
from ballast.areas.cases.relations.family import with_waiting
from ballast.areas.cases.selectors import filtered, with_parties
from ballast.core.clocks import Category

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["CARDS", "Column", "board"]

# Cards of one page of a column.
CARDS = 20


@dataclass(frozen=True)
class Column:
    """One state: how many cases, what they put at risk, and the cards of the page that is shown, numbered from 1."""

    state: LocalState
    total: int
    output_at_risk: float | None
    page: int
    cards: list[Case]

    @property
    def label(self) -> str:
        """The state in the language of the page."""
        return str(self.state.label)

    @property
    def meaning(self) -> str:
        """What the state's category means for the desk."""
        return {
            Category.OPEN: _("in hand"),
            Category.PAUSED: _("in hand, waits"),
            Category.RESOLVED: _("the other side has the word"),
            Category.CLOSED: _("over"),
        }[self.state.category]

    @property
    def pages(self) -> int:
        """How many pages the column has, at least one."""
        return max(-(-self.total // CARDS), 1)

    @property
    def first(self) -> int:
        """Number of the first card that is shown; 0 in an empty column."""
        return min((self.page - 1) * CARDS + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last card that is shown."""
        return min(self.page * CARDS, self.total)


def board(user: "User", given: Mapping[str, str]) -> list[Column]:
    """The columns of the cases that the person sees, by the filters of the list of cases.

    A state that is asked for has the only column, else every open state of problems has one, and that of another pack
    where a case stands in it. `page_STATE` is the page of its column; a page behind the last one gives that.
    """
    asked = given.get("state", "")
    rows = filtered(user, {**given, "state": asked if asked in local_states() else "all"}).order_by()
    found = {state: (total, risk) for state, total, risk in _counted(rows if asked in local_states() else _open(rows))}
    always = pack_named(PROBLEM).states_by_name
    shown = [
        state
        for name, state in local_states().items()
        if (name == asked if asked in local_states() else name in OPEN and (name in always or name in found))
    ]
    none = (0, None)
    columns = [_column(one, *found.get(one.name, none), given.get(f"page_{one.name}", "")) for one in shown]
    cards = _cards(rows, columns)
    for column in columns:
        column.cards.extend(cards.get(column.state.name, []))
    return columns


def _open(rows: QuerySet[Case]) -> QuerySet[Case]:
    return rows.filter(state__in=OPEN)


def _counted(rows: QuerySet[Case]) -> list[Any]:
    return list(rows.values_list("state").annotate(Count("pk"), Sum("output_at_risk")))


def _column(state: LocalState, total: int, risk: float | None, page: str) -> Column:
    """The column without its cards."""
    last = max(-(-total // CARDS), 1)
    wanted = int(page) if page.isascii() and page.isdecimal() and len(page) < 10 else 1
    return Column(state, total, risk, min(max(wanted, 1), last), [])


def _cards(rows: QuerySet[Case], columns: list[Column]) -> dict[str, list[Case]]:
    """The cases of each column's page by state, in their order: all columns are cut at once, then read in full."""
    pages = Q(pk__in=[])
    for column in columns:
        if column.total:
            pages |= Q(state=column.state.name, place_in_column__range=(column.first, column.last))
    order = [F("output_at_risk").desc(nulls_last=True), F("due_at").asc(), F("number").asc()]
    place = Window(RowNumber(), partition_by=F("state"), order_by=order)
    within = rows.filter(state__in=[column.state.name for column in columns])
    cut = within.annotate(place_in_column=place).filter(pages).values_list("place_in_column", "pk")
    keys = [pk for _place, pk in sorted(cut)]
    full = {case.pk: case for case in with_waiting(list(with_parties(Case.objects.filter(pk__in=keys))))}
    found: dict[str, list[Case]] = {}
    for case in (full[pk] for pk in keys if pk in full):
        found.setdefault(case.state, []).append(case)
    return found
