"""The story of a case: one line for each thing done or said, with its entry in the audit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ballast.areas.accounts.models import Grant
from ballast.areas.audit.services import record
from ballast.areas.cases.clocks.dues import follow, follow_new
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.talk import audience
from ballast.areas.desks.models import Department, WorkingGroup
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Toward", "enter", "enter_filed", "note_in_audit"]


class Toward(NamedTuple):
    """The desk, or the group, to which a line of the story leads."""

    region: Region | None = None
    department: Department | None = None
    group: WorkingGroup | None = None

    @property
    def label(self) -> str:
        """The desk in words."""
        if self.department is not None:
            return self.department.full
        return self.region.label if self.region else ""

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a line."""
        return {"toward": self.region, "toward_department": self.department, "toward_group": self.group}


_NOWHERE = Toward()


def enter(
    case: Case,
    user: "User",
    *,
    type: str,
    move: str = "",
    before: str = "",
    after: str = "",
    text: str = "",
    facts: dict[str, Any] | None = None,
    toward: Toward = _NOWHERE,
    outcome: str = "",
) -> CaseEntry:
    """Add one line to the story, let the clocks follow and tell whom it concerns; `facts` is what it says for machines.

    The person's name is kept as text, because people leave.
    """
    line = CaseEntry.objects.create(
        case=case, at=now(), **_speaker(user), type=type, move=move, state_before=before, state_after=after, text=text,
        lead_id=case.lead_region_id, lead_department_id=case.department_id, facts=facts or {}, outcome=outcome,
        **toward.columns,
    )  # fmt: skip
    if type != CaseEntry.Type.NOTE:
        follow(case)
    audience.tell(case, line, user)
    return line


def enter_filed(cases: Sequence[Case], user: "User", towards: Sequence[Toward]) -> None:
    """The first line of each of many new cases, as `enter` writes it; `towards` is the desk where each one went."""
    at, speaker = now(), _speaker(user)
    lines = [
        CaseEntry(
            case=case, at=at, **speaker, type=CaseEntry.Type.MOVE, move="file", state_after=case.state,
            lead_id=case.lead_region_id, lead_department_id=case.department_id, **toward.columns,
        )
        for case, toward in zip(cases, towards, strict=True)
    ]  # fmt: skip
    CaseEntry.objects.bulk_create(lines, batch_size=500)
    follow_new(cases)
    for case, line in zip(cases, lines, strict=True):
        audience.tell(case, line, user)


def _speaker(user: "User") -> dict[str, Any]:
    """Who speaks in a line, and for whom."""
    return {"actor": user, "actor_name": user.get_full_name() or user.get_username(), **_speaks_for(user)}


def _speaks_for(user: "User") -> dict[str, Any]:
    """The side for which a person speaks, and the region of their desk; none for a desk of the whole authority."""
    grant = Grant.objects.filter(user=user).exclude(enterprise="", region="").order_by("pk").first()
    if grant is None:
        return {"side": CaseEntry.Side.DESK}
    if grant.enterprise:
        return {"side": CaseEntry.Side.ENTERPRISE}
    return {"side": CaseEntry.Side.DESK, "desk": Region.objects.filter(code=grant.region).first()}


def note_in_audit(action: str, user: "User", case: Case, detail: dict[str, Any]) -> None:
    """Append the act on the case to the audit chain."""
    record(
        action, user, subject_type="case", subject_id=case.number,
        enterprise=case.enterprise.enterprise_id, detail=detail,
    )  # fmt: skip
