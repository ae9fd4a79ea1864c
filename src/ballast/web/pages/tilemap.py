"""The map: regions as tiles in their places, shaded by one measure."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.chains.selectors import current_run
from ballast.areas.reports.selectors import coverage_by_region
from ballast.web.board import regions
from ballast.web.board.clock import clock

__all__ = ["tilemap"]

MEASURES = {"risk": _("Output at risk"), "stops": _("Stops"), "red": _("Red enterprises"), "silent": _("Not reported")}


@login_required
def tilemap(request: SignedRequest) -> HttpResponse:
    """Tiles of the regions in scope; `measure` chooses what the shade and the figure mean."""
    require(request.user, "view_desk")
    at, run = clock(request.authority), current_run()
    measure = request.GET.get("measure", "risk")
    if measure not in MEASURES:
        measure = "risk"
    tiles = regions.tiles(request.user, run, coverage_by_region(request.user))
    regions.shade(tiles, measure)
    placed = all(tile.region.tile_x is not None for tile in tiles)
    context = {"at": at, "run": run, "tiles": tiles, "placed": placed, "measure": measure, "measures": MEASURES}
    return render(request, "web/map.html", context)
