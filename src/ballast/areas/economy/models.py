"""Indicator series as published; every publication of a period is kept."""

from django.db import models

__all__ = ["Observation"]


class Observation(models.Model):
    """One value of one indicator for one period, as published at one time; empty means not published."""

    series_id = models.CharField(max_length=64)
    period = models.CharField(max_length=10)
    value = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series_id", "period", "published_at"], name="economy_observation_once")
        ]
