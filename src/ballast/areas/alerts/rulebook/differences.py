"""What differs between two texts of a rule pack, line by line."""

import difflib
from typing import NamedTuple

__all__ = ["Line", "differences"]


class Line(NamedTuple):
    """A line: sign "+" (new), "-" (gone), " " (both) or "…" (lines left out), and its text."""

    sign: str
    text: str


def differences(before: str, after: str, *, around: int = 2) -> list[Line]:
    """The lines that differ, with some around them; empty when none does."""
    found: list[Line] = []
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=around)
    for line in lines:
        if line.startswith(("---", "+++")):
            continue
        found.append(Line("…", "") if line.startswith("@@") else Line(line[0], line[1:]))
    return found[1:] if found[:1] == [Line("…", "")] else found
