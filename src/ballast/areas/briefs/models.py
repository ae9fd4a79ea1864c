"""Issued briefs: the facts as they stood, so that yesterday's paper prints again byte for byte."""

from django.db import models

__all__ = ["Brief"]


class Brief(models.Model):
    """The daily brief of one scope on one day; `facts` hold every figure with its link."""

    day = models.DateField()
    scope = models.CharField(max_length=100)  # region path, "/" for all
    issue = models.PositiveIntegerField()
    cut_off_at = models.DateTimeField()
    facts = models.JSONField()
    made_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["-day", "scope", "-issue"]
        constraints = [models.UniqueConstraint(fields=["day", "scope", "issue"], name="briefs_day_scope_issue")]
