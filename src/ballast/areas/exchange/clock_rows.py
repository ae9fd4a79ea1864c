"""Load own working calendars and own versions of the clocks from tables. A version that is there is never changed."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl
import pydantic
from django.core.exceptions import ValidationError

from ballast.areas.cases.models import ClockPolicy
from ballast.areas.cases.packs.in_force import packs
from ballast.areas.cases.packs.model import ClockRule
from ballast.areas.exchange import clock_frames
from ballast.areas.exchange.clock_frames import NOTHING
from ballast.areas.reference.calendars import WEEKDAYS, parse
from ballast.areas.reference.calendars import calendars as known_calendars
from ballast.areas.reference.events import calendar_loaded
from ballast.areas.reference.models import WorkingCalendar
from ballast.areas.reference.selectors import now

__all__ = ["Present", "clock_faults", "write_clock_rows"]

Row = Mapping[str, Any]
Fault = tuple[str, str, str, Mapping[str, object]]
_DATED = dt.date(2000, 1, 1)


class Present(NamedTuple):
    """What the database has: the rows of each table by their key, the versions, and the names of calendars."""

    rows: dict[str, dict[tuple[Any, ...], Row]]
    versions: dict[str, set[tuple[str, str]]]
    calendars: set[str]

    @classmethod
    def read(cls) -> "Present":
        """As it stands now."""
        tables = {
            "calendars": (clock_frames.calendars(), ("name", "version")),
            "calendar_days": (clock_frames.calendar_days(), ("name", "version", "date")),
            "clock_rules": (clock_frames.clock_rules(), ("pack", "version", "number")),
        }
        rows: dict[str, dict[tuple[Any, ...], Row]] = {
            name: {tuple(row[k] for k in key): row for row in found} for name, (found, key) in tables.items()
        }
        calendars = {(row["name"], row["version"]) for row in tables["calendars"][0]}
        policies = {(row["pack"], row["version"]) for row in tables["clock_rules"][0]}
        versions = {"calendars": calendars, "calendar_days": calendars, "clock_rules": policies}
        return cls(rows, versions, set(known_calendars()))


def clock_faults(name: str, row: Row, present: Present, new: set[tuple[str, str]]) -> Iterator[Fault]:
    """What is wrong with a row; `new` are the calendars of the folder by name and version."""
    first = "pack" if name == "clock_rules" else "name"
    version = (row[first], row["version"])
    key = {
        "calendars": version,
        "calendar_days": (*version, row.get("date")),
        "clock_rules": (*version, row.get("number")),
    }
    there = present.rows[name].get(key[name])
    if version in present.versions[name] and (there is None or _plain(there) != _plain(row)):
        yield "version", row["version"] or "", "version_differs", {}
        return
    if name == "calendars":
        yield from _of_calendar(row)
    elif name == "calendar_days":
        if version not in new | present.versions["calendars"]:
            yield "name", row["name"] or "", "no_such_calendar", {}
        yield from _of_shifts("shifts", row["shifts"])
    else:
        yield from _of_clock(row, present.calendars | {one for one, _version in new})


def _plain(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in (None, "")}


def _listed(cell: str | None) -> list[str]:
    return [word.strip() for word in (cell or "").split(";") if word.strip()]


def _of_calendar(row: Row) -> Iterator[Fault]:
    try:
        parse({"name": row["name"], "version": row["version"], "week": {"monday": ["09:00-17:00"]}})
    except ValidationError as error:
        yield "name", row["name"] or "", "bad_calendar", {"why": " ".join(error.messages)}
    for day in WEEKDAYS:
        yield from _of_shifts(day, row[day])
    if not any(row[day] for day in WEEKDAYS):
        yield "monday", "", "bad_shifts", {"why": "09:00-17:00"}


def _of_shifts(column: str, cell: str | None) -> Iterator[Fault]:
    day = {"date": _DATED, "shifts": _listed(cell)}
    try:
        parse({"name": "x", "version": "1", "week": {"monday": ["09:00-17:00"]}, "day": [day]})
    except ValidationError as error:
        yield column, cell or "", "bad_shifts", {"why": " ".join(error.messages)}


def _of_clock(row: Row, calendars: set[str]) -> Iterator[Fault]:
    pack = packs().get(row["pack"])
    if pack is None:
        yield "pack", row["pack"] or "", "no_such_kind", {"choices": ", ".join(packs())}
        return
    for kind in _listed(row["kinds"]):
        if kind not in pack.kinds_by_name:
            yield "kinds", kind, "no_such_kind", {"choices": ", ".join(pack.kinds_by_name)}
    if row["calendar"] and row["calendar"] not in calendars:
        yield "calendar", row["calendar"], "no_such_calendar", {}
    try:
        _ = _clock_rule(row).budget
    except pydantic.ValidationError as error:
        for one in error.errors():
            place = str(one["loc"][0]) if one["loc"] else "clock"
            yield place, str(one["input"])[:60], "bad_clock", {"why": one["msg"]}
    except ValueError as error:
        yield "days", str(row["days"]), "bad_clock", {"why": str(error)}


def _clock_rule(row: Row) -> ClockRule:
    """The rule of a row. Raises pydantic's ValidationError, and ValueError for a budget that is none."""
    given: dict[str, Any] = {"clock": row["clock"], "days": row["days"] or 0, "minutes": row["minutes"] or 0}
    given |= {name: _listed(row[name]) for name in ("kinds", "desks") if row[name]}
    given |= {name: row[name] for name in ("until", "calendar") if row[name]}
    for name in ("pauses", "stops"):
        if row[name]:
            given[name] = [] if row[name] == NOTHING else _listed(row[name])
    return ClockRule.model_validate(given)


def write_clock_rows(name: str, frame: pl.DataFrame) -> None:
    """Make what the rows say: versions that are new."""
    _WRITERS[name](list(frame.iter_rows(named=True)))


def _write_calendars(rows: Iterable[Row]) -> None:
    for row in rows:
        content = {
            "title": row["title"] or row["name"], "title_zh": row["title_zh"] or "", "source": row["source"] or "",
            "known_until": row["known_until"] and row["known_until"].isoformat(),
            "week": [_listed(row[day]) for day in WEEKDAYS], "days": {},
        }  # fmt: skip
        WorkingCalendar.objects.create(
            name=row["name"], version=row["version"], since=row["since"] or now(), content=_json(content)
        )
        calendar_loaded.send(WorkingCalendar, name=row["name"])


def _write_days(rows: Iterable[Row]) -> None:
    for (name, version), mine in _grouped(rows, "name").items():
        calendar = WorkingCalendar.objects.get(name=name, version=version)
        content = json.loads(calendar.content)
        content["days"] |= {
            row["date"].isoformat(): {
                "shifts": _listed(row["shifts"]), "name": row["title"] or "", "name_zh": row["title_zh"] or "",
            }
            for row in mine
        }  # fmt: skip
        calendar.content = _json(content)
        calendar.save(update_fields=["content"])
        calendar_loaded.send(WorkingCalendar, name=name)


def _write_rules(rows: Iterable[Row]) -> None:
    from ballast.areas.cases.clocks.dues import follow_all

    for (pack, version), mine in _grouped(rows, "pack").items():
        rules = [
            _clock_rule(row).model_dump(mode="json", exclude_defaults=True)
            for row in sorted(mine, key=lambda r: r["number"])
        ]
        ClockPolicy.objects.create(
            pack=pack, version=version, since=mine[0]["since"], running=mine[0]["running"] is not False,
            rules=_json(rules), loaded_at=now(),
        )  # fmt: skip
    follow_all("policy", actor="tables")


def _grouped(rows: Iterable[Row], first: str) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row[first], row["version"]), []).append(row)
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


_WRITERS: dict[str, Callable[[Iterable[Row]], None]] = {
    "calendars": _write_calendars, "calendar_days": _write_days, "clock_rules": _write_rules,
}  # fmt: skip
