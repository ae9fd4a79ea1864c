"""Find the lamps that change too often, from the changes that are kept."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count

from ballast.areas.alerts.flapping.models import Flapping
from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.core.warning import flapping

__all__ = ["DAYS", "note_flapping"]

# Twenty values decide (core.warning.machine); before them, as many days again and more in which it may have begun.
DAYS: Final = 45
# With fewer changes than these the share never passes the limit at which flapping begins.
_FEWEST = 6
_FEW = 500
_RANKS: Final = {str(Level.NORMAL): 0, str(Level.BLUE): 1, str(Level.YELLOW): 2, str(Level.RED): 3}


def note_flapping(needs: Collection[int] | None, at: dt.datetime, zone: ZoneInfo) -> None:
    """Write which of the needs that were judged at an instant (None: all) flap now.

    A lamp begins to flap by a change, and ends by days that stay as they are.
    """
    before, changed = Flapping.objects.all(), LampChange.objects.filter(at=at).order_by()
    if needs is not None:
        before, changed = before.filter(lamp__need__pk__among=needs), changed.filter(need__pk__among=needs)
    was = set(before.values_list("lamp__need", flat=True))
    asked = was | set(changed.values_list("need", flat=True))
    now = _flapping_needs(asked, at.astimezone(zone).date(), zone) if asked else set()
    if was - now:
        Flapping.objects.filter(lamp__need__pk__among=was - now).delete()
    fresh = Lamp.objects.filter(need__pk__among=now - was) if now - was else []
    Flapping.objects.bulk_create([Flapping(lamp=lamp, since=at) for lamp in fresh], ignore_conflicts=True)


def _flapping_needs(needs: Collection[int], today: dt.date, zone: ZoneInfo) -> set[int]:
    """Of these needs (primary keys) those whose lamp flaps: too many days end at another level than the day before.

    A day counts with its last level, as the rule judges by the day; one without data counts for nothing.
    """
    since = dt.datetime.combine(today - dt.timedelta(days=DAYS), dt.time(), zone)
    changes = _changes(set(needs), since)
    ranks = np.full((DAYS + 1, len(changes)), -1, np.int8)
    for place, rows in enumerate(changes.values()):
        ranks[:, place] = _days(rows, since.date(), zone)
    return {need for need, flaps in zip(changes, flapping(ranks).tolist(), strict=True) if flaps}


def _changes(needs: set[int], since: dt.datetime) -> dict[int, list[tuple[dt.datetime, str, str]]]:
    """The changes since an instant of those needs that have enough of them, oldest first."""
    rows = LampChange.objects.filter(at__gte=since).order_by("at", "pk")
    if len(needs) <= _FEW:
        rows = rows.filter(need__in=needs)
    counted = rows.order_by().values_list("need").annotate(n=Count("pk")).filter(n__gte=_FEWEST)
    often = sorted(need for need, _count in counted if need in needs)
    found: dict[int, list[tuple[dt.datetime, str, str]]] = defaultdict(list)
    for first in range(0, len(often), _FEW):
        some = rows.filter(need__in=often[first : first + _FEW])
        for need, at, before, level in some.values_list("need", "at", "level_before", "level"):
            found[need].append((at, before, level))
    return found


def _days(rows: Iterable[tuple[dt.datetime, str, str]], first: dt.date, zone: ZoneInfo) -> np.ndarray:
    """Rank at the end of each of the days, -1 where none is known."""
    found = np.full(DAYS + 1, -1, np.int8)
    for place, (at, before, level) in enumerate(rows):
        day = (at.astimezone(zone).date() - first).days
        if not place:
            found[:day] = _RANKS.get(before, -1)
        found[day:] = _RANKS.get(level, -1)
    return found
