"""The instant that one page speaks of, read once."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import now

__all__ = ["Clock", "clock"]


@dataclass(frozen=True)
class Clock:
    """Now (aware), the authority's local date, and where that date begins."""

    now: dt.datetime
    day: dt.date
    midnight: dt.datetime

    def after(self, days: int) -> dt.date:
        """The date so many days on."""
        return self.day + dt.timedelta(days=days)


def clock(of: Authority) -> Clock:
    """The page's clock; an exercise stands on its date."""
    zone = ZoneInfo(of.time_zone)
    local = now(of).astimezone(zone)
    return Clock(local, local.date(), dt.datetime.combine(local.date(), dt.time(), zone))
