"""Level schemes: red, yellow, blue; four colours; or review grades A to D. Which levels there are is data."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

__all__ = ["NORMAL", "Grade", "Scheme"]

NORMAL: Final = "normal"


@dataclass(frozen=True)
class Grade:
    """One level: its name, its words in both languages, and days until what stands at it is looked at again."""

    name: str
    title: str
    title_zh: str
    review_days: int | None = None


@dataclass(frozen=True)
class Scheme:
    """The levels of a scheme from worst to mildest; below them all stands "normal", rank 0.

    >>> scheme = Scheme("rb", (Grade("red", "red", "红"), Grade("blue", "blue", "蓝")))
    >>> scheme.rank("red"), scheme.rank("normal"), scheme.name_of(1)
    (2, 0, 'blue')
    """

    name: str
    levels: tuple[Grade, ...]

    @property
    def worst(self) -> int:
        """Rank of the worst level."""
        return len(self.levels)

    def rank(self, level: str) -> int:
        """0 for normal, 1 for the mildest level, up to the worst. KeyError for a level that is not of the scheme."""
        if level == NORMAL:
            return 0
        for place, grade in enumerate(self.levels):
            if grade.name == level:
                return self.worst - place
        msg = f"{self.name} has no level {level!r}; it has {', '.join(g.name for g in self.levels)} and {NORMAL}."
        raise KeyError(msg)

    def name_of(self, rank: int) -> str:
        """The level of a rank. IndexError beyond the worst."""
        if not 0 <= rank <= self.worst:
            msg = f"{self.name} has ranks 0 to {self.worst}, not {rank}."
            raise IndexError(msg)
        return self.levels[self.worst - rank].name if rank else NORMAL

    def review_due(self, level: str, looked_at: dt.date) -> dt.date | None:
        """Day on which what stands at a level is due to be looked at again; None where the level sets none."""
        rank = self.rank(level)
        days = self.levels[self.worst - rank].review_days if rank else None
        return None if days is None else looked_at + dt.timedelta(days=days)
