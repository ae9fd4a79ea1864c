"""A warning rule: what is measured of whom, where each level begins, and how long it must hold either way."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ballast.core.warning.scheme import Scheme

__all__ = ["TOLERANCE", "Limit", "Missing", "Rule", "Season", "Subjects"]

# 0.3 / 0.1 gives 2.9999999999999996 in binary arithmetic and is three days all the same.
TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Limit:
    """Where one level begins, in the unit of the measure: on one side or on both.

    `below` and `above` are strict, `at_most` and `at_least` are not. `hold` and `keep` count periods of the rule on
    which there was a value: the level is raised when it was seen `hold` periods after it was first seen, and lowered
    when it was not seen for `keep` periods after the first good value. A good value is one beyond the limit by
    `margin`. ValueError for a limit without a side, with two on one side, or that every value is beyond.

    >>> Limit("red", below=3.0).met(2.99), Limit("red", below=3.0).met(3.0)
    (True, False)
    """

    level: str
    below: float | None = None
    above: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    hold: int = 0
    keep: int = 0
    margin: float = 0.0
    proposal: bool = False
    source: str = ""
    source_zh: str = ""

    def __post_init__(self) -> None:
        low, high = (self.below, self.at_most), (self.above, self.at_least)
        if all(side is None for side in (*low, *high)):
            msg = f"{self.level} has no limit; give below, at_most, above or at_least."
            raise ValueError(msg)
        if None not in low or None not in high:
            pair = "below and at_most" if None not in low else "above and at_least"
            msg = f"{self.level} has {pair}; give one of them."
            raise ValueError(msg)
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            msg = f"{self.level}: every value is below {self.lower:g} or above {self.upper:g}; leave a gap between."
            raise ValueError(msg)

    @property
    def lower(self) -> float | None:
        """The limit on the low side, None without one."""
        return self.below if self.below is not None else self.at_most

    @property
    def upper(self) -> float | None:
        """The limit on the high side, None without one."""
        return self.above if self.above is not None else self.at_least

    def seen(self, values: NDArray[np.float64], *, margin: float = 0.0) -> NDArray[np.bool_]:
        """Where the values are at the level; with a margin also those that are not beyond it by as much.

        Values that are not known (nan) are never at a level.
        """
        found = np.zeros(values.shape, dtype=np.bool_)
        if self.below is not None:
            found |= values < self.below + margin - TOLERANCE
        if self.at_most is not None:
            found |= values <= self.at_most + margin + TOLERANCE
        if self.above is not None:
            found |= values > self.above - margin + TOLERANCE
        if self.at_least is not None:
            found |= values >= self.at_least - margin - TOLERANCE
        return found

    def met(self, value: float, *, margin: float = 0.0) -> bool:
        """Whether one value is at the level."""
        return bool(self.seen(np.array([value]), margin=margin)[0])

    def said(self) -> str:
        """The limit in words: "below 3 or at least 9"."""
        sides = (("below", self.below), ("at most", self.at_most), ("above", self.above), ("at least", self.at_least))
        return " or ".join(f"{word} {value:g}" for word, value in sides if value is not None)


@dataclass(frozen=True)
class Missing:
    """What counts as missing and what follows from it; missing data never lower a level and never end a warning.

    A value older than `stale_after` days is missing (None: a value speaks for its own period only). After more than
    `after` periods in a row without a value the state is "no data". With `raise_to` that is a level of its own: who
    does not report stands at it from then on, until values come. `least` and `most` bound what a value that is missing
    can be, in the unit of the measure; None where nothing is known of that side.
    """

    after: int = 0
    stale_after: int | None = None
    raise_to: str = ""
    least: float | None = None
    most: float | None = None
    proposal: bool = False
    source: str = ""
    source_zh: str = ""


@dataclass(frozen=True)
class Season:
    """A part of the year in which a rule watches, both days included; it may run over the end of the year.

    With `review_days` what it watches is reviewed every so many days while it is open.

    >>> Season((11, 1), (2, 28)).covers(dt.date(2026, 1, 15))
    True
    """

    begin: tuple[int, int]
    end: tuple[int, int]
    title: str = ""
    title_zh: str = ""
    review_days: int | None = None

    def covers(self, day: dt.date) -> bool:
        """Whether a day is in the season."""
        here = (day.month, day.day)
        if self.begin <= self.end:
            return self.begin <= here <= self.end
        return here >= self.begin or here <= self.end


@dataclass(frozen=True)
class Subjects:
    """What a rule speaks of: a kind of subject, narrowed by region, chains, products or series; "" and () stand for
    all."""

    kind: str
    region: str = ""
    chains: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    series: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A version of a warning rule; limits from worst to mildest.

    `period` is "day", "week" or "month": one value of a subject belongs to each, and `hold`, `keep` and `after` count
    them. `escalate` holds after how many periods of an open warning that nobody acknowledged the next desk above is
    told. ValueError when a level is not of the scheme, stands twice, or is milder than one that stands after it.
    """

    name: str
    version: str
    scheme: Scheme
    subjects: Subjects
    measure: str
    limits: tuple[Limit, ...]
    unit: str = ""
    period: Literal["day", "week", "month"] = "day"
    missing: Missing = field(default_factory=Missing)
    seasons: tuple[Season, ...] = ()
    escalate: tuple[int, ...] = ()
    owner: str = ""
    title: str = ""
    title_zh: str = ""
    authority: str = ""
    source: str = ""
    source_zh: str = ""
    effective_from: dt.date | None = None
    effective_until: dt.date | None = None

    def __post_init__(self) -> None:
        ranks = [self.scheme.rank(limit.level) for limit in self.limits]
        if not ranks or ranks != sorted(set(ranks), reverse=True):
            msg = f"{self.name}: levels {[limit.level for limit in self.limits]} do not fall from worst to mildest."
            raise ValueError(msg)

    @property
    def label(self) -> str:
        """Name and version, as stored with every result."""
        return f"{self.name} {self.version}"

    @property
    def counts(self) -> bool:
        """Whether the state depends on more than the last value: something is held, kept, or kept by a margin."""
        return any(limit.hold or limit.keep or limit.margin for limit in self.limits)

    def limit_of(self, rank: int) -> Limit | None:
        """The limit at which the level of a rank begins; None where the rule does not use the level."""
        return next((one for one in self.limits if self.scheme.rank(one.level) == rank), None)

    def in_force(self, day: dt.date) -> bool:
        """Whether this version holds on a day; the last day is included."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_until is None or day <= self.effective_until)

    def watches(self, day: dt.date) -> bool:
        """Whether a day is in one of the rule's seasons; always without seasons."""
        return not self.seasons or any(season.covers(day) for season in self.seasons)

    def ranks(self, values: NDArray[np.float64], *, widened: bool = False) -> NDArray[np.int8]:
        """Rank of the worst level that each value is at, 0 for none; `widened` by the margins, as for lowering."""
        found = np.zeros(values.shape, dtype=np.int8)
        for limit in reversed(self.limits):
            found[limit.seen(values, margin=limit.margin if widened else 0.0)] = self.scheme.rank(limit.level)
        return found
