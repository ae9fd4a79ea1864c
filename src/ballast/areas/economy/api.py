"""Bulk materials over the API."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from ninja import Field, Query, Router, Schema, Status

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.economy.filings.api import router as filings
from ballast.areas.economy.materials import selectors
from ballast.areas.economy.materials.lamps import Half
from ballast.areas.economy.materials.origins import origins
from ballast.areas.economy.materials.selectors import Material
from ballast.areas.economy.models import MaterialReview
from ballast.areas.economy.reviews import services
from ballast.areas.economy.reviews.services import LONGEST

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


class ReviewDueOut(Schema):
    due: dt.date
    every: int = Field(description="Days between reviews.")
    season: str = Field(description="The open season that asks for it; empty: its grade.")
    last: dt.date | None
    overdue: bool


class GradeOut(Schema):
    grade: str
    value: float = Field(description="Share of the largest country of origin, per cent.")
    since: dt.date


class ReviewIn(Schema):
    note: str = Field(min_length=1, max_length=LONGEST, description="What the review found.")


class ReviewOut(Schema):
    day: dt.date
    note: str
    person: str


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
    grade: GradeOut | None = Field(description="Review grade by its origin.")
    review: ReviewDueOut | None = Field(description="The next review; none when no grade or open season asks for one.")


class OriginOut(Schema):
    country: str = Field(alias="code", description="ISO 3166; XA to XZ are nobody's.")
    share: float = Field(description="Per cent of the imports.")


class OriginsOut(Schema):
    period: str
    published: dt.datetime
    shares: list[OriginOut] = Field(description="The largest first.")
    rest: float = Field(description="Per cent of countries that are not named.")


class MaterialDetailOut(MaterialOut):
    origins: OriginsOut | None = Field(description="Shares of its imports by country of origin.")
    industries: list[IndustryEffectOut]
    reviews: list[ReviewOut] = Field(description="Reviews that were held, the last first.")


def _half(half: Half) -> dict[str, Any]:
    return {
        "level": str(half.level), "value": half.value, "why": half.why, "period": half.period,
        "published": half.published,
    }  # fmt: skip


def _shown(found: Material) -> dict[str, Any]:
    one, lamps = found.commodity, found.lamps
    graded, review = lamps.graded, found.review
    return {
        "grade": {"grade": graded.grade, "value": graded.value, "since": graded.since} if graded else None,
        "review": review._asdict() if review else None,
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
        "industries": [{"code": i.code, "name": i.name, "share": i.share} for i in found.industries],
        "origins": origins(commodity_id),
        "reviews": [_review(row) for row in selectors.reviews(found.commodity)],
    }


@router.post("/materials/{commodity_id}/reviews", response={201: ReviewOut})
def review(request: SignedRequest, commodity_id: str, body: ReviewIn) -> Any:
    """Note that a material was reviewed today; the next review counts from it."""
    try:
        row = services.review(request.user, commodity_id, body.note)
    except ValidationError as error:
        fields = [(name, text) for name, told in error.message_dict.items() for text in told]
        code = "invalid"
        raise ApiError(code, " ".join(error.messages), 422, fields) from None
    return Status(201, _review(row))


def _review(row: MaterialReview) -> dict[str, Any]:
    return {"day": row.day, "note": row.note, "person": row.person.get_username() if row.person else ""}
