"""What the page of a lamp shows of its answers, and the forms for new ones."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from ballast.areas.accounts.access import can
from ballast.areas.alerts.answers.selectors import answers_of
from ballast.areas.alerts.answers.terms import LONGEST_DAYS, LONGEST_NOTE
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.selectors import visible_lamps
from ballast.areas.reference.selectors import today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.alerts.models import Lamp

__all__ = ["answer_forms", "form_limits"]

# A week is what forms propose: the time that the rule's yellow leaves.
_PROPOSED_DAYS = 7


def form_limits() -> dict[str, Any]:
    """First, last and proposed day of an answer, and the longest note."""
    first = today()
    last, proposed = (first + dt.timedelta(days=days) for days in (LONGEST_DAYS, _PROPOSED_DAYS))
    return {"first_day": first, "last_day": last, "until": proposed, "longest_days": LONGEST_DAYS,
            "longest_note": LONGEST_NOTE}  # fmt: skip


def answer_forms(user: "User", lamp: "Lamp") -> dict[str, Any]:
    """Answers of the lamp, those that hold apart, and what the forms need where the person may answer it."""
    found = answers_of(user, [lamp], past=True).get(lamp.pk, [])
    works = can(user, "work_cases") and visible_lamps(user, "work_cases").filter(pk=lamp.pk).exists()
    return {
        "answers": [one for one in found if one.holds],
        "past_answers": [one for one in found if not one.holds][:20],
        "may_answer": works,
        "may_acknowledge": works and lamp.level not in {Level.NORMAL, Level.NOT_IN_USE},
        **form_limits(),
    }
