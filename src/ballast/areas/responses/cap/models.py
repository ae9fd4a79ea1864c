"""CAP messages that a desk issued about a warning, and those that it received."""

from django.conf import settings
from django.db import models

__all__ = ["Issued", "Received"]


class _Kept(models.Model):
    """What is kept of every message: its head, and the XML as it went or came."""

    # A key as `papers.scopes` writes it: whose desk it belongs to.
    scope = models.CharField(max_length=140)
    identifier = models.CharField(max_length=200)
    sender = models.CharField(max_length=200)
    sent = models.CharField(max_length=40)
    status = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    # As it went or came, in its own encoding.
    document = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.identifier

    @property
    def reference(self) -> str:
        """How a later message names this one."""
        return f"{self.sender},{self.identifier},{self.sent}"


class Issued(_Kept):
    """A message about a warning; those of one warning and scope are a chain."""

    warning = models.ForeignKey("responses.Warned", on_delete=models.CASCADE, related_name="cap_messages")

    class Meta(_Kept.Meta):
        constraints = [models.UniqueConstraint(fields=["identifier"], name="cap_identifier_once")]


class Received(_Kept):
    """A message from elsewhere; `chain` is the reference of the first message that it goes back to."""

    chain = models.CharField(max_length=500)
    # The message that updated or cancelled this one.
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replaces")

    class Meta(_Kept.Meta):
        constraints = [
            models.UniqueConstraint(fields=["scope", "sender", "identifier", "sent"], name="cap_received_once")
        ]
