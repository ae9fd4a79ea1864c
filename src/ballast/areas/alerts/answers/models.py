"""Acknowledgements and silences: by whom, why, until which day, and how they ended."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = ["Answer", "LampAnswer"]


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


class Answer(models.Model):
    """One answer of an officer. It holds through its last day without anything being written when that is over."""

    class Kind(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("answer to a lamp", "Acknowledged")
        SILENCED = "silenced", pgettext_lazy("answer to a lamp", "Silenced")

    class Ended(models.TextChoices):
        BY_HAND = "by_hand", _("ended early")
        REPLACED = "replaced", _("replaced by a later one")
        WORSE = "worse", _("it became worse")
        OVER = "over", pgettext_lazy("end of an answer", "it burns no more")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = _person()
    begun_at = models.DateTimeField()
    # The last day on which it holds, in the authority's time.
    until = models.DateField()
    note = models.TextField()
    # When it ended before that, by whom (nobody: by itself) and why.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = _person()
    ended_why = models.CharField(max_length=8, choices=Ended.choices, blank=True, default="")
    # When its author was told that its last day is over; nothing else depends on it.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def holds(self, day: dt.date) -> bool:
        """Whether it holds on a day, as far as is known now."""
        return self.ended_at is None and day <= self.until


class LampAnswer(Answer):
    """An answer to the lamp of one input."""

    lamp = models.ForeignKey("alerts.Lamp", on_delete=models.CASCADE, related_name="answers", db_index=False)
    # The level that it was given at, or that the lamp has come down to since; what is worse ends an acknowledgement.
    level = models.CharField(max_length=12)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["lamp", "-id"], name="answers_of_a_lamp"),
            models.Index(fields=["until"], condition=models.Q(ended_at=None), name="lamp_answers_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.lamp_id} {self.until}"
