"""The due times of a case that nothing ever held, without replaying its log: what most cases are, by the thousand.

They are what `deadlines` gives; a test compares the two.
"""

import datetime as dt
from functools import lru_cache

from ballast.areas.cases.clocks.log import Story
from ballast.areas.cases.clocks.rules import Rules
from ballast.core.clocks import Calendar, Category, ClockName, Filed, Policy, Replied, Rule, undisturbed
from ballast.core.clocks.log import Standing
from ballast.core.clocks.policy import policy_for

__all__ = ["quick_dues"]

_NAMES = ("response", "resolution", "part")
_HOLDING = (Category.OPEN,)
_EVER = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


def quick_dues(pack: str, story: Story, rules: Rules, at: dt.datetime) -> dict[str, dt.datetime | None] | None:
    """Due times (UTC) by clock as they stand at an instant, None for a clock without a rule.

    None altogether for a log that holds more than the filing and answers: that one is to be replayed.
    """
    first, *rest = story.log.entries
    if not isinstance(first, Filed) or any(not isinstance(entry, Replied) for entry in rest):
        return None
    policies = rules.policies.get(pack, ())
    answered = rest[0].at if rest and rest[0].at <= at else at
    found: dict[str, dt.datetime | None] = {}
    for clock in _NAMES:
        judged_at = max(first.at, answered if clock == "response" else at)
        policy = policy_for(policies, filed=first.at, at=judged_at)
        rule = _rule(policy, clock, first.kind, first.agency) if policy else None
        if rule is None:
            found[clock] = None
            # A version without the rule may have come between: only the log says how the clock stands then.
            if len(policies) > 1:
                return None
            continue
        if rule.pauses.union(rule.stops).intersection(_HOLDING):
            return None
        found[clock] = _due(rule, rules.calendars[rule.calendar], first.at)
    return found


# By identity: the rules of a policy are long, and their hash takes longer than the search.
_found: dict[tuple[int, str, str, str], tuple[Policy, Rule | None]] = {}


def _rule(policy: Policy, clock: str, kind: str, agency: str) -> Rule | None:
    key = (id(policy), clock, kind, agency)
    known = _found.get(key)
    if known is None or known[0] is not policy:
        if len(_found) > 10_000:
            _found.clear()
        name = ClockName(clock, agency if clock == "part" else "")
        known = _found[key] = (policy, policy.rule(name, Standing(_EVER, kind, "", agency)))
    return known[1]


def _due(rule: Rule, calendar: Calendar, begun: dt.datetime) -> dt.datetime:
    budget = rule.budget
    if budget.until is None or budget.minutes:
        return undisturbed(rule, calendar, begun).astimezone(dt.UTC)
    return _due_by_date(calendar, begun.astimezone(calendar.zone).date(), budget.days, budget.until)


@lru_cache(maxsize=10_000)
def _due_by_date(calendar: Calendar, date: dt.date, days: int, until: dt.time) -> dt.datetime:
    return calendar.at(calendar.working_day(date, days), until)
