"""Stock and operating reports, in and out."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ApiError, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.registry.models import Enterprise, Need
from ballast.areas.registry.selectors import get_enterprise
from ballast.areas.reports import selectors, services
from ballast.areas.reports.rows import RowsError, StockRow
from ballast.areas.reports.turnout import MOST_DAYS, turnout

router = Router()


class StockIn(Schema):
    site_id: str = Field(max_length=64)
    product: str = Field(max_length=64)
    stock: float
    blocked_stock: float = 0.0
    in_transit: float = 0.0
    daily_use: float | None = Field(None, description="Left out: the planned use stays.")


class StocksIn(Schema):
    day: dt.date | None = Field(None, description="Left out: today.")
    rows: list[StockIn] = Field(min_length=1, max_length=10_000)


class StockReportOut(Schema):
    id: int
    site_id: str = Field(alias="need.site.site_id")
    product: str = Field(alias="need.product_id")
    day: dt.date
    version: int
    stock: float
    blocked_stock: float
    in_transit: float
    daily_use: float
    reported_at: dt.datetime
    withdrawn_at: dt.datetime | None
    source: str


class ReceiptOut(Schema):
    day: dt.date
    at: dt.datetime
    reported: int = Field(description="New versions stored.")
    unchanged: int = Field(description="Rows that said what the day's newest version says already.")
    ids: list[int]


class OperationIn(Schema):
    enterprise_id: str = Field(max_length=64)
    operation: Enterprise.Operation
    staff_share: float | None = Field(None, ge=0, le=1)
    capacity_share: float | None = Field(None, ge=0, le=1)
    remark: str = Field("", max_length=500)
    shipped_share: float | None = Field(None, ge=0, le=1, description="Only while a mode asks for it.")
    own_stop_days: float | None = Field(None, ge=0, le=366, description="Only while a mode asks for it.")
    day: dt.date | None = Field(None, description="Left out: today.")


class OperatingReportOut(Schema):
    id: int
    enterprise_id: str = Field(alias="enterprise.enterprise_id")
    day: dt.date
    version: int
    operation: str
    staff_share: float | None
    capacity_share: float | None
    remark: str
    shipped_share: float | None
    own_stop_days: float | None
    reported_at: dt.datetime
    withdrawn_at: dt.datetime | None


class RateOut(Schema):
    day: dt.date
    due: int = Field(description="Reports of sites that were due on the day; two a site where a mode asks for two.")
    received: int
    in_time: int
    rate: float | None = Field(description="Received of due; null when nothing was due.")


@router.get("/stock-reports", response=Page[StockReportOut])
def stock_reports(
    request: SignedRequest, paging: Query[Paging], site: str = "", product: str = "", day: dt.date | None = None
) -> Any:
    """Stock reports in scope, every version, newest first."""
    rows = selectors.visible_stock_reports(request.user).select_related("need__site__enterprise")
    if site:
        rows = rows.filter(need__site__site_id=site)
    if product:
        rows = rows.filter(need__product_id=product)
    if day:
        rows = rows.filter(day=day)
    page = paginate(rows, paging.cursor, paging.limit, key="-pk")
    record_read(request.user, {row.need.site.enterprise.enterprise_id for row in page["items"]}, "stocks")
    return page


@router.post("/stock-reports", response={201: ReceiptOut})
def report_stocks(request: SignedRequest, given: StocksIn) -> Any:
    """Report stocks of one's own inputs; all rows or none. The same figures again change nothing."""
    require(request.user, "report")
    needs = {(need.site.site_id, need.product_id): need for need in selectors.own_needs(request.user)}
    rows = []
    for row in given.rows:
        need = needs.get((row.site_id, row.product))
        if need is None:
            raise Need.DoesNotExist
        rows.append(StockRow(need, row.stock, row.blocked_stock, row.in_transit, row.daily_use))
    try:
        receipt = services.report_stocks(request.user, rows, source="api", day=given.day)
    except RowsError as error:
        fields = [(f"rows.{p.row}.{p.field}", p.message) for p in error.problems]
        code = "invalid"
        raise ApiError(code, " ".join(error.messages), 422, fields) from error
    ids = [report.pk for report in receipt.reports]
    return Status(
        201,
        {"day": receipt.day, "at": receipt.at, "reported": len(ids), "unchanged": receipt.unchanged, "ids": ids},
    )


@router.post("/stock-reports/{int:report_id}/withdraw", response=StockReportOut)
def withdraw_stock_report(request: SignedRequest, report_id: int) -> Any:
    """Withdraw a report of one's own; the version or the day before it counts again."""
    require(request.user, "report")
    report = services.withdraw_report(selectors.get_report(request.user, report_id), acting_user=request.user)
    return selectors.get_report(request.user, report.pk)


@router.get("/operating-reports", response=Page[OperatingReportOut])
def operating_reports(request: SignedRequest, paging: Query[Paging], enterprise: str = "") -> Any:
    """Operating reports in scope, every version, newest first."""
    rows = selectors.visible_operating_reports(request.user).select_related("enterprise")
    if enterprise:
        rows = rows.filter(enterprise__enterprise_id=enterprise)
    return paginate(rows, paging.cursor, paging.limit, key="-pk")


@router.get("/reporting-rates", response=list[RateOut])
def reporting_rates(request: SignedRequest, days: int = Query(7, ge=1, le=MOST_DAYS)) -> Any:
    """Reports that were due and came, newest day first, by the duties that were in force on each day."""
    require(request.user, "view_desk")
    return turnout(request.user, days=days)


@router.post("/operating-reports", response={201: OperatingReportOut})
def report_operation(request: SignedRequest, given: OperationIn) -> Any:
    """Report the operating state of one's own enterprise."""
    require(request.user, "report")
    values = given.dict()
    enterprise = get_enterprise(request.user, values.pop("enterprise_id"))
    return Status(201, services.report_operation(request.user, enterprise, source="api", **values))
