"""The measures of case handling over the API: the same figures as on the page."""

from typing import Any, Literal

from django.core.exceptions import ValidationError
from ninja import Query, Schema
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.measuring.measures import Line, measures

__all__ = ["MeasuresOut", "case_measures"]

_INVALID = "invalid"


class TimesOut(Schema):
    median: float | None = Field(description="Half of the cases took at most so long; null where there is none.")
    ninth: float | None = Field(description="Nine of ten cases took at most so long.")


class LineOut(Schema):
    key: str = Field(description="Month, kind or region code; empty for all together.")
    received: int = Field(description="Filed, whatever became of them.")
    responded: int = Field(description="The desk took it up or wrote to the enterprise.")
    solved: int = Field(description="Closed by the desk: reported as solved.")
    answered: int = Field(description="The enterprise confirmed or disputed.")
    confirmed: int = Field(description="Confirmed by the enterprise.")
    disputed: int
    reopened: int = Field(description="Within 14 days after it was confirmed or withdrawn.")
    withdrawn: int
    merged: int = Field(description="Goes on in another case.")
    open: int = Field(description="Now in the hand of a desk.")
    waiting: int = Field(description="Now solved and not answered.")
    overdue: int = Field(description="Now in the hand of a desk and past its due hour.")
    response_rate: float | None = Field(description="Responded, of the received, 0 to 1.")
    resolution_rate: float | None = Field(description="Confirmed, of the received, 0 to 1.")
    satisfaction: float | None = Field(description="Confirmed, of those answered, 0 to 1.")
    response_hours: TimesOut = Field(description="Working hours from filing to the first response.")
    solution_days: TimesOut = Field(description="Working days of 8 hours from filing to the solution that stands.")


class MeasuresOut(Schema):
    """The lines of one grouping and the sum of all."""

    by: str
    items: list[LineOut]
    total: LineOut


class Narrowing(Schema):
    by: Literal["month", "kind", "desk", "province"] = Field(
        "month", description="desk: region that leads now; province: of the enterprise."
    )
    month: str = Field("", max_length=7, description="Of filing, e.g. 2022-04.")
    kind: str = Field("", max_length=20)
    desk: str = Field("", max_length=16, description="Code of the region that leads now.")
    province: str = Field("", max_length=16, description="Code of the enterprise's province.")
    chain: str = Field("", max_length=32)


def _shown(line: Line) -> dict[str, Any]:
    return {
        "key": line.key, **line.counts, "response_rate": line.response_rate, "resolution_rate": line.resolution_rate,
        "satisfaction": line.satisfaction, "response_hours": line.response._asdict(),
        "solution_days": line.solution._asdict(),
    }  # fmt: skip


def case_measures(request: SignedRequest, narrowing: Query[Narrowing]) -> dict[str, Any]:
    """How the cases in your scope were handled: counts from their log, rates and times, by month, kind or region."""
    require(request.user, "view_desk")
    given = narrowing.dict()
    try:
        found = measures(request.user, by=given.pop("by"), narrowed=given)
    except ValidationError as error:
        fields = [(name, text) for name, texts in error.message_dict.items() for text in texts]
        raise ApiError(_INVALID, " ".join(error.messages), 422, fields) from None
    return {"by": found.by, "items": [_shown(line) for line in found.lines], "total": _shown(found.total)}
