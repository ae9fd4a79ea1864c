"""Working calendars: read from TOML, checked, kept in versions, and handed to the clocks."""

import csv
import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.reference.models import WorkingCalendar, in_language
from ballast.core.clocks import Calendar, Shift

__all__ = ["WEEKDAYS", "Days", "calendar_names", "calendars", "days_of", "parse", "read_calendar", "shipped"]

DATA = Path(__file__).parent / "data"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,15}")
_KEYS = {"name", "version", "title", "title_zh", "known_until", "source", "week", "day"}
_DAY_KEYS = {"date", "shifts", "name", "name_zh"}
# Shipped calendars hold from before the first case; those of the authority from when they are loaded.
_ALWAYS = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
_MIDNIGHT = "24:00"


class _Shipped(NamedTuple):
    name: str
    version: str
    since: dt.datetime
    content: str


@dataclass(frozen=True)
class Days:
    """A version of a calendar, as pages name it: shifts and named days are in `content`, as JSON."""

    name: str
    version: str
    since: dt.datetime
    content: str
    own: bool = field(default=True)  # loaded by the authority, not shipped with Ballast

    @property
    def said(self) -> dict[str, Any]:
        """What the version holds: title, title_zh, source, known_until, week, days."""
        return dict(_said(self.content))

    @property
    def label(self) -> str:
        """Its title in the language of the page."""
        return in_language(self.said["title"], self.said["title_zh"]) or self.name

    @property
    def known_until(self) -> dt.date | None:
        """The last date whose holidays are known; None where there are none to know."""
        text = self.said["known_until"]
        return dt.date.fromisoformat(text) if text else None

    def ends_before(self, date: dt.date) -> bool:
        """Whether holidays of the date are not known: from there on the week alone counts."""
        return self.known_until is not None and date > self.known_until

    def calendar(self, zone: str) -> Calendar:
        """For the clocks, in a time zone; the same object for the same content, so that what it met is kept."""
        return _calendar(self.name, self.version, self.content, zone)


@lru_cache(maxsize=64)
def _said(content: str) -> dict[str, Any]:
    return dict(json.loads(content))


@lru_cache(maxsize=64)
def _calendar(name: str, version: str, content: str, zone: str) -> Calendar:
    said = _said(content)
    week = tuple(tuple(map(_shift, shifts)) for shifts in said["week"])
    days = {dt.date.fromisoformat(day): tuple(map(_shift, row["shifts"])) for day, row in said["days"].items()}
    return Calendar(name, version, ZoneInfo(zone), week, days)


def _shift(text: str) -> Shift:
    opens, _dash, closes = text.partition("-")
    return _time(opens), dt.time() if closes.strip() == _MIDNIGHT else _time(closes)


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text.strip())


def _versions(at: dt.datetime | None) -> dict[str, Days]:
    """Of every name the version in force at an instant, or the newest of all."""
    found = {row.name: Days(*row, own=False) for row in shipped()}
    rows = WorkingCalendar.objects.order_by("since", "pk")
    if at is not None:
        rows = rows.filter(since__lte=at)
    for row in rows:
        found[row.name] = Days(row.name, row.version, row.since, row.content)
    return found


def calendars(at: dt.datetime | None = None) -> dict[str, Days]:
    """The version of every calendar that was in force at an instant (default: the newest), by name. One query."""
    return _versions(at)


def calendar_names() -> list[str]:
    """Names of all calendars."""
    return sorted(_versions(None))


def days_of(name: str) -> Days:
    """The newest version of a calendar; of a name that is not known, "plain"."""
    found = _versions(None)
    return found.get(name, found["plain"])


@cache
def shipped() -> tuple[_Shipped, ...]:
    """The calendars that come with Ballast."""
    return tuple(_read_shipped(path) for path in sorted((DATA / "calendars").glob("*.toml")))


def _read_shipped(path: Path) -> _Shipped:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    days, make_up = raw.pop("days_file", None), raw.pop("make_up", [])
    if days:
        with (DATA / days).open(encoding="utf-8", newline="") as file:
            raw["day"] = [
                {
                    "date": dt.date.fromisoformat(row["date"]),
                    "shifts": [] if row["is_off"] == "true" else make_up,
                    "name": row["name"],
                    "name_zh": row["name_zh"],
                }
                for row in csv.DictReader(file)
            ]
    name, version, content = parse(raw)
    return _Shipped(name, version, _ALWAYS, content)


def read_calendar(text: str) -> tuple[str, str, str]:
    """Name, version and content of a calendar from TOML. Raises ValidationError with every fault of the file."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = _("The calendar is not valid TOML: {reason}").format(reason=error)
        raise ValidationError({"calendar": message}) from None
    return parse(raw)


def parse(raw: Mapping[str, Any]) -> tuple[str, str, str]:
    """Name, version and content of a calendar from a table. Raises ValidationError with every fault, key by key."""
    faults: list[str] = []
    for key in sorted(set(raw) - _KEYS):
        faults.append(
            _("{key}: there is no such key; known are {known}.").format(key=key, known=", ".join(sorted(_KEYS)))
        )
    name, version = str(raw.get("name", "")), str(raw.get("version", ""))
    if not _NAME.fullmatch(name):
        faults.append(
            _("name: “{value}” will not do; give up to 16 small letters, digits, “-” or “_”.").format(value=name)
        )
    if not 0 < len(version) <= 32:
        faults.append(_("version: “{value}” will not do; give 1 to 32 characters.").format(value=version))
    until = raw.get("known_until")
    if until is not None and not _is_date(until):
        faults.append(_("known_until: “{value}” is not a date; write it as 2026-12-31.").format(value=until))
    week = _week(raw.get("week"), faults)
    days = _days(raw.get("day", []), faults)
    if week and not any(week) and not faults:
        faults.append(_("week: no weekday has a shift; a calendar needs working time."))
    if faults:
        raise ValidationError({"calendar": faults})
    content = {
        "title": str(raw.get("title", name)), "title_zh": str(raw.get("title_zh", "")),
        "source": str(raw.get("source", "")), "known_until": until.isoformat() if until else None,
        "week": week, "days": days,
    }  # fmt: skip
    return name, version, json.dumps(content, ensure_ascii=False, sort_keys=True)


def _is_date(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _week(raw: Any, faults: list[str]) -> list[list[str]]:  # noqa: ANN401 - any TOML
    """Shifts of the weekdays from Monday on."""
    if not isinstance(raw, dict):
        faults.append(_("week: the table is missing; give shifts for the weekdays that are worked."))
        return []
    for key in sorted(set(raw) - set(WEEKDAYS)):
        faults.append(
            _("week.{key}: there is no such weekday; use {known}.").format(key=key, known=", ".join(WEEKDAYS))
        )
    return [_shifts(raw.get(day, []), f"week.{day}", faults) for day in WEEKDAYS]


def _days(raw: Any, faults: list[str]) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - any TOML
    """Shifts and names of single dates."""
    if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
        faults.append(_("day: write each date as a table of its own, headed [[day]]."))
        return {}
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(raw, 1):
        where, date = f"day {number}", row.get("date")
        for key in sorted(set(row) - _DAY_KEYS):
            known = ", ".join(sorted(_DAY_KEYS))
            faults.append(
                _("{where}, {key}: there is no such key; known are {known}.").format(where=where, key=key, known=known)
            )
        if not _is_date(date):
            faults.append(
                _("{where}, date: “{value}” is not a date; write it as 2026-12-31.").format(where=where, value=date)
            )
            continue
        if date.isoformat() in found:
            faults.append(_("{where}, date: {value} stands here twice; keep one.").format(where=where, value=date))
        shifts = _shifts(row.get("shifts", []), f"{where} ({date}), shifts", faults)
        names = {key: str(row.get(key, "")) for key in ("name", "name_zh")}
        found[date.isoformat()] = {"shifts": shifts, **names}
    return found


def _shifts(raw: Any, where: str, faults: list[str]) -> list[str]:  # noqa: ANN401 - any TOML
    """The shifts of a day as "09:00-12:00", in their order."""
    if not isinstance(raw, list):
        faults.append(
            _('{where}: “{value}” is not a list of shifts; write ["09:00-12:00", "13:00-17:00"].').format(
                where=where, value=raw
            )
        )
        return []
    last = dt.time()
    end = dt.time()  # midnight, as the end of a day
    for place, text in enumerate(raw):
        try:
            opens, closes = _shift(str(text))
        except ValueError:
            faults.append(
                _("{where}: “{value}” is not a shift; write it as 09:00-17:00.").format(where=where, value=text)
            )
            return []
        if (closes != end and opens >= closes) or (place and (opens < last or last == end)):
            faults.append(
                _("{where}: “{value}” ends before it begins or overlaps the one before; put shifts in order.").format(
                    where=where, value=text
                )
            )
            return []
        last = closes
    return [str(text) for text in raw]
