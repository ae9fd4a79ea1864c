"""The measures of case handling over the API: the same figures as on the page."""

from typing import Any, Literal

from django.core.exceptions import ValidationError
from ninja import Query, Schema
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.measuring.measures import Line, measures
from ballast.areas.cases.measuring.parts import PartLine, part_measures

__all__ = ["MeasuresOut", "PartsOut", "case_measures", "part_figures"]

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


class PartLineOut(Schema):
    desk: str = Field(description="Region, or region/department; empty for all together.")
    label: str
    cases: int = Field(description="Cases that the desk has or had.")
    running: int = Field(description="Parts in hand, the late ones among them.")
    met: int = Field(description="Ended in time: handed on or solved before its part was due.")
    missed: int = Field(description="Ended late.")
    late: int = Field(description="In hand and late.")
    in_time: float | None = Field(description="Share in time of the parts that ended, 0 to 1.")
    hours: TimesOut = Field(description="Working hours of a part that ended, without pauses and time elsewhere.")
    hours_used: float = Field(description="Working hours of all parts that ended.")


class PartsOut(Schema):
    """A line for each desk that had a case, most cases first, and the sum of all."""

    items: list[PartLineOut]
    total: PartLineOut | None = Field(description="null where no case has a part.")


class PartNarrowing(Schema):
    month: str = Field("", max_length=7, description="Of filing, e.g. 2022-04.")
    kind: str = Field("", max_length=20)
    desk: str = Field("", max_length=16, description="Code of the region that leads now.")
    province: str = Field("", max_length=16, description="Code of the enterprise's province.")
    chain: str = Field("", max_length=32)


class Narrowing(PartNarrowing):
    by: Literal["month", "kind", "desk", "province"] = Field(
        "month", description="desk: region that leads now; province: of the enterprise."
    )


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
        raise _invalid(error) from None
    return {"by": found.by, "items": [_shown(line) for line in found.lines], "total": _shown(found.total)}


def _invalid(error: ValidationError) -> ApiError:
    fields = [(name, text) for name, texts in error.message_dict.items() for text in texts]
    return ApiError(_INVALID, " ".join(error.messages), 422, fields)


def _part(line: PartLine) -> dict[str, Any]:
    counts = {("cases" if word == "all" else word): count for word, count in line.counts.items()}
    return {
        "desk": line.key, "label": line.label, **counts, "in_time": line.in_time, "hours": line.hours._asdict(),
        "hours_used": line.used,
    }  # fmt: skip


def part_figures(request: SignedRequest, narrowing: Query[PartNarrowing]) -> dict[str, Any]:
    """How much of the time each desk used of the cases in your scope: its own parts, met and missed."""
    require(request.user, "view_desk")
    try:
        lines = [_part(line) for line in part_measures(request.user, narrowing.dict())]
    except ValidationError as error:
        raise _invalid(error) from None
    return {"items": lines[:-1], "total": lines[-1] if lines else None}
