"""Warnings over the API: as on the pages."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import ListFilters, Page, Paging, key_of, page_of_keys
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.answers.api import AnswerOut
from ballast.areas.audit.services import record_read
from ballast.areas.responses import selectors
from ballast.areas.responses.answers import api as answers_api
from ballast.areas.responses.answers.selectors import answers_of
from ballast.areas.responses.cap import api as cap_api
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings import deciding
from ballast.areas.responses.warnings.ordering import DEAREST, SORTS, keys_in_order

router = Router()
router.add_router("", cap_api.router)
router.add_router("", answers_api.router)
_MOST = 1_000
_ORDER = rf"^(|-?({'|'.join(SORTS)}))$"


class WarningOut(Schema):
    id: int
    title: str = Field(description="Its cause, as far as you may name it.")
    state: str = Field(description="open, confirmed or dismissed.")
    began_at: dt.datetime
    ended_at: dt.datetime | None
    stops: int = Field(description="Plants in your scope that stop because of it.")
    reds: int = Field(description="Red inputs in your scope because of it.")
    certain: int = Field(description="Of the stops, those that come whatever the unknown stocks are.")
    first_stop: dt.date | None
    lost_output: float | None = Field(description="Money at most over the forecast's horizon.")
    data_at: dt.datetime
    basis: dict[str, Any]


class MemberOut(Schema):
    site_id: str = Field(alias="site.site_id")
    enterprise_id: str = Field(alias="site.enterprise.enterprise_id")
    product: str | None = Field(alias="product_id", description="The red input; null: the plant itself stops.")
    stops_on: dt.date | None
    certain: bool
    lost_output: float | None
    cover_days: float | None


class WarningStepOut(Schema):
    """A step of the escalation of a warning that nobody answered."""

    desk: str = Field(description="Region whose desk owes the answer; empty: the whole authority.")
    hours: float = Field(description="Working hours without an answer.")
    since: dt.datetime
    to: str = Field(description="superior or leader.")
    at: dt.datetime = Field(description="When it was taken, or when it comes.")
    taken: bool = Field(description="False: it comes unless the desk confirms, dismisses, acknowledges or silences.")
    people: list[str] = Field(description="Who was told.")


class WarningDetailOut(WarningOut):
    decided_by: str | None
    decided_at: dt.datetime | None
    reason: str
    answers: list[AnswerOut] = Field(description="Acknowledgements and silences that hold, newest first.")
    escalation: list[WarningStepOut] = Field(
        description="Of desks at or above your plants; those taken, then the next."
    )
    cases: list[str] = Field(description="Numbers of the coordination cases in your scope.")
    members: list[MemberOut] = Field(description="In your scope, stops first; at most 1,000.")


class WarningFilters(ListFilters):
    state: str = Field("", pattern="^(|open|confirmed|dismissed|ended)$", description="ended: the cause is over.")
    answer: str = Field("", pattern="^(|acknowledged|silenced|none)$", description="An answer that holds, or none.")
    escalated: bool = Field(False, description="Those that wait for a decision and that nobody answered in time.")
    digest: int | None = Field(
        None, ge=0, lt=2**63, description="Those that one of your digests listed, by its number."
    )
    sort: str = Field(
        "", pattern=_ORDER,
        description="risk, since, stops, first or reds; with - from the largest or latest. Empty: -risk, the dearest"
        " first, as on the page.",
    )  # fmt: skip


class ConfirmIn(Schema):
    sites: list[str] = Field([], max_length=deciding.MOST_SITES, description="Ids; none: the plant that stops first.")
    text: str = Field("", max_length=2000, description="What the enterprises are asked.")


class DismissIn(Schema):
    reason: str = Field(min_length=1, max_length=2000)


def _out(row: selectors.Row) -> dict[str, Any]:
    warning = row.warning
    found = {name: getattr(warning, name) for name in ("state", "began_at", "ended_at", "data_at", "basis")}
    found |= {name: getattr(row, name) for name in ("title", "stops", "reds", "certain", "first_stop", "lost_output")}
    return found | {"pk": warning.pk, "id": warning.pk}


def _detail(request: SignedRequest, warning: Warned) -> dict[str, Any]:
    (row,) = selectors.rows_of(request.user, [warning])
    members = list(selectors.members_of(request.user, warning)[:_MOST])
    record_read(request.user, {member.site.enterprise.enterprise_id for member in members}, "forecast")
    return _out(row) | {
        "decided_by": warning.decided_by.get_username() if warning.decided_by else None,
        "answers": answers_of(request.user, [warning]).get(warning.pk, []),
        "decided_at": warning.decided_at, "reason": warning.reason, "members": members,
        "escalation": selectors.escalation_of(request.user, warning),
        "cases": [case.number for case in selectors.cases_of(request.user, warning)],
    }  # fmt: skip


@router.get("/warnings", response=Page[WarningOut])
def warnings(request: SignedRequest, paging: Query[Paging], filters: Query[WarningFilters]) -> Any:
    """Warnings in scope, one for each cause, dearest first unless `sort` says otherwise."""
    user = request.user
    rows = selectors.visible_warnings(user, state=filters.state)
    rows = selectors.filter_warnings(user, rows, **filters.dict(exclude={"state", "sort"}))
    keys = keys_in_order(user, rows, filters.sort or DEAREST, key_of(paging.cursor))
    shown, after = page_of_keys(keys, paging.limit)
    found = selectors.visible_warnings(user).in_bulk(shown)
    listed = selectors.rows_of(user, [found[key] for key in shown if key in found])
    return {"items": [_out(row) for row in listed], "next": after}


@router.get("/warnings/{int:warning_id}", response=WarningDetailOut)
def warning(request: SignedRequest, warning_id: int) -> Any:
    """One warning with the plants and inputs that it names."""
    return _detail(request, selectors.get_warning(request.user, warning_id))


@router.post("/warnings/{int:warning_id}/confirm", response=WarningDetailOut)
def confirm(request: SignedRequest, warning_id: int, body: ConfirmIn) -> Any:
    """Confirm it: coordination cases are opened, due by the forecast."""
    deciding.confirm(request.user, warning_id, sites=body.sites, text=body.text)
    return _detail(request, selectors.get_warning(request.user, warning_id))


@router.post("/warnings/{int:warning_id}/dismiss", response=WarningDetailOut)
def dismiss(request: SignedRequest, warning_id: int, body: DismissIn) -> Any:
    """Dismiss it with a reason; it stays in the list until its cause is over."""
    deciding.dismiss(request.user, warning_id, reason=body.reason)
    return _detail(request, selectors.get_warning(request.user, warning_id))
