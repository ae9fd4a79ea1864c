"""Who I am, and my own tokens."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts import selectors, services
from ballast.areas.accounts.access import person_of
from ballast.areas.accounts.apikit import Page, Paging, paginate

router = Router()


class GrantOut(Schema):
    role: str
    region: str
    chain: str
    enterprise: str
    valid_until: dt.date | None


class MeOut(Schema):
    username: str
    language: str
    grants: list[GrantOut]


class TokenOut(Schema):
    id: int
    name: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None


class TokenIn(Schema):
    name: str = Field(min_length=1, max_length=100)
    days: int = Field(90, ge=1, le=366, description="Days until it expires.")


class NewTokenOut(TokenOut):
    token: str = Field(description="The token itself: shown this once, stored nowhere.")


@router.get("/me", response=MeOut)
def me(request: HttpRequest) -> dict[str, Any]:
    """The person behind the token and their valid rights."""
    user = person_of(request)
    return {"username": user.username, "language": user.language, "grants": selectors.valid_grants(user)}


@router.get("/tokens", response=Page[TokenOut])
def tokens(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """My tokens, newest first."""
    return paginate(selectors.tokens_of(person_of(request)), paging.cursor, paging.limit, key="-pk")


@router.post("/tokens", response={201: NewTokenOut})
def add_token(request: HttpRequest, given: TokenIn) -> Status:
    """Make a token that acts with my rights."""
    row, text = services.issue_token(person_of(request), given.name, days=given.days)
    fields = ("id", "name", "created_at", "expires_at", "revoked_at")
    return Status(201, {**{name: getattr(row, name) for name in fields}, "token": text})


@router.delete("/tokens/{int:token_id}", response={204: None})
def end_token(request: HttpRequest, token_id: int) -> Status:
    """Revoke one of my tokens; doing it again changes nothing."""
    services.revoke_token(person_of(request), token_id)
    return Status(204, None)
