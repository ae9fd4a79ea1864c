"""Turn stored facts into the facts of a page: text in the language in force, link filled in."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ballast.areas.briefs import wording
from ballast.areas.briefs.blocks import Fact, Heading, Parts
from ballast.areas.briefs.facts.versions import DAY

__all__ = ["Pen"]


@dataclass(frozen=True)
class Pen:
    """Writes the facts of one brief."""

    facts: dict[str, Any]
    cut_off: dt.datetime

    @property
    def currency(self) -> str:
        """The authority's currency code."""
        return str(self.facts["authority"]["currency"])

    @property
    def counts_the_day(self) -> bool:
        """Whether new means since midnight, not over 24 hours as in briefs of the first version."""
        return bool(self.facts["window"] == DAY)

    @property
    def since(self) -> dt.datetime:
        """Where that begins which the brief calls new."""
        if self.counts_the_day:
            zone = ZoneInfo(self.facts["authority"]["time_zone"])
            return dt.datetime.combine(dt.date.fromisoformat(self.facts["day"]), dt.time(), zone)
        return self.cut_off - dt.timedelta(days=1)

    def heading(self, number: int, text: str) -> Heading:
        """The head of a numbered section; the number links to the section itself."""
        anchor = f"s{number}"
        return Heading((Fact(f"section.{number}", number, str(number), f"#{anchor}"), " " + text), anchor)

    def link(self, href: str) -> str:
        """The link with the brief's window in the place of `{since}` and `{until}`."""
        return href.replace("{since}", _instant(self.since)).replace("{until}", _instant(self.cut_off))

    def figure(self, key: str) -> dict[str, Any]:
        """A stored figure by its id."""
        found: dict[str, Any] = self.facts["figures"][key]
        return found

    def count(self, key: str) -> Fact:
        """A stored figure as a whole number."""
        return self.counted(key, self.figure(key))

    def counted(self, key: str, figure: dict[str, Any]) -> Fact:
        """A figure that stands outside the table of figures, as a whole number."""
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
            zone = ZoneInfo(self.facts["authority"]["time_zone"])
            return Fact(key, iso, dt.datetime.fromisoformat(iso).astimezone(zone).date().isoformat(), href)
        return Fact(key, iso, iso, href)

    def event(self, key: str, row: dict[str, Any] | None, href: str) -> Parts:
        """What an event is called and where it holds; nothing of one outside the brief's scope."""
        if row is None:
            return (_("no single event"),)
        if row.get("hidden"):
            return (_("an event at a site outside your scope"),)
        link = f"/cases/{row['cases'][0]}/" if row["cases"] else href
        event = self.named(key, row, link)
        # A place that has no name in this language would only be noise beside the event's own.
        place = row["place"]["name_zh"] if wording.chinese() else row["place"]["name"]
        if not wording.chinese() and place == row["place"]["name_zh"]:
            place = ""
        if not place or place in event.text:
            return (event,)
        return wording.sentence(_("{event} ({place})"), event=event, place=Fact(f"{key}.place", place, place, link))

    def against(self, key: str, label: str) -> Parts:
        """A measure with its change against the day before: rose, fell, unchanged or not comparable."""
        figure = self.figure(key)
        now, before = figure["value"], figure["before"]
        fact = self.count(key)
        if now is None or before is None:
            return wording.sentence(_("{measure}: {now}; not comparable with the day before."), measure=label, now=fact)
        by = Fact(f"{key}.change", now - before, wording.count(abs(now - before)), fact.href)
        then = Fact(f"{key}.before", before, wording.count(before), f"/briefs/{_day_before(self.facts['day'])}/")
        if now > before:
            text = _("{measure}: {now}, a rise of {by} from {before} the day before.")
        elif now < before:
            text = _("{measure}: {now}, a fall of {by} from {before} the day before.")
        else:
            text = _("{measure}: {now}, unchanged from the day before.")
        return wording.sentence(text, measure=label, now=fact, by=by, before=then)


def _instant(value: dt.datetime) -> str:
    return quote(value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), safe=":")


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
