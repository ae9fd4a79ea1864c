"""Put a case under another one, and take it off again: each an entry of both stories and of the audit."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.faults import MoveRefusedError
from ballast.areas.cases.machine import AT_DESK, IN_HAND, MERGED, OPEN
from ballast.areas.cases.models import Case, ParentLink
from ballast.areas.cases.relations.holding_back import ancestors, lock_family, tell_both
from ballast.areas.cases.selectors import movable_cases, visible_cases

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["link_child", "unlink_child"]


@transaction.atomic
def link_child(user: "User", number: str, *, child: str, blocks: bool) -> Case:
    """The case, with the case of the number `child` under it; with `blocks` it waits for that one.

    The same again changes nothing; the same child with another `blocks` changes that. Raises Case.DoesNotExist when one
    of the two is not the user's to see, MoveRefusedError when one is not theirs to work on, when a loop would come of
    it, when the child is under another case already, or when a case that no desk has in hand would wait.
    """
    require(user, "work_cases")
    parent, below = _both(user, number, child.strip())
    link = ParentLink.objects.filter(child=below).select_related("parent", "child").first()
    _check_states(parent, below, blocks=blocks)
    _check_tree(user, parent, below, link)
    if link is None:
        link = ParentLink.objects.create(parent=parent, child=below, rests_on=below, blocks=blocks)
        _tell(user, link, how="linked")
    elif link.blocks != blocks:
        link.blocks = blocks
        link.save(update_fields=["blocks"])
        _tell(user, link, how="changed")
    return parent


@transaction.atomic
def unlink_child(user: "User", number: str) -> Case:
    """The case, no longer under another one; it is for who works on that other one, which may have waited for it.

    Raises Case.DoesNotExist for a case that is not the user's to see, MoveRefusedError when it is under none, or the
    case above it is not theirs to work on.
    """
    require(user, "work_cases")
    visible_cases(user).only("pk").get(number=number)
    lock_family(number)
    link = ParentLink.objects.filter(child__number=number).select_related("parent", "child").first()
    if link is None:
        message = _("Case {number} is under no other case; there is nothing to take off.").format(number=number)
        raise MoveRefusedError({"child": message})
    if not movable_cases(user, AT_DESK).filter(pk=link.parent_id).exists():
        message = _("The case above {number} is not yours to work on; its desk takes {number} off.")
        raise MoveRefusedError({"child": message.format(number=number)})
    child = link.child
    link.delete()
    link.blocks = False
    _tell(user, link, how="unlinked")
    return child


def _tell(user: "User", link: ParentLink, *, how: str) -> None:
    tell_both(user, link, how=how)
    for case in (link.child, link.parent):
        case_changed.send(Case, case=case)


def _both(user: "User", number: str, child: str) -> tuple[Case, Case]:
    """Parent and child, locked in the order of their keys; both visible, and both the user's to work on."""
    if not child:
        visible_cases(user).only("pk").get(number=number)
        raise MoveRefusedError({"child": _("Fill in this field.")})
    seen = set(visible_cases(user).filter(number__in=[number, child]).values_list("number", flat=True))
    for one in (number, child):
        if one not in seen:
            raise Case.DoesNotExist(one)
    rows = movable_cases(user, AT_DESK).filter(number__in=[number, child]).order_by("pk")
    found = {case.number: case for case in rows.select_for_update(of=("self",))}
    for one in (number, child):
        if one not in found:
            message = _("Case {number} is not yours to work on; ask a desk that works on both cases.")
            raise MoveRefusedError({"child": message.format(number=one)})
    return found[number], found[child]


def _check_tree(user: "User", parent: Case, child: Case, link: ParentLink | None) -> None:
    """Raise MoveRefusedError for a loop, and for a child that has another parent."""
    if parent.pk == child.pk:
        message = _("Case {number} cannot be put under itself; name another case.").format(number=child.number)
        raise MoveRefusedError({"child": message})
    if child.pk in ancestors(parent):
        message = _("Case {child} stands above {parent} already; it cannot be put under it as well.")
        raise MoveRefusedError({"child": message.format(child=child.number, parent=parent.number)})
    if link is None or link.parent_id == parent.pk:
        return
    if visible_cases(user).filter(pk=link.parent_id).exists():
        message = _("Case {child} is under {parent} already; take it off there first.")
        raise MoveRefusedError({"child": message.format(child=child.number, parent=link.parent.number)})
    message = _("Case {child} is under a case outside your scope already; that case's desk takes it off.")
    raise MoveRefusedError({"child": message.format(child=child.number)})


def _check_states(parent: Case, child: Case, *, blocks: bool) -> None:
    """Raise MoveRefusedError for a merged case, and for one that would wait though no desk has it in hand."""
    for case in (parent, child):
        if case.state in MERGED:
            message = _("Case {number} was merged into another case; name the one in which it goes on.")
            raise MoveRefusedError({"child": message.format(number=case.number)})
    if blocks and child.state in OPEN and parent.state not in IN_HAND:
        message = _(
            "Case {parent} is “{state}”: it cannot wait for {child}, which is open. Reopen {parent} first, or put "
            "{child} under it without letting it wait."
        )
        raise MoveRefusedError(
            {"child": message.format(parent=parent.number, state=parent.get_state_display(), child=child.number)}
        )
