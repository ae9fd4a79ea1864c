"""What lines of the story say of the clocks, in the language of the page."""

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.cases.clocks.models import Extension, WaitingFor
from ballast.areas.reference.selectors import authority

if TYPE_CHECKING:
    from ballast.areas.cases.models import CaseEntry

__all__ = ["ASKED", "DUE", "GOES_ON", "GRANTED", "REFUSED", "WAITS", "clock_said", "clock_words"]

# Moves of lines that no pack names: the case waits, goes on, more time was asked for, granted, refused; and what the
# system tells: due at another time.
WAITS, GOES_ON, DUE = "clock_waits", "clock_goes_on", "clock_due"
ASKED, GRANTED, REFUSED = "clock_asked", "clock_extended", "clock_refused"


def clock_words(line: "CaseEntry") -> str:
    """What the line is about; "" for one that is not about the clocks."""
    facts = line.facts
    match line.move:
        case "clock_waits":
            whom = dict(WaitingFor.choices).get(facts["whom"], facts["whom"])
            day = date_format(dt.date.fromisoformat(facts["until"]), "D m-d")
            return _("Waits for {whom}; goes on by {day} at the latest").format(whom=whom, day=day)
        case "clock_goes_on":
            return _("Goes on; the clocks run")
        case "clock_extended":
            return _more(facts["days"], facts["clock"], _("granted"))
        case "clock_due":
            return _("Due at another time")
    return ""


def _more(days: int, clock: str, what: str) -> str:
    words = ngettext("{count} working day more ({clock}): {what}", "{count} working days more ({clock}): {what}", days)
    return words.format(count=days, clock=dict(Extension.Clock.choices).get(clock, clock), what=what)


def clock_said(line: "CaseEntry") -> str:
    """What was written; for lines of the clocks with what they say beside the words of the person."""
    facts = line.facts
    match line.move:
        case "clock_asked":
            return "\n".join([_more(facts["days"], facts["clock"], _("asked for")), line.text])
        case "clock_refused":
            return "\n".join([_more(facts["days"], facts["clock"], _("refused")), line.text])
        case "clock_due":
            return _moved(facts)
    return line.text


def _moved(facts: dict[str, object]) -> str:
    """From when to when, and why."""
    due = facts["due"]
    assert isinstance(due, list)  # noqa: S101 - written by dues alone
    zone = ZoneInfo(authority().time_zone)
    before, after = (dt.datetime.fromisoformat(text).astimezone(zone) for text in due)
    why = {
        "policy": _("the policy has a new version"),
        "calendar": _("the working calendar has a new version"),
        "forecast": _stops(facts.get("stops")),
    }.get(str(facts["why"]), str(facts["why"]))
    told = {"before": date_format(before, "D m-d H:i"), "after": date_format(after, "D m-d H:i"), "why": why}
    if after > before:
        return _("Due {after} instead of {before}: more time, because {why}.").format(**told)
    return _("Due {after} instead of {before}: less time, because {why}.").format(**told)


def _stops(stops: object) -> str:
    """How the forecast of the site's stop changed."""
    before, after = stops if isinstance(stops, list) else (None, None)
    days = [date_format(dt.date.fromisoformat(text), "D m-d") if text else "" for text in (before, after)]
    if not days[1]:
        return _("by the newest forecast the site does not stop")
    if not days[0]:
        return _("by the newest forecast the site stops {day}").format(day=days[1])
    return _("by the newest forecast the site stops {day}, not {before}").format(day=days[1], before=days[0])
