"""Take in a CAP message: kept with its chain, and turned into a proposal for an event where it counts."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now
from ballast.areas.responses.cap.message import Info, Message
from ballast.areas.responses.cap.models import Received
from ballast.areas.responses.cap.parsing import CapError
from ballast.areas.responses.cap.reading import read

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Proposal", "proposal_of", "receive", "received"]

_TAKE = "manage_events"
_LONGEST = {"identifier": 200, "sender": 200}
# Kinds of messages after which those that they name hold no more.
_REPLACING = ("Update", "Cancel")
_BATCH = 500


@dataclass(frozen=True)
class Proposal:
    """What a received message proposes: an event in each region that it names; empty with the reason why not."""

    message: Message
    headline: str
    regions: tuple[Region, ...]
    why_not: str


def received(user: "User") -> QuerySet[Received]:
    """Messages that the person's desks received, newest first. NotAllowedError for who records no events."""
    require(user, _TAKE)
    rows = Received.objects.filter(scope__in=scopes.keys_of(user, _TAKE))
    return rows.select_related("by", "replaced_by").order_by("-pk")


@transaction.atomic
def receive(user: "User", document: bytes) -> Received:
    """The message, kept; the same message again gives the row of the first time. Raises CapError, NotAllowedError.

    An update or a cancel marks the messages that it names as replaced, also those that come only after it. One that
    names messages of several chains is refused, because nobody can say which of them it ends.
    """
    key = scopes.home(user, _TAKE)
    if key is None:
        raise NotAllowedError(_TAKE)
    message = read(document)
    for name, most in _LONGEST.items():
        if len(getattr(message, name)) > most:
            raise CapError([_("“{name}” is longer than {most} characters.").format(name=name, most=most)])
    own = Received.objects.filter(scope=key)
    if before := own.filter(sender=message.sender, identifier=message.identifier, sent=message.sent).first():
        return before
    named = _named(own, message)
    chains = {row.chain for row in named}
    if len(chains) > 1:
        raise CapError(
            [_("The message names messages of {count} chains; send one for each.").format(count=len(chains))]
        )
    chain = chains.pop() if chains else next(iter(message.references), message.reference)
    row, new = Received.objects.get_or_create(
        scope=key, identifier=message.identifier, sender=message.sender, sent=message.sent,
        defaults={
            "status": message.status, "kind": message.kind, "document": document, "by": user, "at": now(),
            "chain": chain[:500], "replaced_by": _came_before(own, message, chain[:500]),
        },
    )  # fmt: skip
    if not new:  # a colleague took it in at the same moment
        return row
    if message.kind in _REPLACING:
        own.filter(pk__in=[one.pk for one in named]).update(replaced_by=row)
    # An identifier may be longer than the audit's names of things are.
    detail = {"identifier": message.identifier, "sender": message.sender, "kind": message.kind}
    detail |= {"status": message.status}
    record("cap.received", user, subject_type="cap", subject_id=str(row.pk), detail=detail)
    return row


def _came_before(own: QuerySet[Received], message: Message, chain: str) -> Received | None:
    """The newest update or cancel of a message that came before the message itself; messages overtake each other."""
    later = own.filter(chain=chain, kind__in=_REPLACING).order_by("-pk")
    return next((row for row in later if message.reference in read(bytes(row.document)).references), None)


def _named(own: QuerySet[Received], message: Message) -> list[Received]:
    """The stored messages that a message refers to."""
    wanted = frozenset(message.references)
    named = sorted({reference.split(",")[1] for reference in wanted})
    batches = (own.filter(identifier__in=named[first : first + _BATCH]) for first in range(0, len(named), _BATCH))
    return [row for batch in batches for row in batch if row.reference in wanted]


def proposal_of(row: Received) -> Proposal:
    """What the message proposes now. Exercise and Actual are never mixed: what is the other is read, and no more."""
    message = read(bytes(row.document))
    codes = {value for info in message.infos for area in info.areas for _name, value in area.codes}
    regions = tuple(Region.objects.filter(code__in=codes).order_by("path")[:50])
    info = _spoken(message)
    headline = (info.headline or info.event) if info else message.kind
    ends = [dt.datetime.fromisoformat(one.expires) for one in message.infos if one.expires]
    wanted, why_not = "Exercise" if authority().is_exercise else "Actual", ""
    if message.status != wanted:
        why_not = _("Its status is {status}; here only {wanted} counts.").format(status=message.status, wanted=wanted)
    elif message.kind not in ("Alert", "Update"):
        why_not = _("A message of the kind {kind} proposes nothing.").format(kind=message.kind)
    elif row.replaced_by_id:
        why_not = _("A later message has replaced it.")
    elif ends and len(ends) == len(message.infos) and max(ends) <= now():
        at = max(ends).astimezone(ZoneInfo(authority().time_zone))
        why_not = _("It expired at {at}.").format(at=f"{at:%Y-%m-%d %H:%M}")
    elif not regions:
        why_not = _("It names no region by a code that is known here.")
    return Proposal(message, headline, () if why_not else regions, why_not)


def _spoken(message: Message) -> Info | None:
    """What the message says in the language of the page, else in its first one."""
    spoken = (get_language() or "").partition("-")[0]
    alike = (info for info in message.infos if info.language.partition("-")[0].lower() == spoken)
    return next(alike, None) or next(iter(message.infos), None)
