"""Dispatch sheets over the API: the days that have one, and the facts of one."""

import datetime as dt
from typing import Any

from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ListFilters, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.dispatch import register, selectors, services
from ballast.areas.dispatch.circular_api import router as circular_router
from ballast.areas.dispatch.models import Sheet

router, _sheets = Router(), Router()
# The circulars first: a sheet's address would be taken for theirs.
router.add_router("", circular_router)
router.add_router("", _sheets)


class DispatchSheetOut(Schema):
    day: dt.date
    scope: str
    issue: int
    since: dt.datetime
    cut_off_at: dt.datetime
    inputs_hash: str = Field(description="SHA-256 over the rows of the ledger that were counted.")
    made_by: str


class LedgerFilters(ListFilters):
    kind: str = Field("", max_length=20)
    state: str = Field("all", max_length=20, description="open, all, or one state.")
    desk: str = Field("", max_length=16, description="Code of the region that leads now.")
    month: str = Field("", max_length=7, description="Of filing, e.g. 2022-04.")
    overdue: bool = False


class SheetDetail(DispatchSheetOut):
    facts: dict[str, Any]


class LedgerOut(Schema):
    """One case with the fields of a problem ledger; names in the language of the request."""

    number: str
    filed_at: dt.datetime
    enterprise: str
    enterprise_id: str
    region: str
    site_id: str
    kind: str
    problem: str
    details: str = Field(description="In the enterprise's words.")
    lead: str = Field(description="Desk that leads.")
    owner: str
    helpers: str
    measure: str = Field(description="What the desk said last that it does; never an internal note.")
    due_at: dt.datetime
    lamp: str
    state: str
    state_since: dt.datetime
    result: str = Field(description="What the desk said when it last reported the case as solved.")
    proof: str = Field(description="Names of the files.")
    solved_by: str
    satisfied: str = Field(description="yes or no in the language of the request; empty without an answer.")
    opinion: str
    closed_at: dt.datetime | None
    output_at_risk: float | None
    waits_for: int = Field(description="Open children that it waits for; before they close it is not solved or closed.")


@_sheets.get("/dispatch/ledger", response=Page[LedgerOut])
def ledger(request: SignedRequest, paging: Query[Paging], filters: Query[LedgerFilters]) -> dict[str, Any]:
    """The problem ledger by number; as a file it is at /dispatch/ledger/?format=csv."""
    require(request.user, "view_desk")
    given = {key: str(value) if value is not True else "1" for key, value in filters.dict().items() if value}
    found = paginate(register.rows(request.user, given).only("number"), paging.cursor, paging.limit, key="number")
    shown = list(register.lines([case.pk for case in found["items"]], get_language() or "en"))
    record_read(request.user, {line.enterprise_id for line in shown}, "case")
    return {"items": [line._asdict() for line in shown], "next": found["next"]}


@_sheets.get("/dispatch", response=Page[DispatchSheetOut])
def sheets(request: SignedRequest, paging: Query[Paging], scope: str = "") -> dict[str, Any]:
    """The last sheet of each day, newest day first; `scope` is a region path such as "/CN/310000/"."""
    return paginate(selectors.sheets(request.user, scope or None), paging.cursor, paging.limit, key="-day")


@_sheets.get("/dispatch/{date}", response=SheetDetail)
def sheet(request: SignedRequest, date: dt.date, scope: str = "") -> Sheet:
    """One day's dispatch sheet with its facts: figures with links, names in both languages, no wording."""
    return services.read_sheet(request.user, date, scope=scope or None)
