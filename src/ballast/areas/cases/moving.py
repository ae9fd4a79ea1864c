"""Move a case: what the machine allows, what each move does besides, and the line that it leaves in the story."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases import holding
from ballast.areas.cases.clocks.rules import standing_rules
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.faults import MoveRefusedError
from ballast.areas.cases.machine import CLOSED, IN_HAND, Move
from ballast.areas.cases.meanwhile import check_unchanged, moved_by
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.ownership.handing import HANDING
from ballast.areas.cases.packs.checklists import check_ticked
from ballast.areas.cases.packs.in_force import PROBLEM, pack_named
from ballast.areas.cases.relations.holding_back import check_not_held, let_go, lock_family
from ballast.areas.cases.selectors import desk_people, movable_cases, visible_cases
from ballast.areas.cases.story import Toward, enter, note_in_audit
from ballast.areas.desks.models import Department
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now, standing_authority

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["MoveRefusedError", "make_move", "move_many"]


@standing_authority()
@standing_rules()
@transaction.atomic
def make_move(
    user: "User",
    number: str,
    *,
    move: str,
    text: str = "",
    owner: "User | None" = None,
    region: Region | None = None,
    department: Department | None = None,
    capacity_left: float | None = None,
    seen: int | None = None,
    outcome: str = "",
) -> Case:
    """The case after the move, with the entry in its story and the audit.

    `region`, or one of its departments, is the desk that the move names.

    `seen` is the number of moves in the story that the person had before them; of two people at once one wins, and the
    other is told of it. `outcome` says how the case ends by a move that solves or closes it; where its pack knows one
    only, or one for those that say nothing, it may be left out.

    Raises Case.DoesNotExist or NotAllowedError for what is not the user's, MoveRefusedError when the case was moved
    meanwhile, its state does not allow the move, a field that it needs is empty, or it would be solved or closed while
    it waits for a child.
    """
    spec = _spec(user, number, move)
    if spec.to is not None:
        lock_family(number)
    case = movable_cases(user, spec).select_for_update(of=("self",)).get(number=number)
    text, to = text.strip(), Toward(department.region if department else region, department)
    _check_seen(case, seen)
    outcome = _outcome(spec, outcome)
    _check(case, spec, {"text": text, "owner": owner, "region": to.region, "outcome": outcome}, capacity_left)
    check_not_held(user, case, spec.to)
    before = case.state
    toward = _effect(case, spec, owner, to)
    _bring_to(case, spec.to, outcome)
    if capacity_left is not None:
        holding.set_capacity_left(case, capacity_left)
    case.save()
    _hold_or_release(case, before)
    enter(
        case, user, type=CaseEntry.Type.MOVE, move=move, before=before, after=case.state, text=text, toward=toward,
        outcome=outcome,
    )  # fmt: skip
    detail = {"from": before, "owner": owner and owner.get_username(), "region": _key(toward), "outcome": outcome}
    _audit(case, user, move, detail)
    if before in CLOSED and case.state not in CLOSED:
        let_go(user, case)
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


def _outcome(spec: Move, given: str) -> str:
    """The outcome given, else that of the move's pack. Raises MoveRefusedError for one that it does not have."""
    if given and given not in spec.outcomes:
        known = ", ".join(spec.outcomes)
        message = _("“{outcome}” is not an outcome of “{move}”; choose one of {known}.") if known else ""
        message = message or _("“{move}” takes no outcome; leave “{outcome}” out.")
        raise MoveRefusedError({"outcome": message.format(outcome=given, move=spec.label, known=known)})
    return given or spec.otherwise or (spec.outcomes[0] if len(spec.outcomes) == 1 else "")


def _check(case: Case, spec: Move, given: Mapping[str, Any], capacity_left: float | None) -> None:
    """Raise MoveRefusedError unless the state allows the move and it says what it must."""
    if case.state not in spec.sources:
        message = _("Case {number} is “{state}”; “{move}” is not possible from there.").format(
            number=case.number, state=case.get_state_display(), move=spec.label
        )
        raise MoveRefusedError({"move": f"{message} {moved_by(case)}".strip()})
    missing: dict[str, Any] = {name: _("Fill in this field.") for name in _needs(spec) if not given[name]}
    if missing:
        raise MoveRefusedError(missing)
    if capacity_left is not None and not 0 <= capacity_left <= 1:
        message = _("{value} is not a share; give a value from 0 to 1.").format(value=capacity_left)
        raise MoveRefusedError({"capacity_left": message})
    check_ticked(case, spec)


def _needs(spec: Move) -> tuple[str, ...]:
    return (*spec.needs, "outcome") if spec.outcomes else spec.needs


def _bring_to(case: Case, state: str | None, outcome: str) -> None:
    """Set the state, since when, whether the case is closed and how it ended; None leaves all as it is."""
    if state is None:
        return
    case.state, case.state_since = state, now()
    case.closed_at = case.state_since if state in CLOSED else None
    # From solved to closed the outcome stays, unless the move has one of its own.
    case.outcome = "" if state in IN_HAND else outcome or case.outcome
    if state not in IN_HAND:
        case.offered_to = case.offered_department = None


def _audit(case: Case, user: "User", move: str, detail: dict[str, Any]) -> None:
    note_in_audit(
        f"case.{move}", user, case, {key: value for key, value in detail.items() if value} | {"to": case.state}
    )


def _key(toward: Toward) -> str:
    """The desk in one word, "" for none."""
    if toward.department is not None:
        return toward.department.key
    return toward.region.pk if toward.region else ""


def _effect(case: Case, spec: Move, owner: "User | None", to: Toward) -> Toward:
    """Do what the move does besides, as its pack says; the desk that its line names."""
    if spec.does == "assign":
        assert owner is not None  # noqa: S101 - the reader of packs saw to it that the move needs one
        _assign(case, owner)
    if spec.does not in HANDING:
        return Toward()
    try:
        return HANDING[spec.does](case, to)
    except ValidationError as error:
        raise MoveRefusedError(error.message_dict) from None


def _assign(case: Case, owner: "User") -> None:
    if not desk_people(case).filter(pk=owner.pk).exists():
        desk = Toward(case.lead_region, case.department).label
        message = _("{person} does not work for the desk of {region}; choose one of its people.")
        raise MoveRefusedError({"owner": message.format(person=owner.get_username(), region=desk)})
    case.owner = owner


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
