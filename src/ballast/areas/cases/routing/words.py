"""Steps of the escalation in the language of the page."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ballast.areas.desks.models import Receiver

__all__ = ["hours_words", "step_said", "unanswered_words"]


def hours_words(hours: float) -> str:
    """When a step comes, by working hours from the due time."""
    if hours == 0:
        return _("when it is due")
    words = _("{hours} working hours before due") if hours < 0 else _("{hours} working hours after due")
    return words.format(hours=f"{abs(hours):g}")


def unanswered_words(hours: float) -> str:
    """When a step of warnings comes, by working hours without an answer."""
    return _("{hours} working hours without an answer").format(hours=f"{hours:g}")


def step_said(facts: Mapping[str, Any]) -> str:
    """What the line of a step in the story says: when it came, who hears of it."""
    to = dict(Receiver.choices).get(facts["to"], facts["to"])
    people = ", ".join(facts["people"]) or _("nobody has a right there")
    return _("Escalated {when}. Told: {to} ({people}).").format(when=hours_words(facts["hours"]), to=to, people=people)
