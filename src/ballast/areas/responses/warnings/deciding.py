"""An officer's word on a warning: confirmed, which opens coordination with the enterprises, or dismissed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.cases.clocks.dues import follow
from ballast.areas.cases.models import Case
from ballast.areas.cases.services import file_case
from ballast.areas.reference.selectors import now
from ballast.areas.registry.event_scope import told_events
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import visible_sites
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.areas.responses.selectors import get_warning, members_of
from ballast.areas.responses.warnings.naming import title_for

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["KIND", "MOST_SITES", "confirm", "dismiss"]

KIND = "coordination"
# A desk that asks twenty enterprises at once has asked nobody in particular.
MOST_SITES = 20
_LONGEST = 2_000


@transaction.atomic
def confirm(user: "User", pk: int, *, sites: Sequence[str] = (), text: str = "") -> list[Case]:
    """The coordination cases, one for each site; the warning is confirmed.

    `sites` are ids of members in scope; without any, the plant that stops first. Each case is due by the forecast: the
    site's stop less the days of a remedy. Raises Warned.DoesNotExist for what is not the person's, ValidationError for
    a warning that was decided or is over, and for a site that does not belong to it.
    """
    warning = _open(user, pk)
    members: dict[str, WarnedOf] = {}
    for member in members_of(user, warning):
        members.setdefault(member.site.site_id, member)
    wanted = list(dict.fromkeys(sites)) or list(members)[:1]
    if len(wanted) > MOST_SITES:
        message = _("{count} sites at once: choose at most {most}.")
        raise ValidationError({"sites": message.format(count=len(wanted), most=MOST_SITES)})
    if strange := [name for name in wanted if name not in members]:
        message = _("“{value}” does not belong to this warning; choose from its plants.").format(value=strange[0][:80])
        raise ValidationError({"sites": message})
    if len(text) > _LONGEST:
        raise ValidationError({"text": _too_long(text)})
    event = _event(user, warning)
    cases = []
    for name in wanted:
        member = members[name]
        cases.append(_coordinate(user, warning, member.site, event, text.strip()))
        cases[-1].stops_on, cases[-1].stop_certain = member.stops_on, member.certain
        cases[-1].save(update_fields=["stops_on", "stop_certain"])
        follow(cases[-1])
    warning.cases.add(*cases)
    _decide(user, warning, Warned.State.CONFIRMED, text.strip(), {"cases": [case.number for case in cases]})
    return cases


@transaction.atomic
def dismiss(user: "User", pk: int, *, reason: str) -> Warned:
    """The warning, dismissed with a reason; it stays in the list until its cause is over.

    Raises Warned.DoesNotExist for what is not the person's, ValidationError without a reason, and for a warning that
    was decided or is over.
    """
    warning = _open(user, pk)
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; whoever asks later reads it here.")})
    if len(reason) > _LONGEST:
        raise ValidationError({"reason": _too_long(reason)})
    _decide(user, warning, Warned.State.DISMISSED, reason.strip(), {"reason": reason.strip()})
    return warning


def _too_long(text: str) -> str:
    message = _("This text has {count} characters; give at most {most}.")
    return message.format(count=len(text), most=_LONGEST)


def _open(user: "User", pk: int) -> Warned:
    """The warning, locked, that still waits for a decision of the person's desk."""
    require(user, "work_cases")
    get_warning(user, pk, "work_cases")
    warning = Warned.objects.select_for_update(of=("self",)).select_related("site").get(pk=pk)
    if warning.ended:
        message = _("The cause of this warning is over since {at}; there is nothing left to decide.")
        raise ValidationError(message.format(at=f"{timezone.localtime(warning.ended_at):%Y-%m-%d %H:%M}"))
    if warning.state != Warned.State.OPEN:
        who = warning.decided_by.get_username() if warning.decided_by else "–"
        message = _("{who} has decided this warning already: {state}.")
        raise ValidationError(message.format(who=who, state=warning.get_state_display()))
    return warning


def _event(user: "User", warning: Warned) -> Event | None:
    """The event that the cases are about, where there is one that the person may name."""
    if len(warning.events) != 1:
        return None
    return told_events(user).filter(event_id=warning.events[0]).first()


def _coordinate(user: "User", warning: Warned, site: Site, event: Event | None, text: str) -> Case:
    own = visible_sites(user, "work_cases").select_related("enterprise", "region").get(pk=site.pk)
    return file_case(
        user, kind=KIND, site=own, blocked=title_for(user, warning)[:200], text=text, linked_event=event,
        client_token=f"warning-{warning.pk}-{own.site_id}"[:64],
    )  # fmt: skip


def _decide(user: "User", warning: Warned, state: Warned.State, reason: str, detail: dict[str, object]) -> None:
    warning.state, warning.decided_by, warning.decided_at, warning.reason = state, user, now(), reason
    warning.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    record(f"warning.{state}", user, subject_type="warning", subject_id=str(warning.pk), detail=detail)
