"""Turn the stored facts of a dispatch sheet into the facts of a page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ballast.areas.papers import pen, wording
from ballast.areas.papers.blocks import Fact, Parts

__all__ = ["Pen", "signed"]


@dataclass(frozen=True)
class Pen(pen.Pen):
    """Writes the facts of one sheet; its links name scope and issue, so that a printed one keeps its meaning."""

    issue: int = 1

    def link(self, href: str) -> str:
        """A stored link; that of a list of the sheet's cases with scope and issue."""
        if not href.startswith(f"/dispatch/{self.facts['day']}/"):
            return href
        mark = "&" if "?" in href else "?"
        named = {"scope": self.facts["scope"]["key"], "issue": self.issue}
        return f"{href}{mark}{urlencode(named, safe='/')}"

    def figure(self, name: str) -> dict[str, Any]:
        """A stored figure by its name."""
        found: dict[str, Any] = self.facts["figures"][name]
        return found

    def known(self, *names: str) -> tuple[str, ...]:
        """The figures that the sheet counted: one that was made before there was a figure has none."""
        return tuple(name for name in names if name in self.facts["figures"])

    def count(self, name: str) -> Fact:
        """A stored figure as a whole number."""
        return self.counted(name, self.figure(name))

    def part(self, name: str, key: str, value: int, href: str) -> Fact:
        """The part of a figure in one line of a table."""
        return Fact(key, value, wording.count(value), self.link(f"{href}&figure={name}"))

    def change(self, name: str) -> Fact:
        """The change of a figure since the last sheet, with its sign."""
        figure = self.figure(name)
        by = figure["value"] - figure["before"]
        return Fact(f"{name}.change", by, signed(by), self.link(figure["href"]))

    def moved(self, name: str, word: str) -> Parts:
        """How many cases came to a figure, or left it; nothing for what befell cases."""
        figure = self.figure(name)
        if word not in figure:
            return ("–",)
        href = self.link(f"{figure['href']}.{word}")
        return (Fact(f"{name}.{word}", figure[word], wording.count(figure[word]), href),)

    def unit(self, key: str, row: dict[str, Any], field: str = "desk") -> Fact:
        """A region of a case by its name."""
        return Fact(key, wording.name(row[field]), wording.name(row[field]) or _("not named"), row["href"])


def signed(value: int) -> str:
    """A whole number with its sign; 0 has none."""
    return f"{value:+,d}".replace("-", "−") if value else "0"
