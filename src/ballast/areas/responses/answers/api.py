"""Answers to warnings over the API: as on the warning's page."""

from typing import Any

from ninja import Router

from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.answers.api import AnswerIn, AnswerOut
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.selectors import shown
from ballast.areas.reference.selectors import today
from ballast.areas.responses.answers.giving import answer_warning, end_answer

router = Router()


@router.post("/warnings/{int:warning_id}/acknowledge", response=AnswerOut)
def acknowledge_warning(request: SignedRequest, warning_id: int, body: AnswerIn) -> Any:
    """Have it in hand for your scope; it ends on its day, when more plants stop or one earlier, and with the cause."""
    return _answer(request, warning_id, Answer.Kind.ACKNOWLEDGED, body)


@router.post("/warnings/{int:warning_id}/silence", response=AnswerOut)
def silence_warning(request: SignedRequest, warning_id: int, body: AnswerIn) -> Any:
    """Have nobody told of it whose plants all lie in your scope; it stays in the list, and its end is told."""
    return _answer(request, warning_id, Answer.Kind.SILENCED, body)


@router.post("/warnings/{int:warning_id}/answers/{int:answer_id}/end", response=AnswerOut)
def end_answer_to_warning(request: SignedRequest, warning_id: int, answer_id: int) -> Any:
    """End an answer before its day."""
    return shown(request.user, end_answer(request.user, warning_id, answer_id), today())


def _answer(request: SignedRequest, warning_id: int, kind: Answer.Kind, body: AnswerIn) -> Any:
    answer = answer_warning(request.user, warning_id, kind, until=body.until, note=body.note)
    return shown(request.user, answer, today())
