"""The current forecast over the API."""

import datetime as dt
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ListFilters, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.chains import analysis_api, selectors
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.chains.paths import path_of

router = Router()
router.add_router("", analysis_api.router)


class ForecastOut(Schema):
    day: dt.date = Field(description="Day 0.")
    horizon: int = Field(description="Days looked ahead.")
    finished_at: dt.datetime
    network_hash: str
    parameters: dict[str, Any]
    summary: dict[str, Any] = Field(description="Over the whole register; only for who sees all of it.")
    stops_in_scope: dict[str, int] = Field(description="Sites in your scope that stop within so many days.")


class StopOut(Schema):
    site_id: str
    enterprise_id: str
    region: str
    product: str
    stop_day: int | None = Field(description="Earliest day, unknown stocks taken as empty; null: slows only.")
    stop_day_latest: int | None
    certain: bool
    slow_day: int | None
    red_day: int | None
    recovery_day: int | None
    lost_output: float | None = Field(description="Money at most; null: value of output unknown.")
    lost_output_low: float | None = Field(description="Money at least.")
    cause: str


class FactOut(Schema):
    source: str
    target: str
    product: str
    share: float
    cover_days: float | None
    lead_days: int
    inferred: bool
    leading: bool


class PathOut(StopOut):
    events: list[str] = Field(description="Ids of the events needed together, as far as they are in your scope.")
    hidden_events: int
    path: list[FactOut]


class StopFilters(ListFilters):
    within: int | None = Field(None, ge=0, le=3660, description="Stop day at most so many days from today.")
    certain: bool | None = None
    event: str = Field("", max_length=64)


def _shown(row: SiteForecast, cause: str) -> dict[str, Any]:
    names = (
        "stop_day", "stop_day_latest", "certain", "slow_day", "red_day", "recovery_day", "lost_output",
        "lost_output_low",
    )  # fmt: skip
    site = row.site
    found = {name: getattr(row, name) for name in names}
    found |= {"site_id": site.site_id, "enterprise_id": site.enterprise.enterprise_id}
    return found | {"region": site.region_id, "product": site.product_id, "cause": cause}


def _run() -> ForecastRun:
    run = selectors.current_run()
    if run is None:
        raise ObjectDoesNotExist
    return run


@router.get("/forecasts/current", response=ForecastOut)
def current_forecast(request: SignedRequest) -> Any:
    """The forecast that the pages show; 404 before the first."""
    require(request.user, "view_desk")
    run = _run()
    counts = selectors.stop_counts(request.user)
    return {
        "day": run.day, "horizon": run.horizon, "finished_at": run.finished_at, "network_hash": run.network_hash,
        "parameters": {"horizon": run.horizon}, "summary": run.summary if selectors.sees_all(request.user) else {},
        "stops_in_scope": {str(days): count for days, count in counts.items()},
    }  # fmt: skip


@router.get("/stops", response=Page[StopOut])
def stops(request: SignedRequest, paging: Query[Paging], filters: Query[StopFilters]) -> Any:
    """Sites in scope that stop within the forecast."""
    require(request.user, "view_desk")
    given = {key: str(value) for key, value in filters.dict(exclude={"certain"}).items() if value not in (None, "")}
    if filters.certain is not None:
        given["certain"] = "1" if filters.certain else "0"
    run = selectors.current_run()
    page = paginate(selectors.filtered(request.user, filters=given), paging.cursor, paging.limit)
    found = selectors.as_stops(request.user, page["items"], days=run.horizon if run else 1, total=0, run=run)
    return {"items": [_shown(stop.forecast, stop.cause) for stop in found], "next": page["next"]}


@router.get("/stops/{site_id}", response=PathOut)
def stop(request: SignedRequest, site_id: str) -> Any:
    """Why one site stops or slows: its cause path as facts, the plant first. 404 when it runs in full."""
    require(request.user, "view_desk")
    found = path_of(request.user, site_id)
    if found.forecast is None or found.run is None:
        raise ObjectDoesNotExist
    run = found.run
    found.forecast.site = found.site
    shown = selectors.as_stops(request.user, [found.forecast], days=run.horizon, total=1, run=run)[0]
    return _shown(found.forecast, shown.cause) | {
        "events": [event.event_id for event in found.events],
        "hidden_events": found.hidden_events,
        "path": [vars(fact) for fact in found.facts],
    }
