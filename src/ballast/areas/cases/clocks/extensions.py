"""More time for a case: asked by the desk that has it, granted or refused by another person of a desk above."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import Scope, require, scope_of
from ballast.areas.cases.clocks.models import Extension
from ballast.areas.cases.clocks.words import ASKED, GRANTED, REFUSED
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.machine import AT_DESK
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.moving import MoveRefusedError
from ballast.areas.cases.packs.in_force import states_in
from ballast.areas.cases.selectors import movable_cases, visible_cases
from ballast.areas.cases.story import enter, note_in_audit
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now
from ballast.areas.registry.selectors import in_chain
from ballast.core.clocks import Category

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["MOST", "answerable", "ask_for_time", "decide_on_time"]

# Working days that are granted at once, at most (proposal).
MOST = 30


@transaction.atomic
def ask_for_time(user: "User", number: str, *, clock: str, days: int, text: str) -> Extension:
    """The request for so many working days more for one clock of the case, for the reason `text`.

    Desks read it; nothing changes until a desk above grants it. Raises Case.DoesNotExist for what is not the user's to
    work on, MoveRefusedError for a case that is over, while a request waits for its answer, or for a wrong field.
    """
    require(user, "work_cases")
    case = movable_cases(user, AT_DESK).select_for_update(of=("self",)).get(number=number)
    text = text.strip()
    _check(case, clock, days, text)
    row = Extension.objects.create(
        case=case, clock=clock, desk=case.lead_region, department=case.department, days=days, reason=text,
        asked_by=user, asked_at=now(),
    )  # fmt: skip
    facts = {"clock": clock, "days": days, "extension": row.pk}
    enter(case, user, type=CaseEntry.Type.NOTE, move=ASKED, text=text, facts=facts)
    note_in_audit("case.extension_asked", user, case, facts | {"reason": text})
    return row


def _check(case: Case, clock: str, days: int, text: str) -> None:
    if case.state not in states_in(Category.OPEN, Category.PAUSED):
        message = _("Case {number} is “{state}”; more time is for cases that a desk has in hand.").format(
            number=case.number, state=case.get_state_display()
        )
        raise MoveRefusedError({"move": message})
    faults = {}
    if clock not in Extension.Clock.values:
        faults["clock"] = _("“{value}” is not one of {known}.").format(
            value=clock, known=", ".join(Extension.Clock.values)
        )
    if not 1 <= days <= MOST:
        faults["days"] = _("{value} working days will not do; ask for 1 to {most}.").format(value=days, most=MOST)
    if not text:
        faults["text"] = _("Fill in this field.")
    if faults:
        raise MoveRefusedError(faults)
    if case.extensions.filter(clock=clock, granted__isnull=True).exists():
        message = _("More time was asked for already, and the desk above has not answered yet.")
        raise MoveRefusedError({"clock": message})


def answerable(user: "User", rows: QuerySet[Extension] | None = None) -> QuerySet[Extension]:
    """Requests without an answer that the user may decide on: of cases in sight, at a desk above, never one's own.

    Above a province's desk is whoever works for the nation or the whole authority; of a desk that has none above it,
    another person of the whole authority decides.
    """
    rows = Extension.objects.all() if rows is None else rows
    mine = rows.filter(granted__isnull=True).exclude(asked_by=user).filter(_below(scope_of(user, "work_cases")))
    return mine.filter(case__in=visible_cases(user, "work_cases").order_by().values("pk"))


def _below(scope: Scope) -> Q:
    """Condition that the desk of a request lies below a desk of the scope, not at it."""
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    paths = dict(
        Region.objects.filter(code__in=[code for code, _chain in scope.places if code]).values_list("code", "path")
    )
    for code, chain in scope.places:
        below = Q(desk__path__startswith=paths[code]) & ~Q(desk=code) if code in paths else Q()
        condition |= below & in_chain(chain, "case__enterprise__") if chain else below
    return condition


@transaction.atomic
def decide_on_time(user: "User", number: str, pk: int, *, grant: bool, text: str = "") -> Extension:
    """The request, granted or refused, with a line in the story; a refusal says why in `text`.

    Raises Extension.DoesNotExist for a request that is not the user's to decide (one's own never is) or is decided.
    """
    require(user, "work_cases")
    row = answerable(user).filter(case__number=number).select_related("case").select_for_update(of=("self",)).get(pk=pk)
    case = Case.objects.select_for_update(of=("self",)).get(pk=row.case_id)
    text = text.strip()
    if not grant and not text:
        raise MoveRefusedError({"text": _("Say why you refuse.")})
    row.granted, row.decided_by, row.decided_at = grant, user, now()
    row.save(update_fields=["granted", "decided_by", "decided_at"])
    facts = {"clock": row.clock, "days": row.days, "extension": row.pk}
    if grant:
        agency = row.department.key if row.department else row.desk_id
        facts |= {"agency": agency} if row.clock == Extension.Clock.PART else {}
        enter(
            case, user, type=CaseEntry.Type.MOVE, move=GRANTED, before=case.state, after=case.state,
            text=text or row.reason, facts=facts,
        )  # fmt: skip
    else:
        enter(case, user, type=CaseEntry.Type.NOTE, move=REFUSED, text=text, facts=facts)
    name = "case.extension_granted" if grant else "case.extension_refused"
    note_in_audit(
        name, user, case, facts | {"asked_by": row.asked_by and row.asked_by.get_username(), "due": case.due_at}
    )
    case_changed.send(Case, case=case)
    return row
