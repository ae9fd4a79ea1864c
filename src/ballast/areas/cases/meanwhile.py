"""What others did to a case while somebody had it before them: who moved it, when, and that they should look again."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ballast.areas.cases.clocks.words import DUE
from ballast.areas.cases.models import Case, CaseEntry

__all__ = ["check_unchanged", "moved_by"]


def check_unchanged(case: Case, seen: int | None) -> None:
    """Raise ValidationError unless the case, locked, has as many moves as the person saw; None asks nothing."""
    if seen is None or _moves(case).count() == seen:
        return
    message = _("Case {number} has changed since you opened it: {what} Look at it as it stands now and decide again.")
    raise ValidationError({"move": message.format(number=case.number, what=moved_by(case))})


def moved_by(case: Case) -> str:
    """Who made the newest move, which one, and when, as a sentence; "" for a case without any."""
    line = _moves(case).order_by("-at", "-pk").first()
    if line is None:
        return ""
    # The case as it is in hand knows its pack; a line read from the database would read the case again.
    line.case = case
    at = date_format(timezone.localtime(line.at), "SHORT_DATETIME_FORMAT")
    return _("{person} made the last move at {at}: {what}.").format(person=line.actor_name, at=at, what=line.words)


def _moves(case: Case) -> QuerySet[CaseEntry]:
    """Moves that people made: what the forecast says of the due time takes nothing from under anybody's hands."""
    return CaseEntry.objects.filter(case=case, type=CaseEntry.Type.MOVE).exclude(move=DUE)
