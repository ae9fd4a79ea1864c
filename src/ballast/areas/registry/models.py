"""The register: enterprises, sites, what they need, who ships to whom, chains and events."""

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce, StrIndex, Substr, Trim
from django.utils.translation import gettext_lazy as _

from ballast.areas.reference.models import Industry, Named, Product, Region, Unit, in_language
from ballast.areas.searching import Words

__all__ = ["Chain", "Enterprise", "Event", "Link", "Need", "Site"]


class Chain(Named):
    """An industry chain under coordination, e.g. automobile."""

    code = models.CharField(max_length=32, primary_key=True)

    class Meta:
        ordering = ["code"]


class Enterprise(Named):
    """A legal entity. The listing is a plain flag with its batch."""

    class Size(models.TextChoices):
        LARGE = "large", _("Large")
        MEDIUM = "medium", _("Medium")
        SMALL = "small", _("Small")
        MICRO = "micro", _("Micro")

    class Operation(models.TextChoices):
        RUNNING = "running", _("Running")
        RESTARTED = "restarted", _("Restarted")
        STOPPED = "stopped", _("Stopped")
        UNKNOWN = "unknown", _("Not reported")

    enterprise_id = models.CharField(max_length=64, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="enterprises")
    industry = models.ForeignKey(Industry, null=True, blank=True, on_delete=models.PROTECT)
    identifier = models.CharField(max_length=32, blank=True, default="", db_index=True)
    size = models.CharField(max_length=10, choices=Size.choices, blank=True, default="")
    chains = models.ManyToManyField(Chain, blank=True, related_name="enterprises")
    key_list = models.BooleanField(default=False)
    key_batch = models.PositiveSmallIntegerField(null=True, blank=True)
    # Panels that are watched by count, such as "monitored-220000"; separated by ";".
    panels = models.CharField(max_length=200, blank=True, default="")
    operation = models.CharField(max_length=10, choices=Operation.choices, default=Operation.UNKNOWN)
    operation_reported_at = models.DateTimeField(null=True, blank=True)
    words = Words("name", "name_zh", "enterprise_id", "identifier")

    class Meta:
        ordering = ["enterprise_id"]
        indexes = [
            models.Index(fields=["key_list", "operation"]),
            models.Index(fields=["name"]),
            models.Index(fields=["panels", "operation"]),
        ]


class SiteRows(models.QuerySet["Site"]):
    """Sites, with what is kept of their inputs."""

    def count_inputs(self) -> None:
        """Bring `inputs` and `last_report` up to date; to be called by whoever writes needs in bulk."""
        in_use = Need.objects.filter(site=models.OuterRef("pk"), daily_use__gt=0).order_by().values("site")
        number = models.Subquery(in_use.annotate(number=models.Count("pk")).values("number"))
        newest = models.Subquery(in_use.annotate(newest=models.Max("reported_at")).values("newest"))
        self.update(inputs=Coalesce(number, 0), last_report=newest)


class Site(Named):
    """A plant, warehouse or source that makes one main product."""

    site_id = models.CharField(max_length=64, unique=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="sites")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="sites")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="sites")
    daily_output_value = models.FloatField(null=True, blank=True)
    recovery_days = models.PositiveIntegerField(null=True, blank=True)
    minimum_rate = models.FloatField(default=0.05)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    # Of the inputs in use: how many, and their newest report; kept so that who has reported is read from one index.
    inputs = models.PositiveIntegerField(default=0, editable=False)
    last_report = models.DateTimeField(null=True, editable=False)
    words = Words("name", "name_zh", "site_id")

    objects = SiteRows.as_manager()

    class Meta:
        ordering = ["site_id"]
        indexes = [models.Index(fields=["region", "inputs", "last_report"])]


class Need(models.Model):
    """One input of one site, with its stock as last reported; the history is in reports."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="needs")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="needs")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    daily_use = models.FloatField()
    stock = models.FloatField(null=True, blank=True)
    blocked_stock = models.FloatField(default=0)
    in_transit = models.FloatField(default=0)
    stock_upper = models.FloatField(null=True, blank=True)
    target_days = models.FloatField(null=True, blank=True)
    essential = models.BooleanField(default=True)
    substitutable_share = models.FloatField(null=True, blank=True)
    outside_share = models.FloatField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["site__site_id", "product_id"]
        constraints = [models.UniqueConstraint(fields=["site", "product"], name="registry_need_unique")]
        indexes = [models.Index(fields=["reported_at", "site"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and keep the site's count of inputs and newest report."""
        super().save(*args, **kwargs)
        Site.objects.filter(pk=self.site_id).count_inputs()


class Link(models.Model):
    """Who ships what to whom, and how that is known."""

    class Provenance(models.TextChoices):
        REPORTED = "reported", _("Reported")
        VERIFIED = "verified", _("Verified")
        INFERRED = "inferred", _("Inferred")

    supplier = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="shipments_out")
    customer = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="shipments_in")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    daily_quantity = models.FloatField(null=True, blank=True)
    lead_days = models.FloatField(default=1)
    provenance = models.CharField(max_length=10, choices=Provenance.choices, default=Provenance.REPORTED)
    as_of = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["supplier__site_id", "customer__site_id", "product_id"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "customer", "product"], name="registry_link_unique"),
            models.CheckConstraint(condition=~models.Q(supplier=models.F("customer")), name="registry_no_self_link"),
        ]


_SIDE = models.CharField(max_length=140)


def _side(*, first: bool) -> models.Case:
    """What stands before (or after) the ">" of a lane."""
    cut = StrIndex("subject", models.Value(">"))
    part = Substr("subject", 1, cut - 1) if first else Substr("subject", cut + 1)
    other = models.F("subject") if first else models.Value("")
    return models.Case(models.When(kind="lane", then=Trim(part)), default=other, output_field=_SIDE)


class Event(models.Model):
    """A loss of capacity of a site, a region, a product's makers or a lane; `end` is the last day it holds."""

    class Kind(models.TextChoices):
        SITE = "site", _("Site")
        REGION = "region", _("Region")
        PRODUCT = "product", _("Product")
        LANE = "lane", _("Lane")

    event_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=140)
    # The two sides of a lane; of anything else its subject and nothing. The database keeps them.
    side_from = models.GeneratedField(expression=_side(first=True), output_field=_SIDE, db_persist=True)
    side_to = models.GeneratedField(expression=_side(first=False), output_field=_SIDE, db_persist=True)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    capacity_left = models.FloatField(default=0)
    name = models.CharField(max_length=200, blank=True, default="")
    name_zh = models.CharField(max_length=200, blank=True, default="")
    case_id = models.CharField(max_length=64, blank=True, default="")
    # Ended before its time, e.g. because its case was confirmed solved.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    words = Words("name", "name_zh", "event_id", "subject", "case_id")

    class Meta:
        ordering = ["event_id"]

    @property
    def label(self) -> str:
        """What happened, in the language of the page."""
        return in_language(self.name, self.name_zh)
