"""Answers to lamps over the API: as on the lamp's page."""

import datetime as dt
from typing import Any

from ninja import Router, Schema
from pydantic import Field

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.answers.giving import answer_lamp, end_answer
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.selectors import shown
from ballast.areas.alerts.answers.terms import LONGEST_NOTE
from ballast.areas.reference.selectors import today

router = Router()


class AnswerOut(Schema):
    """An answer; an enterprise reads neither who gave it nor why."""

    id: int = Field(alias="pk")
    kind: str = Field(description="acknowledged or silenced.")
    begun_at: dt.datetime
    until: dt.date = Field(description="The last day on which it holds.")
    holds: bool
    by: str
    note: str
    ended_at: dt.datetime | None = Field(description="When it ended before its day.")


class AnswerIn(Schema):
    until: dt.date = Field(description="The last day, at most 30 days ahead.")
    note: str = Field(min_length=1, max_length=LONGEST_NOTE, description="Why.")


@router.post("/lamps/{int:lamp_id}/acknowledge", response=AnswerOut)
def acknowledge(request: SignedRequest, lamp_id: int, body: AnswerIn) -> Any:
    """Have it in hand: it ends by itself on its day, when the lamp becomes worse, and when it burns no more."""
    return _answer(request, lamp_id, Answer.Kind.ACKNOWLEDGED, body)


@router.post("/lamps/{int:lamp_id}/silence", response=AnswerOut)
def silence(request: SignedRequest, lamp_id: int, body: AnswerIn) -> Any:
    """Have nobody told of it while it burns; it is shown and counted all the same, and its end is told."""
    return _answer(request, lamp_id, Answer.Kind.SILENCED, body)


@router.post("/lamps/{int:lamp_id}/answers/{int:answer_id}/end", response=AnswerOut)
def end(request: SignedRequest, lamp_id: int, answer_id: int) -> Any:
    """End an answer before its day."""
    return shown(request.user, end_answer(request.user, lamp_id, answer_id), today())


def _answer(request: SignedRequest, lamp_id: int, kind: Answer.Kind, body: AnswerIn) -> Any:
    answer = answer_lamp(request.user, lamp_id, kind, until=body.until, note=body.note)
    return shown(request.user, answer, today())
