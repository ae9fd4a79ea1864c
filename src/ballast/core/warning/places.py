"""Where each table and key of a text in TOML stands, so that a fault is named with its line."""

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Fault", "FaultyFileError", "Path", "lines_of"]

Path = tuple[str | int, ...]
_HEAD = re.compile(r"\s*(\[\[?)\s*([\w.\-\" ]+?)\s*\]\]?")
_KEY = re.compile(r"\s*([\w\-]+|\"[^\"]*\")(?:\s*\.\s*([\w\-]+))?\s*=")
_FENCE = re.compile(r"\"\"\"|'''")


class Fault(NamedTuple):
    """One fault of a file: its line (0 when it has none), the key, the value that was given, and the reason."""

    line: int
    key: str
    value: str
    reason: str

    def said(self, file: str) -> str:
        """The fault in one line, with the file's name."""
        place = f"{file}, line {self.line}" if self.line else file
        named = ", ".join(part for part in (place, self.key) if part)
        return f"{named}: {self.value!r}: {self.reason}" if self.value else f"{named}: {self.reason}"


class FaultyFileError(ValueError):
    """A file that cannot be used, with all that is wrong with it."""

    def __init__(self, file: str, faults: Iterable[Fault]) -> None:
        self.file, self.faults = file, tuple(faults)
        super().__init__("\n".join(fault.said(file) for fault in self.faults))


def lines_of(text: str) -> dict[Path, int]:
    """Path of every table and key -> its line, from 1; tables of a list are numbered from 0.

    >>> lines_of("[[rules]]\\nname = 1")[("rules", 0, "name")]
    2
    """
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    here: Path = ()
    within = False
    for number, line in enumerate(text.splitlines(), 1):
        fences = len(_FENCE.findall(line))
        if not within and (head := _HEAD.match(line)):
            here = _table(head[2], counts, listed=head[1] == "[[")
            found.setdefault(here, number)
        elif not within and (key := _KEY.match(line)):
            names = [part.strip('"') for part in key.groups() if part]
            found.setdefault((*here, names[0]), number)
            found.setdefault((*here, *names), number)
        within ^= fences % 2 == 1
    return found


def _table(name: str, counts: dict[Path, int], *, listed: bool) -> Path:
    """The path of a head: a part that is a list goes on in the last table of that list."""
    path: Path = ()
    parts = [part.strip().strip('"') for part in name.split(".")]
    for place, part in enumerate(parts):
        path = (*path, part)
        if listed and place == len(parts) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path
