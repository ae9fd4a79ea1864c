"""How counts of problems are shown: their words, their chart, their rows of an export, the cases behind them."""

import datetime as dt
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.cases.packs.in_force import PROBLEM
from ballast.areas.cases.selectors import day_bounds
from ballast.areas.economy.filings.judging import Signal
from ballast.areas.economy.filings.selectors import EVERYWHERE, Counted, kinds_of_problems
from ballast.areas.reference.models import in_language
from ballast.areas.reference.selectors import authority

__all__ = ["ALL", "Shown", "head", "kind_of", "row", "shown"]

# What an address calls all kinds together.
ALL = "all"


class SignalShown(NamedTuple):
    """What one rule says, in words."""

    signal: Signal
    title: str
    text: str
    limits: str


class Shown(NamedTuple):
    """One count with its words and links."""

    of: Counted
    place: str
    kind: str
    page: str
    cases: str
    signals: list[SignalShown]

    @property
    def words(self) -> str:
        """What the sparkline shows, for who does not see it."""
        most = max(self.of.days, default=0)
        return _("Filings of each of the last {days} days: at most {most}, today {today}").format(
            days=len(self.of.days), most=most, today=self.of.today
        )


def kind_of(word: str) -> str:
    """The kind that an address names."""
    return "" if word == ALL else word


def shown(one: Counted, last: dt.date) -> Shown:
    """The count as a page shows it; `last` is the last day counted."""
    place = one.region.label if one.region else _("All of your scope")
    kind = kinds_of_problems().get(one.kind, one.kind) if one.kind else _("All kinds")
    page = reverse("economy:count", args=[one.code]) + (f"?kind={one.kind}" if one.kind else "")
    return Shown(one, place, kind, page, _cases(one, last), [_signal(signal) for signal in one.signals])


def _cases(one: Counted, last: dt.date) -> str:
    """The problems of the last seven days as a list of cases."""
    begin = day_bounds(last - dt.timedelta(days=6), authority().time_zone)[0]
    asked = {"pack": PROBLEM, "kind": one.kind, "home": "" if one.code == EVERYWHERE else one.code, "state": "all"}
    asked["filed_from"] = begin.isoformat()
    return f"{reverse('cases:list')}?{urlencode({key: value for key, value in asked.items() if value})}"


def _signal(signal: Signal) -> SignalShown:
    rule = signal.rule
    limits = " · ".join(f"{limit.level} {limit.said()}" for limit in rule.limits)
    if not signal.too_short:
        text = "–" if signal.score is None else f"{signal.score:+.2f}"
    elif rule.period == "week":
        text = ngettext("too short: {had} of {needs} week", "too short: {had} of {needs} weeks", signal.needs)
    else:
        text = ngettext("too short: {had} of {needs} day", "too short: {had} of {needs} days", signal.needs)
    text = text.format(had=signal.had, needs=signal.needs)
    return SignalShown(signal, in_language(rule.title, rule.title_zh), text, limits)


def head() -> list[str]:
    """Heads of the export."""
    return ["region", "kind", "level", "since", "today", "last_7_days", "problems_7_days", "expected", "bound"]


def row(one: Counted) -> list[str | int | float | dt.date | None]:
    """One line of the export."""
    mean, bound = (one.expected.mean, one.expected.bound) if one.expected else (None, None)
    return [one.code, one.kind or ALL, one.level, one.since, one.today, one.week, one.problems, mean, bound]
