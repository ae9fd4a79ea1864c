"""What the text of a pack's document may name in braces, and what stands there in a case."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from ballast.areas.cases.models import Case
from ballast.areas.cases.numbering import desk_region
from ballast.areas.cases.packs.answers import told_answer
from ballast.areas.cases.packs.outcomes import outcome_label
from ballast.areas.papers import wording
from ballast.areas.reference.selectors import authority, today

__all__ = ["FIELDS", "desk_of", "value_of"]


def desk_of(case: Case) -> str:
    """The desk that has the case, in the language in force."""
    return case.department.full if case.department else case.lead_region.label


def _local(case: Case) -> ZoneInfo:
    return ZoneInfo(authority().time_zone)


# Their names stand in packs.model.DOCUMENT_FIELDS, which the reader of packs knows without a database.
FIELDS: dict[str, Callable[[Case], str]] = {
    "number": lambda case: case.number,
    "kind": lambda case: case.get_kind_display(),
    "enterprise": lambda case: case.enterprise.label,
    "site": lambda case: case.site.label,
    "product": lambda case: case.product.label if case.product else "–",
    "place": lambda case: case.place.label,
    "place_desk": lambda case: desk_region(case.place).label,
    "blocked": lambda case: case.blocked,
    "text": lambda case: case.text or "–",
    "contact": lambda case: case.contact or "–",
    "needed_by": lambda case: wording.date(case.needed_by) if case.needed_by else "–",
    "desk": desk_of,
    "filed": lambda case: wording.moment(case.filed_at, _local(case)),
    "due": lambda case: wording.moment(case.due_at, _local(case)),
    "state": lambda case: case.get_state_display(),
    "outcome": lambda case: outcome_label(case.outcome) or "–",
    "today": lambda _case: wording.date(today()),
}


def value_of(case: Case, name: str) -> str:
    """What stands for a name in braces: of the case, or the answer to a field of the pack's own form."""
    if name in FIELDS:
        return FIELDS[name](case)
    return told_answer(case.rules, case.answers, name) or "–"
