"""Lamps: the parts-cover level of every input in scope."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import ListFilters, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts import selectors
from ballast.areas.alerts.rulebook.api import router as rule_router
from ballast.areas.audit.services import record_read

router = Router()
router.add_router("", rule_router)
_RELATED = ("need__site", "need__product", "enterprise")


class LampOut(Schema):
    id: int = Field(alias="pk")
    site_id: str = Field(alias="need.site.site_id")
    enterprise_id: str = Field(alias="enterprise.enterprise_id")
    product: str = Field(alias="need.product_id")
    unit: str = Field(alias="need.unit_id")
    level: str
    held: str
    since: dt.datetime
    cover_days: float | None
    stock: float | None = Field(alias="need.stock")
    blocked_stock: float = Field(alias="need.blocked_stock")
    daily_use: float = Field(alias="need.daily_use")
    reported_at: dt.datetime | None = Field(alias="need.reported_at")


class ChangeOut(Schema):
    at: dt.datetime
    level_before: str
    level: str
    cover_days: float | None
    rule: str
    inputs: dict[str, Any]


class LampDetailOut(LampOut):
    reason: dict[str, Any]
    changes: list[ChangeOut] = Field(description="Newest first, at most 200.")

    @staticmethod
    def resolve_changes(lamp: Any) -> list[Any]:
        return list(lamp.need.lamp_changes.all()[:200])


class LampFilters(ListFilters):
    level: str = Field("", max_length=12)
    product: str = Field("", max_length=64)
    enterprise: str = Field("", max_length=64)


@router.get("/lamps", response=Page[LampOut])
def lamps(request: SignedRequest, paging: Query[Paging], filters: Query[LampFilters]) -> Any:
    """Lamps in scope; the filters are those of the page."""
    rows = selectors.filter_lamps(selectors.visible_lamps(request.user), **filters.dict())
    page = paginate(rows.select_related(*_RELATED), paging.cursor, paging.limit, key="pk")
    record_read(request.user, {row.enterprise.enterprise_id for row in page["items"]}, "stocks")
    return page


@router.get("/lamps/{int:lamp_id}", response=LampDetailOut)
def lamp(request: SignedRequest, lamp_id: int) -> Any:
    """One lamp with its inputs and every change of level."""
    row = selectors.get_lamp(request.user, lamp_id)
    record_read(request.user, [row.enterprise.enterprise_id], "stocks")
    return row
