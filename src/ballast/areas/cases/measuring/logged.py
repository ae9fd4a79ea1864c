"""What the log of a case says was done, as conditions. What becomes of the case later takes nothing of it back."""

import datetime as dt

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from ballast.areas.cases.machine import CLOSED, MERGED, States, telling
from ballast.areas.cases.models import CaseEntry

__all__ = ["ENTRIES", "LOGGED", "REOPENED_WITHIN", "UNDOING", "logged", "was"]

# From the closing to the move that takes it back; days of 24 hours.
REOPENED_WITHIN = dt.timedelta(days=14)
_ENDED = States(lambda: [state for state in CLOSED if state not in MERGED])
# States to which only a desk that does something about the case brings it; an offer to another region is no answer.
_TAKEN_UP = telling("taken_up", "solved")


def _came_to(states: States) -> Q:
    """A move that brought the case to one of the states, from another one."""
    return Q(type=CaseEntry.Type.MOVE, state_after__in=states) & ~Q(state_before=F("state_after"))


# What comes after these states was preceded by another response: few lines are left to look at.
_RESPONDED_BEFORE = telling("taken_up", "solved", "confirmed", "disputed")
_RESPONDING = _came_to(_TAKEN_UP) & ~Q(state_before__in=_RESPONDED_BEFORE)
_REOPENING = Q(type=CaseEntry.Type.MOVE, state_before__in=_ENDED) & ~Q(state_after__in=_ENDED)

# Conditions on entries by the word for what they tell.
ENTRIES = {
    # The desk took the case up, or wrote what the enterprise reads; a note is no answer.
    "responded": _RESPONDING | Q(type=CaseEntry.Type.REPLY, side=CaseEntry.Side.DESK),
    "solved": _came_to(telling("solved")),
    "answered": _came_to(telling("confirmed", "disputed")),
    "confirmed": _came_to(telling("confirmed")),
    "disputed": _came_to(telling("disputed")),
    "withdrawn": _came_to(telling("withdrawn")),
    # Undoing a merge takes its lines out of the log.
    "merged": _came_to(telling("merged")),
}
# From here on a solution that was reported before does not stand any more.
UNDOING = _came_to(telling("disputed")) | _REOPENING


def _soon_reopened() -> QuerySet[CaseEntry]:
    """Moves that opened a case again within the time after it was closed."""
    since = ExpressionWrapper(OuterRef("at") - REOPENED_WITHIN, output_field=DateTimeField())
    closing = CaseEntry.objects.filter(_came_to(_ENDED), case=OuterRef("case"), at__gte=since, at__lte=OuterRef("at"))
    return CaseEntry.objects.filter(_REOPENING).filter(Exists(closing))


# Each word for what the log says was done.
LOGGED = (*ENTRIES, "reopened")


def was(word: str) -> Q:
    """The condition on cases that this was done at least once; a case that it befell twice is one case."""
    entries = _soon_reopened() if word == "reopened" else CaseEntry.objects.filter(ENTRIES[word])
    return Q(pk__in=entries.order_by().values("case"))


def logged() -> dict[str, Q]:
    """The conditions of all words."""
    return {word: was(word) for word in LOGGED}
