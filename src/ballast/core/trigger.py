"""When a prepared measure is proposed: lamps of a place counted day by day, and how long the count has held.

The count is judged as every warning rule is (`ballast.core.warning`): one limit, held for a number of days.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.core.warning import Grade, Limit, Rule, Scheme, States, Subjects, feed, standing

__all__ = ["MEASURES", "Holding", "Trigger", "counted", "holding"]

# What can be counted: inputs whose lamp is at the level or worse, or the share (%) of plants that have such an input.
MEASURES: Final = ("count", "share")
_ON = "on"
_SCHEME = Scheme("on-off", (Grade(_ON, "limit passed", "超过限值"),))


@dataclass(frozen=True)
class Trigger:
    """At least so much of the measure on so many days one after the other, the present one among them.

    ValueError for a limit that is always or never met, and for less than one day.
    """

    measure: Literal["count", "share"]
    at_least: float
    days: int = 1

    def __post_init__(self) -> None:
        most = 100.0 if self.measure == "share" else float("inf")
        if not 0 < self.at_least <= most:
            msg = f"{self.at_least:g} of {self.measure}; give more than 0" + (
                " and at most 100." if most == 100 else "."
            )
            raise ValueError(msg)
        if self.days < 1:
            msg = f"{self.days} days; give at least 1."
            raise ValueError(msg)

    @property
    def rule(self) -> Rule:
        """The trigger as a warning rule with one level."""
        limit = Limit(_ON, at_least=self.at_least, hold=self.days - 1)
        unit = "%" if self.measure == "share" else "1"
        return Rule("trigger", "", _SCHEME, Subjects("region"), f"lamps_{self.measure}", (limit,), unit=unit)


class Holding(NamedTuple):
    """Whether a trigger holds on the last day, and the first of the days on which its count held without a break.

    `since` counts from the first day of the values; None while the count is below the limit.
    """

    holds: bool
    since: int | None


def counted(measure: str, lit: NDArray[np.bool_], plants: NDArray[np.intp], number: int) -> NDArray[np.float64]:
    """The measure on each of T days; `lit` [T, n] inputs at the level, `plants` [n] the plant of each, of `number`.

    A share without plants is 0.

    >>> counted("share", np.array([[True, True, False]]), np.array([0, 0, 1]), 2).tolist()
    [50.0]
    """
    if measure == "count":
        found: NDArray[np.float64] = lit.sum(axis=1).astype(np.float64)
        return found
    hit = [int(np.count_nonzero(np.bincount(plants[row], minlength=number))) for row in lit]
    return np.array(hit, np.float64) * (100.0 / number if number else 0.0)


def holding(trigger: Trigger, values: NDArray[np.float64]) -> Holding:
    """Whether the trigger holds on the last of T >= 1 days, one value [T] a day.

    >>> holding(Trigger("count", 1, days=3), np.array([0.0, 1.0, 2.0, 1.0]))
    Holding(holds=True, since=1)
    """
    rule = trigger.rule
    *_before, states = feed(rule, States.start(rule, 1), 0, values[:, None])
    below = np.flatnonzero(~rule.limits[0].seen(values))
    since = int(below[-1]) + 1 if len(below) else 0
    return Holding(standing(rule, states).level == _ON, since if since < len(values) else None)
