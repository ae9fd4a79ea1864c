"""One digest instead of many e-mails: what came above a person's count of a day, in one text."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from ballast.areas.accounts.models import User
from ballast.areas.notices.letters import in_language_of, signed, subject_line
from ballast.areas.notices.models import Message, Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["purge", "write_digests"]

# A digest that names more would be read by nobody; the rest stands on the page of notices.
_MOST_LINES = 100
_KEPT = dt.timedelta(days=90)


def write_digests() -> int:
    """Write one message for each person who has some that wait; returns how many. Each is a transaction of its own."""
    from ballast.areas.notices.jobs import request_sending

    waiting = Message.objects.filter(state=Message.State.HELD, person__isnull=False)
    people = User.objects.filter(pk__in=waiting.order_by().values("person")).order_by("pk")
    written = 0
    for person in people:
        with transaction.atomic():
            written += _digest(person)
            request_sending()
    return written


def _digest(person: User) -> int:
    held = Message.objects.filter(state=Message.State.HELD, person=person)
    rows: Sequence[Message] = list(held.select_for_update(of=("self",)).order_by("pk"))
    if not rows or not (person.is_active and person.email):
        held.update(state=Message.State.FAILED, answer="no address")
        return 0
    with in_language_of(person):
        count = len(rows)
        title = ngettext("{count} notice of today", "{count} notices of today", count).format(count=count)
        lines = [row.subject for row in rows[:_MOST_LINES]]
        subject, body = subject_line(title), signed(["\n".join(lines)])
    at = timezone.now()
    bundle = Message.objects.create(
        channel=Message.Channel.MAIL, target=person.email, person=person, kind="digest", subject=subject, body=body,
        written_at=at, next_try=at,
    )  # fmt: skip
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(state=Message.State.BUNDLED, bundle=bundle)
    return 1


def purge() -> int:
    """Forget messages that were sent, and notices that were read, more than 90 days ago; the number of messages."""
    before = timezone.now() - _KEPT
    done = (Message.State.SENT, Message.State.BUNDLED)
    Notice.objects.filter(read_at__lt=before).delete()
    return Message.objects.filter(state__in=done, written_at__lt=before).delete()[0]
