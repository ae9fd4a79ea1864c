"""What is wrong with a table, said so that its author can mend it: where, which value, why, and the way out."""

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

__all__ = ["Problem", "nearest"]


@cache
def _messages() -> dict[str, dict[str, str]]:
    text = resources.files("ballast.tables").joinpath("data/messages.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `row` is the row as seen in the file (header = 1), None for the file as a whole."""

    file: str
    row: int | None
    column: str
    value: str
    code: str
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why the value is refused, in English."""
        return self.say("en")[0]

    @property
    def hint(self) -> str:
        """The way out, in English."""
        return self.say("en")[1]

    def say(self, language: str, *, column: str = "") -> tuple[str, str]:
        """(reason, way out) in English or Chinese; `column` is what the reader knows the column by, else its name."""
        suffix = "zh" if language.lower().startswith("zh") else "en"
        message = _messages()[self.code]
        values = {"value": self.value, "column": column or self.column, **self.details}
        hint = message[f"hint_{suffix}"]
        if "{nearest}" in hint and not values.get("nearest"):
            hint = _without_guess(hint)
        return message[f"reason_{suffix}"].format(**values), hint.format(**values)

    def to_dict(self) -> dict[str, str | int | None]:
        """The problem as plain values, for JSON."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "reason": self.reason,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        place = self.file + (f", row {self.row}" if self.row else "") + (f", {self.column}" if self.column else "")
        shown = f" {self.value!r}:" if self.row and self.value else ""
        return f"{place}:{shown} {self.reason} {self.hint}".rstrip()


def _without_guess(hint: str) -> str:
    """The hint without the sentence that offers a near name."""
    for mark in ("?", "？"):
        head, found, tail = hint.partition(mark)
        if found and "{nearest}" in head:
            rest = tail.strip().removeprefix("Else ").removeprefix("否则")
            return rest[:1].upper() + rest[1:]
    return hint


def nearest(value: str, known: Iterable[str]) -> str:
    """The known name most like the value, empty when none is like it."""
    found = difflib.get_close_matches(value, list(known), n=1, cutoff=0.6)
    if found:
        return found[0]
    folded = {k.casefold(): k for k in known}
    return folded.get(value.casefold(), "")
