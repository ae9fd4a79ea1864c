"""What becomes of the answers when the lamps are judged anew; called in the transaction that judged them."""

from collections.abc import Collection

from ballast.areas.alerts import events
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.alerts.answers.selectors import in_force
from ballast.areas.alerts.answers.terms import end_now
from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.alerts.rules import SEVERITY, effective
from ballast.areas.audit.services import Act, record_all

__all__ = ["answered", "follow"]

_FEW = 500
_BURNING = {str(level) for level in (Level.RED, Level.YELLOW, Level.BLUE)}
_QUIET = {str(level) for level in (Level.NORMAL, Level.NOT_IN_USE)}


def answered(needs: Collection[int] | None) -> list[LampAnswer]:
    """Answers that hold, of the lamps of some needs (None: of all), each with its lamp as it stands before."""
    rows = LampAnswer.objects.filter(in_force()).select_related("lamp__need__site", "lamp__enterprise", "by")
    if needs is not None and len(needs) <= _FEW:
        rows = rows.filter(lamp__need__in=needs)
    return list(rows.order_by("pk"))


def follow(answers: Collection[LampAnswer]) -> None:
    """End acknowledgements of lamps that became worse or burn no more, and say so; a silence goes on to its day.

    `answers` are those of `answered`, from before the lamps were judged.
    """
    acts, turned = [], []
    lamps = Lamp.objects.in_bulk({answer.lamp_id for answer in answers}) if answers else {}
    for answer in answers:
        lamp = lamps.get(answer.lamp_id)
        if lamp is None:
            continue
        was, level = effective(answer.lamp.level, answer.lamp.held), effective(lamp.level, lamp.held)
        answer.lamp.level, answer.lamp.held, answer.lamp.since = lamp.level, lamp.held, lamp.since
        over = level in _QUIET and was not in _QUIET
        if answer.kind == Answer.Kind.SILENCED:
            if over and was in _BURNING:
                turned.append(("over", answer))
            continue
        if over or SEVERITY[level] < SEVERITY[answer.level]:
            why = Answer.Ended.OVER if over else Answer.Ended.WORSE
            end_now(answer, why)
            turned.append((str(why), answer))
            acts.append(_act(answer, why, level))
        elif level != answer.level:
            answer.level = level
            answer.save(update_fields=["level"])
    record_all(acts)
    if turned:
        events.answered_lamps_turned.send(sender=LampAnswer, turned=turned)


def _act(answer: LampAnswer, why: str, level: str) -> Act:
    detail = {"kind": answer.kind, "why": why, "level": level}
    lamp = answer.lamp
    return Act("lamp.answer_ended", "lamps", "lamp", str(lamp.pk), lamp.enterprise.enterprise_id, detail)
