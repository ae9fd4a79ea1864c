"""How the forecast is written into lists and sentences."""

from django.utils.translation import gettext as _

from ballast.areas.chains.selectors import Stop
from ballast.areas.files import Cell

__all__ = ["bad_day", "head", "row"]


def head() -> list[str]:
    """Column heads of the exported list of stops."""
    return [
        _("Site id"), _("Site"), _("Enterprise"), _("Region"), _("Product"), _("Stops on"), _("Stops after days"),
        _("Stops at the latest after days"), _("Certain"), _("Slow after days"), _("Full again after days"),
        _("Lost output at most"), _("Lost output at least"), _("Cause"),
    ]  # fmt: skip


def row(stop: Stop) -> list[Cell]:
    """One stop as a row of the exported list."""
    found = stop.forecast
    site = found.site
    return [
        site.site_id, site.label, site.enterprise.label, site.region.label, site.product.label, stop.stops_on,
        found.stop_day, found.stop_day_latest, _("yes") if found.certain else _("no"), found.slow_day,
        found.recovery_day, found.lost_output, found.lost_output_low, stop.cause,
    ]  # fmt: skip


def bad_day(text: str) -> str:
    """What to say to a date that is none."""
    return _("“{value}” is not a date; give it as year-month-day.").format(value=text)
