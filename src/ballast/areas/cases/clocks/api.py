"""Clocks over the API: let a case wait, ask for more time and decide on it, calendars and policies."""

import datetime as dt
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import NotAllowedError, can
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.clocks import extensions, waiting
from ballast.areas.cases.clocks import policies as clock_policies
from ballast.areas.cases.clocks.card import Card, ClockLine, DueReason
from ballast.areas.cases.clocks.models import Extension, WaitingFor
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.models import Case
from ballast.areas.reference.services import load_calendar

router = Router()


class DuesOut(Schema):
    """What is stored of a case's clocks."""

    answer_due: dt.datetime | None = Field(description="When the enterprise is owed its first answer.")
    part_due: dt.datetime | None = Field(description="When the part of the desk that leads is due; null while paused.")
    policy_due: dt.datetime | None = Field(description="When the policy wants it solved.")
    stops_on: dt.date | None = Field(description="Date on which its site stops by the newest forecast.")
    waiting_for: str = Field(description="Whom it waits for; empty when it does not wait.")
    waiting_reason: str
    waiting_until: dt.date | None = Field(description="Local date on which it goes on at the latest.")


def dues_shown(case: Case) -> dict[str, Any]:
    """The stored clocks of a case as the API tells them."""
    return {name: getattr(case, name) for name in DuesOut.model_fields}


class ClockOut(Schema):
    """One clock of a case."""

    label: str
    state: str = Field(description="not_begun, running, paused, met or missed.")
    due: dt.datetime | None = Field(description="null while it is paused.")
    desk: str = Field(description="Region, or region/department, whose own part it is; empty for the whole case.")
    hours_used: float = Field(description="Working hours.")
    hours_left: float = Field(description="Working hours.")
    policy: str = Field(description="Version of the policy.")
    calendar: str = Field(description="Name and version of the calendar.")


class ReasonOut(Schema):
    """One of the two reasons of a due time."""

    words: str
    counts: bool = Field(description="Whether it is the earlier one.")


class ExtensionOut(Schema):
    """More time that was asked for."""

    id: int
    clock: str
    days: int
    reason: str
    desk: str
    asked_at: dt.datetime
    granted: bool | None = Field(description="null until another person of a desk above decided.")


class ClocksOut(Schema):
    """The clocks of a case and how its due time comes about."""

    clocks: list[ClockOut]
    reasons: list[ReasonOut]
    calendar_known_until: dt.date | None = Field(description="Set where the case is due after the calendar's end.")


def clocks_shown(card: Card) -> dict[str, Any]:
    """The card of a case as the API tells it."""
    return {
        "clocks": [_clock(line) for line in card.clocks],
        "reasons": [_reason(reason) for reason in card.reasons],
        "calendar_known_until": card.unknown_from,
    }


def _clock(line: ClockLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ClockOut.model_fields}


def _reason(reason: DueReason) -> dict[str, Any]:
    return {"words": reason.words, "counts": reason.counts}


class WaitIn(Schema):
    whom: WaitingFor
    text: str = Field(min_length=1, max_length=300, description="Why; the enterprise reads it.")
    until: dt.date = Field(description="When it is expected to go on; it does so by itself on that date.")


class GoOnIn(Schema):
    text: str = Field("", max_length=20_000)


class ExtensionIn(Schema):
    clock: Extension.Clock
    days: int = Field(ge=1, le=extensions.MOST, description="Working days more.")
    text: str = Field(min_length=1, max_length=20_000)


class DecisionIn(Schema):
    grant: bool
    text: str = Field("", max_length=20_000, description="Needed when it is refused.")


class CalendarOut(Schema):
    name: str
    version: str
    title: str
    known_until: dt.date | None = Field(description="Last date whose holidays it knows; null: it knows none.")
    source: str
    office: bool = Field(description="Whether it is the authority's own.")


class PolicyOut(Schema):
    pack: str
    version: str
    since: dt.datetime
    rules: int


class TomlIn(Schema):
    toml: str = Field(min_length=1, max_length=500_000, description="The file as text.")


class LoadedOut(Schema):
    loaded: bool = Field(description="false: this version was there already.")
    cases_moved: int | None = Field(
        None, description="Cases in hand that are due at another time now; null for a calendar."
    )


@router.post("/cases/{number}/wait", response=DuesOut)
def wait(request: SignedRequest, number: str, body: WaitIn) -> Any:
    """Let the case wait, with a reason that the enterprise reads; its clocks stand until the date at the latest."""
    return dues_shown(waiting.let_wait(request.user, number, whom=body.whom, text=body.text, until=body.until))


@router.post("/cases/{number}/go-on", response=DuesOut)
def go_on(request: SignedRequest, number: str, body: GoOnIn) -> Any:
    """Take up a case that waits; its clocks run on with what was left."""
    return dues_shown(waiting.go_on(request.user, number, text=body.text))


@router.post("/cases/{number}/extensions", response={201: ExtensionOut})
def ask_for_time(request: SignedRequest, number: str, body: ExtensionIn) -> Any:
    """Ask the desk above for more time."""
    row = extensions.ask_for_time(request.user, number, clock=body.clock, days=body.days, text=body.text)
    return Status(201, extension_shown(row))


@router.post("/cases/{number}/extensions/{pk}", response=ExtensionOut)
def decide_on_time(request: SignedRequest, number: str, pk: int, body: DecisionIn) -> Any:
    """Grant or refuse more time: as another person of a desk above the one that asked."""
    return extension_shown(extensions.decide_on_time(request.user, number, pk, grant=body.grant, text=body.text))


def extension_shown(row: Extension) -> dict[str, Any]:
    """A request for more time as the API tells it."""
    return {
        "id": row.pk, "clock": row.clock, "days": row.days, "reason": row.reason, "desk": row.desk_id,
        "asked_at": row.asked_at, "granted": row.granted,
    }  # fmt: skip


def _require_sight(request: SignedRequest) -> None:
    if not (can(request.user, "view_desk") or can(request.user, "load_tables")):
        raise NotAllowedError


@router.get("/calendars", response=list[CalendarOut])
def calendars(request: SignedRequest) -> Any:
    """Working calendars in force."""
    _require_sight(request)
    rules = rules_in_force()
    return [
        {
            "name": one.name, "version": one.version, "title": one.label, "known_until": one.known_until,
            "source": one.said["source"], "office": one.name == rules.office,
        }
        for one in rules.days.values()
    ]  # fmt: skip


@router.post("/calendars", response=LoadedOut)
def add_calendar(request: SignedRequest, body: TomlIn) -> Any:
    """Load a version of a working calendar; cases in hand are computed anew. For administrators."""
    return {"loaded": load_calendar(request.user, body.toml) is not None}


@router.get("/clock-policies", response=list[PolicyOut])
def policies(request: SignedRequest) -> Any:
    """Versions of the policy of every pack: its own first, then those that the authority loaded."""
    _require_sight(request)
    return [
        {"pack": pack, "version": one.version, "since": one.since, "rules": len(one.rules)}
        for pack, versions in rules_in_force().policies.items()
        for one in versions
    ]


@router.post("/clock-policies", response=LoadedOut)
def add_policy(request: SignedRequest, body: TomlIn) -> Any:
    """Load a version of the clocks of a pack; cases in hand go over to it and keep their pauses. For administrators."""
    loaded = clock_policies.load_policy(request.user, body.toml)
    return {"loaded": loaded is not None, "cases_moved": len(loaded.moved.numbers) if loaded else 0}
