"""Indicator series as published, every publication of a period kept; and the bulk materials that are watched."""

from django.conf import settings
from django.db import models

from ballast.areas.reference.models import Named, Product

__all__ = ["Commodity", "MaterialReview", "Observation"]


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


class Commodity(Named):
    """A bulk material with the indicators that speak of it; an indicator that is not named is not watched."""

    commodity_id = models.CharField(max_length=64, unique=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    special = models.BooleanField(default=False)
    price_series = models.CharField(max_length=64, blank=True, default="")
    stock_series = models.CharField(max_length=64, blank=True, default="")
    use_series = models.CharField(max_length=64, blank=True, default="")
    supply_series = models.CharField(max_length=64, blank=True, default="")
    need_series = models.CharField(max_length=64, blank=True, default="")
    cost_sector = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        ordering = ["commodity_id"]


class MaterialReview(models.Model):
    """That a bulk material was looked at on a day, and what was found; the next review counts from it."""

    commodity = models.ForeignKey(Commodity, on_delete=models.CASCADE, related_name="reviews")
    day = models.DateField()
    at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["commodity", "-day"], name="reviews_of_a_material")]

    def __str__(self) -> str:
        return f"{self.commodity_id} {self.day}"
