"""Lamps: the parts-cover level of every input in scope."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema

from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts import selectors
from ballast.areas.audit.services import record_read

router = Router()
_RELATED = ("need__site", "need__product", "enterprise")


class LampOut(Schema):
    id: int
    site_id: str
    enterprise_id: str
    product: str
    unit: str
    level: str
    held: str
    since: dt.datetime
    cover_days: float | None
    stock: float | None
    blocked_stock: float
    daily_use: float
    reported_at: dt.datetime | None

    @staticmethod
    def made(lamp: Any) -> dict[str, Any]:
        need = lamp.need
        return {
            "id": lamp.pk,
            "site_id": need.site.site_id,
            "enterprise_id": lamp.enterprise.enterprise_id,
            "product": need.product_id,
            "unit": need.unit_id,
            "level": lamp.level,
            "held": lamp.held,
            "since": lamp.since,
            "cover_days": lamp.cover_days,
            "stock": need.stock,
            "blocked_stock": need.blocked_stock,
            "daily_use": need.daily_use,
            "reported_at": need.reported_at,
        }


class ChangeOut(Schema):
    at: dt.datetime
    level_before: str
    level: str
    cover_days: float | None
    rule: str
    inputs: dict[str, Any]


class LampDetailOut(LampOut):
    reason: dict[str, Any]
    changes: list[ChangeOut]


@router.get("/lamps", response=Page[LampOut])
def lamps(
    request: SignedRequest,
    paging: Query[Paging],
    level: str = "",
    region: str = "",
    chain: str = "",
    product: str = "",
    enterprise: str = "",
    q: str = "",
) -> Any:
    """Lamps in scope; the filters are those of the page."""
    rows = selectors.filter_lamps(
        selectors.visible_lamps(request.user),
        level=level, region=region, chain=chain, product=product, enterprise=enterprise, q=q,
    )  # fmt: skip
    page = paginate(rows.select_related(*_RELATED), paging.cursor, paging.limit, key="pk")
    record_read(request.user, {row.enterprise.enterprise_id for row in page["items"]}, "stocks")
    return {"items": [LampOut.made(row) for row in page["items"]], "next": page["next"]}


@router.get("/lamps/{int:lamp_id}", response=LampDetailOut)
def lamp(request: SignedRequest, lamp_id: int) -> Any:
    """One lamp with its inputs and every change of level."""
    row = selectors.get_lamp(request.user, lamp_id)
    record_read(request.user, [row.enterprise.enterprise_id], "stocks")
    return {**LampOut.made(row), "reason": row.reason, "changes": list(row.need.lamp_changes.all()[:200])}
