"""Routing rules and steps of the escalation over the API; what a rule would do is asked before it is stored."""

import datetime as dt
from typing import Any, cast

from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.routing import book as rule_book
from ballast.areas.desks import selectors, services
from ballast.areas.desks.api import named
from ballast.areas.desks.models import RoutingRule
from ballast.areas.desks.naming import chain_named, desk_named, group_named, region_named
from ballast.areas.desks.steps import OF_WARNINGS

__all__ = ["router"]

router = Router()


class RuleIn(Schema):
    position: int = Field(ge=1, le=1_000_000, description="The first rule that holds counts.")
    name: str = Field(min_length=1, max_length=100)
    kind: str = Field("", max_length=20)
    region: str = Field("", max_length=16, description="Region of the site and all below it; empty: everywhere.")
    chain: str = Field("", max_length=32)
    level: str = Field("", max_length=10, description="key_list, red, or empty.")
    product_prefix: str = Field("", max_length=64)
    to: str = Field("", max_length=60, description="Region, or region/department; empty: the site's own desk.")
    to_group: str = Field("", max_length=20, description="Key of a working group.")
    to_person: str = Field("", max_length=150, description="User name of the owner.")
    starts: dt.date
    ends: dt.date | None = None


class RuleOut(RuleIn):
    id: int


class DestinationOut(Schema):
    desk: str
    count: int
    staying: int = Field(description="How many of them the desk leads already.")
    cases: list[str] = Field(description="Numbers, most output at risk first, at most a hundred.")


class PreviewOut(Schema):
    total: int = Field(description="Open cases in your scope.")
    caught: int = Field(description="Those that would go by the rule.")
    earlier: int = Field(description="Those that fit and that a rule before it takes.")
    to: list[DestinationOut]


def _draft(body: RuleIn) -> rule_book.Draft:
    fields: dict[str, Any] = body.dict()
    reads = (("region", region_named), ("chain", chain_named), ("to", desk_named), ("to_group", group_named))
    for name, read in reads:
        fields[name] = named(name, read, fields[name])
    return cast("rule_book.Draft", fields)


def _rule(row: RoutingRule) -> dict[str, Any]:
    plain = ("position", "name", "kind", "level", "product_prefix", "starts", "ends")
    return {name: getattr(row, name) for name in plain} | {
        "id": row.pk, "region": row.region_id or "", "chain": row.chain_id or "",
        "to": row.to_department.key if row.to_department else row.to_region_id or "",
        "to_group": str(row.to_group_id or ""), "to_person": row.to_person.username if row.to_person else "",
    }  # fmt: skip


@router.get("/routing-rules", response=Page[RuleOut])
def rules(request: SignedRequest, paging: Query[Paging]) -> object:
    """The routing rules that you keep, by key; their order is that of `position`."""
    page = paginate(selectors.rules(request.user), paging.cursor, paging.limit)
    return {"items": [_rule(row) for row in page["items"]], "next": page["next"]}


@router.post("/routing-rules/preview", response=PreviewOut)
def preview(request: SignedRequest, body: RuleIn) -> object:
    """What a new rule would do to the open cases in your scope, were they filed anew; nothing is stored."""
    found = rule_book.preview(request.user, rule_book.drafted(request.user, None, _draft(body)))
    to = [
        {"desk": one.desk, "count": one.number, "staying": one.staying, "cases": [case.number for case in one.cases]}
        for one in found.destinations
    ]
    return {"total": found.total, "caught": found.caught, "earlier": found.earlier, "to": to}


@router.post("/routing-rules", response={201: RuleOut})
def add_rule(request: SignedRequest, body: RuleIn) -> object:
    """Store a rule for a region that you keep."""
    return Status(201, _rule(rule_book.save_rule(request.user, None, _draft(body))))


@router.put("/routing-rules/{int:rule_id}", response=RuleOut)
def save_rule(request: SignedRequest, rule_id: int, body: RuleIn) -> object:
    """Change a rule that you keep."""
    stored = selectors.rules(request.user).get(pk=rule_id)
    return _rule(rule_book.save_rule(request.user, stored, _draft(body)))


@router.delete("/routing-rules/{int:rule_id}", response={204: None})
def end_rule(request: SignedRequest, rule_id: int) -> object:
    """Take a rule away."""
    rule_book.end_rule(request.user, selectors.rules(request.user).get(pk=rule_id))
    return Status(204, None)


class StepIn(Schema):
    kind: str = Field("", max_length=20, description="Empty: every kind of case; warning: warnings.")
    hours: float = Field(
        ge=-400, le=400, description="Working hours after due, before due negative; of warnings without an answer."
    )
    to: str = Field(max_length=10, description="owner, desk, superior or leader.")


class StepOut(StepIn):
    id: int | None = Field(description="null: ships, and holds until the authority sets a step for warnings.")


@router.get("/escalation-steps", response=list[StepOut])
def steps(request: SignedRequest) -> object:
    """Who hears of a case before and after it is due, and of a warning that nobody answers."""
    require(request.user, selectors.KEEP)
    own = [step for step in selectors.escalation_steps() if step.kind != OF_WARNINGS]
    return own + selectors.warning_steps()


@router.post("/escalation-steps", response={201: StepOut})
def add_step(request: SignedRequest, body: StepIn) -> object:
    """Add a step; for officers of the whole authority."""
    return Status(201, services.add_step(request.user, **body.dict(), kinds=kinds()))


@router.delete("/escalation-steps/{int:step_id}", response={204: None})
def end_step(request: SignedRequest, step_id: int) -> object:
    """Take a step away."""
    services.end_step(request.user, step_id)
    return Status(204, None)
