"""What persons and other systems are told: notices on the pages, and messages that leave the house."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = ["Message", "Notice", "Preference", "Webhook"]


class Notice(models.Model):
    """One thing told to one person on the pages; its words are made when it is read, in the reader's language."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    # A name in the table of `wording`, and what its sentence needs besides subject and number.
    template = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    values = models.JSONField(default=dict)
    # Number, not a foreign key: notices stands left of cases. Empty for what is about no case.
    case_number = models.CharField(max_length=32, blank=True, default="")
    # A local address for what is about no case, e.g. "/briefs/2022-04-28/".
    path = models.CharField(max_length=200, blank=True, default="")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notices_of_a_person"),
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="notices_unread"),
        ]


class Preference(models.Model):
    """Which e-mails a person wants. Without a row: all of them, and one digest above ten a day."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    # Names of templates of which the person gets no e-mail; the notices on the pages come all the same.
    without = models.JSONField(default=list)
    # E-mails a day; what comes above it waits for the digest. 0: everything goes into the digest.
    most_a_day = models.PositiveSmallIntegerField(default=10)


class Webhook(models.Model):
    """Another system that is told what happens to the cases in a scope."""

    name = models.CharField(max_length=100)
    url = models.URLField(max_length=500)
    # Kept as it is, because every message is signed with it; no page and no answer shows it again.
    secret = models.CharField(max_length=200)
    # Names of happenings; one that is not named is not told.
    kinds = models.JSONField(default=list)
    # What it may see, as in a right: a region's subtree, a chain, or one enterprise; empty means everything.
    region = models.CharField(max_length=16, blank=True, default="")
    chain = models.CharField(max_length=32, blank=True, default="")
    enterprise = models.CharField(max_length=64, blank=True, default="")
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One e-mail or one call of a webhook, written in the transaction of what it tells of and sent by a job."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("E-mail")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        OWED = "owed", pgettext_lazy("state of a message", "Owed")
        SENT = "sent", pgettext_lazy("state of a message", "Sent")
        FAILED = "failed", pgettext_lazy("state of a message", "Failed")
        HELD = "held", _("Waits for the digest")
        BUNDLED = "bundled", _("Sent in a digest")

    # The same in every attempt, so that the receiver knows one that came twice.
    delivery = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    # Address of the e-mail, or "webhook:3". Messages of one target leave in the order in which they were written.
    target = models.CharField(max_length=254)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.SET_NULL, related_name="messages")
    kind = models.CharField(max_length=20)
    case_number = models.CharField(max_length=32, blank=True, default="")
    subject = models.CharField(max_length=250, blank=True, default="")
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OWED)
    written_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    # Who sends it now, and until when nobody else may; a sender that died is waited for no longer than that.
    lease = models.CharField(max_length=32, blank=True, default="")
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # What the server said last.
    answer = models.CharField(max_length=500, blank=True, default="")
    # The digest in which it went.
    bundle = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="bundled")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["target", "id"], condition=models.Q(state="owed"), name="messages_owed"),
            models.Index(fields=["state", "-id"], name="messages_by_state"),
            models.Index(fields=["person", "written_at"], name="messages_of_a_day"),
        ]
