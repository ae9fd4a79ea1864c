"""Stops in the brief: which plants stop within 3, 7 and 14 days, why, and what must be solved together."""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from ballast.areas.briefs.facts.events import described
from ballast.areas.briefs.facts.frame import Figure, Frame, figure, names
from ballast.areas.chains.models import ForecastRun, SiteForecast

__all__ = ["HORIZONS", "current_run", "first", "joint", "within"]

HORIZONS = (3, 7, 14)


def current_run() -> ForecastRun | None:
    """The newest finished forecast run."""
    return ForecastRun.objects.filter(is_current=True, finished_at__isnull=False).order_by("-pk").first()


def _stopping(frame: Frame, run: ForecastRun, days: int) -> QuerySet[SiteForecast]:
    """Sites that stop, or stand stopped, within so many days of the brief's day."""
    last = days + (frame.day - run.day).days
    return SiteForecast.objects.filter(
        frame.of_enterprises("site__enterprise__"), run=run, stop_day__isnull=False, stop_day__lte=last
    )


def within(frame: Frame, run: ForecastRun | None) -> dict[str, Figure]:
    """Plants that stand still or stop within each horizon, those that do so for certain, and the output lost."""
    found: dict[str, Figure] = {}
    for days in HORIZONS:
        total = certain = lost = None
        if run is not None:
            sums = _stopping(frame, run, days).aggregate(
                n=Count("pk"), sure=Count("pk", filter=Q(certain=True)), lost=Sum("lost_output")
            )
            total, certain, lost = sums["n"], sums["sure"], sums["lost"] or 0.0
        query = {"within": str(days)}
        found[f"stops.{days}"] = figure(total, "/stops/", before=None, **query)
        found[f"stops.{days}.certain"] = figure(certain, "/stops/", before=None, **query, certain="1")
        found[f"stops.{days}.lost"] = figure(lost, "/stops/", before=None, **query)
    return found


def first(frame: Frame, run: ForecastRun | None, limit: int = 10) -> list[dict[str, Any]]:
    """The plants that lose most output among those that stop within the longest horizon."""
    if run is None:
        return []
    rows = (
        _stopping(frame, run, HORIZONS[-1])
        .order_by(F("lost_output").desc(nulls_last=True), "stop_day", "site__site_id")
        .values(
            "site__site_id", "site__name", "site__name_zh", "site__enterprise__enterprise_id",
            "stop_day", "certain", "lost_output",
            "lead_event__event_id",
        )[:limit]
    )  # fmt: skip
    events = described(frame, (row["lead_event__event_id"] for row in rows if row["lead_event__event_id"]))
    return [
        {
            "enterprise_id": row["site__enterprise__enterprise_id"],
            "site": {"id": row["site__site_id"], **names(row, "site__")},
            "stop_on": (run.day + dt.timedelta(days=row["stop_day"] or 0)).isoformat(),
            "certain": row["certain"],
            "lost": row["lost_output"],
            "cause": events.get(row["lead_event__event_id"]),
            "href": f"/stops/{row['site__site_id']}/",
        }
        for row in rows
    ]


def joint(frame: Frame, run: ForecastRun | None, *, limit: int = 3, looked_at: int = 200) -> list[dict[str, Any]]:
    """Sets of events that must all end before their plants run, with their cases; most output first.

    Looks at the `looked_at` plants that lose most, so that the cost does not grow with the register.
    """
    if run is None:
        return []
    rows = _stopping(frame, run, HORIZONS[-1]).order_by(F("lost_output").desc(nulls_last=True), "site__site_id")
    lost: dict[tuple[str, ...], float] = defaultdict(float)
    plants: Counter[tuple[str, ...]] = Counter()
    for path, output in rows.values_list("path", "lost_output")[:looked_at]:
        events = tuple(sorted(path.get("needed", ())))
        if len(events) > 1:
            lost[events] += output or 0.0
            plants[events] += 1
    best = sorted(lost, key=lambda events: (-lost[events], events))[:limit]
    events_of = described(frame, (event for events in best for event in events))
    return [
        {
            "events": [events_of[event] for event in events],
            "plants": plants[events],
            "lost": lost[events],
            "href": "/stops/",
        }
        for events in best
    ]
