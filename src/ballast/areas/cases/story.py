"""The story of a case: one line for each thing done or said, with its entry in the audit."""

from typing import TYPE_CHECKING, Any

from ballast.areas.accounts.models import Grant
from ballast.areas.audit.services import record
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["enter", "note_in_audit"]


def enter(
    case: Case, user: "User", *, type: str, move: str = "", before: str = "", after: str = "", text: str = ""
) -> CaseEntry:
    """Add one line to the story; names are kept as text, because people leave."""
    return CaseEntry.objects.create(
        case=case, at=now(), actor=user, actor_name=user.get_full_name() or user.get_username(),
        actor_unit=_unit_of(user, case), type=type, move=move, state_before=before, state_after=after, text=text,
    )  # fmt: skip


def _unit_of(user: "User", case: Case) -> str:
    """The office or firm for which a person speaks in this case, as it is written into the story."""
    grant = Grant.objects.filter(user=user).exclude(enterprise="", region="").order_by("pk").first()
    if grant is None:
        return authority().name
    if grant.enterprise:
        return case.enterprise.name
    region = Region.objects.filter(code=grant.region).first()
    return region.name if region else authority().name


def note_in_audit(action: str, user: "User", case: Case, detail: dict[str, Any]) -> None:
    """Append the act on the case to the audit chain."""
    record(
        action, user, subject_type="case", subject_id=case.number,
        enterprise=case.enterprise.enterprise_id, detail=detail,
    )  # fmt: skip
