"""Circulars over the API: read, draft, change, approve by a second person, discard, withdraw."""

import datetime as dt
from typing import Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import require
from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.dispatch import circular_reading, circulars

router = Router()


class CircularOut(Schema):
    """A circular in a list."""

    id: int
    scope: str = Field(description="Who issues it: a region path, or / for the whole authority.")
    state: str
    year: int | None
    serial: int | None = Field(description="Number within scope and year; null before it is issued.")
    cut_off_at: dt.datetime
    reply_by: dt.date
    issued_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    reason: str = Field(description="Why it was withdrawn.")


class CircularDetail(CircularOut):
    """A circular with its words and facts."""

    text: str
    contact: str
    copies: str
    may: list[str] = Field(description="What you may do now: change, discard, approve, withdraw.")
    facts: dict[str, Any] = Field(description="Regions with their overdue cases; an addressee gets its own alone.")


class CircularFilters(Schema):
    """What the list can be narrowed by."""

    state: Literal["", "draft", "issued", "withdrawn", "discarded"] = ""


class WordsIn(Schema):
    """What the drafter writes."""

    reply_by: dt.date = Field(description="Last day for the answer; today or later.")
    text: str = Field("", max_length=circulars.WORDS["text"])
    contact: str = Field("", max_length=circulars.WORDS["contact"])
    copies: str = Field("", max_length=circulars.WORDS["copies"])

    @property
    def words(self) -> dict[str, str]:
        """The words of the drafter."""
        return {name: getattr(self, name) for name in circulars.WORDS}


class DraftIn(WordsIn):
    """A new draft."""

    scope: str = Field("", max_length=200, description="A region path such as /CN/310000/; empty: your own scope.")


class WithdrawIn(Schema):
    """Why it is withdrawn."""

    reason: str = Field(min_length=1, max_length=circulars.WORDS["text"], description="Those who have it read it.")


@router.get("/dispatch/circulars", response=Page[CircularOut])
def list_circulars(request: SignedRequest, paging: Query[Paging], filters: Query[CircularFilters]) -> dict[str, Any]:
    """Circulars that you may read: your scope's own, and those issued to your region."""
    require(request.user, "view_desk")
    rows = circular_reading.visible_circulars(request.user)
    rows = rows.filter(state=filters.state) if filters.state else rows
    return paginate(rows, paging.cursor, paging.limit, key="-pk")


@router.post("/dispatch/circulars", response={201: CircularDetail})
def draft_circular(request: SignedRequest, body: DraftIn) -> Status[Any]:
    """Draft a circular to every region below the scope whose desk has overdue cases now; another person approves it."""
    found = circulars.draft(request.user, reply_by=body.reply_by, scope=body.scope or None, words=body.words)
    return Status(201, _shown(request, found.pk))


@router.get("/dispatch/circulars/{circular_id}", response=CircularDetail)
def circular(request: SignedRequest, circular_id: int) -> dict[str, Any]:
    """One circular with its facts, as far as you may read them."""
    return _shown(request, circular_id)


@router.patch("/dispatch/circulars/{circular_id}", response=CircularDetail)
def change_circular(request: SignedRequest, circular_id: int, body: WordsIn) -> dict[str, Any]:
    """Give your own draft other words; its figures stay those of its data date."""
    circulars.change(request.user, circular_id, reply_by=body.reply_by, words=body.words)
    return _shown(request, circular_id)


@router.post("/dispatch/circulars/{circular_id}/approve", response=CircularDetail)
def approve_circular(request: SignedRequest, circular_id: int) -> dict[str, Any]:
    """Approve and issue another person's draft: it gets its number and the desks concerned are told."""
    circulars.issue(request.user, circular_id)
    return _shown(request, circular_id)


@router.post("/dispatch/circulars/{circular_id}/discard", response=CircularDetail)
def discard_circular(request: SignedRequest, circular_id: int) -> dict[str, Any]:
    """Give up your own draft."""
    circulars.discard(request.user, circular_id)
    return _shown(request, circular_id)


@router.post("/dispatch/circulars/{circular_id}/withdraw", response=CircularDetail)
def withdraw_circular(request: SignedRequest, circular_id: int, body: WithdrawIn) -> dict[str, Any]:
    """Withdraw an issued circular with a reason; it keeps its number."""
    circulars.withdraw(request.user, circular_id, reason=body.reason)
    return _shown(request, circular_id)


def _shown(request: SignedRequest, pk: int) -> dict[str, Any]:
    """The circular as the person may read it, with the note of whose data they saw."""
    found = circular_reading.circular_for(request.user, pk)
    facts = circular_reading.facts_for(request.user, found)
    record_read(request.user, circular_reading.enterprises_in(facts), "circular")
    told = {name: getattr(found, name) for name in CircularDetail.model_fields if name not in {"facts", "may"}}
    return told | {"facts": facts, "may": circular_reading.acts_of(request.user, found)}
