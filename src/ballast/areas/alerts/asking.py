"""What the lamp of an enterprise can be while inputs of it have no report, and which report to ask for first."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rulebook.in_force import parts_cover_on
from ballast.areas.alerts.rules import Rule
from ballast.areas.alerts.selectors import filter_lamps, visible_lamps
from ballast.areas.reference.selectors import authority, today
from ballast.core.warning import ask_first, ranks_between, said_of

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Asked", "Unsettled", "bounds_of", "can_be", "unsettled", "with_reports"]

# Reports that are named for one enterprise.
_NAMED = 3


class Unsettled(NamedTuple):
    """An enterprise whose lamp depends on who has not reported: its key, the mildest and the worst level it can be."""

    enterprise: int
    mildest: str
    worst: str


class Asked(NamedTuple):
    """An input without a report: its lamp, in which share of what it may say it settles the enterprise's lamp, and
    between which days of cover it lies."""

    lamp: Lamp
    settles: float
    least: float
    most: float


class _Part(NamedTuple):
    lamp: int
    low: float
    high: float


def unsettled(user: "User", *, region: str = "", chain: str = "") -> list[Unsettled]:
    """Enterprises in scope whose lamp is not settled: those that can be worst first, then the widest span."""
    rule = parts_cover_on(today())
    parts = _parts(user, rule, region=region, chain=chain)
    if not parts:
        return []
    low = np.array([min(part.low for part in one) for one in parts.values()])
    high = np.array([min(part.high for part in one) for one in parts.values()])
    mildest, worst = ranks_between(rule.core, low, high)
    order = np.lexsort((np.array(list(parts)), low, mildest, -worst.astype(int)))
    keys = list(parts)
    name = rule.core.scheme.name_of
    return [
        Unsettled(keys[place], name(int(mildest[place])), name(int(worst[place])))
        for place in order.tolist()
        if mildest[place] != worst[place]
    ]


def with_reports(user: "User", enterprises: Sequence[int]) -> dict[int, list[Asked]]:
    """For each of the enterprises (primary keys) the missing reports that settle most, at most three."""
    rule = parts_cover_on(today())
    parts = _parts(user, rule, enterprises=enterprises)
    asks: dict[int, list[tuple[_Part, float]]] = {}
    for enterprise, given in parts.items():
        ends = np.array([[part.low, part.high] for part in given], float).T
        found = ask_first(rule.core, "least", *ends)[:_NAMED]
        # What settles nothing by itself is named only where nothing does.
        useful = [ask for ask in found if ask.settles] or found[:1]
        asks[enterprise] = [(given[ask.part], ask.settles) for ask in useful]
    keys = [part.lamp for named in asks.values() for part, _ in named]
    related = ("need__site", "need__product", "need__unit", "enterprise__region")
    lamps = visible_lamps(user).select_related(*related).in_bulk(keys)
    return {
        enterprise: [Asked(lamps[part.lamp], settles, part.low, part.high) for part, settles in named]
        for enterprise, named in asks.items()
    }


def can_be(lamp: Lamp) -> dict[str, str]:
    """Level -> certain, possible or impossible, for an input whose report is missing; worst level first."""
    rule = parts_cover_on(today())
    reported = lamp.need.reported_at
    low, high = bounds_of(rule, lamp.cover_days, reported, today(), ZoneInfo(authority().time_zone))
    mildest, worst = ranks_between(rule.core, np.array([low]), np.array([high]))
    return said_of(rule.core, int(mildest[0]), int(worst[0]))


def bounds_of(
    rule: Rule, cover: float | None, reported_at: dt.datetime | None, day: dt.date, zone: ZoneInfo
) -> tuple[float, float]:
    """Between which days of cover an input without a present report lies.

    At least what is left of the last report when nothing has come since; at most what the rule gives as plausible, or
    what was reported where that is more.
    """
    least = rule.core.missing.least or 0.0
    most = rule.core.missing.most or 2 * max(one.below_days for one in rule.thresholds)
    if cover is None or reported_at is None:
        return least, most
    age = max(0, (day - reported_at.astimezone(zone).date()).days)
    return max(least, cover - age), max(most, cover)


def _parts(
    user: "User", rule: Rule, *, region: str = "", chain: str = "", enterprises: Iterable[int] | None = None
) -> Mapping[int, list[_Part]]:
    """The inputs in use of the enterprises that have one without a report, as intervals."""
    rows = filter_lamps(visible_lamps(user), region=region, chain=chain).exclude(level=Level.NOT_IN_USE)
    silent = rows.filter(level=Level.NO_DATA).order_by().values("enterprise_id")
    rows = (
        rows.filter(enterprise_id__in=silent) if enterprises is None else rows.filter(enterprise__in=list(enterprises))
    )
    day, zone = today(), ZoneInfo(authority().time_zone)
    found: dict[int, list[_Part]] = defaultdict(list)
    fields = ("pk", "enterprise_id", "level", "cover_days", "need__reported_at")
    for pk, enterprise, level, cover, reported_at in rows.order_by("enterprise_id", "pk").values_list(*fields):
        known = level != Level.NO_DATA and cover is not None
        low, high = (cover, cover) if known else bounds_of(rule, cover, reported_at, day, zone)
        found[enterprise].append(_Part(pk, low, high))
    return found
