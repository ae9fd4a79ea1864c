"""What every acknowledgement and silence has to state: until when, and why."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.alerts.answers.models import Answer
from ballast.areas.reference.selectors import now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST_DAYS", "LONGEST_NOTE", "end_now", "read_day", "read_kind", "terms"]

# A silence that nobody looks at again for a month has been forgotten (peers: alertmanager #1639, karma #6314), and a
# month is also the round in which desks review their lists. Whoever needs longer decides again.
LONGEST_DAYS: Final = 30
LONGEST_NOTE: Final = 2_000


def read_day(text: str) -> dt.date:
    """The day that a form gives. ValidationError for anything else."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        message = _("“{value}” is not a date; give one such as 2022-04-28.").format(value=text[:40])
        raise ValidationError({"until": message}) from None


def read_kind(text: str) -> Answer.Kind:
    """The kind that a form gives. ValidationError for anything else."""
    if text not in Answer.Kind.values:
        message = _("“{value}” is no answer to a lamp; give one of {kinds}.")
        raise ValidationError({"kind": message.format(value=text[:40], kinds=", ".join(Answer.Kind.values))})
    return Answer.Kind(text)


def terms(user: "User", kind: Answer.Kind, until: dt.date, note: str) -> dict[str, Any]:
    """The fields of an answer that begins now. ValidationError without a note, or for a day out of reach."""
    first, note = today(), note.strip()
    last = first + dt.timedelta(days=LONGEST_DAYS)
    if not note:
        raise ValidationError({"note": _("Say why; whoever sees it later reads it there.")})
    if len(note) > LONGEST_NOTE:
        message = _("This text has {count} characters; give at most {most}.")
        raise ValidationError({"note": message.format(count=len(note), most=LONGEST_NOTE)})
    if not first <= until <= last:
        message = _(
            "{day} is out of reach: give a day from {first} to {last} ({most} days). Longer needs a new decision."
        )
        message = message.format(day=until, first=first, last=last, most=LONGEST_DAYS)
        raise ValidationError({"until": message})
    return {"kind": kind, "by": user, "begun_at": now(), "until": until, "note": note}


def end_now(answer: Answer, why: Answer.Ended, by: "User | None" = None) -> None:
    """Write that it ended."""
    answer.ended_at, answer.ended_by, answer.ended_why = now(), by, why
    answer.save(update_fields=["ended_at", "ended_by", "ended_why"])
