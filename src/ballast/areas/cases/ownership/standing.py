"""Who has a case and what it waits for: the offer that has no answer yet, the refusal that nobody decided on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ballast.areas.cases.machine import CLOSED, IN_HAND
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.ownership.groups import groups_for
from ballast.areas.cases.story import Toward
from ballast.areas.desks.selectors import fast_track, open_departments
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, today

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ballast.areas.accounts.models import User
    from ballast.areas.cases.packs.model import Move
    from ballast.areas.desks.models import FastTrack, WorkingGroup

__all__ = ["Standing", "handing_card", "standing"]


@dataclass(frozen=True)
class Standing:
    """Where a case stands between desks; `asked` and `refused` are lines of its story, None where there is none."""

    case: Case
    asked: CaseEntry | None = None
    refused: CaseEntry | None = None

    @property
    def holder(self) -> str:
        """The desk that leads, in words."""
        return Toward(self.case.lead_region, self.case.department).label

    @property
    def offered(self) -> str:
        """The desk that was asked, in words; "" for none."""
        return Toward(self.case.offered_to, self.case.offered_department).label

    @property
    def refuser(self) -> str:
        """Who refused, in words: the person and their office."""
        if self.refused is None:
            return ""
        office = self.refused.desk.label if self.refused.desk else authority().label
        return f"{self.refused.actor_name} ({office})"

    @property
    def group(self) -> "WorkingGroup | None":
        """The group that works on it today."""
        group = self.case.group
        return group if group is not None and group.runs(today()) and self.case.state not in CLOSED else None


def standing(case: Case) -> Standing:
    """The case between desks; one query more only while it is offered or escalated."""
    if case.offered_to_id is None and case.escalated_to_id is None:
        return Standing(case)
    moves = case.rules.moves_by_name.values()
    asking = [move.name for move in moves if move.does in ("hand_over", "give_back")]
    refusing = [move.name for move in moves if move.does == "refuse"]
    rows = case.entries.filter(type=CaseEntry.Type.MOVE, move__in=[*asking, *refusing]).select_related("desk")
    lines = list(rows.order_by("-at", "-pk")[:20])
    asked = next((line for line in lines if line.move in asking), None) if case.offered_to_id else None
    refused = next((line for line in lines if line.move in refusing), None) if case.escalated_to_id else None
    return Standing(case, asked, refused)


@dataclass(frozen=True)
class _Handing:
    """What the part of a case's page that hands it on shows."""

    standing: Standing
    track: "FastTrack | None" = None
    desks: list[tuple[str, str]] = field(default_factory=list)
    groups: "Iterable[WorkingGroup]" = ()
    may_group: bool = False


def handing_card(user: "User", case: Case, moves: "Iterable[Move]") -> dict[str, Any]:
    """Context of that part: where it stands, the contacts of an offer, and the desks and groups to choose from."""
    deeds = {move.does for move in moves}
    by_deed = {move.does: move for move in moves if move.does}
    chooses = deeds & {"hand_over", "give_back", "decide"}
    track = fast_track(case.lead_region, case.offered_to) if case.offered_to else None
    may_group = "assign" in deeds and case.state in IN_HAND
    handing = _Handing(
        standing(case), track, _desks(case) if chooses else [], groups_for(case) if may_group else (), may_group
    )
    return {"handing": handing, "deeds": by_deed}


def _desks(case: Case) -> list[tuple[str, str]]:
    """Desks to choose from, as (code, words): departments of the lead region first, then regions, then the others."""
    departments = [(one.region_id == case.lead_region_id, one) for one in open_departments()]
    own = [(one.key, one.full) for near, one in departments if near and one.pk != case.department_id]
    elsewhere = [(one.key, one.full) for near, one in departments if not near]
    regions = [(region.code, region.label) for region in _regions(case)]
    return [*own, *regions, *elsewhere]


def _regions(case: Case) -> "Iterable[Region]":
    """Provinces, and the regions above and directly below the desk that leads; not that desk itself."""
    near = {*case.lead_region.path.strip("/").split("/")}
    rows = Region.objects.filter(level="province") | Region.objects.filter(pk__in=near)
    rows = rows | Region.objects.filter(parent=case.lead_region_id)
    return rows.order_by("path") if case.department_id else rows.exclude(pk=case.lead_region_id).order_by("path")
