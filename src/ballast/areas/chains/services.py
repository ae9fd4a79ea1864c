"""The desk's forecast: run the engine over the register, keep what it found, rank the open cases by it."""

import datetime as dt
import math
import operator
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db import transaction

from ballast.areas.audit.services import record
from ballast.areas.bulk import upsert
from ballast.areas.cases.selectors import open_cases_by_event
from ballast.areas.cases.services import follow_stops, record_output_at_risk
from ballast.areas.chains.events import forecast_finished
from ballast.areas.chains.models import EventForecast, ForecastRun, SiteForecast
from ballast.areas.reference.selectors import now, today
from ballast.areas.registry.frames import frames
from ballast.areas.registry.kept_frames import analysis_frames
from ballast.areas.registry.models import Event, Site
from ballast.core.forecast import Forecast, forecast
from ballast.core.forecast.kept_paths import KeptPaths
from ballast.core.lamps import RED_BELOW
from ballast.tables.network import build_from_frames

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from ballast.core.forecast import Match
    from ballast.core.network import Network

__all__ = ["compute", "run_forecast", "sites_held"]

# Plants whose joint events are tried out one by one: those that lose most, so that the cost does not grow.
_TRIED_OUT = 200
# Rows between two looks at the time: tens of milliseconds at most.
_PIECE = 50
_BREAK_SECONDS = 0.05
T = TypeVar("T")
# The paths of this process's last run, taken out while a run uses them.
_paths: list[KeptPaths] = []


def compute(day: dt.date, horizon: int, *, again: bool = False) -> "tuple[Forecast, dict[str, pl.DataFrame]]":
    """The engine's answer for the whole register on a day, and the tables that it read; `again` as in run_forecast."""
    tables = analysis_frames() if again else frames()
    network, events = build_from_frames(tables, day0=day)
    return forecast(network, events, horizon=horizon), tables


def run_forecast(
    *,
    day: dt.date | None = None,
    horizon: int | None = None,
    actor: str = "forecast job",
    again: bool = False,
    meanwhile: Callable[[], bool] = lambda: False,
    overtaken: Callable[[], bool] = lambda: False,
) -> ForecastRun:
    """The new current run, with a row for every site that stops or slows and the order of open cases by it.

    `day` is day 0 (default today), `horizon` in days (default the setting). Runs of earlier days are kept, one
    a day. Everything is written in one transaction: readers see the run before or this one. `again` is for a process
    that runs it many times: what only a load changes is not read again, and only the cause paths that a change since
    its last run can reach are traced anew; the rows are the same. `meanwhile` is called some times a second before the
    transaction; it answers True when it has put the cases in an order that is newer than this run's. `overtaken` is
    asked within it; it answers True when another process did so.
    """
    newer, next_break = False, 0.0

    def give_way() -> None:
        nonlocal newer, next_break
        # To ask costs a query; what was traced before is there at once, and needs no break.
        if time.monotonic() >= next_break:
            newer = meanwhile() or newer
            next_break = time.monotonic() + _BREAK_SECONDS

    day, horizon = day or today(), horizon or settings.FORECAST_HORIZON
    started = now()
    found, tables = compute(day, horizon, again=again)
    give_way()
    by_event = open_cases_by_event()
    at_risk = found.output_at_risk({event.event_id: [event.event_id] for event in found.events})
    # All that takes seconds comes before the transaction: on SQLite every other writer waits for its end.
    give_way()
    rows = _with_kept_paths(found, give_way) if again else _rows(found, KeptPaths(), give_way)
    events = _event_rows(found, tables, at_risk)
    with transaction.atomic():
        run = ForecastRun.objects.create(
            day=day, horizon=horizon, started_at=started, network_hash=found.network.digest,
            parameters={"horizon": horizon, "events": [e.event_id for e in found.events]},
        )  # fmt: skip
        for row in rows:
            row.run = run
        for event in events:
            event.run = run
        _write(SiteForecast, rows)
        _write(EventForecast, events)
        if not (newer or overtaken()):
            record_output_at_risk({case: at_risk.get(e, 0.0) for e, cases in by_event.items() for case in cases})
        follow_stops(day, {row.site_id: (row.stop_day, row.certain) for row in rows if row.stop_day is not None})
        run.summary = _summary(found, tables, rows)
        run.finished_at = now()
        _make_current(run)
        record(
            "forecast.run", actor, subject_type="forecast", subject_id=str(run.pk),
            detail={"day": day, "horizon": horizon, "network": run.network_hash, "stops": run.summary["stops"]},
        )  # fmt: skip
        forecast_finished.send(ForecastRun, run=run)
    return run


def _write(model: type[SiteForecast] | type[EventForecast], rows: "Sequence[SiteForecast | EventForecast]") -> None:
    """Insert the rows, without reading back their keys."""
    names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    upsert(model, [], names, (operator.attrgetter(*names)(row) for row in rows))


def _make_current(run: ForecastRun) -> None:
    """Show this run; keep the last run of every other day."""
    ForecastRun.objects.filter(is_current=True).exclude(pk=run.pk).update(is_current=False)
    ForecastRun.objects.filter(day=run.day).exclude(pk=run.pk).delete()
    run.is_current = True
    run.save()


def _day(column: "NDArray[np.int32]", site: int) -> int | None:
    """A day of a run's column; None for never."""
    return None if column[site] < 0 else int(column[site])


def _money(column: "NDArray[np.float64]", site: int) -> float | None:
    """Money of a run's column; None for unknown."""
    value = float(column[site])
    return None if math.isnan(value) else value


def _with_kept_paths(found: Forecast, give_way: Callable[[], None]) -> list[SiteForecast]:
    """`_rows`, with what this process traced for its last run; a run beside this one begins with nothing."""
    kept = _paths.pop() if _paths else KeptPaths()
    kept.go_on(found)
    rows = _rows(found, kept, give_way)
    _paths[:] = [kept]
    return rows


def _rows(found: Forecast, kept: KeptPaths, give_way: Callable[[], None]) -> list[SiteForecast]:
    """A row for each site that stops or slows within the horizon, of no run yet; those that stop have a cause path."""
    low, high, network = found.low, found.high, found.network
    touched = [i for i in range(len(network.site_ids)) if low.slow_day[i] >= 0]
    pks = dict(Site.objects.values_list("site_id", "pk"))
    event_pks = dict(Event.objects.values_list("event_id", "pk"))
    certain = found.certain
    rows = []
    for i in _with_breaks(touched, give_way):
        stops = low.stop_day[i] >= 0
        path = kept.path(found, i) if stops else {}
        rows.append(
            SiteForecast(
                site_id=pks[network.site_ids[i]],
                stop_day=_day(low.stop_day, i),
                stop_day_latest=_day(high.stop_day, i),
                certain=bool(certain[i]),
                slow_day=_day(low.slow_day, i),
                red_day=_day(low.red_day, i),
                recovery_day=_day(low.recovery_day, i),
                lost_output=_money(low.lost_output, i),
                lost_output_low=_money(high.lost_output, i),
                lead_event_id=event_pks.get(str(path.get("lead_event"))),
                path=path,
            )
        )
    _mark_needed(rows, found, kept, give_way)
    _name_causes(rows, touched, found, kept, give_way)
    return rows


def _with_breaks(items: Iterable[T], give_way: Callable[[], None]) -> Iterator[T]:
    """The items, with room for other work after every few of them."""
    for number, item in enumerate(items):
        if number % _PIECE == 0:
            give_way()
        yield item


def _event_rows(
    found: Forecast, tables: "dict[str, pl.DataFrame]", at_risk: Mapping[str, float]
) -> list[EventForecast]:
    """A row for each event that the run counted, of no run yet."""
    pks = dict(Event.objects.values_list("event_id", "pk"))
    held = {match.event.event_id: sites_held(match, found.network) for match in found.matches}
    return [
        EventForecast(
            event_id=pks[row["event_id"]], start=row["start"], end=row["end"], capacity_left=row["capacity_left"],
            sites=held[row["event_id"]], output_at_risk=at_risk[row["event_id"]],
        )
        for row in tables["events"].to_dicts()
        if row["event_id"] in pks
    ]  # fmt: skip


def sites_held(match: "Match", network: "Network") -> int:
    """Number of sites that an event holds; of a lane, of the sites that are supplied over it."""
    return len(set(match.sites.tolist()) | set(network.link_customer[match.links].tolist()))


def _mark_needed(rows: list[SiteForecast], found: Forecast, kept: KeptPaths, give_way: Callable[[], None]) -> None:
    """Write into the paths of the plants that lose most which of several events have to go together."""
    joint = [row for row in rows if len(row.path.get("events", ())) > 1]
    joint.sort(key=lambda row: (-(row.lost_output or 0.0), row.path["site"]))
    for row in _with_breaks(joint[:_TRIED_OUT], give_way):
        row.path["needed"] = list(kept.needed(found, found.network.site_index[row.path["site"]], row.path["events"]))


def _name_causes(
    rows: list[SiteForecast], sites: list[int], found: Forecast, kept: KeptPaths, give_way: Callable[[], None]
) -> None:
    """Write for each row which events all have to end; tried for what one event may hold, and for what loses most."""
    for row, site in _with_breaks(zip(rows, sites, strict=True), give_way):
        joint = row.path.get("events", [])
        if len(joint) == 1:
            row.causes = list(kept.needed(found, site, joint)) or joint
        elif joint:
            row.causes = row.path.get("needed") or joint
        elif row.stop_day is None and row.slow_day is not None and row.slow_day < RED_BELOW:
            row.causes = kept.slowed_by(found, site, row.slow_day)


def _summary(found: Forecast, tables: "dict[str, pl.DataFrame]", rows: list[SiteForecast]) -> dict[str, object]:
    """What the run rests on and what it says in total."""
    stops = [row for row in rows if row.stop_day is not None]
    reported = tables["needs"].filter(tables["needs"]["stock"].is_not_null())["site_id"].n_unique()
    return {
        "sites": len(found.network.site_ids),
        "sites_with_needs": tables["needs"]["site_id"].n_unique(),
        "sites_with_a_known_stock": reported,
        "links": tables["links"].height,
        "events": len(found.events),
        "events_without_effect": list(found.unmatched_events),
        "stops": len(stops),
        "stops_certain": sum(row.certain for row in stops),
        "slow": len(rows) - len(stops),
        "lost_output": found.low.total_lost_output,
        "lost_output_low": found.high.total_lost_output,
        "values_unknown": found.values_unknown,
        "rows_unknown": found.rows_unknown,
        "inferred_share": found.inferred_share,
    }
