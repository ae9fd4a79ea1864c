"""Issued briefs: the facts as they stood, so that yesterday's paper prints again byte for byte."""

from django.db import models

__all__ = ["Brief"]


class Brief(models.Model):
    """The daily brief of one scope on one day; `facts` hold every figure with its link."""

    day = models.DateField()
    # Region path, "/" for all; "#" and a chain's code behind it where limited to a chain.
    scope = models.CharField(max_length=140)
    issue = models.PositiveIntegerField()
    cut_off_at = models.DateTimeField()
    facts = models.JSONField()
    made_by = models.CharField(max_length=150, blank=True, default="")
    # What had happened when the facts were last found so; the paper itself keeps its own cut-off.
    marks = models.JSONField(default=dict)

    class Meta:
        ordering = ["-day", "scope", "-issue"]
        constraints = [models.UniqueConstraint(fields=["day", "scope", "issue"], name="briefs_day_scope_issue")]
