"""Clocks of a case: working time, budgets by policy, and deadlines with the sum that makes them.

docs/explanation/clocks.md has the definition, an example by hand and the limits.
"""

from ballast.core.clocks.calendar import Calendar, Shift, around_the_clock, opens_at, reached, working_time
from ballast.core.clocks.deadlines import Clock, State, deadlines, undisturbed
from ballast.core.clocks.log import Category, Changed, Entry, Extended, Filed, Handed, Log, Replied, Turned
from ballast.core.clocks.policy import Budget, ClockName, Policy, Rule
from ballast.core.clocks.stretches import Reason, Stretch, total

__all__ = [
    "Budget", "Calendar", "Category", "Changed", "Clock", "ClockName", "Entry", "Extended", "Filed", "Handed", "Log",
    "Policy", "Reason", "Replied", "Rule", "Shift", "State", "Stretch", "Turned", "around_the_clock", "deadlines",
    "opens_at", "reached", "total", "undisturbed", "working_time",
]  # fmt: skip
