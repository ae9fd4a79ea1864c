"""What stops next, in short: counts, output at risk, and the largest stops ahead in order of day."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from ballast.areas.chains import selectors as chains
from ballast.areas.chains.models import ForecastRun
from ballast.areas.registry.listing import first_of
from ballast.web.board.clock import Clock

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["HORIZON", "Ahead", "ahead"]

HORIZON = 14
WITHIN = (3, 7, 14)


@dataclass(frozen=True)
class Ahead:
    """Stops still to come within 14 days; plants that stand already are counted apart."""

    run: ForecastRun | None
    within: tuple[tuple[int, int], ...] = ()
    standing: int = 0
    lost: float = 0.0
    rows: chains.Stops | None = None


def ahead(user: "User", at: Clock, *, limit: int = 7) -> Ahead:
    """The forecast that is shown now, for the user's scope."""
    run = chains.current_run()
    if run is None:
        return Ahead(None)
    passed = (at.day - run.day).days
    sums = (
        chains.visible_forecasts(user, run=run)
        .order_by()
        .aggregate(
            standing=Count("pk", filter=Q(stop_day__lte=passed)),
            lost=Sum("lost_output", filter=Q(stop_day__gt=passed, stop_day__lte=HORIZON + passed)),
            **{f"d{n}": Count("pk", filter=Q(stop_day__gt=passed, stop_day__lte=n + passed)) for n in WITHIN},
        )
    )
    largest = first_of(chains.filtered(user, filters={"days": str(HORIZON), "sort": "-lost"}), limit, chains.with_sites)
    found = sorted(largest, key=lambda row: (row.stop_day or 0, -(row.lost_output or 0)))
    return Ahead(
        run=run,
        within=tuple((n, sums[f"d{n}"]) for n in WITHIN),
        standing=sums["standing"],
        lost=sums["lost"] or 0.0,
        rows=chains.as_stops(user, found, days=HORIZON, total=sums[f"d{HORIZON}"], run=run),
    )
