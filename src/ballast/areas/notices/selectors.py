"""Reads of notices, of what a person wants to be told by e-mail, and of the outbox."""

from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from ballast.areas.accounts.access import require
from ballast.areas.notices.models import Message, Notice, Preference, Webhook
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["active_webhooks", "messages", "notices_of", "preference_of", "totals", "unread", "webhooks"]


def notices_of(user: "User") -> QuerySet[Notice]:
    """The person's own notices, newest first."""
    return Notice.objects.filter(person=user).order_by("-pk")


def unread(user: "User") -> int:
    """How many of the person's notices were not read."""
    return Notice.objects.filter(person=user, read_at=None).count()


def preference_of(user: "User") -> Preference:
    """What the person chose, or what holds without a choice."""
    return Preference.objects.filter(person=user).first() or Preference(person=user, without=[])


def totals() -> dict[str, int]:
    """Number of messages in each state."""
    found = dict(Message.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in Message.State.values}


def messages(user: "User", *, state: str = "", channel: str = "", search: str = "") -> QuerySet[Message]:
    """The outbox for an administrator, newest first, without what the messages say. NotAllowedError for others.

    `search` is a part of the target or of a case's number. A state or channel that is not known finds nothing.
    """
    require(user, "manage_messages")
    rows = Message.objects.select_related("webhook", "person").defer("body").order_by("-pk")
    rows = rows.filter(**{name: value for name, value in (("state", state), ("channel", channel)) if value})
    return rows.filter(matching(search, "target", "case_number", "webhook__name")) if search else rows


def webhooks(user: "User") -> QuerySet[Webhook]:
    """All webhooks for an administrator. NotAllowedError for others."""
    require(user, "manage_messages")
    return Webhook.objects.order_by("name", "pk")


def active_webhooks(kind: str) -> list[Webhook]:
    """The webhooks that are told of a kind of happening, whatever they may see."""
    return [hook for hook in Webhook.objects.filter(active=True) if kind in hook.kinds]
