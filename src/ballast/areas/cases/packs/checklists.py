"""What is to be ticked off in a case before it goes on: who ticked what when, and the moves that wait for it."""

from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases.faults import MoveRefusedError
from ballast.areas.cases.machine import AT_DESK, CLOSED
from ballast.areas.cases.models import Case, Tick
from ballast.areas.cases.packs.model import Item, Move
from ballast.areas.cases.selectors import movable_cases
from ballast.areas.cases.story import note_in_audit
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["ListedItem", "check_ticked", "checklist", "set_tick"]


class ListedItem(NamedTuple):
    """An item of a case's checklist, what waits for it, and its tick where it has one."""

    item: Item
    before: list[str]
    tick: Tick | None


def checklist(case: Case) -> list[ListedItem]:
    """The items of the case's pack and kind in their order."""
    items = case.rules.items_of(case.kind)
    if not items:
        return []
    ticks = {tick.item: tick for tick in case.ticks.all()}
    moves = case.rules.moves_by_name
    return [ListedItem(item, [str(moves[name].label) for name in item.before], ticks.get(item.name)) for item in items]


@transaction.atomic
def set_tick(user: "User", number: str, *, item: str, done: bool) -> Case:
    """The case with the item ticked, or not any more, with the entry in the audit; nothing happens when it stands so.

    Raises Case.DoesNotExist or NotAllowedError for what is not the user's to work on, ValidationError for an item that
    the case does not have, and for a case that is closed: what was ticked then stays as it was.
    """
    require(user, AT_DESK.permission)
    case = movable_cases(user, AT_DESK).select_for_update(of=("self",)).get(number=number)
    known = [one.name for one in case.rules.items_of(case.kind)]
    if item not in known:
        message = _("“{item}” is not an item of this case's checklist; choose one of {known}.")
        raise ValidationError({"item": message.format(item=item, known=", ".join(known) or "–")})
    if case.state in CLOSED:
        message = _("Case {number} is “{state}”; its checklist is closed too.")
        raise ValidationError({"item": message.format(number=case.number, state=case.get_state_display())})
    before = Tick.objects.filter(case=case, item=item)
    if done == before.exists():
        return case
    if done:
        name = user.get_full_name() or user.get_username()
        Tick.objects.create(case=case, item=item, at=now(), by=user, by_name=name)
    else:
        before.delete()
    note_in_audit("case.tick" if done else "case.untick", user, case, {"item": item})
    return case


def check_ticked(case: Case, move: Move) -> None:
    """Raise MoveRefusedError while an item that the move waits for is not ticked, with all that are missing."""
    items = [item for item in case.rules.items_of(case.kind) if move.name in item.before]
    if not items:
        return
    ticked = set(case.ticks.values_list("item", flat=True))
    missing = [f"“{item.label}”" for item in items if item.name not in ticked]
    if missing:
        message = _("“{move}” waits for the checklist; tick off first: {items}.")
        raise MoveRefusedError({"checklist": message.format(move=move.label, items=", ".join(missing))})
