"""Merge a case into another one of the same enterprise, and undo that: a link and a redirect, nothing is mixed."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases import holding
from ballast.areas.cases.clocks.dues import follow
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.faults import MoveRefusedError
from ballast.areas.cases.machine import AT_DESK, CLOSED, IN_HAND, MERGED
from ballast.areas.cases.models import Case, CaseEntry, Merge
from ballast.areas.cases.relations.holding_back import (
    check_not_held,
    check_undo_keeps_rule,
    follow_merge,
    follow_undo,
    lock_family,
)
from ballast.areas.cases.selectors import movable_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["merge_case", "undo_merge"]

# What a merge and its undoing change of a case.
_MOVED = ["state", "state_since", "closed_at", "outcome", "offered_to", "offered_department"]


@transaction.atomic
def merge_case(user: "User", number: str, *, into: str, text: str) -> Case:
    """The case, closed as merged into the case with the number `into`, for the reason `text`.

    Both keep their own story, desk, owner and files; the event of the merged one ends unless another open case is
    about it. Who waited for it waits for the other one. Raises Case.DoesNotExist for a case that is not the user's to
    work on, MoveRefusedError when `into` is not, a field is empty, the case waits for a child, or the two cannot be
    merged as they stand.
    """
    require(user, "work_cases")
    into, text = into.strip(), text.strip()
    lock_family(number)
    found = _locked(user, number, into)
    case = found.get(number)
    if case is None:
        raise Case.DoesNotExist(number)
    given = {"into": into, "text": text}
    if missing := {name: _("Fill in this field.") for name, value in given.items() if not value}:
        raise MoveRefusedError(missing)
    other = found.get(into)
    if other is None:
        message = _("There is no case “{number}” that you may work on; give the number of one.").format(number=into)
        raise MoveRefusedError({"into": message})
    _check(case, other)
    check_not_held(user, case, case.rules.merged)
    _merge(user, case, other, text)
    case_changed.send(Case, case=case)
    return case


def _locked(user: "User", *numbers: str) -> dict[str, Case]:
    """By number, those of the cases on which the user may work.

    They are locked in the order of their keys, so that of two merges at once one waits, and then sees the other.
    """
    rows = movable_cases(user, AT_DESK).filter(number__in=numbers).order_by("pk")
    return {case.number: case for case in rows.select_for_update(of=("self",))}


def _check(case: Case, other: Case) -> None:
    """Raise MoveRefusedError unless the case can be merged into the other one."""
    if case.pk == other.pk:
        message = _("Case {number} cannot be merged into itself; name another case.").format(number=case.number)
        raise MoveRefusedError({"into": message})
    _check_in_hand(case, other)
    _check_in_hand(other, case)
    if case.enterprise_id != other.enterprise_id:
        message = _(
            "{number} is a case of {enterprise}. Only cases of one enterprise are merged, so that each enterprise "
            "gets its own answer."
        ).format(number=other.number, enterprise=other.enterprise.label)
        raise MoveRefusedError({"into": message})


def _check_in_hand(case: Case, beside: Case) -> None:
    """Raise MoveRefusedError unless a desk has the case in hand; of a merge, say who made it."""
    if case.state in IN_HAND:
        return
    if case.state not in MERGED:
        message = _("Case {number} is “{state}”; only cases that a desk has in hand can be merged.").format(
            number=case.number, state=case.get_state_display()
        )
    elif case.merge.into_id == beside.pk:
        message = _("Case {number} was merged into {other} by {person} already.").format(
            number=case.number, other=beside.number, person=case.merge.line.actor_name
        )
    else:
        # The other case may be outside the person's scope: it is not named.
        message = _(
            "Case {number} was merged into another case by {person} already; name that one, or undo the merge first."
        ).format(number=case.number, person=case.merge.line.actor_name)
    raise MoveRefusedError({"move": message})


def _merged_state(case: Case) -> str:
    """State to which a merge brings the case. Raises MoveRefusedError where its pack knows no merge."""
    if case.rules.merged is None:
        message = _("Case {number} is a case of “{pack}”; such cases are not merged.").format(
            number=case.number, pack=case.rules.label
        )
        raise MoveRefusedError({"move": message})
    return case.rules.merged


def _merge(user: "User", case: Case, other: Case, text: str) -> None:
    before, after, at, move = case.state, _merged_state(case), now(), CaseEntry.Type.MOVE
    line = enter(
        case, user, type=move, move=CaseEntry.MERGE, before=before, after=after, text=text, outcome="duplicate_of"
    )  # fmt: skip
    stays = other.state
    line_there = enter(other, user, type=move, move=CaseEntry.MERGED_HERE, before=stays, after=stays, text=text)
    Merge.objects.create(
        case=case, into=other, line=line, line_there=line_there, state_since=case.state_since,
        offered_to=case.offered_to, offered_department=case.offered_department,
        event_counted=case.event is not None and case.event.withdrawn_at is None,
    )  # fmt: skip
    case.state, case.state_since, case.closed_at, case.outcome = after, at, at, "duplicate_of"
    case.offered_to = case.offered_department = case.output_at_risk = None
    case.save(update_fields=[*_MOVED, "output_at_risk"])
    holding.release(case)
    follow_merge(case, other)
    detail = {"from": before, "to": case.state, "into": other.number, "reason": text}
    note_in_audit("case.merge", user, case, detail)
    note_in_audit("case.merged_here", user, other, {"merged": case.number, "reason": text})


@transaction.atomic
def undo_merge(user: "User", number: str) -> Case:
    """The case as it stood before it was merged: state, offer, event; its output at risk comes with the next forecast.

    The two lines of the merge leave the stories, so that these are what they were; the audit keeps both acts. It goes
    as long as the case that it was merged into is open. Raises Case.DoesNotExist for what is not the user's to work
    on, MoveRefusedError when there is no merge or it cannot be undone any more.
    """
    require(user, "work_cases")
    into = Merge.objects.filter(case__number=number).values_list("into__number", flat=True).first()
    lock_family(number)
    found = _locked(user, number, into or number)
    case = found.get(number)
    if case is None:
        raise Case.DoesNotExist(number)
    merge = (
        Merge.objects.filter(case=case).select_related("line", "line_there", "offered_to", "offered_department").first()
    )
    other = found.get(into or "")
    _check_undo(case, merge, other)
    assert merge is not None and other is not None  # noqa: S101, PT018 - checked in the line above
    check_undo_keeps_rule(case, other)
    _undo(user, case, other, merge)
    case_changed.send(Case, case=case)
    return case


def _check_undo(case: Case, merge: Merge | None, other: Case | None) -> None:
    """Raise MoveRefusedError unless the merge stands and the other case is the user's too, and open."""
    if merge is None:
        message = _("Case {number} is not merged into another case; there is nothing to undo.")
        raise MoveRefusedError({"move": message.format(number=case.number)})
    if other is None or merge.into_id != other.pk:
        message = _("The case that {number} was merged into is not yours to work on; ask a desk that works on both.")
        raise MoveRefusedError({"move": message.format(number=case.number)})
    if other.state in MERGED:
        message = _("Case {number} was itself merged into another case later; undo that merge first.")
        raise MoveRefusedError({"move": message.format(number=other.number)})
    if other.state in CLOSED:
        message = _("Case {number} is “{state}”. A merge into it can be undone only while it is open; reopen it first.")
        raise MoveRefusedError({"move": message.format(number=other.number, state=other.get_state_display())})


def _undo(user: "User", case: Case, other: Case, merge: Merge) -> None:
    merged = case.state
    case.state, case.state_since, case.closed_at = merge.line.state_before, merge.state_since, None
    # Merged was what a desk had in hand: it had no outcome.
    case.offered_to, case.offered_department, case.outcome = merge.offered_to, merge.offered_department, ""
    case.save(update_fields=_MOVED)
    merge.delete()
    CaseEntry.objects.filter(pk__in=[merge.line_id, merge.line_there_id]).delete()
    follow_undo(case, other)
    follow(case)
    follow(other)
    if merge.event_counted:
        holding.hold_as_before(case)
    note_in_audit("case.unmerge", user, case, {"from": merged, "to": case.state, "out_of": other.number})
    note_in_audit("case.unmerged_here", user, other, {"unmerged": case.number})
