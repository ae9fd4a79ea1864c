"""Every change of a case: filing, moves, words between enterprise and desk, and what the forecast says of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from ballast.areas.accounts.access import require
from ballast.areas.bulk import set_fields
from ballast.areas.cases import holding
from ballast.areas.cases.clocks.dues import follow_stops
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.filing import Problem, file_case
from ballast.areas.cases.machine import AT_DESK
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.moving import MoveRefusedError, make_move, move_many
from ballast.areas.cases.ownership.groups import give_to_group
from ballast.areas.cases.packs.checklists import set_tick
from ballast.areas.cases.relations.merging import merge_case, undo_merge
from ballast.areas.cases.relations.parents import link_child, unlink_child
from ballast.areas.cases.relations.splitting import SplitPart, split_case
from ballast.areas.cases.selectors import movable_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.cases.talk.saying import add_note, add_reply, check_goes_on
from ballast.areas.registry.models import Enterprise, Event

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "MoveRefusedError",
    "Problem",
    "SplitPart",
    "add_note",
    "add_reply",
    "file_case",
    "follow_enterprises",
    "follow_stops",
    "give_to_group",
    "link_child",
    "link_event",
    "make_move",
    "merge_case",
    "move_many",
    "record_output_at_risk",
    "set_tick",
    "split_case",
    "undo_merge",
    "unlink_child",
]


@transaction.atomic
def link_event(user: "User", number: str, *, event: Event) -> Case:
    """The case, now about another event that is known already; the event it had made for itself ends.

    Raises Case.DoesNotExist for what is not the user's to work on, ValidationError for a case that was merged.
    """
    require(user, "work_cases")
    case = movable_cases(user, AT_DESK).select_for_update(of=("self",)).get(number=number)
    check_goes_on(case, "event")
    if case.event_id == event.pk:
        return case
    former = case.event
    if former is not None and former.case_id == case.number:
        holding.release(case)
    case.event = event
    case.save(update_fields=["event"])
    detail = {"event": [former.event_id if former else None, event.event_id]}
    enter(case, user, type=CaseEntry.Type.NOTE, move=CaseEntry.EVENT, text=event.event_id)
    note_in_audit("case.event", user, case, detail)
    case_changed.send(Case, case=case)
    return case


@transaction.atomic
def record_output_at_risk(values: Mapping[str, float | None]) -> int:
    """Write the output that each case puts at risk, by number; returns how many changed. Only `chains` calls this."""
    rows = Case.objects.filter(number__in=list(values)).order_by("pk").values_list("pk", "number", "output_at_risk")
    changed = [(key, values[number]) for key, number, before in rows if before != values[number]]
    set_fields(Case, ["output_at_risk"], changed)
    return len(changed)


def follow_enterprises() -> None:
    """Put every case at home where its enterprise is now; to be called after enterprises were written in bulk."""
    region = Enterprise.objects.filter(pk=OuterRef("enterprise")).values("region")
    Case.objects.exclude(home=F("enterprise__region")).update(home=Subquery(region))
