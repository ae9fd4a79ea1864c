"""The problem ledger: one line a case, with the fields that the three lists of a dispatch room have.

Problem, who is responsible, what is done by when, what came of it, and what the enterprise says. Internal notes are in
none of them: a ledger leaves the house.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from ballast.areas.cases.models import Case
from ballast.areas.cases.relations.family import waiting_counts
from ballast.areas.cases.selectors import filtered
from ballast.areas.dispatch.register_reading import CaseRow, Names, Told, cases_of, files_of, told_of
from ballast.areas.instants import aware, local_minutes
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Line", "enterprises_in", "head", "keys", "lines", "rows", "written"]

# Cases that are read together.
_AT_ONCE = 2_000
# How a line has its instants: aware, or as the text of a file.
When = TypeVar("When")


class Line(NamedTuple, Generic[When]):
    """One case in the ledger; names in the language in force, money in the authority's currency."""

    number: str
    filed_at: When
    enterprise: str
    enterprise_id: str
    region: str
    site_id: str
    kind: str
    problem: str
    details: str
    lead: str
    owner: str
    helpers: str
    measure: str
    due_at: When
    lamp: str
    state: str
    state_since: When
    result: str
    proof: str
    solved_by: str
    satisfied: str
    opinion: str
    closed_at: When | None
    output_at_risk: float | None
    waits_for: int


def head() -> list[str]:
    """What the columns are called, in the order of a line."""
    measure = pgettext("what is done about a problem", "Measure")
    return [
        _("Number"), _("Filed"), _("Enterprise"), _("Enterprise id"), _("Region"), _("Site"), _("Kind"), _("Problem"),
        _("In the enterprise's words"), _("Lead desk"), _("Owner"), _("Helpers"), measure, _("Due"), _("Lamp"),
        _("State"), _("Since"), _("Result"), _("Proof"), _("Solved by"), _("Is the enterprise satisfied?"),
        _("The enterprise's opinion"), _("Closed on"), _("Output at risk"),
        _("Open children it waits for"),
    ]  # fmt: skip


def keys(user: "User", filters: Mapping[str, str]) -> list[int]:
    """Keys of the cases of the ledger, by number; `filters` are those of the list of cases and mean the same."""
    return list(rows(user, filters).order_by("number").values_list("pk", flat=True))


def enterprises_in(user: "User", filters: Mapping[str, str]) -> set[str]:
    """The enterprises whose data the ledger shows."""
    return set(rows(user, filters).order_by().values_list("enterprise__enterprise_id", flat=True).distinct())


def rows(user: "User", filters: Mapping[str, str]) -> QuerySet[Case]:
    """The cases of the ledger, in no order of their own."""
    return filtered(user, filters)


def lines(wanted: list[int], language: str) -> Iterator[Line[dt.datetime]]:
    """The lines of the cases in the order of their keys, read some hundred at a time; instants aware."""
    return _lines(wanted, language, aware)


def written(wanted: list[int], language: str, zone: dt.tzinfo) -> Iterator[Line[str]]:
    """The same as the rows of a file: instants are texts, to the minute in the authority's zone."""
    return _lines(wanted, language, local_minutes(zone))


def _lines(wanted: list[int], language: str, moment: Callable[[str], When]) -> Iterator[Line[When]]:
    names: Names | None = None
    at, waits = now(), waiting_counts(wanted)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        # A generator may run when the request's own language is gone.
        with override(language):
            names = names or Names()
            found = _some(some, names, at, waits, moment)
        yield from found


def _some(
    wanted: list[int], names: Names, at: dt.datetime, waits: Mapping[int, int], moment: Callable[[str], When]
) -> list[Line[When]]:
    keys = frozenset(wanted)
    cases, told, files = cases_of(keys), told_of(keys), files_of(keys)
    names.read(cases.values())
    answers = {None: "", True: _("yes"), False: _("no")}

    def line(case: CaseRow, log: Told) -> Line[When]:
        return Line(
            case.number, moment(case.filed_at), names.of(case.enterprise__name, case.enterprise__name_zh),
            case.enterprise__enterprise_id, names.regions[case.home_id], case.site__site_id, names.kinds[case.kind],
            case.blocked, case.text, names.desk(case), case.owner, names.helpers(case, log.desks), log.measure,
            moment(case.due_at), names.lamp(case, at), names.states[case.pack, case.state], moment(case.state_since),
            log.result, "; ".join(files.get(case.pk, ())), log.solved_by, answers[log.satisfied], log.opinion,
            moment(case.closed_at) if case.closed_at else None, case.output_at_risk, waits.get(case.pk, 0),
        )  # fmt: skip

    return [line(cases[pk], told[pk]) for pk in wanted if pk in cases]
