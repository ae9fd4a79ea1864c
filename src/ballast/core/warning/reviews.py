"""When something that is watched is looked at next: every so many days, more often while a season is open."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Cadence", "next_review"]


@dataclass(frozen=True)
class Cadence:
    """A review every so many days, from a day on; ValueError for less than one day."""

    every: int
    since: dt.date

    def __post_init__(self) -> None:
        if self.every < 1:
            msg = f"a review every {self.every} days is none; give 1 or more."
            raise ValueError(msg)

    def due(self, last: dt.date | None) -> dt.date:
        """The day of the next review, the last having been on a day (None: never)."""
        return self.since if last is None else max(self.since, last + dt.timedelta(days=self.every))


def next_review(last: dt.date | None, cadences: Sequence[Cadence]) -> tuple[dt.date, Cadence] | None:
    """The day by which to review next, and the cadence that asks for it: the soonest, of several the shortest.

    None without a cadence. A season that opens brings the review forward to its first day at the soonest; one that ends
    takes its cadence with it.

    >>> spring = Cadence(7, dt.date(2026, 2, 15))
    >>> next_review(dt.date(2026, 2, 14), [Cadence(30, dt.date(2026, 1, 1)), spring])[0].isoformat()
    '2026-02-21'
    """
    found = [(one.due(last), one.every, place) for place, one in enumerate(cadences)]
    if not found:
        return None
    day, _every, place = min(found)
    return day, cadences[place]
