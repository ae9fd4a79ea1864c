"""How the forecast is written into lists and sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ballast.areas.chains.event_list import EventRow
from ballast.areas.chains.selectors import Stop
from ballast.areas.files import Cell

__all__ = ["bad_day", "event_head", "event_row", "head", "row"]


def event_head() -> list[str]:
    """Column heads of the exported list of events."""
    return [
        _("Event"), pgettext("of an event", "Reason"), _("Kind"), _("About"), _("Subject code"), _("First day"),
        _("Last day"), _("State"), _("Capacity left"), _("Sites held"), _("Open cases"),
        _("Stops that it leads to"), _("Output at risk"),
    ]  # fmt: skip


def event_row(row: EventRow) -> list[Cell]:
    """One event as a row of the exported list."""
    event = row.event
    return [
        event.event_id, event.label, row.subject.kind, str(row.subject), event.subject, event.start, event.end,
        row.state_label, event.capacity_left, row.sites, row.cases, row.stops, row.output_at_risk,
    ]  # fmt: skip


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
