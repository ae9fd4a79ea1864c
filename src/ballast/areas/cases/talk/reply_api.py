"""Texts for replies over the API."""

from typing import Any

from django.core.exceptions import ValidationError
from ninja import Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.models import ReplyText
from ballast.areas.cases.talk import reply_texts

router = Router()
_INVALID = "invalid"


class TextIn(Schema):
    """A text, with placeholders such as {number}, {enterprise}, {blocked}, {desk} and {due}."""

    title: str = Field(min_length=1, max_length=100)
    text: str = Field(min_length=1, max_length=reply_texts.LONGEST)
    language: str = Field(max_length=10, description="en or zh-hans")
    kind: str = Field("", max_length=20, description="Empty: for every kind.")


class TextOut(TextIn):
    """A text as it is kept."""

    id: int
    changed_by: str


class TextsOut(Schema):
    """All texts."""

    texts: list[TextOut]


class FilledOut(Schema):
    """A text filled in from a case."""

    text: str


def _shown(row: ReplyText) -> dict[str, Any]:
    names = ("title", "text", "language", "kind", "changed_by")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def _kept(request: SignedRequest, body: TextIn, text_id: int | None = None) -> dict[str, Any]:
    try:
        return _shown(reply_texts.keep(request.user, **body.dict(), text_id=text_id))
    except ValidationError as error:
        fields = [(name, text) for name, told in error.message_dict.items() for text in told]
        raise ApiError(_INVALID, " ".join(error.messages), 422, fields) from None


@router.get("/reply-texts", response=TextsOut)
def texts(request: SignedRequest) -> dict[str, Any]:
    """All texts, for who works on cases."""
    return {"texts": [_shown(row) for row in reply_texts.texts(request.user)]}


@router.post("/reply-texts", response={201: TextOut})
def add_text(request: SignedRequest, body: TextIn) -> Status[Any]:
    """Add a text."""
    return Status(201, _kept(request, body))


@router.put("/reply-texts/{int:text_id}", response=TextOut)
def change_text(request: SignedRequest, text_id: int, body: TextIn) -> dict[str, Any]:
    """Change a text."""
    return _kept(request, body, text_id)


@router.delete("/reply-texts/{int:text_id}", response={204: None})
def drop_text(request: SignedRequest, text_id: int) -> Status[None]:
    """Delete a text."""
    reply_texts.drop(request.user, text_id)
    return Status(204, None)


@router.get("/cases/{number}/reply-texts/{int:text_id}", response=FilledOut)
def fill_text(request: SignedRequest, number: str, text_id: int) -> dict[str, str]:
    """A text with what stands in the case, ready to be sent as a reply."""
    return {"text": reply_texts.filled(request.user, number, text_id)}
