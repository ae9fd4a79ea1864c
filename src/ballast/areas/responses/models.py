"""What answers a forecast: warnings, one for each cause, and what became of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from ballast.areas.cases.models import Case
from ballast.areas.reference.models import Product
from ballast.areas.registry.models import Site
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.cap.models import Issued, Received
from ballast.areas.responses.escalation.models import Escalated

__all__ = ["Escalated", "Issued", "Received", "Told", "Warned", "WarnedOf", "WarningAnswer"]


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


class Warned(models.Model):
    """One warning: one cause, and all that stops or is red because of it. It ends when nothing is any more."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a warning", "Waits for a decision")
        CONFIRMED = "confirmed", pgettext_lazy("state of a warning", "Confirmed")
        DISMISSED = "dismissed", pgettext_lazy("state of a warning", "Dismissed")

    # The cause as one text; one warning of a cause stands at a time.
    key = models.CharField(max_length=64)
    # Identifiers of the events that all have to end; without any the cause lies at `site`.
    events = models.JSONField(default=list)
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = _person()
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    cases = models.ManyToManyField(Case, related_name="warnings")
    # What it rests on: instant of the data, hash of the network, version of the rule; `waning` where all that is left
    # are inputs whose supply nothing holds back any more.
    data_at = models.DateTimeField()
    basis = models.JSONField(default=dict)

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [models.Index(fields=["ended_at", "state", "-began_at"], name="warnings_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(ended_at=None), name="one_warning_a_cause")
        ]

    def __str__(self) -> str:
        return f"W-{self.pk}"

    @property
    def ended(self) -> bool:
        """Whether nothing is stopped or red because of it any more."""
        return self.ended_at is not None


class WarnedOf(models.Model):
    """A plant that stops, or an input that is red, because of a warning's cause; `left_at` when it is so no more."""

    warning = models.ForeignKey(Warned, on_delete=models.CASCADE, related_name="members")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="warned")
    # The red input; empty for the plant's own stop.
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    stops_on = models.DateField(null=True, blank=True)
    certain = models.BooleanField(default=False)
    # Money at most over the horizon of the forecast.
    lost_output = models.FloatField(null=True, blank=True)
    cover_days = models.FloatField(null=True, blank=True)
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stops_on", "pk"]
        indexes = [models.Index(fields=["warning", "left_at"], name="warned_of_now")]

    def __str__(self) -> str:
        return f"{self.warning_id} {self.site_id} {self.product_id or ''}"


class Told(models.Model):
    """That a person was told of a warning, or is going to be: in the digest of the day, or after a silence."""

    class State(models.TextChoices):
        TOLD = "told"
        HELD = "held"
        BUNDLED = "bundled"
        SILENCED = "silenced"

    warning = models.ForeignKey(Warned, on_delete=models.CASCADE, related_name="told")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Real instants, also in an exercise whose date stands still: the budget is one of a person's day.
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices)
    # The digest in which it was told, named by the first that it lists.
    digest = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "state", "at"], name="told_of_a_day")]

    def __str__(self) -> str:
        return f"{self.warning_id} {self.person_id}"
