"""The policy reserve over the API: as on the pages."""

import datetime as dt
from typing import Any, Literal, cast

from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.desks.api import named
from ballast.areas.desks.naming import chain_named, region_named
from ballast.areas.reference.selectors import today
from ballast.areas.reserve import selectors
from ballast.areas.reserve.issuing import services as issuing
from ballast.areas.reserve.library import services as library
from ballast.areas.reserve.library.forms import product_named
from ballast.areas.reserve.models import Issue, PolicyOption, Proposal

router = Router()


class MeasureIn(Schema):
    name: str = Field(min_length=1, max_length=200)
    name_zh: str = Field("", max_length=200)
    text: str = Field(min_length=1, max_length=4000, description="What is done.")
    text_zh: str = Field("", max_length=4000)
    legal_basis: str = Field("", max_length=300)
    authority: str = Field(min_length=1, max_length=200, description="Who answers for it.")
    issuer: str = Field("", max_length=16, description="Region whose desk issues it; empty: the whole authority.")
    region: str = Field("", max_length=16, description="Where it holds and is counted; empty: all regions.")
    chain: str = Field("", max_length=32, description="Empty: all chains.")
    trigger_measure: str = Field(
        "", pattern="^(|count|share|several)$", description="Inputs counted, % of plants, or conditions."
    )
    trigger_level: str = Field("red", pattern="^(red|yellow|blue)$", description="At this level or worse.")
    product: str = Field("", max_length=64, description="Lamps of this input alone; empty: every input.")
    trigger_at_least: float | None = None
    trigger_days: int = Field(1, ge=1, le=366)
    conditions: str = Field("", max_length=4000, description="TOML; with the trigger `several`.")
    cost: float | None = None
    currency: str = Field("", max_length=3)
    days: int = Field(30, ge=1, le=366, description="The longest that one issue lasts.")


class MeasureOut(MeasureIn):
    code: str
    state: str = Field(description="draft, ready or ended (taken out of the library).")
    proposed_since: dt.date | None = Field(description="Since when its trigger holds, while it is proposed to you.")
    in_force_until: dt.date | None


class ProposalOut(Schema):
    id: int
    measure: str = Field(alias="option.code")
    since: dt.date
    began_at: dt.datetime
    seen_at: dt.datetime
    figures: dict[str, Any]
    state: str


class IssueOut(Schema):
    id: int
    measure: str
    starts: dt.date
    ends: dt.date
    in_force: bool
    note: str
    issued_at: dt.datetime
    stopped_at: dt.datetime | None
    stop_reason: str
    content: dict[str, Any] = Field(description="The measure as it was issued.")


class PolicyExtensionOut(Schema):
    id: int
    issue: int = Field(alias="issue_id")
    until: dt.date
    reason: str
    state: str
    note: str


class MeasureFilters(Schema):
    state: str = Field("", pattern="^(|proposed|issued|ready|draft|ended)$")
    q: str = Field("", max_length=100)


class StateIn(Schema):
    state: Literal["draft", "ready", "ended"]


class IssueIn(Schema):
    ends: dt.date = Field(description="The last day; the measure ends there by itself.")
    note: str = Field("", max_length=2000)


class WhyIn(Schema):
    reason: str = Field(min_length=1, max_length=2000)


class ExtendIn(WhyIn):
    until: dt.date


class DecideIn(Schema):
    grant: bool
    note: str = Field("", max_length=2000, description="Needed when it is refused.")


def _measures(request: SignedRequest, rows: list[PolicyOption]) -> list[dict[str, Any]]:
    proposed = selectors.open_proposals(request.user).filter(option__in=rows)
    since = dict(proposed.order_by().values_list("option", "since"))
    issued = selectors.visible_issues(request.user).filter(selectors.in_force(today()), option__in=rows)
    until = dict(issued.order_by().values_list("option", "ends"))
    return [_measure(row, since.get(row.pk), until.get(row.pk)) for row in rows]


def _measure(row: PolicyOption, since: dt.date | None, until: dt.date | None) -> dict[str, Any]:
    coded = {name: getattr(row, f"{name}_id") or "" for name in ("issuer", "region", "chain", "product")}
    plain = {name: getattr(row, name) for name in MeasureIn.model_fields if name not in coded}
    more = {"pk": row.pk, "code": row.code, "state": row.state, "proposed_since": since, "in_force_until": until}
    return plain | coded | more


def _one(request: SignedRequest, code: str) -> dict[str, Any]:
    return _measures(request, [selectors.get_option(request.user, code)])[0]


def _issue(row: Issue) -> dict[str, Any]:
    names = ("starts", "ends", "note", "issued_at", "stopped_at", "stop_reason", "content")
    return {name: getattr(row, name) for name in names} | {
        "pk": row.pk, "id": row.pk, "measure": row.option.code, "in_force": row.in_force(today())
    }  # fmt: skip


@router.get("/policy-options", response=Page[MeasureOut])
def policy_options(request: SignedRequest, paging: Query[Paging], filters: Query[MeasureFilters]) -> Any:
    """Prepared measures that hold somewhere in your scope, by code."""
    rows = selectors.filter_options(request.user, selectors.visible_options(request.user), **filters.dict())
    page = paginate(rows, paging.cursor, paging.limit, key="code")
    return {"items": _measures(request, page["items"]), "next": page["next"]}


@router.get("/policy-options/{option}", response=MeasureOut)
def policy_option(request: SignedRequest, option: str) -> Any:
    """One measure."""
    return _one(request, option)


@router.put("/policy-options/{option}", response=MeasureOut)
def save_policy_option(request: SignedRequest, option: str, body: MeasureIn) -> Any:
    """Prepare a measure, or change one that is not in force. A new one is a draft."""
    given = body.dict()
    for field, read in {"issuer": region_named, "region": region_named, "chain": chain_named}.items():
        given[field] = named(field, read, given[field])
    given["product"] = named("product", product_named, given["product"])
    return _one(request, library.save(request.user, option, cast(library.Given, given)).code)


@router.post("/policy-options/{option}/state", response=MeasureOut)
def set_policy_option_state(request: SignedRequest, option: str, body: StateIn) -> Any:
    """Make it ready, a draft again, or take it out of the library."""
    library.set_state(request.user, selectors.get_option(request.user, option), body.state)
    return _one(request, option)


@router.get("/policy-proposals", response=Page[ProposalOut])
def policy_proposals(request: SignedRequest, paging: Query[Paging]) -> Any:
    """What triggers propose now: figures and since when. Nothing is issued by itself."""
    return paginate(selectors.open_proposals(request.user), paging.cursor, paging.limit, key="-pk")


@router.post("/policy-proposals/{int:proposal}/dismiss", response=ProposalOut)
def dismiss_policy_proposal(request: SignedRequest, proposal: int, body: WhyIn) -> Proposal:
    """Dismiss with a reason; it is not proposed again before its trigger was over."""
    return issuing.dismiss(request.user, selectors.get_proposal(request.user, proposal), reason=body.reason)


@router.post("/policy-options/{option}/issue", response={201: IssueOut})
def issue_policy_option(request: SignedRequest, option: str, body: IssueIn) -> Any:
    """Put it in force from today to a last day."""
    found = selectors.get_option(request.user, option)
    return Status(201, _issue(issuing.issue(request.user, found, ends=body.ends, note=body.note)))


@router.get("/policy-issues", response=Page[IssueOut])
def policy_issues(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Issues of the measures in scope, newest first."""
    page = paginate(selectors.visible_issues(request.user), paging.cursor, paging.limit, key="-pk")
    return {"items": [_issue(row) for row in page["items"]], "next": page["next"]}


@router.post("/policy-issues/{int:issue}/extend", response={201: PolicyExtensionOut})
def extend_policy_issue(request: SignedRequest, issue: int, body: ExtendIn) -> Any:
    """Ask for a later last day; a second person decides."""
    row = selectors.get_issue(request.user, issue)
    return Status(201, issuing.ask_extension(request.user, row, until=body.until, reason=body.reason))


@router.post("/policy-extensions/{int:extension}/decide", response=PolicyExtensionOut)
def decide_policy_extension(request: SignedRequest, extension: int, body: DecideIn) -> Any:
    """Grant or refuse a later last day that another person asked for."""
    row = selectors.get_extension(request.user, extension)
    return issuing.decide_extension(request.user, row, grant=body.grant, note=body.note)


@router.post("/policy-issues/{int:issue}/end", response=IssueOut)
def end_policy_issue(request: SignedRequest, issue: int, body: WhyIn) -> Any:
    """End it before its last day."""
    return _issue(issuing.stop(request.user, selectors.get_issue(request.user, issue), reason=body.reason))
