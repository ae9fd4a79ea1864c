"""Read the tables of a TOML file key by key, and keep every fault with its line instead of stopping at the first."""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ballast.core.warning.places import Fault, FaultyFileError, Path, lines_of

__all__ = ["Table", "open_file"]


def open_file(text: str, file: str) -> "Table":
    """The outermost table of a text in TOML; `file` names it in messages. Raises FaultyFileError when it is no TOML."""
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise FaultyFileError(file, [Fault(0, "", "", "no TOML that can be read: nested too deeply.")]) from None
    except ValueError as error:
        # TOMLDecodeError, or a number of thousands of digits.
        line = re.search(r"at line (\d+)", str(error))
        raise FaultyFileError(file, [Fault(int(line[1]) if line else 0, "", "", f"no TOML: {error}.")]) from None
    return Table(raw, file, lines_of(text), [], ())


class Table:
    """One table of a file; what is asked for and cannot be had becomes a fault, and the default is given instead."""

    def __init__(
        self, raw: Mapping[str, Any], file: str, lines: Mapping[Path, int], faults: list[Fault], path: Path
    ) -> None:
        self.raw, self.file, self.lines, self.faults, self.path = raw, file, lines, faults, path
        # Path -> name of it and of every table around it that has one.
        self.names: dict[Path, str] = {}
        self.asked: set[str] = set()

    @property
    def line(self) -> int:
        """The line on which the table begins."""
        return self._line(self.path)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty, or the default."""
        found = self._take(key, (str,), "a text", default is None)
        if isinstance(found, str) and not found.strip():
            self.fault(key, "is empty; give a text or leave the key out.")
            found = None
        return found if isinstance(found, str) else default or ""

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """One of the known texts, or the default."""
        found = self.text(key, default)
        if found and found not in known and found != default:
            self.fault(key, f"is not known; {_nearest(found, known)}")
            return default or next(iter(known))
        return found

    def number(self, key: str) -> float | None:
        """A finite number, None without one."""
        found = self._take(key, (int, float), "a number", required=False)
        if found is not None and not abs(found) < 1e300:
            self.fault(key, "is not a finite number.")
            return None
        return None if found is None else float(found)

    def whole(self, key: str, default: int | None = 0, *, most: int = 3660) -> int | None:
        """A whole number from 0 on, or the default."""
        found = self._take(key, (int,), "a whole number", required=False)
        if found is None:
            return default
        if not 0 <= found <= most:
            self.fault(key, f"is not from 0 to {most:,}.")
            return default
        return int(found)

    def yes(self, key: str) -> bool:
        """True or false, false when left out."""
        return bool(self._take(key, (bool,), "true or false", required=False))

    def day(self, key: str) -> dt.date | None:
        """A date, None without one."""
        found = self._take(key, (dt.date,), "a date such as 2026-03-01", required=False)
        if isinstance(found, dt.datetime):
            self.fault(key, "has a time of day; give the date alone, such as 2026-03-01.")
            return None
        return found if isinstance(found, dt.date) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty when left out."""
        return tuple(self._list(key, str, "texts"))

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers from 0 on, empty when left out."""
        found = self._list(key, int, "whole numbers")
        if any(one < 0 for one in found):
            self.fault(key, "has a number below 0.")
            return ()
        return tuple(found)

    def table(self, key: str) -> "Table | None":
        """The table under a key, None without one."""
        found = self._take(key, (dict,), "a table", required=False)
        return None if found is None else self._inner(found, (*self.path, key))

    def tables(self, key: str) -> Iterator["Table"]:
        """The tables of a list under a key, none when left out."""
        for place, row in enumerate(self._list(key, dict, "tables")):
            yield self._inner(row, (*self.path, key, place))

    def _inner(self, raw: Mapping[str, Any], path: Path) -> "Table":
        made = Table(raw, self.file, self.lines, self.faults, path)
        name = raw.get("name") or raw.get("level")
        made.names = self.names | ({path: name} if isinstance(name, str) else {})
        return made

    def fault(self, key: str, reason: str, value: object = None) -> None:
        """Keep a fault of a key of this table ("" for the table itself)."""
        path = (*self.path, key) if key else self.path
        given = self.raw.get(key) if value is None else value
        shown = "" if given is None else str(given)[:80]
        self.faults.append(Fault(self._line(path), self._named(path), shown, reason))

    def done(self) -> None:
        """Nothing more is asked for: what is left over is a fault, with the nearest key that is known."""
        for key in self.raw:
            if key not in self.asked:
                self.fault(key, f"is no key here; {_nearest(key, self.asked)}", key)

    def stop(self) -> None:
        """Raise FaultyFileError with all faults of the file, if there are any."""
        if self.faults:
            raise FaultyFileError(self.file, sorted(set(self.faults)))

    def _take(self, key: str, kinds: tuple[type, ...], said: str, required: bool) -> Any:  # noqa: ANN401 - as TOML gives it
        self.asked.add(key)
        found = self.raw.get(key)
        if found is None:
            if required:
                self.fault(key, f"is missing; give {said}.")
            return None
        if not isinstance(found, kinds) or (isinstance(found, bool) and bool not in kinds):
            self.fault(key, f"is not {said}.")
            return None
        return found

    def _list(self, key: str, kind: type, said: str) -> list[Any]:
        found = self._take(key, (list,), f"a list of {said}", required=False) or []
        if any(not isinstance(one, kind) or isinstance(one, bool) for one in found):
            self.fault(key, f"is not a list of {said}.")
            return []
        return list(found)

    def _line(self, path: Path) -> int:
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _named(self, path: Path) -> str:
        """A path as a person reads it: "rules[2] “parts-cover”, levels[1] “red”, below"."""
        said: list[str] = []
        for place, part in enumerate(path):
            if isinstance(part, str):
                said.append(part)
            else:
                name = self.names.get(path[: place + 1])
                said[-1] += f"[{part + 1}]" + (f" “{name}”" if name else "")
        return ", ".join(said)


def _nearest(given: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(given, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(sorted(known))}."
