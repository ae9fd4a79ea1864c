"""Counts of problems over the API."""

import datetime as dt
from typing import Any

from ninja import Field, Query, Router, Schema

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.economy.filings import selectors
from ballast.areas.economy.filings.judging import Signal
from ballast.areas.economy.filings.presentation import ALL, kind_of
from ballast.areas.economy.filings.selectors import Counted

router = Router()


class SignalOut(Schema):
    rule: str
    measure: str
    period: str
    level: str
    since: dt.date | None
    score: float | None = Field(description="In the unit of the measure; none while the history is too short.")
    had: int = Field(description="Periods before the one that is judged.")
    needs: int = Field(description="Periods that a score needs.")


class ProblemCountOut(Schema):
    region: str = Field(description="Code of the region; all: the whole of your scope.")
    kind: str = Field(description="Kind of problem; all: all kinds together.")
    level: str
    since: dt.date | None
    today: int = Field(description="Filings of today so far.")
    last_7_days: int
    problems_7_days: int = Field(description="Problems that the filings of the last seven days named.")
    expected: float | None = Field(description="Mean of the seven days that EARS C2 compares today with.")
    bound: float | None = Field(description="Count above which EARS C2 raises an alarm.")
    signals: list[SignalOut]


class ProblemCountsOut(Schema):
    first: dt.date = Field(description="The day on which any enterprise first reported.")
    last: dt.date
    whole: ProblemCountOut
    kinds: list[ProblemCountOut]
    regions: list[ProblemCountOut]
    raised: list[ProblemCountOut] = Field(description="Every count that stands above a limit, worst first.")


class ProblemCountDetailOut(ProblemCountOut):
    days: list[int] = Field(description="Filings of the last 56 days, today so far the last.")
    weeks: list[int] = Field(description="Filings of the last 26 whole weeks.")


def _signal(one: Signal) -> dict[str, Any]:
    return {
        "rule": one.rule.label, "measure": one.rule.measure, "period": one.rule.period, "level": str(one.level),
        "since": one.since, "score": one.score, "had": one.had, "needs": one.needs,
    }  # fmt: skip


def _shown(one: Counted) -> dict[str, Any]:
    return {
        "region": one.code, "kind": one.kind or ALL, "level": str(one.level), "since": one.since, "today": one.today,
        "last_7_days": one.week, "problems_7_days": one.problems,
        "expected": one.expected.mean if one.expected else None,
        "bound": one.expected.bound if one.expected else None,
        "signals": [_signal(signal) for signal in one.signals],
    }  # fmt: skip


@router.get("/problem-counts", response=ProblemCountsOut)
def counts(request: SignedRequest, kind: str = Query("", description="Kind of the list by region.")) -> Any:
    """Filings of problems by kind and region, with what the rules on counts say; only of enterprises in your scope."""
    require(request.user, "view_desk")
    found = selectors.board(request.user, kind=kind_of(kind))
    lists = {name: [_shown(one) for one in getattr(found, name)] for name in ("kinds", "regions", "raised")}
    return {"first": found.first, "last": found.last, "whole": _shown(found.whole), **lists}


@router.get("/problem-counts/{region}", response=ProblemCountDetailOut)
def count(
    request: SignedRequest, region: str, kind: str = Query("", description="Kind of problem; all kinds without it.")
) -> Any:
    """One count by day and week."""
    require(request.user, "view_desk")
    found = selectors.counted(request.user, region, kind_of(kind))
    return _shown(found) | {"days": list(found.days), "weeks": list(found.weeks)}
