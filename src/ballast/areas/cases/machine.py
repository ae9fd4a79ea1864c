"""The case machine as data: which move leads from where to where, who may make it, and what it must say."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ballast.areas.cases.models import State

__all__ = ["CLOSED", "IN_HAND", "MOVES", "OPEN", "Move", "moves_from"]

OPEN = frozenset({State.FILED, State.ACCEPTED, State.ASSIGNED, State.SOLVING, State.SOLVED, State.DISPUTED})
CLOSED = frozenset({State.CONFIRMED, State.WITHDRAWN, State.MERGED})
# Open for the desk: in the other open state, solved, the enterprise has the word.
IN_HAND = OPEN - {State.SOLVED}


@dataclass(frozen=True)
class Move:
    """One move. `who` says whose it is: the desk that leads, the desk it was offered to, or the enterprise.

    `to` is None where the state stays; `needs` names the fields that must be filled.
    """

    name: str
    label: str | Promise
    sources: frozenset[State]
    to: State | None
    permission: str
    who: str
    needs: tuple[str, ...] = field(default=())
    needs_offer: bool = False


_ALL = (
    Move("accept", _("Accept"), frozenset({State.FILED}), State.ACCEPTED, "work_cases", "desk"),
    Move("assign", _("Assign"), IN_HAND, State.ASSIGNED, "work_cases", "desk", ("owner",)),
    Move(
        "start", _("Start work"), frozenset({State.ACCEPTED, State.ASSIGNED, State.DISPUTED}), State.SOLVING,
        "work_cases", "desk",
    ),
    Move("hand_over", _("Offer to another region"), IN_HAND, None, "hand_over_cases", "desk", ("region", "text")),
    Move(
        "take_over", _("Take over"), IN_HAND, State.ACCEPTED, "hand_over_cases", "offered", needs_offer=True,
    ),
    Move("refuse", _("Refuse"), IN_HAND, None, "hand_over_cases", "offered", ("text",), needs_offer=True),
    Move("solve", _("Report as solved"), IN_HAND - {State.FILED}, State.SOLVED, "work_cases", "desk", ("text",)),
    Move(
        "confirm", _("Confirm: it is solved"), frozenset({State.SOLVED}), State.CONFIRMED, "answer_cases", "enterprise",
    ),
    Move(
        "dispute", _("Dispute: it is not solved"), frozenset({State.SOLVED}), State.DISPUTED, "answer_cases",
        "enterprise", ("text",),
    ),
    # What was merged comes back by undoing the merge.
    Move(
        "reopen", _("Reopen"), CLOSED - {State.MERGED}, State.ACCEPTED, "work_cases", "desk", ("text",),
    ),
    Move("withdraw", _("Withdraw"), OPEN, State.WITHDRAWN, "answer_cases", "enterprise", ("text",)),
)  # fmt: skip
MOVES: dict[str, Move] = {move.name: move for move in _ALL}


def moves_from(state: str, *, offered: bool) -> list[Move]:
    """Moves that the state allows, in the order in which a case runs through them."""
    return [m for m in _ALL if state in m.sources and (offered or not m.needs_offer)]
