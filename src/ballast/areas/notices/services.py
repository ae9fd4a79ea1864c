"""Tell persons and other systems what happened, in the transaction in which it happens."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from ballast.areas.audit.services import record
from ballast.areas.notices import mail
from ballast.areas.notices.jobs import request_sending
from ballast.areas.notices.letters import letter
from ballast.areas.notices.models import Message, Notice, Preference, Webhook
from ballast.areas.notices.wording import WORDINGS
from ballast.areas.reference.selectors import now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["MOST_A_DAY", "choose", "mark_read", "notify", "notify_all", "write_call"]

MOST_A_DAY = 500
_LONGEST = 200


def notify(
    person: "User", subject: str, template: str, case: str = "", *, path: str = "", **values: str
) -> Notice | None:
    """Tell one person: a notice on the pages, and an e-mail where there is a server and the person wants it.

    `subject` says in a few words what it is about, `template` is a name in `wording.WORDINGS`, whose sentence may use
    `values` besides the number; `case` is a case's number, `path` a local address for what is about no case. The
    caller has made sure that the person may see it. None for a person whose account is closed. Raises KeyError for a
    template or a value that is not there.
    """
    return next(iter(notify_all([person], subject, template, case, path=path, **values)), None)


@transaction.atomic
def notify_all(
    people: Iterable["User"], subject: str, template: str, case: str = "", *, path: str = "", **values: str
) -> list[Notice]:
    """Tell several persons the same, each once; see `notify`."""
    str(WORDINGS[template].sentence).format(**values, number=case, subject=subject)
    wanted = {person.pk: person for person in people if person.is_active}
    at = now()
    fields = {"template": template, "subject": subject[:_LONGEST], "values": values, "case_number": case, "path": path}
    notices = Notice.objects.bulk_create([Notice(person=person, at=at, **fields) for person in wanted.values()])
    _write_letters(notices)
    return notices


def _write_letters(notices: Sequence[Notice]) -> None:
    """One message for each of the persons who want an e-mail about such a thing."""
    reached = [notice for notice in notices if notice.person.email] if mail.configured() else []
    if not reached:
        return
    chosen = {row.person_id: row for row in Preference.objects.filter(person__in=[n.person_id for n in reached])}
    sent = _sent_today([notice.person_id for notice in reached])
    at, messages = timezone.now(), []
    for notice in reached:
        choice = chosen.get(notice.person_id) or Preference(without=[])
        if notice.template in choice.without:
            continue
        held = sent[notice.person_id] >= choice.most_a_day
        sent[notice.person_id] += 1
        subject, body = letter(notice, notice.person)
        messages.append(
            Message(
                channel=Message.Channel.MAIL, target=notice.person.email.lower(), person=notice.person,
                kind=notice.template, case_number=notice.case_number, subject=subject, body=body, written_at=at,
                next_try=at, state=Message.State.HELD if held else Message.State.OWED,
            )
        )  # fmt: skip
    Message.objects.bulk_create(messages)
    request_sending()


def _sent_today(people: Sequence[int]) -> Counter[int]:
    """E-mails written for each person in the last 24 hours, those that wait for the digest aside."""
    since = timezone.now() - dt.timedelta(days=1)
    rows = Message.objects.filter(person__in=people, written_at__gte=since).exclude(kind="digest")
    rows = rows.exclude(state__in=[Message.State.HELD, Message.State.BUNDLED])
    return Counter(dict(rows.order_by().values_list("person").annotate(Count("pk"))))


def write_call(hook: Webhook, kind: str, payload: Mapping[str, Any], case: str = "") -> Message:
    """Write one call of a webhook. The caller has left out of the payload what the webhook may not see."""
    at = timezone.now()
    message = Message(
        channel=Message.Channel.WEBHOOK, target=f"webhook:{hook.pk}", webhook=hook, kind=kind, case_number=case,
        written_at=at, next_try=at,
    )  # fmt: skip
    told = {"delivery": str(message.delivery), "event": kind, "day": today(), **payload}
    message.body = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
    message.save(force_insert=True)
    request_sending()
    return message


def mark_read(user: "User", ids: Iterable[int] | None = None) -> int:
    """Mark the person's own notices as read, all of them without `ids`; returns how many were not."""
    rows = Notice.objects.filter(person=user, read_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=timezone.now())


@transaction.atomic
def choose(user: "User", *, email: str, without: Iterable[str], most_a_day: int) -> Preference:
    """Keep where the person wants e-mails, which ones not, and how many a day before the rest becomes a digest.

    Raises ValidationError by field. An empty address ends all e-mails.
    """
    email, left_out = email.strip().lower(), sorted(set(without))
    if email and not email.isascii():
        raise ValidationError({"email": _("“{value}” is not an address that mail servers take.").format(value=email)})
    if email:
        try:
            validate_email(email)
        except ValidationError:
            message = _("“{value}” is not an e-mail address.").format(value=email)
            raise ValidationError({"email": message}) from None
    if unknown := [name for name in left_out if name not in WORDINGS]:
        message = _("“{value}” is not a kind of notice; choose from {kinds}.")
        raise ValidationError({"without": message.format(value=unknown[0], kinds=", ".join(WORDINGS))})
    if not 0 <= most_a_day <= MOST_A_DAY:
        message = _("{value} e-mails a day: give 0 to {most}.").format(value=most_a_day, most=MOST_A_DAY)
        raise ValidationError({"most_a_day": message})
    user.email = email
    user.save(update_fields=["email"])
    chosen = {"without": left_out, "most_a_day": most_a_day}
    row, _made = Preference.objects.update_or_create(person=user, defaults=chosen)
    record("person.e-mails", user, subject_type="user", subject_id=user.username, detail={"email": email, **chosen})
    return row
