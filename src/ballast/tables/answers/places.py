"""Which unit, country and home each site of a network belongs to, as codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, NetworkError
from ballast.core.forecast import region_contains
from ballast.core.network import Network
from ballast.tables.economies import economy

__all__ = ["UNITS", "Codes", "Home", "Places", "Unit", "coded"]

Unit: TypeAlias = Literal["site", "enterprise", "region", "country"]
UNITS: tuple[Unit, ...] = ("site", "enterprise", "region", "country")
Codes: TypeAlias = tuple[list[str], NDArray[np.int64]]  # names in order, the place of each row's name


@dataclass(frozen=True)
class Home:
    """Countries and regions that count as one home, and the name under which results show it."""

    name: str
    codes: frozenset[str]

    def holds(self, region: str) -> bool:
        """Whether a region belongs to it: by its country, or by its own code where a region code is given."""
        country = economy(region)
        return any(country == code or (code != economy(code) and region_contains(code, region)) for code in self.codes)


@dataclass(frozen=True, eq=False)
class Places:
    """Codes of the n sites of a network. Without a home each country is its own."""

    network: Network
    enterprise: Sequence[str]
    by: Unit
    home: Home | None

    @cached_property
    def region(self) -> Codes:
        """Region codes as the tables give them."""
        return coded(self.network.site_region)

    @cached_property
    def country(self) -> Codes:
        """Countries by `economy`."""
        regions, region = self.region
        names, code = coded([economy(name) for name in regions])
        return names, code[region]

    @cached_property
    def unit(self) -> Codes:
        """The units that count as one source."""
        if self.by == "country":
            return self.country
        if self.by == "region":
            return self.region
        return coded(self.network.site_ids if self.by == "site" else self.enterprise)

    @cached_property
    def asked(self) -> Bools:
        """[n] sites that lie in the home. NetworkError when none does."""
        regions, region = self.region
        if self.home is None:
            return np.ones(self.network.sites, dtype=bool)
        mine = np.array([self.home.holds(name) for name in regions], dtype=bool)[region]
        if not mine.any():
            known = ", ".join(self.country[0][:20])
            msg = f"--home: no site lies in {self.home.name}. Sites lie in {known}."
            raise NetworkError(msg)
        return mine

    @cached_property
    def homes(self) -> Codes:
        """The home of each site: the one asked about, else its country."""
        names, code = self.country
        if self.home is None:
            return names, code
        return [*names, self.home.name], np.where(self.asked, len(names), code)

    @cached_property
    def traders(self) -> tuple[NDArray[np.int64], Sequence[tuple[str, Bools]]]:
        """(the trader of each site, name and traders of each home): countries, cut where a home cuts them."""
        country = self.country[1]
        codes, trader = np.unique(2 * country + self.asked, return_inverse=True)
        if self.home is not None:
            return trader, [(self.home.name, codes % 2 == 1)]
        return trader, [(name, codes // 2 == place) for place, name in enumerate(self.country[0])]


def coded(names: Iterable[str]) -> Codes:
    """(different names in order, the place of each name).

    >>> coded(["part", "ore", "part"])[1].tolist()
    [1, 0, 1]
    """
    given = list(names)
    known = sorted(set(given))
    place = {name: at for at, name in enumerate(known)}
    return known, np.fromiter(map(place.__getitem__, given), dtype=np.int64, count=len(given))
