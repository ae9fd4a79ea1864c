"""Issue CAP messages about a warning: alert, updates, cancel, each naming the whole chain before it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now, today
from ballast.areas.registry.selectors import scope_filter
from ballast.areas.responses.cap.message import Area, Info, Message
from ballast.areas.responses.cap.models import Issued
from ballast.areas.responses.cap.writing import time_text, to_xml
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.areas.responses.selectors import get_warning
from ballast.areas.responses.warnings.naming import title_in

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["chain_of", "issue", "issued_to"]

_ISSUE = "issue_brief"
_LANGUAGES = (("en", "en-US"), ("zh-hans", "zh-CN"))
# A forecast is made anew each hour; after two days without an update nobody should act on it.
_HOLDS = dt.timedelta(days=2)
_SOON, _NEAR = 3, 7
_MOST_AREAS = 200


def chain_of(user: "User", warning: Warned) -> QuerySet[Issued]:
    """The messages about a warning in the desk's scopes, oldest first."""
    return issued_to(user).filter(warning=warning).order_by("pk")


def issued_to(user: "User") -> QuerySet[Issued]:
    """The messages of the scopes that are the person's, to read or to issue in."""
    return Issued.objects.filter(scope__in={*scopes.keys_of(user), *scopes.keys_of(user, _ISSUE)})


@transaction.atomic
def issue(user: "User", pk: int) -> Issued:
    """The next message of the desk's chain about a warning: Alert, then Update, and Cancel once its cause is over.

    Its status is Exercise wherever the authority is one. Raises NotAllowedError, Warned.DoesNotExist, ValidationError
    for a chain that was cancelled and for a warning that is over before anything was issued.
    """
    require(user, _ISSUE)
    get_warning(user, pk, _ISSUE)
    warning = Warned.objects.select_for_update(of=("self",)).select_related("site").get(pk=pk)
    # Of several desks of the person's the first that the warning concerns speaks.
    key = next((key for key in scopes.keys_of(user, _ISSUE) if _members(warning, key)), None)
    if key is None:
        raise NotAllowedError(_ISSUE)
    before = list(Issued.objects.filter(warning=warning, scope=key).order_by("pk"))
    kind = _kind(warning, before)
    at = now()
    message = _message(warning, key, kind, at, [row.reference for row in before])
    row = Issued.objects.create(
        warning=warning, scope=key, identifier=message.identifier, sender=message.sender, sent=message.sent,
        status=message.status, kind=kind, document=to_xml(message), by=user, at=at,
    )  # fmt: skip
    detail = {"warning": warning.pk, "kind": kind, "status": message.status}
    record("cap.issued", user, subject_type="cap", subject_id=row.identifier, detail=detail)
    return row


def _kind(warning: Warned, before: list[Issued]) -> str:
    if before and before[-1].kind == "Cancel":
        raise ValidationError(_("The messages about this warning end with a cancel; a new warning begins a new chain."))
    if warning.ended and not before:
        raise ValidationError(_("The cause is over and nothing was issued; there is nothing to cancel."))
    if warning.ended:
        return "Cancel"
    return "Update" if before else "Alert"


def _message(warning: Warned, key: str, kind: str, at: dt.datetime, references: list[str]) -> Message:
    members = _members(warning, key)
    infos = []
    for code, language in _LANGUAGES:
        with translation.override(code):
            infos.append(_info(warning, key, members, at, language))
    return Message(
        identifier=f"W{warning.pk}-{uuid.uuid4().hex}", sender=_sender(), sent=time_text(_local(at)),
        status="Exercise" if authority().is_exercise else "Actual", kind=kind, scope="Restricted",
        restriction=_in_all(gettext_noop("For the desks to which it is addressed.")),
        note=_in_all(gettext_noop("The cause is over.")) if kind == "Cancel" else "", references=tuple(references),
        infos=tuple(infos),
    )  # fmt: skip


def _in_all(words: str) -> str:
    """The words in every language: the head of a message says of itself in none, whoever issues it."""
    said = []
    for code, _language in _LANGUAGES:
        with translation.override(code):
            said.append(_(words))
    return " / ".join(said)


def _sender() -> str:
    """The host of the desk's address; a name that no host has where none is set."""
    return urlsplit(settings.ADDRESS).hostname or "ballast.invalid"


def _local(at: dt.datetime) -> dt.datetime:
    """The instant by the authority's clock, whoever asks."""
    return at.astimezone(ZoneInfo(authority().time_zone))


def _members(warning: Warned, key: str) -> list[WarnedOf]:
    """Members in the scope of the desk, those at the end of a warning that is over."""
    rows = warning.members.filter(left_at=warning.ended_at)
    rows = rows.filter(scope_filter(scopes.parse(key), "site__enterprise__"))
    return list(rows.select_related("site__region").order_by("stops_on", "pk"))


def _info(warning: Warned, key: str, members: list[WarnedOf], at: dt.datetime, language: str) -> Info:
    stops = [member for member in members if member.product_id is None]
    reds = len(members) - len(stops)
    days = [member.stops_on for member in stops if member.stops_on]
    first = min(days) if days else None
    said = _("Plants that stop: {stops}, the first on {day}. Red inputs: {reds}.")
    urgency, severity, certainty = _grades(stops, first)
    return Info(
        language=language, event=_("Supply stop"), category=("Infra",), response=("Assess", "Prepare"),
        urgency=urgency, severity=severity, certainty=certainty, codes=(("ballast:event:1", "supply-stop"),),
        onset=time_text(dt.datetime.combine(first, dt.time(), _local(at).tzinfo)) if first else "",
        expires=time_text(_local(at + _HOLDS)), sender_name=authority().label,
        headline=title_in(scopes.parse(key), warning)[:160],
        description=said.format(stops=len(stops), day=first or "–", reds=reds),
        instruction=_("Check stocks and agree on replacement supply with the enterprises concerned."),
        parameters=(("ballast:warning", str(warning)), ("ballast:rule", str(warning.basis.get("rule", "")))),
        areas=_areas(member.site.region for member in members),
    )  # fmt: skip


def _grades(stops: list[WarnedOf], first: dt.date | None) -> tuple[str, str, str]:
    """Urgency, severity and certainty by the table of docs/explanation/warnings.md."""
    if first is None:
        return "Expected", "Moderate", "Observed"
    ahead = (first - today()).days
    urgency = "Immediate" if ahead <= _SOON else "Expected" if ahead <= _NEAR else "Future"
    if ahead <= 0:
        return urgency, "Severe", "Observed"
    return urgency, "Severe", "Likely" if any(member.certain for member in stops) else "Possible"


def _areas(regions: Iterable[Region]) -> tuple[Area, ...]:
    found = {region.pk: region for region in regions}
    codes = sorted(found)[:_MOST_AREAS]
    return tuple(Area(found[code].label, (("GB/T 2260", code),)) for code in codes)
