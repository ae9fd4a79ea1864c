"""What stops next, from the forecast that is shown now."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q, Sum

from ballast.areas.accounts.access import scope_of
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.registry.selectors import scope_filter
from ballast.web.board.clock import Clock

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Stop", "Stops", "current_run", "stops"]

HORIZON = 14
WITHIN = (3, 7, 14)


@dataclass(frozen=True)
class Stop:
    """One row of the timeline. Offsets and widths are per cent of the horizon."""

    row: SiteForecast
    day: dt.date
    left: float
    width: float


@dataclass(frozen=True)
class Stops:
    """The forecast in short: counts within 3, 7 and 14 days, output at risk, the largest stops in order of day."""

    run: ForecastRun | None
    within: tuple[tuple[int, int], ...] = ()
    total: int = 0
    standing: int = 0
    lost: float = 0.0
    rows: tuple[Stop, ...] = ()
    ticks: tuple[tuple[float, dt.date], ...] = ()


def current_run() -> ForecastRun | None:
    """The newest finished run."""
    return ForecastRun.objects.filter(is_current=True, finished_at__isnull=False).order_by("-pk").first()


def stops(user: "User", at: Clock, *, limit: int = 7) -> Stops:
    """Stops ahead within 14 days in the user's scope; plants that stand already are counted apart."""
    run = current_run()
    if run is None:
        return Stops(None)
    passed = (at.day - run.day).days
    ahead = SiteForecast.objects.filter(
        scope_filter(scope_of(user), "site__enterprise__"), run=run, stop_day__lte=HORIZON + passed
    )
    sums = ahead.order_by().aggregate(
        standing=Count("pk", filter=Q(stop_day__lte=passed)),
        lost=Sum("lost_output", filter=Q(stop_day__gt=passed)),
        **{f"d{n}": Count("pk", filter=Q(stop_day__gt=passed, stop_day__lte=n + passed)) for n in WITHIN},
    )
    largest = (
        ahead.filter(stop_day__gt=passed)
        .order_by(F("lost_output").desc(nulls_last=True), "stop_day", "site_id")
        .select_related("site__region", "site__enterprise", "lead_event")[:limit]
    )
    rows = sorted(largest, key=lambda row: (row.stop_day or 0, -(row.lost_output or 0)))
    return Stops(
        run=run,
        within=tuple((n, sums[f"d{n}"]) for n in WITHIN),
        total=sums[f"d{HORIZON}"],
        standing=sums["standing"],
        lost=sums["lost"] or 0.0,
        rows=tuple(_placed(row, run, passed) for row in rows),
        ticks=tuple((100 * n / HORIZON, at.after(n)) for n in (0, 3, 7, 10)),
    )


def _placed(row: SiteForecast, run: ForecastRun, passed: int) -> Stop:
    begin = max((row.stop_day or 0) - passed, 0)
    recovered = row.recovery_day is not None and row.recovery_day > (row.stop_day or 0)
    end = min(row.recovery_day - passed, HORIZON) if recovered and row.recovery_day is not None else HORIZON
    left, width = 100 * begin / HORIZON, 100 * (end - begin) / HORIZON
    return Stop(row, run.day + dt.timedelta(days=row.stop_day or 0), left, max(width, 2.0))
