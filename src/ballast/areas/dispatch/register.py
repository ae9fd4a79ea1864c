"""The problem ledger: one line a case, with the fields that the three lists of a dispatch room have.

Problem, who is responsible, what is done by when, what came of it, and what the enterprise says. Internal notes are in
none of them: a ledger leaves the house.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from ballast.areas.alerts.models import Level
from ballast.areas.cases.machine import telling
from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.cases.presentation import due_level
from ballast.areas.cases.selectors import filtered
from ballast.areas.files import Cell
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Line", "cells", "enterprises_in", "head", "keys", "lines", "rows"]

# Cases that are read together.
_AT_ONCE = 500
_PARTIES = ("enterprise", "site", "home", "lead_region", "department__region", "group", "offered_to", "owner")


class Line(NamedTuple):
    """One case in the ledger; names in the language in force, instants aware, money in the authority's currency."""

    number: str
    filed_at: dt.datetime
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
    due_at: dt.datetime
    lamp: str
    state: str
    state_since: dt.datetime
    result: str
    proof: str
    solved_by: str
    satisfied: str
    opinion: str
    closed_at: dt.datetime | None
    output_at_risk: float | None


@dataclass
class _Told:
    """What the log tells of one case."""

    desks: set[str] = field(default_factory=set)
    measure: str = ""
    result: str = ""
    solved_by: str = ""
    satisfied: bool | None = None
    opinion: str = ""


def head() -> list[str]:
    """What the columns are called, in the order of a line."""
    measure = pgettext("what is done about a problem", "Measure")
    return [
        _("Number"), _("Filed"), _("Enterprise"), _("Enterprise id"), _("Region"), _("Site"), _("Kind"), _("Problem"),
        _("In the enterprise's words"), _("Lead desk"), _("Owner"), _("Helpers"), measure, _("Due"), _("Lamp"),
        _("State"), _("Since"), _("Result"), _("Proof"), _("Solved by"), _("Is the enterprise satisfied?"),
        _("The enterprise's opinion"), _("Closed on"), _("Output at risk"),
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


def lines(wanted: list[int], language: str) -> Iterator[Line]:
    """The lines of the cases in the order of their keys, read some hundred at a time."""
    labels: dict[str, str] | None = None
    at = now()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        # A generator may run when the request's own language is gone.
        with override(language):
            labels = labels or {row.code: row.label for row in Region.objects.all()}
            found = _some(some, labels, at)
        yield from found


def _some(wanted: list[int], labels: Mapping[str, str], at: dt.datetime) -> list[Line]:
    cases = Case.objects.select_related(*_PARTIES).in_bulk(wanted)
    told = _told(wanted)
    files: dict[int, list[str]] = defaultdict(list)
    for case, name in Attachment.objects.filter(case__in=wanted).order_by("pk").values_list("case_id", "name"):
        files[case].append(name)
    return [_line(cases[pk], told[pk], files[pk], labels, at) for pk in wanted if pk in cases]


def _told(wanted: list[int]) -> dict[int, _Told]:
    """What the log tells of the cases, in one pass from the oldest line; what comes later stands."""
    solved, confirmed, disputed = set(telling("solved")), set(telling("confirmed")), set(telling("disputed"))
    log = CaseEntry.objects.filter(case__in=wanted).exclude(type=CaseEntry.Type.NOTE).order_by("at", "pk")
    fields = ("case_id", "side", "desk_id", "actor_name", "state_before", "state_after", "text")
    found: dict[int, _Told] = defaultdict(_Told)
    for case, side, desk, actor, before, after, text in log.values_list(*fields):
        one, came_to = found[case], after if after != before else ""
        if desk:
            one.desks.add(desk)
        if came_to in solved:
            one.result, one.solved_by, one.satisfied, one.opinion = text, actor, None, ""
        elif came_to in confirmed | disputed:
            one.satisfied, one.opinion = came_to in confirmed, text
        elif text and side == CaseEntry.Side.DESK:
            one.measure = text
    return found


def _line(case: Case, told: _Told, files: list[str], labels: Mapping[str, str], at: dt.datetime) -> Line:
    desks = told.desks - {case.lead_region_id} | ({case.offered_to_id} if case.offered_to_id else set())
    helpers = sorted(labels.get(code, code) for code in desks) + ([case.group.label] if case.group else [])
    satisfied = "" if told.satisfied is None else _("yes") if told.satisfied else _("no")
    return Line(
        case.number, case.filed_at, case.enterprise.label, case.enterprise.enterprise_id, case.home.label,
        case.site.site_id, str(case.get_kind_display()), case.blocked, case.text,
        case.department.full if case.department else case.lead_region.label,
        case.owner.get_full_name() or case.owner.get_username() if case.owner else "",
        "; ".join(helpers), told.measure, case.due_at,
        str(Level(due_level(case, at=at)).label), str(case.get_state_display()), case.state_since, told.result,
        "; ".join(files), told.solved_by, satisfied, told.opinion, case.closed_at, case.output_at_risk,
    )  # fmt: skip


def cells(found: Iterable[Line], zone: dt.tzinfo) -> Iterator[list[Cell]]:
    """The lines as rows of a file; instants in the authority's zone."""
    for line in found:
        yield [_cell(value, zone) for value in line]


def _cell(value: Any, zone: dt.tzinfo) -> Cell:  # noqa: ANN401 - any cell
    local: Cell = value.astimezone(zone).replace(tzinfo=None) if isinstance(value, dt.datetime) else value
    return local
