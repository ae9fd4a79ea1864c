"""What will stop, when, because of whom, and how much output is lost: the central computation."""

from ballast.core.forecast.deadlocks import Deadlock
from ballast.core.forecast.ensemble import Ensemble, Uncertainty, ensemble
from ballast.core.forecast.events import Event, Match, lane_sides, match_events, region_contains, resolve
from ballast.core.forecast.explain import CausePath
from ballast.core.forecast.runs import Forecast, forecast, lost_output, output_at_risk

__all__ = [
    "CausePath",
    "Deadlock",
    "Ensemble",
    "Event",
    "Forecast",
    "Match",
    "Uncertainty",
    "ensemble",
    "forecast",
    "lane_sides",
    "lost_output",
    "match_events",
    "output_at_risk",
    "region_contains",
    "resolve",
]
