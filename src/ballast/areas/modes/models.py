"""Switches of mode: who asked, who confirmed, for which scope, and until when."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain
from ballast.areas.registry.places import place_label

__all__ = ["Cadence", "Mode", "Switch"]


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


class Mode(models.TextChoices):
    """What is switched to; where no switch holds, the mode is normal."""

    VIGILANCE = "vigilance", pgettext_lazy("mode", "Vigilance")
    EMERGENCY = "emergency", pgettext_lazy("mode", "Emergency")


class Cadence(models.TextChoices):
    """How often stocks are reported, from the rarest to the most frequent; see core.duty."""

    WEEKLY = "weekly", pgettext_lazy("cadence", "Once a week")
    WORKDAYS = "workdays", pgettext_lazy("cadence", "On working days")
    DAILY = "daily", pgettext_lazy("cadence", "Every day")
    TWICE_DAILY = "twice_daily", pgettext_lazy("cadence", "Twice a day")


class Switch(models.Model):
    """A mode for a region with all below it, for a chain, or where both meet; one of the two is always named."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("state of a switch of mode", "Waits for a second person")
        CONFIRMED = "confirmed", pgettext_lazy("state of a switch of mode", "Confirmed")
        REFUSED = "refused", pgettext_lazy("state of a switch of mode", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a switch of mode", "Withdrawn")

    mode = models.CharField(max_length=10, choices=Mode.choices)
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chain = models.ForeignKey(Chain, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The duties, as they were confirmed.
    cadence = models.CharField(max_length=12, choices=Cadence.choices)
    wide = models.BooleanField(default=False)
    # Both days included.
    starts = models.DateField()
    ends = models.DateField()
    # Also read by the enterprises in scope.
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = _person()
    asked_at = models.DateTimeField()
    # How far below the whole authority the asking person's right stands; the second person's may not be lower.
    asked_depth = models.PositiveSmallIntegerField()
    decided_by = _person()
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = _person()
    stop_reason = models.TextField(blank=True, default="")
    # When the audit was told of the end that came by itself.
    end_noted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["state", "ends"], name="modes_in_force")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends__gte=models.F("starts")), name="modes_has_days"),
            models.CheckConstraint(
                condition=models.Q(region__isnull=False) | models.Q(chain__isnull=False), name="modes_names_a_scope"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.region_id or '*'} {self.chain_id or '*'} {self.starts} {self.ends}"

    @property
    def place(self) -> str:
        """The scope in words. Reads region and chain."""
        return place_label(self.region, self.chain)

    def holds(self, instant: dt.datetime, day: dt.date) -> bool:
        """Whether the mode is in force at an instant, which lies on the authority's `day`; nothing has to end it."""
        return (
            self.state == self.State.CONFIRMED
            and self.decided_at is not None
            and self.decided_at <= instant
            and self.starts <= day <= self.ends
            and (self.stopped_at is None or instant < self.stopped_at)
        )
