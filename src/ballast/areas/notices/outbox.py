"""The outbox: what is owed is claimed, sent and marked; a crash in between costs a duplicate at most, never a message.

A claim is a lease of five minutes, longer than any attempt takes. A sender that dies before it sent leaves the message
owed; one that dies after it sent and before it marked leaves it owed too, and the next one sends it again under the
same delivery id. Messages of one target leave one after the other, in the order in which they were written.
"""

import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db.models import F, Min, Q
from django.utils import timezone

from ballast.areas.notices import calling, mail
from ballast.areas.notices.channels import Answer
from ballast.areas.notices.models import Message

__all__ = ["GIVE_UP_AFTER", "LEASE", "Tally", "backoff", "send_owed"]

log = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=5)
# As long as mail servers keep trying.
GIVE_UP_AFTER = dt.timedelta(days=5)
_LONGEST_PAUSE = dt.timedelta(hours=6)
_CHANNELS: dict[str, Callable[[Message], Answer]] = {
    Message.Channel.MAIL: lambda message: mail.send(message),
    Message.Channel.WEBHOOK: lambda message: calling.send(message),
}


@dataclass
class Tally:
    """How many messages one run sent, gave up, and put off."""

    sent: int = 0
    failed: int = 0
    put_off: int = 0


def backoff(attempts: int) -> dt.timedelta:
    """The pause after so many attempts: 1, 2, 4, ... minutes, at most six hours."""
    return min(dt.timedelta(minutes=2 ** min(attempts - 1, 10)), _LONGEST_PAUSE)


def send_owed(*, clock: Callable[[], dt.datetime] = timezone.now, most_seconds: float = 60.0) -> Tally:
    """Send what is due, for at most so long; a channel that does not answer rests until the next run."""
    tally, resting, begun = Tally(), set[str](), time.monotonic()
    while time.monotonic() - begun < most_seconds:
        message = _claim(clock(), resting)
        if message is None:
            break
        answer = _attempt(message)
        if answer.unreachable and message.channel == Message.Channel.MAIL:
            resting.add(message.channel)
        _settle(message, answer, clock(), tally)
    return tally


def _claim(at: dt.datetime, resting: Collection[str]) -> Message | None:
    """The next due message, leased to this call; None when there is none that is first of its target."""
    owed = Message.objects.filter(state=Message.State.OWED)
    first = owed.order_by().values("target").annotate(first=Min("pk")).values("first")
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    while True:
        due = owed.filter(free, pk__in=first, next_try__lte=at).exclude(channel__in=resting)
        message = due.select_related("webhook").order_by("next_try", "pk").first()
        if message is None:
            return None
        lease = secrets.token_hex(16)
        # One UPDATE that names the old lease: of several senders at once, one wins.
        won = owed.filter(pk=message.pk, lease=message.lease, attempts=message.attempts).update(
            lease=lease, leased_until=at + LEASE, attempts=F("attempts") + 1
        )
        if won:
            message.lease, message.attempts = lease, message.attempts + 1
            return message


def _attempt(message: Message) -> Answer:
    try:
        return _CHANNELS[message.channel](message)
    except Exception as error:
        # One message that no channel can take must not keep the others from leaving.
        log.exception("message %s could not be sent", message.pk)
        return Answer(f"{type(error).__name__}: {error}")


def _settle(message: Message, answer: Answer, at: dt.datetime, tally: Tally) -> None:
    """Mark how it went, unless the lease ran out and another sender has the message now."""
    state, next_try = Message.State.OWED, at + backoff(message.attempts)
    if answer.sent:
        state = Message.State.SENT
        tally.sent += 1
    elif answer.final or at - message.written_at >= GIVE_UP_AFTER:
        state = Message.State.FAILED
        tally.failed += 1
    else:
        tally.put_off += 1
    Message.objects.filter(pk=message.pk, lease=message.lease).update(
        state=state, next_try=next_try, lease="", leased_until=None, answer=answer.kept,
        sent_at=at if answer.sent else None,
    )  # fmt: skip
