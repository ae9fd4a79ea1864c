"""A study: which files of series a back-test takes, how each is read, and the rules and events tried on them (TOML)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ballast.tables.problems import nearest
from ballast.tables.series_files import COLUMNS, Series, SeriesError, read_series

__all__ = ["Study", "read_study"]

_KEYS: dict[str, type] = {"events": str, "rules": list, "files": list}
_FILE_KEYS: dict[str, type] = {"file": str, "wide": str, "columns": dict, "assume_lag": int, "optional": bool}


@dataclass(frozen=True)
class Study:
    """The series of all files by name; which files were left out; names of rules; the file of events, if any."""

    series: dict[str, Series]
    absent: list[str] = field(default_factory=list)
    rules: tuple[str, ...] = ()
    events: Path | None = None


def read_study(path: Path) -> Study:
    """A study with its series, from a TOML file. SeriesError names file and key of what is wrong."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Give a study (TOML) or a CSV file."
        raise SeriesError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name}: is not TOML: {error}."
        raise SeriesError(msg) from error
    _known(path.name, "", given, _KEYS)
    series: dict[str, Series] = {}
    absent: list[str] = []
    for number, row in enumerate(given.get("files", []), start=1):
        place = f"files {number}: "
        if not isinstance(row, dict) or "file" not in row:
            msg = f"{path.name}: {place}has no file. Name one."
            raise SeriesError(msg)
        _known(path.name, place, row, _FILE_KEYS)
        _known(path.name, f"{place}columns: ", row.get("columns", {}), dict.fromkeys(COLUMNS, str))
        where = path.parent / row["file"]
        if row.get("optional") and not where.exists():
            absent.append(row["file"])
            continue
        found = read_series(where, columns=row.get("columns"), wide=row.get("wide", ""), lag_days=row.get("assume_lag"))
        for name in found:
            if name in series:
                msg = f"{path.name}: {place}{row['file']} has a series {name!r}, as a file before it. Rename one."
                raise SeriesError(msg)
        series |= found
    if not series:
        msg = f"{path.name}: none of its files is there. Name one under [[files]]."
        raise SeriesError(msg)
    events = path.parent / given["events"] if given.get("events") else None
    return Study(series, absent, tuple(str(name) for name in given.get("rules", [])), events)


def _known(file: str, place: str, given: Mapping[str, Any], keys: Mapping[str, type]) -> None:
    """Refuse keys that are not known and values of another type."""
    for key, value in given.items():
        if key not in keys:
            guess = nearest(key, keys)
            hint = f"Did you mean {guess!r}?" if guess else f"Known here: {', '.join(keys)}."
            msg = f"{file}: {place}{key!r} is not known. {hint}"
            raise SeriesError(msg)
        right = isinstance(value, keys[key]) and (not isinstance(value, bool) or keys[key] is bool)
        if not right or (isinstance(value, int) and value < 0):
            msg = f"{file}: {place}{key} = {value!r} is not {keys[key].__name__}. Correct it."
            raise SeriesError(msg)
