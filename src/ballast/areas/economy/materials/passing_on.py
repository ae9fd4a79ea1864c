"""Cost pass-through of a sector's price to the industries of China, from the world table of 2011."""

import csv
import functools
from dataclasses import dataclass
from importlib import resources

from ballast.areas.reference.models import in_language

__all__ = ["EXAMPLE_RISE", "Industry", "industries"]

# The rise of the price for which the page shows what it does to others.
EXAMPLE_RISE = 0.20
_SHOWN = 10


@dataclass(frozen=True)
class Industry:
    """An industry and the part of a rise that reaches its price when all pass their cost on; 0.3 is 30 %."""

    code: str
    name: str
    name_zh: str
    share: float

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name, self.name_zh)

    @property
    def rise(self) -> float:
        """Its own rise when the price of the seller rises by `EXAMPLE_RISE`."""
        return self.share * EXAMPLE_RISE


@functools.cache
def _table() -> dict[str, list[Industry]]:
    folder = resources.files("ballast.tables").joinpath("data")
    with folder.joinpath("sectors_wiod2013.csv").open(encoding="utf-8") as file:
        names = {row["sector"]: (row["name"], row["name_zh"]) for row in csv.DictReader(file)}
    found: dict[str, list[Industry]] = {}
    with folder.joinpath("pass_through_china_2011.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            one = Industry(row["industry"], *names[row["industry"]], float(row["share"]))
            found.setdefault(row["cost_sector"], []).append(one)
    return {sector: sorted(rows, key=lambda one: (-one.share, one.code)) for sector, rows in found.items()}


def industries(sector: str) -> list[Industry]:
    """The ten industries that a rise of the sector's price reaches most; none when the table does not have it."""
    return _table().get(sector, [])[:_SHOWN]
