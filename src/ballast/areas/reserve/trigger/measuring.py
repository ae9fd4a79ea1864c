"""What a trigger counts: the lamps of its place at the end of each of the last days."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.areas.alerts.rules import SEVERITY, effective
from ballast.areas.alerts.selectors import filter_lamps
from ballast.areas.reference.selectors import authority, today
from ballast.areas.reserve.models import PolicyOption
from ballast.core.trigger import Trigger, counted, holding

__all__ = ["Counted", "count", "measure"]

# Days before those that a trigger asks for, so that one can say since when.
_LOOK_BACK = 30
_BATCH = 500
_SILENT = (Level.NO_DATA, Level.NOT_IN_USE)


@dataclass(frozen=True)
class Counted:
    """What a trigger counts today. `possible` is the value if every input without present data were at the level too.

    `since` is the first day on which the value was at the limit without a break; with `since_before` it was so on the
    first day that was looked at. None while it is below the limit.
    """

    holds: bool
    value: float
    possible: float
    lit: int
    silent: int
    total: int
    since: dt.date | None
    since_before: bool

    @property
    def figures(self) -> dict[str, Any]:
        """As it is stored with a proposal."""
        return {name: value for name, value in asdict(self).items() if name not in {"holds", "since"}}


def measure(option: PolicyOption) -> Counted | None:
    """What the trigger of a measure counts now; None without a trigger on lamps."""
    trigger = option.trigger
    if trigger is None:
        return None
    place = {"region": option.region_id or "", "chain": option.chain_id or "", "product": option.product_id or ""}
    return count(trigger, option.trigger_level, **place)


def count(trigger: Trigger, level: str, *, region: str = "", chain: str = "", product: str = "") -> Counted:
    """The lamps of a place at a level or worse, "" for every place and input. A held red counts as red.

    Without regard to anyone's scope: the trigger is a fact of its place.
    """
    rows = filter_lamps(Lamp.objects.exclude(level=Level.NOT_IN_USE), region=region, chain=chain, product=product)
    lamps = list(rows.order_by("need_id").values_list("need_id", "need__site_id", "level", "held"))
    worst = SEVERITY[level]
    last, days = today(), trigger.days + _LOOK_BACK
    first = last - dt.timedelta(days=days - 1)
    ranks = _ranks(lamps, rows, first, days)
    plants, places = np.unique([site for _need, site, _shown, _held in lamps], return_inverse=True)
    places = places.astype(np.intp).reshape(-1)
    lit = ranks <= worst
    values = counted(trigger.measure, lit, places, len(plants))
    found = holding(trigger, values)
    silent = np.array([shown == Level.NO_DATA for _need, _site, shown, _held in lamps], np.bool_)
    possible = counted(trigger.measure, (lit[-1] | silent)[None, :], places, len(plants))
    return Counted(
        found.holds, round(float(values[-1]), 6), round(float(possible[0]), 6), int(lit[-1].sum()),
        int((silent & ~lit[-1]).sum()), len(lamps),
        None if found.since is None else first + dt.timedelta(days=found.since), found.since == 0,
    )  # fmt: skip


def _ranks(
    lamps: Sequence[tuple[int, int, str, str]], rows: QuerySet[Lamp], first: dt.date, days: int
) -> NDArray[np.int8]:
    """Severity [days, n] of each lamp at the end of each day, what is held counted as it was; 0 is red."""
    place = {need: number for number, (need, _site, _level, _held) in enumerate(lamps)}
    present = [SEVERITY[effective(level, held)] for _need, _site, level, held in lamps]
    found = np.tile(np.array(present, np.int8), (days, 1))
    zone = ZoneInfo(authority().time_zone)
    begin = dt.datetime.combine(first, dt.time(), zone)
    changes = LampChange.objects.filter(need__in=rows.order_by().values("need"))
    recent = changes.filter(at__gte=begin).order_by("need_id", "at", "pk")
    steps = list(recent.values_list("need_id", "at", "level_before", "level"))
    standing: dict[int, str] = {}
    for need, _at, before, _level in steps:
        standing.setdefault(need, before)
    standing |= _earlier([need for need, before in standing.items() if before in _SILENT], begin)
    for need, level in standing.items():
        found[:, place[need]] = SEVERITY[level or Level.NO_DATA]
    for need, at, _before, level in steps:
        # Silence changes nothing; to go out of use does.
        if level == Level.NO_DATA:
            continue
        day = min((at.astimezone(zone).date() - first).days, days - 1)
        found[day:, place[need]] = SEVERITY[level]
    found[-1] = present
    return found


def _earlier(needs: Sequence[int], before: dt.datetime) -> dict[int, str]:
    """The last level of each input that stood on data before an instant, "" where there was none."""
    found = dict.fromkeys(needs, "")
    for start in range(0, len(needs), _BATCH):
        rows = LampChange.objects.filter(need__in=needs[start : start + _BATCH], at__lt=before)
        found |= dict(rows.exclude(level__in=_SILENT).order_by("at", "pk").values_list("need_id", "level"))
    return found
