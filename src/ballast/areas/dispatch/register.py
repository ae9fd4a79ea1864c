"""The problem ledger: one line a case, with the fields that the three lists of a dispatch room have.

Problem, who is responsible, what is done by when, what came of it, and what the enterprise says. Internal notes are in
none of them: a ledger leaves the house.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from ballast.areas.alerts.models import Level
from ballast.areas.cases.machine import IN_HAND, telling
from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.cases.presentation import due_level
from ballast.areas.cases.relations.family import waiting_counts
from ballast.areas.cases.selectors import filtered
from ballast.areas.files import Cell
from ballast.areas.reference.models import Region, in_language
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Line", "cells", "enterprises_in", "head", "keys", "lines", "rows"]

# Cases that are read together.
_AT_ONCE = 500


class _Row(NamedTuple):
    """What is read of a case: half of the time of a large ledger would go into making models of it."""

    pk: int
    number: str
    pack: str
    kind: str
    state: str
    filed_at: dt.datetime
    due_at: dt.datetime
    state_since: dt.datetime
    closed_at: dt.datetime | None
    home_id: str
    blocked: str
    text: str
    lead_region_id: str
    offered_to_id: str | None
    output_at_risk: float | None
    site__site_id: str
    enterprise__enterprise_id: str
    enterprise__name: str
    enterprise__name_zh: str
    department__region_id: str | None
    department__name: str
    department__name_zh: str
    group__name: str | None
    group__name_zh: str
    owner__first_name: str
    owner__last_name: str
    owner__username: str | None

    def case(self) -> Case:
        """The case as far as its lamp and labels need it."""
        return Case(pack=self.pack, kind=self.kind, state=self.state, filed_at=self.filed_at, due_at=self.due_at)


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
    waits_for: int


# Where a line has instants.
_INSTANTS = [Line._fields.index(name) for name in ("filed_at", "due_at", "state_since", "closed_at")]


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


class _Names:
    """What keys and codes stand for, in the language in force; a ledger reads each once, however many cases have it."""

    def __init__(self) -> None:
        self.regions = {row.code: row.label for row in Region.objects.all()}
        self.kinds: dict[str, str] = {}
        self.states: dict[tuple[str, str], str] = {}
        self.levels = {level.value: str(level.label) for level in Level}
        # Asked for once: a closed case has no lamp but the normal one.
        self.in_hand = frozenset(IN_HAND)

    def read(self, cases: Iterable[_Row]) -> None:
        """Learn the names of kinds and states that are not known yet."""
        for case in cases:
            if case.kind not in self.kinds:
                self.kinds[case.kind] = str(case.case().get_kind_display())
            if (case.pack, case.state) not in self.states:
                self.states[case.pack, case.state] = str(case.case().get_state_display())

    def desk(self, case: _Row) -> str:
        """The desk that leads: a region's own, or a department of it."""
        if case.department__region_id is None:
            return self.regions[case.lead_region_id]
        label = in_language(case.department__name, case.department__name_zh)
        return f"{self.regions[case.department__region_id]} · {label}"

    def helpers(self, case: _Row, desks: set[str]) -> str:
        """The other desks that acted in the case or were asked to take it, and its working group."""
        others = desks - {case.lead_region_id} | ({case.offered_to_id} if case.offered_to_id else set())
        group = [] if case.group__name is None else [in_language(case.group__name, case.group__name_zh)]
        return "; ".join(sorted(self.regions.get(code, code) for code in others) + group)

    def lamp(self, case: _Row, at: dt.datetime) -> str:
        """What the lamp of the time left is called."""
        return self.levels[due_level(case.case(), at=at) if case.state in self.in_hand else Level.NORMAL]


def lines(wanted: list[int], language: str) -> Iterator[Line]:
    """The lines of the cases in the order of their keys, read some hundred at a time."""
    names: _Names | None = None
    at, waits = now(), waiting_counts(wanted)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        # A generator may run when the request's own language is gone.
        with override(language):
            names = names or _Names()
            found = _some(some, names, at, waits)
        yield from found


def _some(wanted: list[int], names: _Names, at: dt.datetime, waits: Mapping[int, int]) -> list[Line]:
    found = Case.objects.filter(pk__among=wanted).order_by().values_list(*_Row._fields)
    cases = {row[0]: _Row(*row) for row in found}
    names.read(cases.values())
    told = _told(wanted)
    files: dict[int, list[str]] = defaultdict(list)
    for case, name in Attachment.objects.filter(case__pk__among=wanted).order_by("pk").values_list("case_id", "name"):
        files[case].append(name)
    answers = {None: "", True: _("yes"), False: _("no")}
    rows = [pk for pk in wanted if pk in cases]
    return [_line(cases[pk], told[pk], files[pk], names, answers, at, waits.get(pk, 0)) for pk in rows]


def _told(wanted: list[int]) -> dict[int, _Told]:
    """What the log tells of the cases, in one pass from the oldest line; what comes later stands."""
    solved, confirmed = set(telling("solved")), set(telling("confirmed"))
    answered = confirmed | set(telling("disputed"))
    log = CaseEntry.objects.filter(case__pk__among=wanted).exclude(type=CaseEntry.Type.NOTE).order_by("at", "pk")
    fields = ("case_id", "side", "desk_id", "actor_name", "state_before", "state_after", "text")
    found: dict[int, _Told] = defaultdict(_Told)
    for case, side, desk, actor, before, after, text in log.values_list(*fields):
        one, came_to = found[case], after if after != before else ""
        if desk:
            one.desks.add(desk)
        if came_to in solved:
            one.result, one.solved_by, one.satisfied, one.opinion = text, actor, None, ""
        elif came_to in answered:
            one.satisfied, one.opinion = came_to in confirmed, text
        elif text and side == CaseEntry.Side.DESK:
            one.measure = text
    return found


def _line(
    case: _Row,
    told: _Told,
    files: list[str],
    names: _Names,
    answers: Mapping[bool | None, str],
    at: dt.datetime,
    waits_for: int,
) -> Line:
    owner = f"{case.owner__first_name} {case.owner__last_name}".strip() if case.owner__username else ""
    return Line(
        case.number, case.filed_at, in_language(case.enterprise__name, case.enterprise__name_zh),
        case.enterprise__enterprise_id, names.regions[case.home_id], case.site__site_id, names.kinds[case.kind],
        case.blocked, case.text, names.desk(case), owner or case.owner__username or "",
        names.helpers(case, told.desks), told.measure, case.due_at,
        names.lamp(case, at), names.states[case.pack, case.state], case.state_since, told.result,
        "; ".join(files), told.solved_by, answers[told.satisfied], told.opinion, case.closed_at, case.output_at_risk,
        waits_for,
    )  # fmt: skip


def cells(found: Iterable[Line], zone: dt.tzinfo) -> Iterator[list[Cell]]:
    """The lines as rows of a file; instants in the authority's zone."""
    for line in found:
        row: list[Cell] = list(line)
        for place in _INSTANTS:
            if isinstance(instant := line[place], dt.datetime):
                row[place] = instant.astimezone(zone).replace(tzinfo=None)
        yield row
