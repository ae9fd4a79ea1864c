"""The parts-cover rule: its pack, and what it says about one input. No database, no clock."""

import datetime as dt
import functools
from dataclasses import dataclass

from ballast.areas.alerts.models import Level
from ballast.areas.alerts.packs import PACKS, read_pack_file
from ballast.areas.reference.models import in_language
from ballast.core.cover import days_of_cover
from ballast.core.lamps import BLUE_BELOW, RED_BELOW, YELLOW_BELOW, parts_cover_level

__all__ = ["SEVERITY", "Rule", "Threshold", "Verdict", "effective", "judge", "parts_cover"]

_PACK = PACKS / "parts_cover.toml"
_CORE = {"red": RED_BELOW, "yellow": YELLOW_BELOW, "blue": BLUE_BELOW}
SEVERITY = {str(level): rank for rank, level in enumerate(Level.values)}


@dataclass(frozen=True)
class Threshold:
    """A level and the days of cover strictly below which it holds."""

    level: str
    below_days: float
    proposal: bool
    source: str
    source_zh: str

    @property
    def why(self) -> str:
        """Where the threshold comes from, in the language of the page."""
        return in_language(self.source, self.source_zh)


@dataclass(frozen=True)
class Rule:
    """The rule as its pack gives it; thresholds from worst to mildest."""

    name: str
    version: str
    thresholds: tuple[Threshold, ...]
    stale_after_days: int
    stale_proposal: bool
    stale_source: str
    stale_source_zh: str

    @property
    def stale_why(self) -> str:
        """Why a report grows stale after that time, in the language of the page."""
        return in_language(self.stale_source, self.stale_source_zh)

    @property
    def label(self) -> str:
        """Name and version, as stored with every change of a lamp."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Verdict:
    """What the rule says of one input: level, days of cover (None when not known), and why there are no data."""

    level: str
    cover_days: float | None
    missing: str = ""  # "", "never", "stale"


@functools.cache
def parts_cover() -> Rule:
    """The rule of the pack. ValueError when a threshold differs from the one that the engine applies."""
    rule = read_pack_file(_PACK).rule("parts-cover")
    thresholds = []
    for limit in rule.limits:
        if limit.below is None or _CORE.get(limit.level) != limit.below:
            given = f"{limit.level} is {limit.said()} days, the engine says below {_CORE.get(limit.level)}"
            msg = f"{_PACK.name}: {given}."
            raise ValueError(msg)
        thresholds.append(Threshold(limit.level, limit.below, limit.proposal, limit.source, limit.source_zh))
    missing = rule.missing
    if missing.stale_after is None:
        msg = f"{_PACK.name}: stale_after is missing; give the days after which a report no longer speaks for today."
        raise ValueError(msg)
    stale = missing.stale_after, missing.proposal, missing.source, missing.source_zh
    return Rule(rule.name, rule.version, tuple(thresholds), *stale)


def judge(
    *,
    stock: float | None,
    blocked_stock: float,
    daily_use: float,
    reported_on: dt.date | None,
    today: dt.date,
    rule: Rule,
) -> Verdict:
    """Level of one input on a day. An unknown stock, or a report that is too old, gives no data, never a colour."""
    if daily_use == 0:
        return Verdict(Level.NOT_IN_USE, None)
    cover = days_of_cover(stock, daily_use, blocked_stock)
    if cover is None:
        return Verdict(Level.NO_DATA, None, "never")
    if reported_on is None or (today - reported_on).days > rule.stale_after_days:
        return Verdict(Level.NO_DATA, cover, "stale")
    return Verdict(parts_cover_level(cover, daily_use), cover)


def effective(level: str, held: str) -> str:
    """The level that counts: the one held from before while data are missing."""
    return held if level == Level.NO_DATA and held else level
