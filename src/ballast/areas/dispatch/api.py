"""Dispatch sheets over the API: the days that have one, and the facts of one."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.dispatch import selectors, services
from ballast.areas.dispatch.models import Sheet

router = Router()


class SheetOut(Schema):
    day: dt.date
    scope: str
    issue: int
    since: dt.datetime
    cut_off_at: dt.datetime
    inputs_hash: str = Field(description="SHA-256 over the rows of the ledger that were counted.")
    made_by: str


class SheetDetail(SheetOut):
    facts: dict[str, Any]


@router.get("/dispatch", response=Page[SheetOut])
def sheets(request: SignedRequest, paging: Query[Paging], scope: str = "") -> dict[str, Any]:
    """The last sheet of each day, newest day first; `scope` is a region path such as "/CN/310000/"."""
    return paginate(selectors.sheets(request.user, scope or None), paging.cursor, paging.limit, key="-day")


@router.get("/dispatch/{date}", response=SheetDetail)
def sheet(request: SignedRequest, date: dt.date, scope: str = "") -> Sheet:
    """One day's dispatch sheet with its facts: figures with links, names in both languages, no wording."""
    return services.read_sheet(request.user, date, scope=scope or None)
