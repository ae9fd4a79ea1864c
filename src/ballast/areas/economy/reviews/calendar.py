"""When a bulk material is reviewed next, and why then; no database, no clock."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from ballast.areas.economy.materials.grades import Graded
from ballast.areas.economy.materials.rules import Watch
from ballast.core.warning.reviews import Cadence, next_review

__all__ = ["Review", "review_of"]


class Review(NamedTuple):
    """The next review: its day, how often, for which open season ("" for the grade), and when the last one was held."""

    due: dt.date
    every: int
    season: str
    last: dt.date | None
    overdue: bool


def review_of(last: dt.date | None, graded: Graded | None, watches: Sequence[Watch], today: dt.date) -> Review | None:
    """The next review of a material; None when neither a grade nor an open season asks for one.

    It is overdue from the day after it was due.
    """
    cadences, seasons = [], []
    if graded and graded.review_days:
        cadences.append(Cadence(graded.review_days, graded.since))
        seasons.append("")
    for watch in watches:
        if watch.open and watch.window.review_days:
            begun = max(watch.begun, watch.rule.effective_from or watch.begun)
            cadences.append(Cadence(watch.window.review_days, begun))
            seasons.append(watch.title)
    found = next_review(last, cadences)
    if found is None:
        return None
    due, asked = found
    return Review(due, asked.every, seasons[cadences.index(asked)], last, due < today)
