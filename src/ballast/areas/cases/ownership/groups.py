"""Giving a case to a working group, which then works on it beside the desk that leads, and taking it away again."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.machine import AT_DESK, IN_HAND
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.selectors import movable_cases
from ballast.areas.cases.story import Toward, enter, note_in_audit
from ballast.areas.desks.models import WorkingGroup
from ballast.areas.desks.selectors import way_up
from ballast.areas.reference.selectors import today
from ballast.areas.registry.models import Enterprise

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["give_to_group", "groups_for"]


def groups_for(case: Case) -> QuerySet[WorkingGroup]:
    """Groups at work today that are for such a case: for its region or desk, and for a chain of its enterprise."""
    day = today()
    chains = Enterprise.chains.through.objects.filter(enterprise=case.enterprise_id).order_by().values("chain")
    places = [*way_up(case.enterprise.region), *way_up(case.lead_region)]
    here = Q(regions__isnull=True) | Q(regions__in=places)
    rows = WorkingGroup.objects.filter(
        Q(chain__isnull=True) | Q(chain__in=chains), here, starts__lte=day, ends__gte=day
    )
    return rows.distinct().order_by("name", "pk")


@transaction.atomic
def give_to_group(user: "User", number: str, group: WorkingGroup | None, *, text: str) -> Case:
    """The case, from now on in the queue of the group too, or of none; the desk that leads stays the same.

    Raises Case.DoesNotExist for what is not the user's to work on, ValidationError when the case is not in hand, the
    reason is empty, or the group is not at work or not for such a case.
    """
    require(user, "work_cases")
    case = movable_cases(user, AT_DESK).select_for_update(of=("self",)).get(number=number)
    _check(case, group, text)
    former, case.group = case.group, group
    case.save(update_fields=["group"])
    enter(
        case, user, type=CaseEntry.Type.MOVE, move=CaseEntry.GROUP, before=case.state, after=case.state,
        text=text.strip(), toward=Toward(group=group),
    )  # fmt: skip
    note_in_audit("case.group", user, case, {"from": former and former.pk, "to": group and group.pk})
    case_changed.send(Case, case=case)
    return case


def _check(case: Case, group: WorkingGroup | None, text: str) -> None:
    if case.state not in IN_HAND:
        message = _("Case {number} is “{state}”; only a case that a desk has in hand is given to a group.")
        raise ValidationError({"group": message.format(number=case.number, state=case.get_state_display())})
    if not text.strip():
        raise ValidationError({"text": _("Fill in this field.")})
    if group is None and case.group_id is None:
        message = _("Case {number} is in no group's queue; choose a group.").format(number=case.number)
        raise ValidationError({"group": message})
    if group is not None and not groups_for(case).filter(pk=group.pk).exists():
        message = _("“{group}” is not at work today, or is for other regions or chains; choose another group.")
        raise ValidationError({"group": message.format(group=group.label)})
