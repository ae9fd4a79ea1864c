"""The order of the open cases by what each costs, at once after a stock report; the whole forecast follows it."""

import datetime as dt
import threading

from django.conf import settings

from ballast.areas.cases.selectors import open_cases_by_event
from ballast.areas.cases.services import record_output_at_risk
from ballast.areas.reference.selectors import today
from ballast.areas.registry.kept_frames import analysis_frames
from ballast.core.forecast.at_risk import AtRisk
from ballast.tables.network import build_from_frames

__all__ = ["let_ranking_end", "rank_open_cases"]

# What the last answer of this process rests on: of thousands of cases a report reaches some twenty.
_asked = AtRisk()
# A worker ranks in two threads: beside its jobs, and in the middle of a forecast.
_one_at_a_time = threading.Lock()


def rank_open_cases(*, day: dt.date | None = None, horizon: int | None = None) -> int:
    """Write what each open case costs by the stocks and events of this moment; how many figures changed.

    The figures are those of a whole run (`run_forecast`) on the same data, to the last digit: the engine's low run,
    with all events minus without the case's own. Stops, causes and due times stay as the last run left them.
    """
    with _one_at_a_time:
        return _rank(day or today(), horizon or settings.FORECAST_HORIZON)


def let_ranking_end() -> None:
    """Wait until no other thread of this process ranks: beside a job that computes it would take twice as long."""
    with _one_at_a_time:
        pass


def _rank(day: dt.date, horizon: int) -> int:
    by_event = open_cases_by_event()
    network, events = build_from_frames(analysis_frames(), day0=day)
    known = by_event.keys() & {event.event_id for event in events}
    at_risk = _asked.ask(network, events, {name: [name] for name in known}, horizon=horizon)
    return record_output_at_risk({case: at_risk.get(e, 0.0) for e, cases in by_event.items() for case in cases})
