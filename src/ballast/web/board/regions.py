"""Regions as tiles: output at risk, worst lamp, and how many have reported."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from ballast.areas.accounts.access import scope_of
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.selectors import enterprise_tallies
from ballast.areas.chains.models import ForecastRun
from ballast.areas.chains.selectors import visible_forecasts
from ballast.areas.reference.models import Region
from ballast.areas.reports.selectors import Coverage
from ballast.web.board.stops import HORIZON

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Tile", "shade", "tiles"]

# How the Chinese names of provinces end, autonomous regions with the people they are named for.
_RANK = re.compile("(省|市|特别行政区|(维吾尔|壮族|回族)?自治区)$")
_ORDER = {level: rank for rank, level in enumerate(Level.values)}


@dataclass
class Tile:
    """One region below the person's scope. `heat` is 0 to 3, `value` what it stands for."""

    region: Region
    sites: int = 0
    reported: int = 0
    stops: int = 0
    at_risk: float = 0.0
    levels: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    heat: int = 0
    value: float | None = None

    @property
    def name(self) -> str:
        """What the region is called on a narrow tile: a province without the word for its rank."""
        label = self.region.label
        return _RANK.sub("", label) if self.region.level == "province" else label

    @property
    def level(self) -> str | None:
        """Worst lamp of its enterprises; None when it has none."""
        return min(self.levels, key=lambda level: _ORDER.get(level, 9), default=None)

    @property
    def share(self) -> float | None:
        """Share of its sites that have reported what is asked of them now."""
        return self.reported / self.sites if self.sites else None

    @property
    def silent(self) -> bool:
        """Under half of its sites reported, so its figures say little."""
        return self.share is not None and self.share < 0.5


_MEASURES: dict[str, Callable[[Tile], float | None]] = {
    "risk": lambda tile: tile.at_risk,
    "stops": lambda tile: float(tile.stops),
    "red": lambda tile: float(tile.levels.get(Level.RED, 0)),
    "silent": lambda tile: None if tile.share is None else 1 - tile.share,
}


def _drawn(user: "User") -> list[Region]:
    """The regions that tiles stand for: provinces for a nation's desk, else what lies directly below the scope."""
    scope = scope_of(user)
    codes = {region for region, _chain in scope.places if region}
    if scope.everything or not codes:
        return list(Region.objects.filter(level="province"))
    drawn = _below(codes)
    while len(drawn) == 1 and (deeper := _below({drawn[0].pk})) != drawn:
        # A municipality has one city, which holds its districts: a single tile would say nothing.
        drawn = deeper
    return drawn


def _below(codes: Collection[str]) -> list[Region]:
    found = list(Region.objects.filter(Q(parent__in=codes) | Q(pk__in=codes)))
    parents = {region.parent_id for region in found}
    return [region for region in found if region.pk not in parents] or found


def tiles(user: "User", run: ForecastRun | None, covered: Mapping[str, Coverage]) -> list[Tile]:
    """A tile for each region with a site in scope, and for each that has a place on the map; by code.

    `covered` is the coverage by region, as `coverage_by_region` gives it.
    """
    lamps, stops = enterprise_tallies(user), _stops(user, run)
    places = (*covered, *(row.region for row in lamps), *(row[0] for row in stops))
    tile_of = _Finder(_drawn(user), set(places))
    for region, found in covered.items():
        tile_of[region].sites += found.expected
        tile_of[region].reported += found.reported
    for lamp in lamps:
        tile_of[lamp.region].levels[lamp.level] += lamp.number
    for region, n, lost in stops:
        tile_of[region].stops += n
        tile_of[region].at_risk += lost or 0.0
    shade(tile_of.tiles, "risk")
    shown = [t for t in tile_of.tiles if t.sites or t.levels or t.region.tile_x is not None]
    return sorted(shown, key=lambda t: t.region.code)


class _Finder:
    """Which tile a region, given by its code, belongs to."""

    def __init__(self, drawn: list[Region], codes: Collection[str]) -> None:
        self._by_path = {region.path: Tile(region) for region in drawn}
        paths = Region.objects.filter(code__in=codes).order_by().values_list("code", "path")
        self._found = {code: self._find(path) for code, path in paths}

    def _find(self, path: str) -> Tile:
        """The tile of the path; one that is not shown when it lies in none."""
        steps = path.strip("/").split("/")
        above = ("/" + "/".join(steps[:n]) + "/" for n in range(len(steps), 0, -1))
        return next((self._by_path[p] for p in above if p in self._by_path), None) or Tile(Region())

    @property
    def tiles(self) -> list[Tile]:
        return list(self._by_path.values())

    def __getitem__(self, code: str) -> Tile:
        return self._found[code]


# Grouping by the region's code needs no join with regions, and runs along an index.
def _stops(user: "User", run: ForecastRun | None) -> list[tuple[str, int, float | None]]:
    """Region, plants that stop soon, and the output that they lose."""
    if run is None:
        return []
    ahead = visible_forecasts(user, run=run).filter(stop_day__lte=HORIZON).order_by()
    return list(ahead.values_list("site__region_id").annotate(n=Count("pk"), lost=Sum("lost_output")))


def shade(shown: list[Tile], measure: str) -> None:
    """Set `value` and `heat` by a measure: risk, stops, red or silent; heat is against the highest tile."""
    for tile in shown:
        tile.value = _MEASURES[measure](tile)
    top = max((tile.value or 0.0 for tile in shown), default=0.0)
    for tile in shown:
        share = (tile.value or 0.0) / top if top else 0.0
        tile.heat = 3 if share > 0.5 else 2 if share > 0.1 else 1 if share > 0 else 0
