"""Figures for a lamp's page as plain numbers that a template draws."""

from typing import NamedTuple

from ballast.areas.alerts.rules import Rule

__all__ = ["Band", "Bullet", "bullet"]

_WIDTH = 600


class Band(NamedTuple):
    """One level on the scale: where it begins in days, its place and width."""

    level: str
    begin: float
    x: float
    width: float


class Bullet(NamedTuple):
    """The scale in bands from red to normal, and where the value stands (None when unknown)."""

    bands: list[Band]
    value: float | None
    width: int

    @property
    def anchor(self) -> str:
        """How the value's words stand at its mark, so that they stay on the scale."""
        if self.value is None or 40 < self.value < self.width - 40:
            return "middle"
        return "start" if self.value <= 40 else "end"


def bullet(cover_days: float | None, rule: Rule) -> Bullet:
    """Days of cover on the rule's thresholds; the scale ends a half beyond the last threshold or at the value."""
    last = max(one.below_days for one in rule.thresholds)
    most = max(last * 1.5, min(cover_days or 0.0, last * 3))
    bands, begin = [], 0.0
    for one in sorted(rule.thresholds, key=lambda t: t.below_days):
        bands.append(Band(one.level, begin, _at(begin, most), _at(one.below_days - begin, most)))
        begin = one.below_days
    bands.append(Band("normal", begin, _at(begin, most), _at(most - begin, most)))
    value = None if cover_days is None else _at(min(cover_days, most), most)
    return Bullet(bands, value, _WIDTH)


def _at(days: float, most: float) -> float:
    return round(days / most * _WIDTH, 1)
