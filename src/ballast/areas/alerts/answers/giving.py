"""An officer acknowledges a lamp, silences its notices, or ends either before its day."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.alerts import events
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.alerts.answers.terms import end_now, terms
from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rules import effective
from ballast.areas.alerts.selectors import visible_lamps
from ballast.areas.audit.services import record
from ballast.areas.reference.selectors import today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["answer_lamp", "end_answer"]

_QUIET = (Level.NORMAL, Level.NOT_IN_USE)


@transaction.atomic
def answer_lamp(user: "User", pk: int, kind: Answer.Kind, *, until: dt.date, note: str) -> LampAnswer:
    """The answer, which holds from now through `until`; one of the same kind that held before ends.

    Raises Lamp.DoesNotExist for a lamp that the person's desk does not cover, ValidationError for an acknowledgement
    of a lamp that does not burn, and as `terms` does.
    """
    lamp = _lamp(user, pk)
    given = terms(user, kind, until, note)
    if kind == Answer.Kind.ACKNOWLEDGED and lamp.level in _QUIET:
        message = _("This lamp is {level}; there is nothing to acknowledge.")
        raise ValidationError(message.format(level=lamp.get_level_display()))
    for before in lamp.answers.filter(kind=kind, ended_at=None, until__gte=today()):
        end_now(before, Answer.Ended.REPLACED, user)
    answer = LampAnswer.objects.create(lamp=lamp, level=effective(lamp.level, lamp.held), **given)
    _record(user, str(kind), answer, {"until": until.isoformat(), "note": answer.note, "level": answer.level})
    return answer


@transaction.atomic
def end_answer(user: "User", pk: int, answer: int) -> LampAnswer:
    """The answer, ended now. Raises DoesNotExist for what is not the person's, ValidationError for one that is over."""
    lamp = _lamp(user, pk)
    found: LampAnswer = lamp.answers.select_related("by").get(pk=answer)
    if not found.holds(today()):
        raise ValidationError(_("It has ended already."))
    end_now(found, Answer.Ended.BY_HAND, user)
    _record(user, "answer_ended", found, {"kind": found.kind, "until": found.until.isoformat()})
    if found.kind == Answer.Kind.SILENCED:
        events.silence_ended.send(sender=LampAnswer, answer=found)
    return found


def _lamp(user: "User", pk: int) -> Lamp:
    """The lamp that the person's desk works on, locked as it is read: a level that is judged anew meanwhile counts."""
    require(user, "work_cases")
    rows = visible_lamps(user, "work_cases").select_for_update(of=("self",))
    return rows.select_related("need__product", "need__site", "enterprise").get(pk=pk)


def _record(user: "User", action: str, answer: LampAnswer, detail: dict[str, str]) -> None:
    enterprise = answer.lamp.enterprise.enterprise_id
    record(
        f"lamp.{action}", user, subject_type="lamp", subject_id=str(answer.lamp_id), enterprise=enterprise,
        detail=detail,
    )  # fmt: skip
