"""Briefs: the days that have one, and the facts of one day."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema

from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.briefs import selectors, services
from ballast.areas.briefs.models import Brief

router = Router()


class BriefOut(Schema):
    day: dt.date
    scope: str
    issue: int
    cut_off_at: dt.datetime
    made_by: str


class BriefDetail(BriefOut):
    facts: dict[str, Any]


@router.get("/briefs", response=Page[BriefOut])
def briefs(request: SignedRequest, paging: Query[Paging], scope: str = "") -> dict[str, Any]:
    """The last issue of each day's brief, newest day first; `scope` is a region path such as "/CN/310000/"."""
    return paginate(selectors.days(request.user, scope or None), paging.cursor, paging.limit, key="-day")


@router.get("/briefs/{date}", response=BriefDetail)
def brief(request: SignedRequest, date: dt.date, scope: str = "") -> Brief:
    """One day's brief with its facts: figures with links, names in both languages, no wording."""
    return services.current(request.user, date, scope=scope or None)
