"""What becomes of the answers to warnings after a forecast, in its transaction."""

from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.selectors import in_force
from ballast.areas.alerts.answers.terms import end_now
from ballast.areas.audit.services import Act, record_all
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.answers.selectors import standing_in
from ballast.areas.responses.answers.telling import tell_of_warning
from ballast.areas.responses.warnings.telling import tell_withheld

__all__ = ["follow_answers"]


def follow_answers() -> None:
    """End what warnings that are over or became worse leave of their answers, and tell of it."""
    tell_withheld()
    acts = []
    rows = WarningAnswer.objects.filter(in_force()).select_related("warning__site", "by").order_by("pk")
    for answer in rows:
        why = _ended(answer)
        if why:
            end_now(answer, why)
            detail = {"kind": answer.kind, "why": str(why)}
            acts.append(Act("warning.answer_ended", "forecast job", "warning", str(answer.warning_id), "", detail))
            tell_of_warning(answer, f"warning_{why}")
    record_all(acts)


def _ended(answer: WarningAnswer) -> Answer.Ended | None:
    """Why it ends now; None when it goes on. What an acknowledged warning has come down to is kept."""
    if answer.warning.ended:
        return Answer.Ended.OVER
    if answer.kind == Answer.Kind.SILENCED:
        return None
    stops, first = standing_in(answer.scope, answer.warning)
    earlier = first is not None and (answer.first_stop is None or first < answer.first_stop)
    if stops > answer.stops or earlier:
        return Answer.Ended.WORSE
    if stops < answer.stops or first != answer.first_stop:
        answer.stops, answer.first_stop = stops, first
        answer.save(update_fields=["stops", "first_stop"])
    return None
