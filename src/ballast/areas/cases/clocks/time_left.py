"""A case's time to its due hour, as a list and a bar show it."""

import datetime as dt
from typing import NamedTuple

from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.cases.presentation import due_level

__all__ = ["Due", "due"]


class Due(NamedTuple):
    """How a case stands against its due hour; `spent` is the part of the time since filing that is over, 0 to 1."""

    level: str
    running: bool
    overdue: bool
    spent: float


def due(case: Case, *, at: dt.datetime) -> Due:
    """The time of an open case runs; that of one that is solved or closed does not."""
    running = case.state in IN_HAND
    given, gone = case.due_at - case.filed_at, at - case.filed_at
    spent = min(max(gone / given, 0.0), 1.0) if given else 1.0
    return Due(due_level(case, at=at), running, running and at > case.due_at, spent)
