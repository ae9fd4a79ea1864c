"""Turn the stored facts of a brief into the facts of a page."""

import datetime as dt
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from ballast.areas.briefs.facts.versions import DAY
from ballast.areas.papers import pen, wording
from ballast.areas.papers.blocks import Fact, Parts

__all__ = ["Pen"]


class Pen(pen.Pen):
    """Writes the facts of one brief."""

    @property
    def counts_the_day(self) -> bool:
        """Whether new means since midnight, not over 24 hours as in briefs of the first version."""
        return bool(self.facts["window"] == DAY)

    @property
    def since(self) -> dt.datetime:
        """Where that begins which the brief calls new."""
        if self.counts_the_day:
            return dt.datetime.combine(dt.date.fromisoformat(self.facts["day"]), dt.time(), self.zone)
        return self.cut_off - dt.timedelta(days=1)

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
