"""The lamp of one count of reported problems without regard to a person's scope: for the conditions of the reserve."""

import datetime as dt
from typing import NamedTuple

from ballast.areas.accounts.access import Scope
from ballast.areas.economy.filings.counting import filings_within
from ballast.areas.economy.filings.judging import judged, rules_on_counts, worst
from ballast.areas.economy.materials.rules import rules_on

__all__ = ["CountLevel", "level_of_count"]


class CountLevel(NamedTuple):
    """The level of a count and since when; `week` are the filings of the last seven days, today included."""

    level: str
    since: dt.date | None
    week: int


def level_of_count(region: str, chain: str, kind: str) -> CountLevel:
    """What the rules in force say of the filings of a kind ("" for all) in a place ("" for the whole authority)."""
    scope = Scope(places=((region, chain),)) if region or chain else Scope(everything=True)
    found = filings_within(scope)
    column = found.column(found.regions, kind)
    rules = rules_on_counts(list(rules_on(found.last).values()), found.last)
    level, since = worst([judged(rule, column, found.last) for rule in rules if rule.subjects.region in ("", region)])
    return CountLevel(str(level), since, int(column[-7:].sum()))
