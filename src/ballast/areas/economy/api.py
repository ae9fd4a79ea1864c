"""Bulk materials over the API."""

import datetime as dt
from typing import Any

from ninja import Field, Query, Router, Schema

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.economy.filings.api import router as filings
from ballast.areas.economy.materials import selectors
from ballast.areas.economy.materials.lamps import Half
from ballast.areas.economy.materials.selectors import Material

router = Router()
router.add_router("", filings)


class HitOut(Schema):
    level: str
    months: int = Field(description="Months in the past at this level, with what was known at the time.")
    followed: int = Field(description="Of them followed by a rise of 20 % within three months.")
    chance: float | None


class HalfOut(Schema):
    level: str
    value: float | None
    why: str = Field(
        description="Why there is no value: not_named, nothing, missing, too_short, no_verdict, refused, few."
    )
    period: str
    published: dt.datetime | None


class WatchOut(Schema):
    rule: str
    title: str
    open: bool
    day: dt.date = Field(description="Last day while it is open; else the day on which it opens.")


class IndustryEffectOut(Schema):
    code: str
    name: str
    share: float = Field(description="Part of a rise of the seller's price that reaches this industry's price.")


class MaterialOut(Schema):
    commodity_id: str
    name: str
    name_zh: str
    product: str | None
    special: bool
    level: str
    price: HalfOut
    trend: HalfOut
    cover: HalfOut = Field(description="Days.")
    gap: HalfOut = Field(description="Per cent of the need.")
    short: HalfOut = Field(description="Per cent of the reporting enterprises that are short of the product.")
    hits: list[HitOut]
    watches: list[WatchOut]
    plants: int = Field(description="Sites in your scope that need it.")


class MaterialDetailOut(MaterialOut):
    industries: list[IndustryEffectOut]


def _half(half: Half) -> dict[str, Any]:
    return {
        "level": str(half.level), "value": half.value, "why": half.why, "period": half.period,
        "published": half.published,
    }  # fmt: skip


def _shown(found: Material) -> dict[str, Any]:
    one, lamps = found.commodity, found.lamps
    return {
        "commodity_id": one.commodity_id, "name": one.name, "name_zh": one.name_zh, "product": one.product_id,
        "special": one.special, "level": str(lamps.level), "price": _half(lamps.price), "trend": _half(lamps.trend),
        "cover": _half(lamps.cover), "gap": _half(lamps.gap), "short": _half(lamps.short), "plants": found.plants,
        "hits": [
            {"level": str(hit.level), "months": hit.months, "followed": hit.followed, "chance": hit.chance}
            for hit in lamps.price.hits
        ],
        "watches": [{"rule": w.rule.name, "title": w.title, "open": w.open, "day": w.day} for w in found.watches],
    }  # fmt: skip


@router.get("/materials", response=list[MaterialOut])
def materials(request: SignedRequest, special: bool = Query(False, description="Special items only.")) -> Any:
    """Every bulk material with its lamp, worst first."""
    require(request.user, "view_desk")
    return [_shown(one) for one in selectors.board(request.user, special=special)]


@router.get("/materials/{commodity_id}", response=MaterialDetailOut)
def material(request: SignedRequest, commodity_id: str) -> Any:
    """One bulk material, with what a rise of its sector's price does to industries."""
    require(request.user, "view_desk")
    found = selectors.material(request.user, commodity_id)
    return _shown(found) | {
        "industries": [{"code": i.code, "name": i.name, "share": i.share} for i in found.industries]
    }
