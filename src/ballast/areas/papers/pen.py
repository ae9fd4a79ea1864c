"""Turn stored facts into the facts of a page: text in the language in force, link filled in."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ballast.areas.papers import wording
from ballast.areas.papers.blocks import Fact, Heading

__all__ = ["Pen"]


@dataclass(frozen=True)
class Pen:
    """Writes the facts of one paper. `facts` names the authority: its currency and time zone."""

    facts: dict[str, Any]
    cut_off: dt.datetime

    @property
    def currency(self) -> str:
        """The authority's currency code."""
        return str(self.facts["authority"]["currency"])

    @property
    def zone(self) -> ZoneInfo:
        """The authority's time zone."""
        return ZoneInfo(self.facts["authority"]["time_zone"])

    def link(self, href: str) -> str:
        """A stored link as the paper prints it."""
        return href

    def heading(self, number: int, text: str) -> Heading:
        """The head of a numbered section; the number links to the section itself."""
        anchor = f"s{number}"
        return Heading((Fact(f"section.{number}", number, str(number), f"#{anchor}"), " " + text), anchor)

    def counted(self, key: str, figure: dict[str, Any]) -> Fact:
        """A stored figure as a whole number."""
        return Fact(key, figure["value"], wording.count(figure["value"]), self.link(figure["href"]))

    def plain(self, key: str, value: float | None, href: str) -> Fact:
        """A whole number with the link of its row."""
        return Fact(key, value, wording.count(value), self.link(href))

    def money(self, key: str, value: float | None, href: str) -> Fact:
        """An amount with its currency."""
        rounded = None if value is None else round(value, 2)
        return Fact(key, rounded, wording.money(value, self.currency), self.link(href))

    def cover(self, key: str, value: float | None, href: str) -> Fact:
        """Days of cover."""
        return Fact(key, value, wording.cover(value), self.link(href))

    def share(self, key: str, part: float, whole: float, href: str) -> Fact:
        """A share in per cent; "no report" when the whole is nothing."""
        value = part / whole if whole else None
        return Fact(key, value, wording.share(value), self.link(href))

    def named(self, key: str, row: dict[str, Any], href: str) -> Fact:
        """A name in the language in force; its digits are its own."""
        return Fact(key, str(row.get("id") or row.get("name")), wording.name(row) or _("not named"), href)

    def date(self, key: str, iso: str, href: str) -> Fact:
        """A date, ISO, as in tables; that of an instant is the local one."""
        if "T" in iso:
            return Fact(key, iso, dt.datetime.fromisoformat(iso).astimezone(self.zone).date().isoformat(), href)
        return Fact(key, iso, iso, href)

    def moment(self, key: str, iso: str, href: str) -> Fact:
        """An instant as local date and time of day."""
        return Fact(key, iso, wording.moment(iso, self.zone), href)
