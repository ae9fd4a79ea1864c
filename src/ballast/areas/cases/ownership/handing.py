"""Handing a case on: offer, answer, give back, decide. At every moment one desk leads it, and the story says which."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.cases.models import Case
from ballast.areas.cases.story import Toward
from ballast.areas.desks.selectors import fallback_of
from ballast.areas.reference.models import Region

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["HANDING", "common_superior"]


def _refused(message: str) -> ValidationError:
    return ValidationError({"region": message})


def _lead(case: Case, to: Toward, owner: "User | None" = None) -> Toward:
    """Give the case to a desk for good; whatever was offered or escalated is answered by that."""
    assert to.region is not None  # noqa: S101 - every caller names a region
    case.lead_region, case.department, case.owner = to.region, to.department, owner
    case.offered_to = case.offered_department = case.escalated_to = None
    return to


def _check_other(case: Case, to: Toward) -> None:
    if to.region is not None and (to.region.pk, to.department and to.department.pk) == _holder(case):
        message = _("{region} leads this case already; choose another region.").format(region=to.label)
        raise _refused(message)


def _holder(case: Case) -> tuple[str, int | None]:
    return case.lead_region_id, case.department_id


def _hand_over(case: Case, to: Toward) -> Toward:
    """Ask another desk; the one that leads keeps the case until it is answered."""
    _check_other(case, to)
    case.offered_to, case.offered_department = to.region, to.department
    return to


def _take_over(case: Case, _to: Toward) -> Toward:
    return _lead(case, Toward(case.offered_to, case.offered_department))


def _refuse(case: Case, _to: Toward) -> Toward:
    """Back to the desk that leads; the region above both sees that nobody took it, and decides."""
    assert case.offered_to is not None  # noqa: S101 - the queryset of the move holds offered cases only
    case.escalated_to = common_superior(case.lead_region, case.offered_to) or case.lead_region
    case.offered_to = case.offered_department = None
    return Toward(case.lead_region, case.department)


def _give_back(case: Case, to: Toward) -> Toward:
    """Not ours: to whom the desk names, as an offer; without a name to the fallback owner, at once."""
    if to.region is not None:
        return _hand_over(case, to)
    row = fallback_of(case.lead_region, besides=[_holder(case)])
    if row is not None:
        owner = row.to_person if row.to_person and row.to_person.is_active else None
        return _lead(case, Toward(row.to_region, row.to_department), owner)
    above = _above(case)
    if above is None:
        message = _("No region stands above {region} and no fallback owner is set; name who should have the case.")
        raise _refused(message.format(region=case.lead_region.label))
    return _lead(case, Toward(above))


def _above(case: Case) -> Region | None:
    """Who has a case that is given back where nobody set it: the region's own desk, else that of the region above.

    A pack may name a region instead.
    """
    if case.department_id is not None:
        return case.lead_region
    named = case.rules.routing.fallback
    if named != "above" and named != case.lead_region_id:
        found = Region.objects.filter(code=named).first()
        if found is not None:
            return found
    return case.lead_region.parent


def _decide(case: Case, to: Toward) -> Toward:
    """The superior names who leads; nobody is asked again."""
    return _lead(case, to)


def common_superior(one: Region, other: Region) -> Region | None:
    """The lowest region that is above both; None when the tree has no common top."""
    shared = []
    for left, right in zip(one.path.strip("/").split("/"), other.path.strip("/").split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return Region.objects.filter(code=shared[-1]).first() if shared else None


# What a move does besides, and the desk that its line in the story names.
HANDING: dict[str, Callable[[Case, Toward], Toward]] = {
    "hand_over": _hand_over,
    "take_over": _take_over,
    "refuse": _refuse,
    "give_back": _give_back,
    "decide": _decide,
}
