"""An officer acknowledges a warning, silences its notices, or ends either before its day."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.answers.selectors import in_force
from ballast.areas.alerts.answers.terms import end_now, terms
from ballast.areas.audit.services import record
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import today
from ballast.areas.registry.places import covers
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.answers.selectors import standing_in
from ballast.areas.responses.models import Warned
from ballast.areas.responses.selectors import get_warning
from ballast.areas.responses.warnings.telling import tell_withheld

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["answer_warning", "end_answer"]


@transaction.atomic
def answer_warning(user: "User", pk: int, kind: Answer.Kind, *, until: dt.date, note: str) -> WarningAnswer:
    """The answer, which holds from now through `until`; one that the person gave before of the same kind ends.

    It speaks for the plants in the person's own scope. Raises Warned.DoesNotExist for what is not the person's,
    ValidationError for a warning that is over, and as `terms` does.
    """
    warning = _warning(user, pk)
    if warning.ended:
        message = _("The cause of this warning is over since {at}; there is nothing left to answer.")
        raise ValidationError(message.format(at=f"{timezone.localtime(warning.ended_at):%Y-%m-%d %H:%M}"))
    given = terms(user, kind, until, note)
    for before in warning.answers.filter(in_force(), kind=kind, by=user):
        end_now(before, Answer.Ended.REPLACED, user)
    places = [list(place) for place in scope_of(user, "work_cases").places]
    answer = WarningAnswer(warning=warning, places=places, **given)
    answer.stops, answer.first_stop = standing_in(answer.scope, warning)
    answer.save()
    detail = {"until": until.isoformat(), "note": answer.note, "places": places}
    record(f"warning.{kind}", user, subject_type="warning", subject_id=str(pk), detail=detail)
    return answer


@transaction.atomic
def end_answer(user: "User", pk: int, answer: int) -> WarningAnswer:
    """The answer, ended now; whom a silence kept from being told is told.

    Only who covers all that it speaks for ends it. Raises DoesNotExist for what is not the person's, ValidationError
    for one that is over or reaches beyond the person's scope.
    """
    warning = _warning(user, pk)
    found: WarningAnswer = warning.answers.select_related("by", "warning").get(pk=answer)
    if not found.holds(today()):
        raise ValidationError(_("It has ended already."))
    if found.by_id != user.pk and not _covers(user, found):
        raise ValidationError(_("It speaks for plants beyond your scope; its author or a desk above ends it."))
    end_now(found, Answer.Ended.BY_HAND, user)
    detail = {"kind": found.kind, "until": found.until.isoformat()}
    record("warning.answer_ended", user, subject_type="warning", subject_id=str(pk), detail=detail)
    tell_withheld()
    return found


def _warning(user: "User", pk: int) -> Warned:
    """The warning, locked, that the person's desk works on: to see it elsewhere is not enough."""
    require(user, "work_cases")
    get_warning(user, pk, "work_cases")
    return Warned.objects.select_for_update(of=("self",)).get(pk=pk)


def _covers(user: "User", answer: WarningAnswer) -> bool:
    """Whether the person's desk, or several of theirs together, reach every place of the answer."""
    if answer.scope.everything:
        return scope_of(user, "work_cases").everything
    regions = Region.objects.in_bulk({region for region, _chain in answer.places if region})
    return all(
        (not region or region in regions) and covers(user, "work_cases", regions.get(region), chain or None)
        for region, chain in answer.places
    )
