"""The closing rule: while a child that blocks is open, its parent is neither solved nor closed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.cases.clocks.dues import follow
from ballast.areas.cases.faults import MoveRefusedError
from ballast.areas.cases.machine import CLOSED, IN_HAND, OPEN
from ballast.areas.cases.models import Case, CaseEntry, ParentLink
from ballast.areas.cases.relations.lines import AS_CHILD, HAS_CHILD
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "ancestors", "blocking", "check_not_held", "check_undo_keeps_rule", "follow_merge", "follow_undo", "let_go",
    "lock_family", "tell_both",
]  # fmt: skip

# So many children are named in one message.
_NAMED = 10
# Who speaks in a line that no person wrote.
_SYSTEM = "Ballast"


def lock_family(number: str) -> None:
    """Lock the case with its parent, its children and what those rest on, in the order of their keys.

    Of two moves at once, one that closes the parent and one that opens the child again, the second waits and then sees
    the first. To be called in the transaction, before any of them is read.
    """
    links = ParentLink.objects.filter(Q(parent__number=number) | Q(child__number=number) | Q(rests_on__number=number))
    keys = {key for row in links.values_list("parent", "child", "rests_on") for key in row}
    if keys:
        list(Case.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk"))


def blocking() -> QuerySet[ParentLink]:
    """The links by which a parent waits now: of children that block and, or what they go on in, are open."""
    return ParentLink.objects.filter(blocks=True, rests_on__state__in=OPEN)


def ancestors(case: Case) -> list[int]:
    """Keys of the case's parent, that one's parent and so on."""
    found: list[int] = []
    key: int | None = case.pk
    while key is not None:
        key = ParentLink.objects.filter(child=key).values_list("parent", flat=True).first()
        if key is None or key in found:
            break
        found.append(key)
    return found


def check_not_held(user: "User", case: Case, to: str | None) -> None:
    """Raise MoveRefusedError when the move to the state `to` would solve or close a case that waits for a child.

    The message names the children that the person may see; the others are counted.
    """
    if to is None or to in IN_HAND:
        return
    waits_for = list(blocking().filter(parent=case).values_list("rests_on", flat=True))
    if not waits_for:
        return
    seen = visible_cases(user).filter(pk__in=waits_for).order_by("number").values_list("number", flat=True)
    message = _(
        "Case {number} waits for {children}. It is solved or closed when those are closed, or when a desk takes them "
        "off from under it."
    )
    children = _children_said(list(seen[: _NAMED + 1]), len(set(waits_for)))
    raise MoveRefusedError({"move": message.format(number=case.number, children=children)})


def _children_said(seen: list[str], total: int) -> str:
    """The children by number, and how many more there are that are not named."""
    named = ", ".join(seen[:_NAMED])
    more = total - min(len(seen), _NAMED)
    if not more:
        return named
    if named and len(seen) > _NAMED:
        return ngettext("{named} and {count} more case", "{named} and {count} more cases", more).format(
            named=named, count=more
        )
    hidden = ngettext("{count} case outside your scope", "{count} cases outside your scope", more).format(count=more)
    return _("{named} and {hidden}").format(named=named, hidden=hidden) if named else hidden


def let_go(user: "User", case: Case) -> None:
    """After the case was opened again: a parent that has closed meanwhile does not wait for it any more.

    Whoever opens it again is heard, and a parent that was confirmed stays so; both stories say it.
    """
    links = ParentLink.objects.filter(rests_on=case, blocks=True, parent__state__in=CLOSED)
    for link in links.select_related("parent", "child").order_by("pk"):
        link.blocks = False
        link.save(update_fields=["blocks"])
        for case_told, facts, move in _sides(link, "reopened"):
            # Told by the system: whoever opened the child again may be no person for the story of the parent.
            CaseEntry.objects.create(
                case=case_told, at=now(), actor_name=_SYSTEM, type=CaseEntry.Type.MOVE, move=move, facts=facts,
                state_before=case_told.state, state_after=case_told.state, lead_id=case_told.lead_region_id,
                lead_department_id=case_told.department_id,
            )  # fmt: skip
            follow(case_told)
            note_in_audit(f"case.{move}", user, case_told, facts)


def tell_both(user: "User", link: ParentLink, *, how: str) -> None:
    """A line in the story of child and parent, and an entry of the audit for each: what was done to the link."""
    for case, facts, move in _sides(link, how):
        enter(case, user, type=CaseEntry.Type.MOVE, move=move, before=case.state, after=case.state, facts=facts)
        note_in_audit(f"case.{move}", user, case, facts)


def _sides(link: ParentLink, how: str) -> Iterator[tuple[Case, dict[str, object], str]]:
    """The child and the parent, each with what its line says and the name of that line."""
    for case, other, move in ((link.child, link.parent, AS_CHILD), (link.parent, link.child, HAS_CHILD)):
        yield case, {"case": other.number, "how": how, "blocks": link.blocks}, move


def follow_merge(case: Case, other: Case) -> None:
    """The case goes on in the other one: who waited for it waits for that, but nobody for what stands above them."""
    for link in ParentLink.objects.filter(rests_on=case).select_related("parent"):
        if other.pk != link.parent_id and other.pk not in ancestors(link.parent):
            link.rests_on = other
            link.save(update_fields=["rests_on"])


def _came_with(case: Case) -> QuerySet[ParentLink]:
    """Links that rest on the case itself or on one that was merged into it, at once or by way of others."""
    keys, more = {case.pk}, {case.pk}
    while more:
        more = set(Case.objects.filter(merge__into__in=more).values_list("pk", flat=True)) - keys
        keys |= more
    return ParentLink.objects.filter(child__in=keys)


def check_undo_keeps_rule(case: Case, other: Case) -> None:
    """Raise MoveRefusedError when a closed parent would have an open child once the case is its own again."""
    links = _came_with(case).filter(Q(rests_on=other) | Q(rests_on=case), blocks=True)
    if links.filter(parent__state__in=CLOSED).exists():
        message = _(
            "A case that waits for {number} has closed; the merge can be undone when that one is open again or does "
            "not wait for {number} any more."
        )
        raise MoveRefusedError({"move": message.format(number=case.number)})


def follow_undo(case: Case, other: Case) -> None:
    """The case is its own again: who waited for it through the merge waits for it itself."""
    _came_with(case).filter(rests_on=other).update(rests_on=case)
