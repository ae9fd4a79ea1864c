"""How many lamps stand at each level, and how that changed since yesterday."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from ballast.areas.accounts.access import scope_of
from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.areas.registry.selectors import scope_filter
from ballast.web.board.clock import Clock

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LampCount", "lamp_counts"]

SHOWN = (Level.RED, Level.YELLOW, Level.BLUE, Level.NORMAL, Level.NO_DATA)


@dataclass(frozen=True)
class LampCount:
    """Lamps of one level: how many, and how many more than a day ago (None: nothing to compare with)."""

    level: str
    count: int
    change: int | None


def lamp_counts(user: "User", at: Clock) -> list[LampCount]:
    """Lamps in scope (one an input of a site) by level, worst first; not in use left out."""
    scope = scope_of(user)
    lamps = Lamp.objects.filter(scope_filter(scope, "enterprise__")).order_by()
    now = dict(lamps.values_list("level").annotate(n=Count("pk")))
    moved = _moves(user, at.now - dt.timedelta(days=1))
    return [LampCount(level, now.get(level, 0), moved[level] if moved else None) for level in SHOWN]


def _moves(user: "User", since: dt.datetime) -> Counter[str]:
    """Gain of each level since an instant; changes of one lamp add up to where it came from and went to."""
    changes = (
        LampChange.objects.filter(scope_filter(scope_of(user), "need__site__enterprise__"), at__gt=since)
        .exclude(level_before="")
        .order_by()
        .values_list("level_before", "level")
        .annotate(n=Count("pk"))
    )
    gain: Counter[str] = Counter()
    for before, after, n in changes:
        gain[after] += n
        gain[before] -= n
    return gain
