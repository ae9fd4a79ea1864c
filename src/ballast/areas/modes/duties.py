"""Which duties hold where and when: the normal ones, and those of the modes in force. Windows of reports follow."""

import datetime as dt
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from ballast.areas.modes.models import Cadence, Switch
from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import authority, calendar, now
from ballast.areas.reference.workdays import is_working_day
from ballast.areas.registry.models import Enterprise
from ballast.areas.registry.selectors import in_chain, in_region
from ballast.core import duty

__all__ = [
    "Clock",
    "Duty",
    "ModeDue",
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


class Clock(NamedTuple):
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

    def working(self, day: dt.date) -> bool:
        """Whether the authority works on a day."""
        return is_working_day(day, calendar(self.of.calendar))

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
    """What a mode in force has made due: the report by `due`, for which one counts that came after `since`."""

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
