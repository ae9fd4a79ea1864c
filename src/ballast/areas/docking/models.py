"""Offers and requests: what can be had, what is missing."""

from django.db import models

from ballast.areas.reference.models import Product, Region, Unit
from ballast.areas.registry.models import Enterprise, Site

__all__ = ["Offer", "Request"]


class Lot(models.Model):
    """Mixin: a quantity of a product, for a period, at a place."""

    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    enterprise = models.ForeignKey(Enterprise, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.FloatField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    available_from = models.DateField(null=True, blank=True)
    available_until = models.DateField(null=True, blank=True)
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    terms = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        abstract = True


class Offer(Lot):
    """What a site or enterprise can supply."""

    offer_id = models.CharField(max_length=64, unique=True)


class Request(Lot):
    """What a site or enterprise lacks."""

    request_id = models.CharField(max_length=64, unique=True)
