"""Versions of rule packs beside those that are shipped."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ballast.areas.reference.models import in_language

__all__ = ["PackVersion"]


class PackVersion(models.Model):
    """A version of a rule pack that somebody proposed; it holds once a second person approved. Its text never changes.

    Title, days and version are those of the text, kept so that they can be looked for.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second person")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    pack = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    text = models.TextField()
    effective_from = models.DateField()
    effective_until = models.DateField(null=True, blank=True)
    # The version in force when it was proposed, which it was compared with.
    base = models.CharField(max_length=40, blank=True, default="")
    why = models.TextField()
    # What it would have done in the past year, and today.
    dry_run = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["pack", "-effective_from", "-pk"]
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="alerts_pack_version")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"

    @property
    def label(self) -> str:
        """The title in the language of the page."""
        return in_language(self.title, self.title_zh)
