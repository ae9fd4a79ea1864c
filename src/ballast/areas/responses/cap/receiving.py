"""Take in a CAP message: kept with its chain, and turned into a proposal for an event where it counts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now
from ballast.areas.responses.cap.message import Message
from ballast.areas.responses.cap.models import Received
from ballast.areas.responses.cap.parsing import CapError
from ballast.areas.responses.cap.reading import read

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Proposal", "proposal_of", "receive", "received"]

_LONGEST = {"identifier": 200, "sender": 200}
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
    require(user, "manage_events")
    return Received.objects.filter(scope__in=scopes.keys_of(user)).select_related("by", "replaced_by").order_by("-pk")


@transaction.atomic
def receive(user: "User", document: bytes) -> Received:
    """The message, kept; the same message again gives the row of the first time. Raises CapError, NotAllowedError.

    An update or a cancel marks the messages that it names as replaced. One that names messages of several chains is
    refused, because nobody can say which of them it ends.
    """
    require(user, "manage_events")
    message, key = read(document), scopes.keys_of(user)[0]
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
    row = Received.objects.create(
        scope=key, identifier=message.identifier, sender=message.sender, sent=message.sent, status=message.status,
        kind=message.kind, document=document, by=user, at=now(),
        chain=(chains.pop() if chains else next(iter(message.references), message.reference))[:500],
    )  # fmt: skip
    if message.kind in ("Update", "Cancel"):
        own.filter(pk__in=[one.pk for one in named]).update(replaced_by=row)
    detail = {"sender": message.sender, "kind": message.kind, "status": message.status}
    record("cap.received", user, subject_type="cap", subject_id=message.identifier, detail=detail)
    return row


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
    info = message.infos[0] if message.infos else None
    headline = (info.headline or info.event) if info else message.kind
    wanted, why_not = "Exercise" if authority().is_exercise else "Actual", ""
    if message.status != wanted:
        why_not = _("Its status is {status}; here only {wanted} counts.").format(status=message.status, wanted=wanted)
    elif message.kind not in ("Alert", "Update"):
        why_not = _("A message of the kind {kind} proposes nothing.").format(kind=message.kind)
    elif row.replaced_by_id:
        why_not = _("A later message has replaced it.")
    elif not regions:
        why_not = _("It names no region by a code that is known here.")
    return Proposal(message, headline, () if why_not else regions, why_not)
