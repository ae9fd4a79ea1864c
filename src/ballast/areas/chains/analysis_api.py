"""The engine's models over the API: asked of the register as it stands, answered within the person's scope."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError, ListFilters, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.chains import analyses
from ballast.core.network import NetworkError

router = Router()


class ExposureOut(Schema):
    rank: int = Field(description="Among the sites asked about, the dearest failure first.")
    site_id: str
    enterprise_id: str
    stops: int = Field(description="Sites of the whole register that stop, the failed one among them.")
    lost_output: float = Field(description="Money over the whole register; unknown values count 0.")


class ExposureFilters(ListFilters):
    product: str = Field("", max_length=64)
    horizon: float = Field(90.0, ge=1, le=365, description="Days to look ahead.")


class StoppedOut(Schema):
    site_id: str
    enterprise_id: str
    stop_time: float = Field(description="Days after the failure.")
    product: str = Field(description="Input that ran out; empty for a failed site.")


class FailureOut(Schema):
    stops: list[StoppedOut] = Field(description="Sites in your scope that stop, the first ones first.")
    stops_total: int = Field(description="Sites of the whole register that stop, the failed ones among them.")
    lost_output: float = Field(description="Money over the whole register; unknown values count 0.")


class FailureAsk(Schema):
    horizon: float = Field(90.0, ge=1, le=365, description="Days to look ahead.")
    also: list[str] = Field([], max_length=20, description="Ids of sites that fail at the same time.")


class ChoiceOut(Schema):
    cases: list[str] = Field(description="Open cases about one event; to solve them ends it.")
    joint_set: int = Field(description="Choices with one number act upon the same output.")
    alone: float = Field(description="Money recovered when only this is solved.")
    in_set: float = Field(description="Money lost again when this alone is left out.")
    as_good: list[str] = Field(description="Cases that could take its place without loss.")


class PlanOut(Schema):
    choices: list[ChoiceOut] = Field(description="In the order to take them.")
    value: float = Field(description="Money that the set recovers over the horizon, by the forecast.")
    bound: float = Field(description="What no set of that size exceeds.")
    recoverable: float = Field(description="Money that all weighed cases together recover.")
    left_out: int = Field(description="Open cases beyond those that were weighed, of least output at risk.")


class PlanAsk(Schema):
    limit: int = Field(5, ge=1, le=20, description="Most cases that can be solved.")
    horizon: int = Field(30, ge=1, le=120, description="Days to look ahead.")


class SurvivalOut(Schema):
    site_id: str
    time_to_survive: float | None = Field(description="Days; null: not limited.")
    unlimited: bool
    time_to_recover: float | None = Field(description="Days; null: unknown.")
    alarm: bool = Field(description="Recovery takes longer than demand can be met.")
    loss_at_recovery: float | None = Field(description="Money; null where the time to recover is unknown.")
    time_to_survive_at_rest: float | None = Field(description="Days when nothing stops; null: not limited.")


class SurvivalAsk(Schema):
    capacity: float = Field(1.0, ge=0, le=10, description="Most that a site can make, as a part of normal output.")


class ConcentrationOut(Schema):
    site_id: str
    product: str
    by: str
    sources: int = Field(description="Named sources.")
    unknown_share: float | None = Field(description="Share whose source is unknown, 0..1.")
    largest_source: str | None
    largest_low: float | None = Field(description="The largest share is at least this.")
    largest_high: float | None
    hhi_low: float | None = Field(description="Sum of squared shares, at least.")
    hhi_high: float | None
    effective_low: float | None = Field(description="As many equal sources would be as concentrated, at least.")
    effective_high: float | None = Field(description="Null: no most.")
    single_source: str | None = Field(description="certain, possible or no; null where nothing is supplied.")


class ConcentrationFilters(ListFilters):
    by: Literal["site", "enterprise", "country"] = Field("site", description="What counts as one source.")


@contextmanager
def _answered() -> Iterator[None]:
    """What the engine refuses, and a turn that did not come, in the API's words."""
    try:
        yield
    except NetworkError as error:
        raise ApiError(code="invalid", message=str(error)) from None
    except analyses.BusyError:
        message = _("Too many requests. Wait and try again.")
        raise ApiError(code="too_many_requests", message=message, status=429) from None


@router.get("/exposure", response=Page[ExposureOut])
def exposure(request: SignedRequest, paging: Query[Paging], filters: Query[ExposureFilters]) -> Any:
    """What the failure of each site in scope alone stops and loses, the worst first."""
    given = filters.dict(exclude={"horizon"})
    with _answered():
        rows = analyses.exposure(request.user, horizon=filters.horizon, filters=given)
    return paginate(rows, paging.cursor, paging.limit, key="rank")


@router.get("/sites/{site_id}/failure", response=FailureOut)
def failure(request: SignedRequest, site_id: str, asked: Query[FailureAsk]) -> Any:
    """What stops, and when, once a site delivers nothing from now on. 404 for a site out of scope."""
    with _answered():
        return vars(analyses.failure(request.user, [site_id, *asked.also], horizon=asked.horizon))


@router.get("/sites/{site_id}/survival", response=SurvivalOut)
def survival(request: SignedRequest, site_id: str, asked: Query[SurvivalAsk]) -> Any:
    """How long demand can be met when a site stops, and whether it recovers sooner. 404 for a site out of scope."""
    with _answered():
        return analyses.survival(request.user, site_id, capacity=asked.capacity)


@router.get("/concentrations", response=Page[ConcentrationOut])
def concentrations(request: SignedRequest, paging: Query[Paging], filters: Query[ConcentrationFilters]) -> Any:
    """Who supplies each input of the sites in scope, and how concentrated that is; bounds where shares are unknown."""
    with _answered():
        rows = analyses.concentrations(request.user, by=filters.by, filters=filters.dict(exclude={"by"}))
    return paginate(rows, paging.cursor, paging.limit, key="key")


@router.get("/plan", response=PlanOut)
def plan(request: SignedRequest, asked: Query[PlanAsk]) -> Any:
    """Which open cases in scope to solve first, as a set, with what no set of that size exceeds."""
    with _answered():
        proposed = analyses.proposal(request.user, limit=asked.limit, horizon=asked.horizon)
    found = proposed.found
    return {
        "choices": [
            {
                "cases": proposed.cases[choice.group], "joint_set": choice.joint_set, "alone": choice.alone,
                "in_set": choice.in_set, "as_good": choice.as_good,
            }
            for choice in found.choices
        ],
        "value": found.chosen.value, "bound": found.chosen.bound, "recoverable": found.recoverable,
        "left_out": proposed.left_out,
    }  # fmt: skip
