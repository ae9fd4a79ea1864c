"""Desks beside that of a region: its departments, working groups for a time, and how cases find them."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.models import User
from ballast.areas.reference.models import Named, Region
from ballast.areas.registry.models import Chain

__all__ = ["Department", "EscalationStep", "Fallback", "FastTrack", "Level", "Receiver", "RoutingRule", "WorkingGroup"]


class Level(models.TextChoices):
    """What makes a case matter more than its kind says."""

    KEY_LIST = "key_list", _("Enterprise of the key list")
    RED = "red", _("Enterprise with a red lamp")


class Receiver(models.TextChoices):
    """Who hears of an escalation."""

    OWNER = "owner", _("Owner, or the desk where there is none")
    DESK = "desk", _("Desk that leads")
    SUPERIOR = "superior", _("Desk of the region above")
    LEADER = "leader", _("Leaders of the region")


class Manned(Named):
    """Mixin: what has people."""

    class Meta:
        abstract = True

    @property
    def people(self) -> list[User]:
        """Its members by user name; they may have been read before."""
        return sorted(self.members.all(), key=lambda person: person.username)  # type: ignore[attr-defined]


class Department(Manned):
    """A desk inside a region, e.g. its transport office. A case may be led by it within its region."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="departments")
    code = models.SlugField(max_length=32)
    # Who answers for it; without members the region's own people do.
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="departments")
    # A department that was closed takes no more cases; those it has stay its own until they are handed on.
    closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["region", "code"]
        constraints = [models.UniqueConstraint(fields=["region", "code"], name="desks_department_of_region")]

    @property
    def key(self) -> str:
        """The department in one word, e.g. "310000/transport"."""
        return f"{self.region_id}/{self.code}"

    @property
    def full(self) -> str:
        """The department with its region, in the language of the page; reads the region."""
        return f"{self.region.label} · {self.label}"


class Fallback(models.Model):
    """To whom a case goes that a desk of the region gives back and nobody else was named for."""

    region = models.OneToOneField(Region, on_delete=models.PROTECT, related_name="fallback")
    to_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    to_department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.region_id} > {self.to_region_id}"


class WorkingGroup(Manned):
    """A team for a time. From its first to its last day its members see and work the cases that were given to it."""

    regions = models.ManyToManyField(Region, blank=True, related_name="+")
    chain = models.ForeignKey(Chain, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="working_groups")
    # Both days included.
    starts = models.DateField()
    ends = models.DateField()

    class Meta:
        ordering = ["-ends", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends__gte=models.F("starts")), name="desks_group_has_days")
        ]

    def runs(self, day: dt.date) -> bool:
        """Whether the group is at work on a day."""
        return self.starts <= day <= self.ends


class FastTrack(models.Model):
    """Two named people, one on each side, who settle an offer between two regions by telephone."""

    one = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    one_name = models.CharField(max_length=100)
    one_phone = models.CharField(max_length=40, blank=True, default="")
    one_email = models.EmailField(blank=True, default="")
    other_name = models.CharField(max_length=100)
    other_phone = models.CharField(max_length=40, blank=True, default="")
    other_email = models.EmailField(blank=True, default="")

    class Meta:
        ordering = ["one", "other"]
        constraints = [
            # One row a pair, whichever side is written first.
            models.UniqueConstraint(Least("one", "other"), Greatest("one", "other"), name="desks_track_of_pair"),
            models.CheckConstraint(condition=~models.Q(one=models.F("other")), name="desks_track_has_two_sides"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} - {self.other_id}"


class RoutingRule(models.Model):
    """Where a new case goes that fits every condition; the first rule by position that holds is the one.

    Empty conditions hold for all; `region` holds for its whole subtree. At least one target is named; where the region
    is not among them, the desk of the enterprise's own region leads.
    """

    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40, blank=True, default="")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chain = models.ForeignKey(Chain, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10, choices=Level.choices, blank=True, default="")
    product_prefix = models.CharField(max_length=64, blank=True, default="")
    to_region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Both days included; no last day means until it is ended.
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class EscalationStep(models.Model):
    """Who hears of a case so many working hours before (negative) or after it is due; an empty kind is every kind."""

    kind = models.CharField(max_length=40, blank=True, default="")
    hours = models.FloatField()
    to = models.CharField(max_length=10, choices=Receiver.choices)

    class Meta:
        ordering = ["hours", "kind", "to"]
        constraints = [models.UniqueConstraint(fields=["kind", "hours", "to"], name="desks_step_once")]

    def __str__(self) -> str:
        return f"{self.kind or '*'} {self.hours:+g} h > {self.to}"
