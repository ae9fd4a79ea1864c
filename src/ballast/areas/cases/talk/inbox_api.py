"""Notices over the API."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.talk import inbox
from ballast.areas.notices import selectors, services

router = Router()


class NoticeOut(Schema):
    """One notice."""

    id: int
    at: dt.datetime
    kind: str = Field(description="assigned, offered, refused, replied, solved, disputed, reopened, mentioned ...")
    title: str
    sentence: str = Field(description="Empty when you do not see the case any more.")
    subject: str
    case_number: str
    read_at: dt.datetime | None


class UnreadFilter(Schema):
    """What to leave out."""

    unread: bool = False


class ReadIn(Schema):
    """Which notices were read."""

    ids: list[int] = Field([], max_length=1000, description="Notices to be marked as read; without any, all of them.")


class UnreadOut(Schema):
    """How many were marked, and how many remain."""

    marked: int
    unread: int


@router.get("/notices", response=Page[NoticeOut])
def notices(request: SignedRequest, paging: Query[Paging], filters: Query[UnreadFilter]) -> dict[str, Any]:
    """Your notices, newest first."""
    rows = selectors.notices_of(request.user)
    if filters.unread:
        rows = rows.filter(read_at=None)
    page = paginate(rows, paging.cursor, paging.limit, key="-pk")
    return {"items": [_shown(line) for line in inbox.lines(request.user, page["items"])], "next": page["next"]}


@router.post("/notices/read", response=UnreadOut)
def read(request: SignedRequest, body: ReadIn) -> dict[str, Any]:
    """Mark notices as read."""
    marked = services.mark_read(request.user, body.ids or None)
    return {"marked": marked, "unread": selectors.unread(request.user)}


def _shown(line: inbox.Line) -> dict[str, Any]:
    row = line.notice
    return {
        "id": row.pk, "at": row.at, "kind": row.template, "title": line.title, "sentence": line.sentence,
        "subject": line.subject, "case_number": line.number, "read_at": row.read_at,
    }  # fmt: skip
