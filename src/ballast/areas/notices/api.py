"""E-mails that I want; for administrators the outbox and the webhooks."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError, Page, Paging, paginate
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.notices import hooks, selectors, services
from ballast.areas.notices.models import Message, Webhook

router = Router()


class EmailChoiceOut(Schema):
    email: str
    without: list[str] = Field(description="Kinds of notices of which no e-mail comes.")
    most_a_day: int


class EmailChoiceIn(Schema):
    email: str = Field("", max_length=254, description="Empty: no e-mail.")
    without: list[str] = Field([], max_length=50)
    most_a_day: int = Field(10, ge=0, le=services.MOST_A_DAY)


class MessageOut(Schema):
    id: int
    delivery: str
    channel: Message.Channel
    target: str
    kind: str
    case_number: str
    state: Message.State
    written_at: dt.datetime
    attempts: int
    next_try: dt.datetime
    sent_at: dt.datetime | None
    answer: str = Field(description="What the server said last.")


class MessageFilters(Schema):
    state: str = Field("", max_length=10)
    channel: str = Field("", max_length=10)
    q: str = Field("", max_length=100, description="Part of the target or of a case's number.")


class WebhookOut(Schema):
    id: int
    name: str
    url: str
    kinds: list[str]
    region: str
    chain: str
    enterprise: str
    active: bool
    made_at: dt.datetime
    made_by: str


class NewWebhookOut(WebhookOut):
    secret: str = Field(description="Shown this once.")


class WebhookIn(Schema):
    name: str = Field(min_length=1, max_length=100)
    url: str = Field(min_length=1, max_length=500)
    kinds: list[str] = Field(min_length=1, max_length=20, description="case.filed, case.moved, case.replied")
    secret: str = Field("", max_length=200, description="At least 16 characters; empty: made for you.")
    region: str = Field("", max_length=16, description="It is told of the region and what lies below; empty: all.")
    chain: str = Field("", max_length=32)
    enterprise: str = Field("", max_length=64)


class SwitchIn(Schema):
    active: bool


def _refused(error: ValidationError) -> ApiError:
    fields = [(name, text) for name, texts in error.message_dict.items() for text in texts]
    return ApiError("invalid", " ".join(error.messages), 422, fields)


def _choice(user: User) -> dict[str, Any]:
    chosen = selectors.preference_of(user)
    return {"email": user.email, "without": chosen.without, "most_a_day": chosen.most_a_day}


@router.get("/notices/settings", response=EmailChoiceOut)
def choices(request: SignedRequest) -> Any:
    """Which e-mails you get."""
    return _choice(request.user)


@router.put("/notices/settings", response=EmailChoiceOut)
def choose(request: SignedRequest, body: EmailChoiceIn) -> Any:
    """Choose which e-mails you get."""
    try:
        services.choose(request.user, **body.dict())
    except ValidationError as error:
        raise _refused(error) from None
    return _choice(request.user)


@router.get("/outbox", response=Page[MessageOut])
def outbox(request: SignedRequest, paging: Query[Paging], filters: Query[MessageFilters]) -> Any:
    """Messages that are owed, sent or failed, newest first; for administrators."""
    rows = selectors.messages(request.user, state=filters.state, channel=filters.channel, search=filters.q)
    page = paginate(rows, paging.cursor, paging.limit, key="-pk")
    return {"items": [_message(row) for row in page["items"]], "next": page["next"]}


def _message(row: Message) -> dict[str, Any]:
    names = (
        "channel", "target", "kind", "case_number", "state", "written_at", "attempts", "next_try", "sent_at", "answer",
    )  # fmt: skip
    return {"id": row.pk, "delivery": str(row.delivery), **{name: getattr(row, name) for name in names}}


@router.post("/outbox/{int:message_id}/again", response=MessageOut)
def again(request: SignedRequest, message_id: int) -> Any:
    """Send a message again, under the same delivery id."""
    try:
        return _message(hooks.send_again(request.user, message_id))
    except ValidationError as error:
        raise _refused(error) from None


@router.get("/webhooks", response=Page[WebhookOut])
def webhooks(request: SignedRequest, paging: Query[Paging]) -> Any:
    """All webhooks, without their secrets; for administrators."""
    return paginate(selectors.webhooks(request.user), paging.cursor, paging.limit)


@router.post("/webhooks", response={201: NewWebhookOut})
def register(request: SignedRequest, body: WebhookIn) -> Any:
    """Register a webhook. Its secret stands in this answer and in no other."""
    try:
        hook, secret = hooks.register(request.user, **body.dict())
    except ValidationError as error:
        raise _refused(error) from None
    return Status(201, {**_webhook(hook), "secret": secret})


@router.post("/webhooks/{int:hook_id}/switch", response=WebhookOut)
def switch(request: SignedRequest, hook_id: int, body: SwitchIn) -> Any:
    """Switch a webhook on or off."""
    return _webhook(hooks.switch(request.user, hook_id, active=body.active))


def _webhook(hook: Webhook) -> dict[str, Any]:
    names = ("name", "url", "kinds", "region", "chain", "enterprise", "active", "made_at", "made_by")
    return {"id": hook.pk, **{name: getattr(hook, name) for name in names}}
