"""Losses of capacity in an input-output table, told as text: where, how much, from when to when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ballast.core.columns import Bools, Floats, refuse
from ballast.core.dependence import CountryTable
from ballast.core.inventory.damage import Curve, fading

__all__ = ["Hit", "losses_of"]

_FORM = re.compile(
    r"\s*(?P<place>[^=]+?)\s*=\s*(?P<part>[0-9.]+)\s*(?:@\s*(?P<first>[0-9]+)\s*(?:-\s*(?P<last>[0-9]+))?)?\s*"
)
_SHOWN = 20


@dataclass(frozen=True)
class Hit:
    """A part of capacity that a place loses from day `first` to day `last`, both included; last None: to the end."""

    place: str  # COUNTRY, COUNTRY.SECTOR, *.SECTOR or *
    part: float
    first: int = 0
    last: int | None = None

    @classmethod
    def of(cls, text: str) -> "Hit":
        """From PLACE=PART@FIRST-LAST; NetworkError when it is not one.

        >>> Hit.of("CHN.c14=0.3@5-34")
        Hit(place='CHN.c14', part=0.3, first=5, last=34)
        >>> Hit.of("reg1=1@3").last is None
        True
        """
        found = _FORM.fullmatch(text)
        if found is None or found["part"].count(".") > 1 or not found["part"].strip("."):
            refuse("hit", repr(text), "is not PLACE=PART@FIRST-LAST", "Write it as in CHN.c14=0.3@5-34")
        part, first = float(found["part"]), int(found["first"] or 0)
        last = None if found["last"] is None else int(found["last"])
        if part > 1.0:
            refuse("hit", repr(text), f"takes {part:g} of capacity", "Give a part from 0 to 1")
        if last is not None and last < first:
            refuse("hit", repr(text), f"ends on day {last}, before it begins", "Turn the days round")
        return cls(found["place"], part, first, last)

    def rows(self, table: CountryTable) -> Bools:
        """[n] the country-sectors that it holds; NetworkError when there are none."""
        country, _, sector = self.place.partition(".")
        for name, known in ((country, table.countries), (sector, table.sectors)):
            if name not in ("", "*", *known):
                more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
                refuse("hit", repr(name), "is not in the table", f"It has {', '.join(known[:_SHOWN])}{more}")
        held = np.ones(table.output.size, dtype=bool)
        for name, known, codes in ((country, table.countries, table.country), (sector, table.sectors, table.sector)):
            if name not in ("", "*"):
                held &= codes == known.index(name)
        return held


def losses_of(
    table: CountryTable, hits: Sequence[Hit], days: int, *, curve: Curve = "linear", recovery_days: float = 0.0
) -> Floats:
    """[days, n] the largest loss of each day; after a hit ends, capacity comes back along the curve."""
    loss = np.zeros((days, table.output.size))
    for hit in hits:
        taken = fading(hit.part, hit.first, hit.last, days, curve=curve, length=recovery_days)
        held = hit.rows(table)
        loss[:, held] = np.maximum(loss[:, held], taken[:, None])
    return loss
