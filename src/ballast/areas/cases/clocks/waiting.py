"""A case waits, with a reason that the enterprise reads and a date by which it goes on; and goes on."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases.clocks.models import WaitingFor
from ballast.areas.cases.clocks.words import GOES_ON, WAITS
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.machine import AT_DESK
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.moving import MoveRefusedError
from ballast.areas.cases.packs.in_force import local_states
from ballast.areas.cases.selectors import movable_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.reference.selectors import today
from ballast.core.clocks import Category

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST", "WaitingFor", "go_on", "let_wait", "may_wait"]

# A wait that lasts longer is told anew, so that nobody forgets the case (proposal).
LONGEST = dt.timedelta(days=30)


@transaction.atomic
def let_wait(user: "User", number: str, *, whom: str, text: str, until: dt.date | None) -> Case:
    """The case, waiting for `whom` (see WaitingFor) until a local date begins at the latest; its clocks stand.

    The enterprise reads the reason `text` and the date. The case goes on by itself on that date, when the desk says so
    before, when it is solved or closed, and, where it waits for the enterprise, with the enterprise's next word.
    Waiting again gives it a new reason and date. Raises Case.DoesNotExist for what is not the user's to work on,
    MoveRefusedError for a case that no desk has begun to work on or a field that cannot stand.
    """
    case = _locked(user, number)
    state = local_states()[case.state]
    if state.category is not Category.OPEN or case.state == case.rules.starts:
        message = _("Case {number} is “{state}”; only a case that was accepted and is not solved yet can wait.").format(
            number=case.number, state=case.get_state_display()
        )
        raise MoveRefusedError({"move": message})
    text = text.strip()
    if faults := _faults(whom, text, until):
        raise MoveRefusedError(faults)
    assert until is not None  # noqa: S101 - checked with the faults
    facts = {"whom": whom, "until": until.isoformat()}
    enter(case, user, type=CaseEntry.Type.MOVE, move=WAITS, before=case.state, after=case.state, text=text, facts=facts)
    note_in_audit("case.wait", user, case, facts | {"reason": text, "due": case.due_at})
    case_changed.send(Case, case=case)
    return case


def _faults(whom: str, text: str, until: dt.date | None) -> dict[str, str]:
    """A sentence for each field that cannot stand."""
    faults, present = {}, today()
    if whom not in WaitingFor.values:
        faults["whom"] = _("“{value}” is not one of {known}.").format(value=whom, known=", ".join(WaitingFor.values))
    if not text:
        faults["text"] = _("Fill in this field.")
    elif len(text) > 300:
        faults["text"] = _("This text has {count} characters; give at most {most}.").format(count=len(text), most=300)
    if until is None:
        faults["until"] = _("Fill in this field.")
    elif not present < until <= present + LONGEST:
        faults["until"] = _("{day} will not do; give a day from {first} to {last}, and a new one then.").format(
            day=until, first=present + dt.timedelta(days=1), last=present + LONGEST
        )
    return faults


@transaction.atomic
def go_on(user: "User", number: str, *, text: str = "") -> Case:
    """The case, no longer waiting; its clocks run on with what was left.

    Raises Case.DoesNotExist for what is not the user's to work on, MoveRefusedError when it does not wait.
    """
    case = _locked(user, number)
    if not case.waits_on(today()):
        message = _("Case {number} does not wait; there is nothing to resume.").format(number=case.number)
        raise MoveRefusedError({"move": message})
    enter(case, user, type=CaseEntry.Type.MOVE, move=GOES_ON, before=case.state, after=case.state, text=text.strip())
    note_in_audit("case.go_on", user, case, {"due": case.due_at})
    case_changed.send(Case, case=case)
    return case


def may_wait(user: "User", case: Case) -> bool:
    """Whether the user may let the case wait, take it up again, or ask for more time for it."""
    if local_states()[case.state].category is not Category.OPEN or case.state == case.rules.starts:
        return False
    return movable_cases(user, AT_DESK).filter(pk=case.pk).exists()


def _locked(user: "User", number: str) -> Case:
    require(user, "work_cases")
    return movable_cases(user, AT_DESK).select_for_update(of=("self",)).get(number=number)
