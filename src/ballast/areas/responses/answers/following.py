"""What becomes of the answers to warnings after a forecast, and what is told of answers; in its transaction."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.alerts.answers.selectors import in_force
from ballast.areas.alerts.answers.terms import end_now
from ballast.areas.alerts.models import Level
from ballast.areas.audit.services import Act, record_all
from ballast.areas.notices.letters import in_language_of
from ballast.areas.notices.services import notify
from ballast.areas.reference.selectors import today
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.answers.selectors import standing_in
from ballast.areas.responses.models import Told
from ballast.areas.responses.warnings.naming import title_for
from ballast.areas.responses.warnings.telling import tell_withheld

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["follow_answers", "lamps_turned", "tell_of_expired"]

_BURNING = {str(level) for level in (Level.RED, Level.YELLOW, Level.BLUE)}


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
            _tell_of_warning(answer, f"warning_{why}")
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
    if stops < answer.stops:
        answer.stops = stops
        answer.save(update_fields=["stops"])
    return None


def _tell_of_warning(answer: WarningAnswer, template: str) -> None:
    """Tell its author; of an end also those whom a silence kept from being told."""
    people = {answer.by} if answer.by else set()
    if template == "warning_over" and answer.kind == Answer.Kind.SILENCED:
        withheld = Told.objects.filter(warning=answer.warning, state=Told.State.SILENCED)
        people |= {row.person for row in withheld.select_related("person")}
    path = reverse("responses:warning", args=[answer.warning_id])
    for person in sorted(people, key=lambda one: one.pk):
        with in_language_of(person):
            subject = title_for(person, answer.warning)
        notify(person, subject, template, path=path)


def lamps_turned(turned: Iterable[tuple[str, LampAnswer]]) -> None:
    """Tell that lamps which somebody answered became worse or burn no more; each person once for a lamp."""
    told = set()
    for what, answer in turned:
        for person in _people_of(answer, over=what == "over"):
            if (person.pk, answer.lamp_id, what) not in told:
                told.add((person.pk, answer.lamp_id, what))
                _notify_of_lamp(person, answer, f"lamp_{what}")


def _people_of(answer: LampAnswer, *, over: bool) -> "list[User]":
    """Its author; of the end of a silenced lamp also those whom the silence kept from being told."""
    people = {answer.by} if answer.by else set()
    if over and answer.kind == Answer.Kind.SILENCED:
        need = answer.lamp.need
        withheld = Told.objects.filter(
            state=Told.State.SILENCED, warning__members__site=need.site, warning__members__product=need.product,
            warning__members__left_at=None,
        )  # fmt: skip
        people |= {row.person for row in withheld.select_related("person")}
    return sorted(people, key=lambda one: one.pk)


def _notify_of_lamp(person: "User", answer: LampAnswer, template: str) -> None:
    need = answer.lamp.need
    with in_language_of(person):
        subject = f"{need.product.label} · {need.site.label}"
    notify(person, subject, template, path=reverse("alerts:detail", args=[answer.lamp_id]))


@transaction.atomic
def tell_of_expired() -> int:
    """Tell the authors of answers whose last day is over while it goes on to burn; how many. What was withheld is told.

    The answers end by their day alone; a day on which this does not run changes nothing but when somebody hears of it.
    """
    tell_withheld()
    told, at = 0, timezone.now()
    lamps = LampAnswer.objects.filter(ended_at=None, until__lt=today(), told_at=None)
    for answer in lamps.select_related("lamp__need__site", "lamp__need__product", "by").order_by("pk"):
        level = answer.lamp.held or answer.lamp.level
        if answer.by and level in _BURNING:
            _notify_of_lamp(answer.by, answer, f"{answer.kind}_over")
            told += 1
    warnings = WarningAnswer.objects.filter(ended_at=None, until__lt=today(), told_at=None)
    for row in warnings.select_related("warning__site", "by").order_by("pk"):
        if row.by and not row.warning.ended:
            _tell_of_warning(row, f"{row.kind}_over")
            told += 1
    lamps.update(told_at=at)
    warnings.update(told_at=at)
    return told
