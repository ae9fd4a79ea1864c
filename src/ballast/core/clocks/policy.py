"""Policies: how much time each clock has, on which calendar, and what pauses or stops it, by versions."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from ballast.core.clocks.log import Category, Standing
from ballast.core.clocks.stretches import in_utc

__all__ = ["PART", "RESOLUTION", "RESPONSE", "Budget", "ClockName", "Policy", "Rule", "policy_for"]

RESPONSE: Final = "response"
RESOLUTION: Final = "resolution"
PART: Final = "part"


class ClockName(NamedTuple):
    """Which clock: "response", "resolution", or the "part" of an agency."""

    clock: str
    agency: str = ""


@dataclass(frozen=True)
class Budget:
    """So many working days after the clock began, at the local time `until` or else at its own time of day, and so
    many working minutes more. ValueError when both are 0 or one is below.

    >>> Budget(days=3, until=dt.time(18)).days
    3
    """

    days: int = 0
    minutes: int = 0
    until: dt.time | None = None

    def __post_init__(self) -> None:
        if min(self.days, self.minutes) < 0 or not self.days + self.minutes:
            msg = f"a budget of {self.days} days and {self.minutes} minutes; give days or minutes, none below 0."
            raise ValueError(msg)
        if self.until and not self.days:
            msg = f"a budget of minutes cannot end at {self.until}; give it days, or leave the hour out."
            raise ValueError(msg)


@dataclass(frozen=True)
class Rule:
    """Budget and calendar of one clock for cases of a kind, priority and agency; "" stands for any.

    An agency "city" is meant with what is inside of it ("city/energy"); "/energy" is what is called so inside of any.
    ValueError for a clock without such a name, and for an agency where the clock is not that of a part.
    """

    clock: str
    budget: Budget
    calendar: str
    kind: str = ""
    priority: str = ""
    agency: str = ""
    pauses: frozenset[Category] = frozenset({Category.PAUSED})
    stops: frozenset[Category] = frozenset({Category.RESOLVED, Category.CLOSED})

    def __post_init__(self) -> None:
        if self.clock not in {RESPONSE, RESOLUTION, PART}:
            msg = f"there is no clock {self.clock!r}; use {RESPONSE}, {RESOLUTION} or {PART}."
            raise ValueError(msg)
        if self.agency and self.clock != PART:
            msg = f"the clock {self.clock!r} is of the whole case, not of {self.agency!r}; only {PART} has an agency."
            raise ValueError(msg)

    def fits(self, name: ClockName, standing: Standing) -> bool:
        """Whether the rule is for this clock of a case that stands so."""
        asked = ((self.kind, standing.kind), (self.priority, standing.priority))
        fitting = self.clock == name.clock and all(mine in ("", its) for mine, its in asked)
        return fitting and _meant(self.agency, name.agency)


def _meant(mine: str, agency: str) -> bool:
    """Whether a rule for `mine` is for an agency; "/" stands between one and what is inside of it."""
    if mine.startswith("/"):
        return agency.endswith(mine)
    return mine in ("", agency) or agency.startswith(f"{mine}/")


@dataclass(frozen=True)
class Policy:
    """A version of the rules from an instant on; of several rules that fit, the first is taken.

    `running` says whether cases filed before go over to it.
    """

    version: str
    since: dt.datetime
    rules: tuple[Rule, ...]
    running: bool = True

    def rule(self, name: ClockName, standing: Standing) -> Rule | None:
        """The rule for a clock; None where the policy gives it none."""
        return next((rule for rule in self.rules if rule.fits(name, standing)), None)


def policy_for(policies: Iterable[Policy], *, filed: dt.datetime, at: dt.datetime) -> Policy | None:
    """The version in force at an instant for a case filed at another; None before the first.

    Of two from one instant on, the later in the order of their labels is in force.
    """
    begun = [(in_utc(p.since), p.version, p) for p in policies]
    mine = [(s, v, p) for s, v, p in begun if s <= at and (p.running or s <= filed)]
    return max(mine, key=lambda row: row[:2])[2] if mine else None
