"""Regions as tiles: output at risk, worst lamp, and how many have reported."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from ballast.areas.accounts.access import Scope, scope_of
from ballast.areas.alerts.models import EnterpriseLamp, LampChange, Level
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Site
from ballast.areas.registry.selectors import scope_filter
from ballast.areas.reports.models import StockReport
from ballast.web.board.clock import Clock
from ballast.web.board.kept import kept, newest
from ballast.web.board.stops import HORIZON

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Tile", "shade", "tiles"]

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
    def level(self) -> str | None:
        """Worst lamp of its enterprises; None when it has none."""
        return min(self.levels, key=lambda level: _ORDER.get(level, 9), default=None)

    @property
    def share(self) -> float | None:
        """Share of its sites that reported today."""
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
    below = list(Region.objects.filter(Q(parent__in=codes) | Q(pk__in=codes)))
    parents = {region.parent_id for region in below}
    return [region for region in below if region.pk not in parents] or below


def tiles(user: "User", at: Clock, run: ForecastRun | None) -> list[Tile]:
    """A tile for each region with a site in scope, and for each that has a place on the map; by code."""
    version = (newest(LampChange, StockReport), run and run.pk, at.day)
    return kept("tiles", user, version, lambda: _tiles(user, at, run))


def _tiles(user: "User", at: Clock, run: ForecastRun | None) -> list[Tile]:
    scope = scope_of(user)
    finder = _Finder(_drawn(user))
    _count_sites(finder, scope, at)
    _count_lamps(finder, scope)
    if run:
        _sum_stops(finder, scope, run)
    shade(finder.tiles, "risk")
    shown = [t for t in finder.tiles if t.sites or t.levels or t.region.tile_x is not None]
    return sorted(shown, key=lambda t: t.region.code)


class _Finder:
    """Which tile a region's path belongs to."""

    def __init__(self, drawn: list[Region]) -> None:
        self._by_path = {region.path: Tile(region) for region in drawn}
        self._found: dict[str, Tile | None] = {}

    @property
    def tiles(self) -> list[Tile]:
        return list(self._by_path.values())

    def __getitem__(self, path: str) -> Tile:
        """The tile of the path; one that is not shown when it lies in none."""
        if path not in self._found:
            steps = path.strip("/").split("/")
            above = ("/" + "/".join(steps[:n]) + "/" for n in range(len(steps), 0, -1))
            self._found[path] = next((self._by_path[p] for p in above if p in self._by_path), None)
        return self._found[path] or Tile(Region())


def _count_sites(tile_of: _Finder, scope: Scope, at: Clock) -> None:
    sites = Site.objects.filter(scope_filter(scope, "enterprise__"), needs__isnull=False).order_by()
    fresh = Count("pk", distinct=True, filter=Q(needs__reported_at__gte=at.midnight))
    for path, n, reported in sites.values_list("region__path").annotate(n=Count("pk", distinct=True), fresh=fresh):
        tile_of[path].sites += n
        tile_of[path].reported += reported


def _count_lamps(tile_of: _Finder, scope: Scope) -> None:
    lamps = EnterpriseLamp.objects.filter(scope_filter(scope, "enterprise__")).order_by()
    for path, level, n in lamps.values_list("enterprise__region__path", "level").annotate(n=Count("pk")):
        tile_of[path].levels[level] += n


def _sum_stops(tile_of: _Finder, scope: Scope, run: ForecastRun) -> None:
    ahead = SiteForecast.objects.filter(scope_filter(scope, "site__enterprise__"), run=run, stop_day__lte=HORIZON)
    sums = ahead.order_by().values_list("site__region__path").annotate(n=Count("pk"), lost=Sum("lost_output"))
    for path, n, lost in sums:
        tile_of[path].stops += n
        tile_of[path].at_risk += lost or 0.0


def shade(shown: list[Tile], measure: str) -> None:
    """Set `value` and `heat` by a measure: risk, stops, red or silent; heat is against the highest tile."""
    for tile in shown:
        tile.value = _MEASURES[measure](tile)
    top = max((tile.value or 0.0 for tile in shown), default=0.0)
    for tile in shown:
        share = (tile.value or 0.0) / top if top else 0.0
        tile.heat = 3 if share > 0.5 else 2 if share > 0.1 else 1 if share > 0 else 0
