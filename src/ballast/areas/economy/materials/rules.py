"""The rules of the board that are in force on a day, and the part of the year in which some of them watch."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from ballast.areas.alerts.rulebook.in_force import pack_on, shipped
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.economy.models import Commodity
from ballast.areas.reference.models import in_language
from ballast.core.warning import Rule
from ballast.core.warning import Season as Window

__all__ = ["COVER", "GAP", "PRICE", "SHORT", "TREND", "Watch", "covers", "rules_on", "watches_of"]

# What the price lamp shows, its second sight, and the three signals of supply.
PRICE, TREND, COVER, GAP, SHORT = "price-ifpa", "price-alps", "bulk-cover", "bulk-gap", "bulk-short"
_DAYS_OF_A_YEAR = 366


@dataclass(frozen=True)
class Watch:
    """A window of a seasonal rule: open with its last day, or closed with the day on which it opens.

    `begun` is the day on which it opened, or will open.
    """

    rule: Rule
    window: Window
    open: bool
    day: dt.date
    begun: dt.date

    @property
    def title(self) -> str:
        """What the window is for, in the language of the page."""
        return in_language(self.window.title, self.window.title_zh)


def rules_on(day: dt.date) -> dict[str, Rule]:
    """Every rule by name as it is in force on a day; one that a version dropped stands as it is shipped."""
    changed = set(PackVersion.objects.filter(state=PackVersion.State.APPROVED).values_list("pack", flat=True))
    packs = [one.pack for one in shipped().values()] + [pack_on(name, day)[0] for name in sorted(changed)]
    return {rule.name: rule for pack in packs for rule in pack.rules}


def covers(rule: Rule, commodity: Commodity) -> bool:
    """Whether a rule on commodities speaks of one: of all when it names none, else by its identifier or product."""
    names = {commodity.commodity_id, commodity.product_id}
    return rule.subjects.kind == "commodity" and (
        not rule.subjects.products or bool(names & set(rule.subjects.products))
    )


def watches_of(commodity: Commodity, day: dt.date, rules: Mapping[str, Rule]) -> list[Watch]:
    """The seasonal windows for a commodity, open ones first, then those that open soonest.

    A rule is for a commodity when its subjects name the commodity or its product.
    """
    found = [
        _watch(one, window, day)
        for one in rules.values()
        if one.subjects.kind == "commodity" and one.subjects.products and covers(one, commodity) and one.in_force(day)
        for window in one.seasons
    ]
    return sorted(found, key=lambda watch: (not watch.open, watch.day))


def _watch(one: Rule, window: Window, day: dt.date) -> Watch:
    """The window as it stands on a day: it opens and ends by the calendar alone."""
    is_open = window.covers(day)
    turn = _turn(window, day, 1)
    if not is_open:
        return Watch(one, window, is_open, turn, turn)
    step = dt.timedelta(days=1)
    return Watch(one, window, is_open, turn - step, _turn(window, day, -1) + step)


def _turn(window: Window, day: dt.date, step: int) -> dt.date:
    """The first day, forward or back, on which the window stands otherwise; the day itself when it never does."""
    for ahead in range(1, _DAYS_OF_A_YEAR + 1):
        turn = day + dt.timedelta(days=step * ahead)
        if window.covers(turn) != window.covers(day):
            return turn
    return day
