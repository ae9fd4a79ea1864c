"""Who hears what became of an answer: its author, and of an end those whom a silence kept from being told.

Nobody hears of what lies outside their scope by now.
"""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from ballast.areas.accounts.access import can
from ballast.areas.accounts.models import User
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.alerts.answers.selectors import in_force
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.selectors import visible_lamps
from ballast.areas.notices.letters import in_language_of
from ballast.areas.notices.models import Notice
from ballast.areas.notices.services import notify
from ballast.areas.reference.selectors import authority, now, today
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.models import Told
from ballast.areas.responses.selectors import visible_warnings
from ballast.areas.responses.warnings.naming import title_for
from ballast.areas.responses.warnings.telling import tell_withheld
from ballast.core.warning.telling import REMINDER

__all__ = ["lamps_turned", "remind_of_silences", "tell_of_expired", "tell_of_warning"]

_BURNING = {str(level) for level in (Level.RED, Level.YELLOW, Level.BLUE)}
_OF_LAMP = ("lamp__need__site", "lamp__need__product", "by")
_OF_WARNING = ("warning__site", "by")


def tell_of_warning(answer: WarningAnswer, template: str) -> int:
    """Write the notices about an answer to a warning; how many."""
    withheld = Told.objects.none()
    if template == "warning_over" and answer.kind == Answer.Kind.SILENCED:
        withheld = Told.objects.filter(warning=answer.warning, state=Told.State.SILENCED)
    written, path = 0, _path(answer)
    for person in _people(answer, withheld.values_list("person", flat=True)):
        if can(person, "view_desk") and visible_warnings(person).filter(pk=answer.warning_id).exists():
            with in_language_of(person):
                subject = title_for(person, answer.warning)
            written += notify(person, subject, template, path=path) is not None
    return written


def _tell_of_lamp(answer: LampAnswer, template: str) -> int:
    """Write the notices about an answer to a lamp; how many."""
    need, withheld = answer.lamp.need, Told.objects.none()
    if template == "lamp_over" and answer.kind == Answer.Kind.SILENCED:
        withheld = Told.objects.filter(
            state=Told.State.SILENCED, warning__members__site=need.site, warning__members__product=need.product,
            warning__members__left_at=None,
        )  # fmt: skip
    written, path = 0, _path(answer)
    for person in _people(answer, withheld.values_list("person", flat=True)):
        if visible_lamps(person, "view_desk").filter(pk=answer.lamp_id).exists():
            with in_language_of(person):
                subject = f"{need.product.label} · {need.site.label}"
            written += notify(person, subject, template, path=path) is not None
    return written


def _people(answer: Answer, withheld: Iterable[int]) -> list[User]:
    """The author and others by key, each once."""
    keys = {*withheld, *([answer.by_id] if answer.by_id else [])}
    return list(User.objects.filter(pk__in=keys).prefetch_related("grants").order_by("pk"))


def lamps_turned(turned: Iterable[tuple[str, LampAnswer]]) -> None:
    """Tell that lamps which somebody answered became worse or burn no more; an author of two answers hears it once."""
    told = set()
    # A silence first: of an end it tells more people.
    for what, answer in sorted(turned, key=lambda one: one[1].kind, reverse=True):
        if (answer.by_id, answer.lamp_id) not in told:
            told.add((answer.by_id, answer.lamp_id))
            _tell_of_lamp(answer, f"lamp_{what}")


@transaction.atomic
def tell_of_expired() -> int:
    """Tell the authors of answers whose last day is over while it goes on to burn; how many. What was withheld is told.

    The answers end by their day alone; a day on which this does not run changes nothing but when somebody hears of it.
    """
    tell_withheld()
    told, at = 0, now()
    lamps = LampAnswer.objects.filter(ended_at=None, until__lt=today(), told_at=None)
    for answer in lamps.select_related(*_OF_LAMP).order_by("pk"):
        if (answer.lamp.held or answer.lamp.level) in _BURNING:
            told += _tell_of_lamp(answer, f"{answer.kind}_over")
    warnings = WarningAnswer.objects.filter(ended_at=None, until__lt=today(), told_at=None)
    for row in warnings.select_related(*_OF_WARNING).order_by("pk"):
        if not row.warning.ended:
            told += tell_of_warning(row, f"{row.kind}_over")
    lamps.update(told_at=at)
    warnings.update(told_at=at)
    return told


@transaction.atomic
def remind_of_silences() -> int:
    """Remind the authors of silences that go on each week, so that none is forgotten; how many. Once a day at most."""
    written, day, zone = 0, today(), ZoneInfo(authority().time_zone)
    begin = dt.datetime.combine(day, dt.time(), zone)
    holding = in_force(day)
    lamps = LampAnswer.objects.filter(holding, kind=Answer.Kind.SILENCED).select_related(*_OF_LAMP)
    warnings = WarningAnswer.objects.filter(holding, kind=Answer.Kind.SILENCED).select_related(*_OF_WARNING)
    rows: list[LampAnswer | WarningAnswer] = [*lamps.order_by("pk"), *warnings.order_by("pk")]
    for answer in rows:
        days = (day - answer.begun_at.astimezone(zone).date()).days
        if not days or days % REMINDER:
            continue
        path = _path(answer)
        sent = Notice.objects.filter(person=answer.by_id, template="silence_goes_on", path=path, at__gte=begin)
        if not sent.exists():
            written += _remind(answer)
    return written


def _path(answer: LampAnswer | WarningAnswer) -> str:
    if isinstance(answer, LampAnswer):
        return reverse("alerts:detail", args=[answer.lamp_id])
    return reverse("responses:warning", args=[answer.warning_id])


def _remind(answer: LampAnswer | WarningAnswer) -> int:
    if isinstance(answer, LampAnswer):
        return _tell_of_lamp(answer, "silence_goes_on")
    return tell_of_warning(answer, "silence_goes_on")
