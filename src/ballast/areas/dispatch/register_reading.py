"""What the ledger reads: cases as the database has them, what their log tells, and the names of keys and codes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import F, Q
from django.utils.translation import get_language

from ballast.areas.alerts.models import Level
from ballast.areas.bulk import raw_rows
from ballast.areas.cases.machine import IN_HAND, telling
from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.cases.presentation import due_level
from ballast.areas.instants import as_text, aware
from ballast.areas.reference.models import Region

__all__ = ["CaseRow", "Names", "Told", "cases_of", "files_of", "told_of"]


class CaseRow(NamedTuple):
    """What is read of a case; making models and instants of it would take half of the time of a large ledger."""

    pk: int
    number: str
    pack: str
    kind: str
    state: str
    filed_at: str
    due_at: str
    state_since: str
    closed_at: str | None
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
        filed, due = aware(self.filed_at), aware(self.due_at)
        return Case(pack=self.pack, kind=self.kind, state=self.state, filed_at=filed, due_at=due)

    @property
    def owner(self) -> str:
        """Name of the person who has it, "" without one."""
        if not self.owner__username:
            return ""
        return f"{self.owner__first_name} {self.owner__last_name}".strip() or self.owner__username


@dataclass(slots=True)
class Told:
    """What the log tells of one case; `desks` are those other than the one that leads now."""

    desks: set[str] = field(default_factory=set)
    measure: str = ""
    result: str = ""
    solved_by: str = ""
    satisfied: bool | None = None
    opinion: str = ""


class Names:
    """What keys and codes stand for, in the language in force; a ledger reads each once, however many cases have it."""

    def __init__(self) -> None:
        self.regions = {row.code: row.label for row in Region.objects.all()}
        self.kinds: dict[str, str] = {}
        self.states: dict[tuple[str, str], str] = {}
        self.levels = {level.value: str(level.label) for level in Level}
        # Asked for once: a closed case has no lamp but the normal one.
        self.in_hand = frozenset(IN_HAND)
        self._chinese = (get_language() or "").startswith("zh")

    def read(self, cases: Iterable[CaseRow]) -> None:
        """Learn the names of kinds and states that are not known yet."""
        for case in cases:
            if case.kind not in self.kinds:
                self.kinds[case.kind] = str(case.case().get_kind_display())
            if (case.pack, case.state) not in self.states:
                self.states[case.pack, case.state] = str(case.case().get_state_display())

    def of(self, name: str, name_zh: str) -> str:
        """As `in_language` has it, which would ask for the language case by case."""
        return (name_zh or name) if self._chinese else (name or name_zh)

    def desk(self, case: CaseRow) -> str:
        """The desk that leads: a region's own, or a department of it."""
        if case.department__region_id is None:
            return self.regions[case.lead_region_id]
        label = self.of(case.department__name, case.department__name_zh)
        return f"{self.regions[case.department__region_id]} · {label}"

    def helpers(self, case: CaseRow, desks: AbstractSet[str]) -> str:
        """The other desks that acted in the case or were asked to take it, and its working group."""
        others = desks | {case.offered_to_id} if case.offered_to_id else desks
        group = [] if case.group__name is None else [self.of(case.group__name, case.group__name_zh)]
        return "; ".join(sorted(self.regions.get(code, code) for code in others) + group) if others or group else ""

    def lamp(self, case: CaseRow, at: dt.datetime) -> str:
        """What the lamp of the time left is called."""
        return self.levels[due_level(case.case(), at=at) if case.state in self.in_hand else Level.NORMAL]


# As they come, the instants as texts.
_FIELDS = [
    as_text(name) if name in ("filed_at", "due_at", "state_since", "closed_at") else name for name in CaseRow._fields
]


def cases_of(keys: Collection[int]) -> dict[int, CaseRow]:
    """The cases by their keys, in no order."""
    found = raw_rows(Case.objects.filter(pk__among=keys).order_by().values_list(*_FIELDS))
    return {row[0]: CaseRow._make(row) for row in found}


def files_of(keys: Collection[int]) -> dict[int, list[str]]:
    """Names of the files of each case that has any."""
    files: dict[int, list[str]] = defaultdict(list)
    for case, name in Attachment.objects.filter(case__pk__among=keys).order_by("pk").values_list("case_id", "name"):
        files[case].append(name)
    return files


def told_of(keys: Collection[int]) -> dict[int, Told]:
    """What the log tells of the cases, in one pass from the oldest line; what comes later stands.

    Every second line says nothing that a ledger has: it is not read.
    """
    solved, confirmed = set(telling("solved")), set(telling("confirmed"))
    answered = confirmed | set(telling("disputed"))
    desk = CaseEntry.Side.DESK
    says = Q(state_after__in=sorted(solved | answered)) | Q(side=desk) & ~Q(text="")
    helps = Q(desk__isnull=False) & ~Q(desk=F("case__lead_region"))
    log = CaseEntry.objects.filter(says | helps, case__pk__among=keys).exclude(type=CaseEntry.Type.NOTE)
    fields = (
        "case_id", "side", "desk_id", "actor_name", "state_before", "state_after", "text", "case__lead_region_id",
    )  # fmt: skip
    found: dict[int, Told] = defaultdict(Told)
    for case, side, unit, actor, before, after, text, lead in log.order_by("at", "pk").values_list(*fields):
        one, came_to = found[case], after if after != before else ""
        if unit and unit != lead:
            one.desks.add(unit)
        if came_to in solved:
            one.result, one.solved_by, one.satisfied, one.opinion = text, actor, None, ""
        elif came_to in answered:
            one.satisfied, one.opinion = came_to in confirmed, text
        elif text and side == desk:
            one.measure = text
    return found
