"""Which duties hold where and when: the normal ones, and those of the modes in force. Windows of reports follow."""

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from ballast.areas.modes.models import Cadence, Switch
from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import authority, calendar, now
from ballast.areas.reference.workdays import WorkCalendar, is_working_day
from ballast.areas.registry.models import Enterprise
from ballast.areas.registry.selectors import in_chain, in_region
from ballast.core import duty

__all__ = [
    "Asked",
    "Clock",
    "Duty",
    "ModeDue",
    "asked_now",
    "clock",
    "due_in_modes",
    "duties_of",
    "in_force",
    "members",
    "normal_cadence",
    "of_mode",
]


class Duty(NamedTuple):
    """What is asked: how often stocks are reported, and whether the wider fields are; `switch` says why, None: normal.

    `due` is the next window by the authority's clock.
    """

    cadence: Cadence
    wide: bool
    switch: Switch | None
    due: dt.datetime | None


@dataclass(frozen=True)
class Clock:
    """The authority's clock at one instant, with what windows need: its zone, due time and working days."""

    instant: dt.datetime
    of: Authority

    @property
    def zone(self) -> ZoneInfo:
        """The authority's time zone."""
        return ZoneInfo(self.of.time_zone)

    @property
    def local(self) -> dt.datetime:
        """Local time without zone."""
        return self.instant.astimezone(self.zone).replace(tzinfo=None)

    @property
    def due_time(self) -> dt.time:
        """The authority's time of day by which reports are due."""
        return dt.time.fromisoformat(str(self.of.report_due_time))

    @cached_property
    def _days(self) -> WorkCalendar:
        return calendar(self.of.calendar)

    def working(self, day: dt.date) -> bool:
        """Whether the authority works on a day; its calendar is read once."""
        return is_working_day(day, self._days)

    def real(self, local: dt.datetime) -> dt.datetime:
        """A local time as an instant."""
        return local.replace(tzinfo=self.zone)

    def newest(self, cadence: str) -> duty.Window | None:
        """The last window of a cadence that is due by now, in local time."""
        return duty.newest(duty.CADENCES[cadence], self.local, self.due_time, self.working)

    def opened(self, cadence: str) -> dt.datetime | None:
        """When the window in which a report counts now opened today; None before the first."""
        found = duty.windows(duty.CADENCES[cadence], self.local.date(), self.due_time, self.working)
        opens = [window.opens for window in found if window.opens <= self.local]
        return self.real(max(opens)) if opens else None

    def current(self, cadence: str) -> duty.Window | None:
        """The last window of a cadence that has opened, in local time."""
        return duty.current(duty.CADENCES[cadence], self.local, self.due_time, self.working)

    def upcoming(self, cadence: str) -> duty.Window | None:
        """The next window of a cadence that is due after now, in local time."""
        return duty.upcoming(duty.CADENCES[cadence], self.local, self.due_time, self.working)


def clock(of: Authority | None = None) -> Clock:
    """The authority's clock now."""
    of = of or authority()
    return Clock(now(of), of)


@cache
def _shipped() -> dict[str, dict[str, object]]:
    return tomllib.loads(Path(__file__).with_name("duties.toml").read_text(encoding="utf-8"))


def of_mode(mode: str) -> tuple[Cadence, bool]:
    """The cadence of a mode and whether it asks the wider fields, as shipped. KeyError for a mode that is none."""
    row = _shipped()[mode]
    return Cadence(str(row["cadence"])), bool(row["wide"])


def normal_cadence() -> Cadence:
    """How often stocks are reported where no mode is in force."""
    return of_mode("normal")[0]


def in_force(at: Clock | None = None) -> list[Switch]:
    """The switches that hold at an instant (now when left out), the severest first; without regard to scope."""
    at = at or clock()
    day = at.local.date()
    rows = Switch.objects.filter(state=Switch.State.CONFIRMED, starts__lte=day, ends__gte=day)
    found = [row for row in rows.select_related("region", "chain") if row.holds(at.instant, day)]
    return sorted(found, key=lambda row: (row.mode != "emergency", row.ends, row.pk))


class ModeDue(NamedTuple):
    """What a mode in force asks: the report by `due`, for which one counts that came after `since`."""

    switch: Switch
    since: dt.datetime
    due: dt.datetime


def due_in_modes(at: Clock | None = None) -> list[ModeDue]:
    """The newest window that is due in each mode in force; none of a mode that began after it."""
    at = at or clock()
    found = []
    for row in in_force(at):
        window = at.newest(row.cadence)
        if window is not None and row.holds(at.real(window.due), window.due.date()):
            found.append(ModeDue(row, at.real(window.opens), at.real(window.due)))
    return found


class Asked(NamedTuple):
    """What is asked now: by the normal duty everywhere, by those of the modes in force where each holds.

    A report counts that came at `since` or later; where a mode holds, at the latest of its own and this.
    """

    cadence: Cadence
    since: dt.datetime
    modes: tuple[ModeDue, ...]

    def met(self) -> Q:
        """Condition on sites: what is asked of them has come."""
        found = Q(last_report__gte=self.since)
        for asked in self.modes:
            if asked.since > self.since:
                found &= ~members(asked.switch, "enterprise__") | Q(last_report__gte=asked.since)
        return found

    @property
    def said(self) -> str:
        """The duties in words, each with since when a report counts, by the authority's clock."""
        told = [str(self.cadence.label), *(f"{row.get_mode_display()} · {row.place}: {row.get_cadence_display()}"
                                           for row, _since, _due in self.modes)]  # fmt: skip
        times = [self.since, *(max(self.since, asked.since) for asked in self.modes)]
        since = _("{duty}, since {time}")
        return "; ".join(
            since.format(duty=duty, time=f"{time:%m-%d %H:%M}") for duty, time in zip(told, times, strict=True)
        )


def asked_now(at: Clock | None = None, switches: Iterable[Switch] | None = None) -> Asked:
    """What is asked at an instant (now when left out); `switches` in force there, all of them when left out.

    A mode that began after its present window was due asks for nothing more before the next opens.
    """
    at = at or clock()
    normal = at.current(normal_cadence())
    since = at.real(normal.opens if normal else dt.datetime.combine(at.local.date(), dt.time()))
    modes = []
    for row in in_force(at) if switches is None else switches:
        window = at.current(row.cadence)
        asks = row.cadence != normal_cadence() and window is not None
        if asks and window is not None and row.holds(at.real(window.due), window.due.date()):
            modes.append(ModeDue(row, at.real(window.opens), at.real(window.due)))
    return Asked(normal_cadence(), since, tuple(modes))


def members(switch: Switch, prefix: str = "") -> Q:
    """Condition on enterprises, reached through `prefix`: they lie in the scope of a switch."""
    condition = Q()
    if switch.region_id:
        condition &= in_region(switch.region_id, prefix)
    if switch.chain_id:
        condition &= in_chain(switch.chain_id, prefix)
    return condition


def duties_of(enterprise: Enterprise, switches: Iterable[Switch] | None = None, at: Clock | None = None) -> Duty:
    """What is asked of one enterprise now: the most frequent cadence that holds, and the wider fields if any asks."""
    at = at or clock()
    rank = list(Cadence)
    above = set(enterprise.region.path.strip("/").split("/"))
    chains = {chain.pk for chain in enterprise.chains.all()}
    mine = [
        row
        for row in (in_force(at) if switches is None else switches)
        if (not row.region_id or row.region_id in above) and (not row.chain_id or row.chain_id in chains)
    ]
    cadence = max([normal_cadence(), *(Cadence(row.cadence) for row in mine)], key=rank.index)
    why = next((row for row in mine if row.cadence == cadence), mine[0] if mine else None)
    window = at.upcoming(cadence)
    return Duty(cadence, any(row.wide for row in mine), why, at.real(window.due) if window else None)
