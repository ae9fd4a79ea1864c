"""Move a case: what the machine allows, what each move does besides, and the line that it leaves in the story."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases import holding
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.machine import CLOSED, IN_HAND, Move
from ballast.areas.cases.meanwhile import check_unchanged, moved_by
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.pack import PROBLEM, pack_named
from ballast.areas.cases.selectors import desk_people, movable_cases, visible_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["MoveRefusedError", "make_move", "move_many"]


class MoveRefusedError(ValidationError):
    """The case stands where this move does not start, or the move lacks what it needs."""


@transaction.atomic
def make_move(
    user: "User",
    number: str,
    *,
    move: str,
    text: str = "",
    owner: "User | None" = None,
    region: Region | None = None,
    capacity_left: float | None = None,
    seen: int | None = None,
) -> Case:
    """The case after the move, with the entry in its story and the audit.

    `seen` is the number of moves in the story that the person had before them; of two people at once one wins, and the
    other is told of it. Raises Case.DoesNotExist or NotAllowedError for what is not the user's, MoveRefusedError when
    the case was moved meanwhile, its state does not allow the move or a field that it needs is empty.
    """
    spec = _spec(user, number, move)
    case = movable_cases(user, spec).select_for_update(of=("self",)).get(number=number)
    text = text.strip()
    _check_seen(case, seen)
    _check(case, spec, {"text": text, "owner": owner, "region": region}, capacity_left)
    before = case.state
    _EFFECTS[spec.does](case, owner=owner, region=region)
    _bring_to(case, spec.to)
    if capacity_left is not None:
        holding.set_capacity_left(case, capacity_left)
    case.save()
    _hold_or_release(case, before)
    enter(case, user, type=CaseEntry.Type.MOVE, move=move, before=before, after=case.state, text=text)
    _audit(case, user, move, {"from": before, "owner": owner and owner.get_username(), "region": region and region.pk})
    case_changed.send(Case, case=case)
    return case


def _spec(user: "User", number: str, move: str) -> Move:
    """The move of that name in the case's pack, when the user may make it somewhere."""
    # A number that is not there is looked for among the problems: it answers like one that is not the user's.
    name = Case.objects.filter(number=number).values_list("pack", flat=True).first() or PROBLEM
    moves = pack_named(name).moves_by_name
    if move not in moves:
        # Whose case it is not hears that before anything about moves.
        visible_cases(user).only("pk").get(number=number)
        message = _("“{move}” is not a move; choose one of {moves}.").format(move=move, moves=", ".join(moves))
        raise MoveRefusedError({"move": message})
    require(user, moves[move].permission)
    return moves[move]


def _check_seen(case: Case, seen: int | None) -> None:
    """Raise MoveRefusedError when others moved the case since."""
    try:
        check_unchanged(case, seen)
    except ValidationError as error:
        raise MoveRefusedError(error.message_dict) from None


def _check(case: Case, spec: Move, given: Mapping[str, Any], capacity_left: float | None) -> None:
    """Raise MoveRefusedError unless the state allows the move and it says what it must."""
    if case.state not in spec.sources:
        message = _("Case {number} is “{state}”; “{move}” is not possible from there.").format(
            number=case.number, state=case.get_state_display(), move=spec.label
        )
        raise MoveRefusedError({"move": f"{message} {moved_by(case)}".strip()})
    missing: dict[str, Any] = {name: _("Fill in this field.") for name in spec.needs if not given[name]}
    if missing:
        raise MoveRefusedError(missing)
    if capacity_left is not None and not 0 <= capacity_left <= 1:
        message = _("{value} is not a share; give a value from 0 to 1.").format(value=capacity_left)
        raise MoveRefusedError({"capacity_left": message})


def _bring_to(case: Case, state: str | None) -> None:
    """Set the state, since when, and whether the case is closed; None leaves all as it is."""
    if state is None:
        return
    case.state, case.state_since = state, now()
    case.closed_at = case.state_since if state in CLOSED else None
    if state not in IN_HAND:
        case.offered_to = None


def _audit(case: Case, user: "User", move: str, detail: dict[str, Any]) -> None:
    note_in_audit(
        f"case.{move}", user, case, {key: value for key, value in detail.items() if value} | {"to": case.state}
    )


def _nothing(case: Case, **_given: object) -> None:
    """The move changes the state only."""


def _assign(case: Case, *, owner: "User", **_given: object) -> None:
    if not desk_people(case).filter(pk=owner.pk).exists():
        message = _("{person} does not work for the desk of {region}; choose one of its people.").format(
            person=owner.get_username(), region=case.lead_region.label
        )
        raise MoveRefusedError({"owner": message})
    case.owner = owner


def _hand_over(case: Case, *, region: Region, **_given: object) -> None:
    if region.pk == case.lead_region_id:
        message = _("{region} leads this case already; choose another region.").format(region=region.label)
        raise MoveRefusedError({"region": message})
    case.offered_to = region


def _take_over(case: Case, **_given: object) -> None:
    assert case.offered_to is not None  # noqa: S101 - the queryset of the move holds offered cases only
    case.lead_region, case.offered_to, case.escalated_to, case.owner = case.offered_to, None, None, None


def _refuse(case: Case, **_given: object) -> None:
    """Back to the desk that leads; the region above both gets to see that nobody took it."""
    assert case.offered_to is not None  # noqa: S101 - as above
    case.escalated_to = _common_superior(case.lead_region, case.offered_to)
    case.offered_to = None


def _common_superior(one: Region, other: Region) -> Region | None:
    """The lowest region that is above both; None when the tree has no common top."""
    shared = []
    for left, right in zip(one.path.strip("/").split("/"), other.path.strip("/").split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return Region.objects.filter(code=shared[-1]).first() if shared else None


# By what a move does besides, as its pack says.
_EFFECTS: dict[str, Callable[..., None]] = {
    "": _nothing,
    "assign": _assign,
    "hand_over": _hand_over,
    "take_over": _take_over,
    "refuse": _refuse,
}


def _hold_or_release(case: Case, before: str) -> None:
    """The event ends when the case is closed, and holds again when a desk gets it back in hand."""
    if case.state in CLOSED and before not in CLOSED:
        holding.release(case)
        Case.objects.filter(pk=case.pk).update(output_at_risk=None)
        case.output_at_risk = None
    elif case.state in IN_HAND and before not in IN_HAND:
        holding.hold_again(case)


def move_many(
    user: "User", numbers: list[str], *, move: str, owner: "User | None" = None
) -> tuple[list[str], dict[str, str]]:
    """Numbers that were moved, and for each other number why not; each case is its own transaction."""
    done, refused = [], {}
    for number in numbers:
        try:
            make_move(user, number, move=move, owner=owner)
            done.append(number)
        except MoveRefusedError as error:
            refused[number] = " ".join(error.messages)
        except Case.DoesNotExist:
            refused[number] = _("There is no such case.")
    return done, refused
