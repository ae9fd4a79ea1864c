"""Modes over the API, and what an enterprise is asked now."""

import datetime as dt
from typing import Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.modes import selectors, services
from ballast.areas.modes.duties import clock
from ballast.areas.modes.models import Switch
from ballast.areas.modes.views import named_scope

router = Router()


class ModeIn(Schema):
    mode: Literal["vigilance", "emergency"]
    region: str = Field("", max_length=16, description="With all below it; a region or a chain has to be named.")
    chain: str = Field("", max_length=32)
    starts: dt.date | None = Field(None, description="Left out: today.")
    ends: dt.date = Field(description="The last day, six months at most.")
    cadence: Literal["", "weekly", "workdays", "daily", "twice_daily"] = Field("", description="Empty: the mode's own.")
    wide: bool | None = Field(None, description="Whether wider fields are asked; left out: as the mode has it.")
    reason: str = Field(min_length=1, max_length=2000, description="The enterprises concerned read it.")


class ModeOut(Schema):
    id: int
    mode: str
    region: str | None
    chain: str | None
    cadence: str
    wide: bool
    starts: dt.date
    ends: dt.date
    reason: str
    state: str = Field(description="asked, confirmed, refused or withdrawn.")
    in_force: bool
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    stopped_at: dt.datetime | None


class ModeDecideIn(Schema):
    confirm: bool
    note: str = Field("", max_length=2000, description="Needed when it is refused.")


class ModeEndIn(Schema):
    reason: str = Field(min_length=1, max_length=2000)


class DutyOut(Schema):
    enterprise_id: str
    cadence: str = Field(description="How often stocks are reported: weekly, workdays, daily or twice_daily.")
    wide: bool = Field(description="Whether the wider fields of the operating report are asked.")
    due: dt.datetime | None = Field(description="By when the next stock report is due.")
    mode: str = Field(description="normal, vigilance or emergency.")
    until: dt.date | None = Field(description="Last day of the mode; null while it is normal.")
    reason: str


def _out(row: Switch) -> dict[str, Any]:
    at = clock()
    names = ("mode", "cadence", "wide", "starts", "ends", "reason", "state", "asked_at", "decided_at", "stopped_at")
    return {name: getattr(row, name) for name in names} | {
        "pk": row.pk, "id": row.pk, "region": row.region_id, "chain": row.chain_id,
        "in_force": row.holds(at.instant, at.local.date()),
    }  # fmt: skip


@router.get("/modes", response=Page[ModeOut])
def modes(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Switches of mode that hold somewhere in your scope, newest first."""
    page = paginate(selectors.visible_switches(request.user), paging.cursor, paging.limit, key="-pk")
    return {"items": [_out(row) for row in page["items"]], "next": page["next"]}


@router.post("/modes", response={201: ModeOut})
def ask_mode(request: SignedRequest, body: ModeIn) -> Any:
    """Ask for a mode; it holds once a second person has confirmed it."""
    require(request.user, selectors.SWITCH)
    given = body.dict()
    region, chain = named_scope(given.pop("region"), given.pop("chain"))
    return Status(201, _out(services.ask(request.user, region=region, chain=chain, **given)))


@router.post("/modes/{int:switch}/decide", response=ModeOut)
def decide_mode(request: SignedRequest, switch: int, body: ModeDecideIn) -> Any:
    """Confirm or refuse, as a second person of the same or a higher level."""
    row = selectors.get_switch(request.user, switch)
    return _out(services.decide(request.user, row, confirm=body.confirm, note=body.note))


@router.post("/modes/{int:switch}/withdraw", response=ModeOut)
def withdraw_mode(request: SignedRequest, switch: int) -> Any:
    """Take back what you asked for."""
    return _out(services.withdraw(request.user, selectors.get_switch(request.user, switch)))


@router.post("/modes/{int:switch}/end", response=ModeOut)
def end_mode(request: SignedRequest, switch: int, body: ModeEndIn) -> Any:
    """Back to normal before the last day; one person is enough."""
    return _out(services.stop(request.user, selectors.get_switch(request.user, switch), reason=body.reason))


@router.get("/report-duties", response=list[DutyOut])
def report_duties(request: SignedRequest) -> Any:
    """What your own enterprise is asked now: how often, by when, and why."""
    require(request.user, "view_portal")
    return [
        {
            "enterprise_id": enterprise.enterprise_id, "cadence": duty.cadence, "wide": duty.wide, "due": duty.due,
            "mode": duty.switch.mode if duty.switch else "normal",
            "until": duty.switch.ends if duty.switch else None, "reason": duty.switch.reason if duty.switch else "",
        }
        for enterprise, duty in selectors.own_duties(request.user)
    ]  # fmt: skip
