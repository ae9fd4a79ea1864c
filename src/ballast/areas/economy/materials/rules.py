"""The rules of the board, from the packs that are shipped, and the part of the year in which some of them watch."""

import datetime as dt
import functools
from dataclasses import dataclass

from ballast.areas.alerts.packs import read_pack_file, shipped_packs
from ballast.areas.economy.models import Commodity
from ballast.areas.reference.models import in_language
from ballast.core.warning import Rule
from ballast.core.warning import Season as Window

__all__ = ["COVER", "GAP", "PRICE", "TREND", "Watch", "rule", "watches_of"]

# What the price lamp shows, its second sight, and the two halves of supply.
PRICE, TREND, COVER, GAP = "price-ifpa", "price-alps", "bulk-cover", "bulk-gap"
_DAYS_OF_A_YEAR = 366


@dataclass(frozen=True)
class Watch:
    """A window of a seasonal rule: open with its last day, or closed with the day on which it opens."""

    rule: Rule
    window: Window
    open: bool
    day: dt.date

    @property
    def title(self) -> str:
        """What the window is for, in the language of the page."""
        return in_language(self.window.title, self.window.title_zh)


@functools.cache
def _shipped() -> dict[str, Rule]:
    return {rule.name: rule for path in shipped_packs() for rule in read_pack_file(path).rules}


def rule(name: str) -> Rule:
    """A shipped rule. KeyError when there is none of the name."""
    return _shipped()[name]


def watches_of(commodity: Commodity, day: dt.date) -> list[Watch]:
    """The seasonal windows for a commodity, open ones first, then those that open soonest.

    A rule is for a commodity when its subjects name the commodity or its product.
    """
    names = {commodity.commodity_id, commodity.product_id}
    found = [
        _watch(one, window, day)
        for one in _shipped().values()
        if one.subjects.kind == "commodity" and names & set(one.subjects.products) and one.in_force(day)
        for window in one.seasons
    ]
    return sorted(found, key=lambda watch: (not watch.open, watch.day))


def _watch(one: Rule, window: Window, day: dt.date) -> Watch:
    """The window as it stands on a day: it opens and ends by the calendar alone."""
    begun = window.covers(day)
    for ahead in range(1, _DAYS_OF_A_YEAR + 1):
        turn = day + dt.timedelta(days=ahead)
        if window.covers(turn) != begun:
            return Watch(one, window, begun, turn - dt.timedelta(days=1) if begun else turn)
    return Watch(one, window, begun, day)
