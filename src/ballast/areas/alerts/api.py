"""Lamps: the parts-cover level of every input in scope."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ListFilters, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts import asking, selectors
from ballast.areas.alerts.answers import api as answers_api
from ballast.areas.alerts.answers.selectors import answers_of
from ballast.areas.alerts.rulebook.api import router as rule_router
from ballast.areas.audit.services import record_read

router = Router()
router.add_router("", rule_router)
router.add_router("", answers_api.router)
_RELATED = ("need__site", "need__product", "enterprise", "flaps")


class LampOut(Schema):
    id: int = Field(alias="pk")
    site_id: str = Field(alias="need.site.site_id")
    enterprise_id: str = Field(alias="enterprise.enterprise_id")
    product: str = Field(alias="need.product_id")
    unit: str = Field(alias="need.unit_id")
    level: str
    held: str
    since: dt.datetime
    flapping: bool = Field(False, description="Its level changes too often to be told each time.")
    cover_days: float | None
    stock: float | None = Field(alias="need.stock")
    blocked_stock: float = Field(alias="need.blocked_stock")
    daily_use: float = Field(alias="need.daily_use")
    reported_at: dt.datetime | None = Field(alias="need.reported_at")

    @staticmethod
    def resolve_flapping(lamp: Any) -> bool:
        return hasattr(lamp, "flaps")


class ChangeOut(Schema):
    at: dt.datetime
    level_before: str
    level: str
    cover_days: float | None
    rule: str
    inputs: dict[str, Any]


class LampDetailOut(LampOut):
    reason: dict[str, Any]
    answers: list[answers_api.AnswerOut] = Field(
        alias="shown_answers", description="Acknowledgements and silences that hold, newest first."
    )
    changes: list[ChangeOut] = Field(description="Newest first, at most 200.")

    @staticmethod
    def resolve_changes(lamp: Any) -> list[Any]:
        return list(lamp.need.lamp_changes.all()[:200])


class LampFilters(ListFilters):
    level: str = Field("", max_length=12)
    product: str = Field("", max_length=64)
    enterprise: str = Field("", max_length=64)
    answer: str = Field("", pattern="^(|acknowledged|silenced|none)$", description="An answer that holds, or none.")
    flapping: bool = Field(False, description="true: those whose level changes too often.")


@router.get("/lamps", response=Page[LampOut])
def lamps(request: SignedRequest, paging: Query[Paging], filters: Query[LampFilters]) -> Any:
    """Lamps in scope; the filters are those of the page."""
    rows = selectors.filter_lamps(
        selectors.visible_lamps(request.user), **filters.dict() | {"flapping": "1" if filters.flapping else ""}
    )
    page = paginate(rows.select_related(*_RELATED), paging.cursor, paging.limit, key="pk")
    record_read(request.user, {row.enterprise.enterprise_id for row in page["items"]}, "stocks")
    return page


@router.get("/lamps/{int:lamp_id}", response=LampDetailOut)
def lamp(request: SignedRequest, lamp_id: int) -> Any:
    """One lamp with its inputs and every change of level."""
    row = selectors.get_lamp(request.user, lamp_id)
    record_read(request.user, [row.enterprise.enterprise_id], "stocks")
    row.shown_answers = answers_of(request.user, [row]).get(row.pk, [])  # type: ignore[attr-defined]
    return row


class ReportAskedOut(Schema):
    """A missing report: in which share of what it may say it settles the lamp; days of cover that it can say."""

    lamp: int
    site_id: str
    product: str
    reported_at: dt.datetime | None
    settles: float
    least: float
    most: float


class UnsettledOut(Schema):
    """An enterprise whose lamp is not settled, and the levels between which it is."""

    enterprise_id: str
    mildest: str
    worst: str
    reports: list[ReportAskedOut]


class AskOut(Schema):
    """Those that can be worst first; `unsettled` counts all of them."""

    unsettled: int
    enterprises: list[UnsettledOut]


class AskFilters(Schema):
    """Which enterprises, and how many of them."""

    region: str = Field("", max_length=16, description="Region code: the region and what lies below it.")
    chain: str = Field("", max_length=32)
    limit: int = Field(25, ge=1, le=100)


@router.get("/ask-first", response=AskOut)
def ask_first(request: SignedRequest, filters: Query[AskFilters]) -> dict[str, Any]:
    """Enterprises whose lamp depends on who has not reported, each with the reports that settle most."""
    user = request.user
    require(user, "view_desk")
    found = asking.unsettled(user, region=filters.region, chain=filters.chain)
    rows = found[: filters.limit]
    named = asking.with_reports(user, [row.enterprise for row in rows])
    shown = [_unsettled(row, named[row.enterprise]) for row in rows]
    record_read(user, {row["enterprise_id"] for row in shown}, "stocks")
    return {"unsettled": len(found), "enterprises": shown}


def _unsettled(row: asking.Unsettled, asked: list[asking.Asked]) -> dict[str, Any]:
    reports = [
        {
            "lamp": one.lamp.pk, "site_id": one.lamp.need.site.site_id, "product": one.lamp.need.product_id,
            "reported_at": one.lamp.need.reported_at, "settles": one.settles, "least": one.least, "most": one.most,
        }
        for one in asked
    ]  # fmt: skip
    levels = {"mildest": row.mildest, "worst": row.worst}
    return {"enterprise_id": asked[0].lamp.enterprise.enterprise_id, **levels, "reports": reports}
