"""What the clocks of cases keep beside the story: versions of the policy, and extensions that were asked for."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ballast.areas.desks.models import Department
from ballast.areas.reference.models import Region

__all__ = ["ClockPolicy", "Extension", "Part", "WaitingFor"]


class WaitingFor(models.TextChoices):
    """Whom a case waits for while its clocks stand."""

    ENTERPRISE = "enterprise", _("the enterprise")
    PARTNER = "partner", _("another authority or partner")
    UPSTREAM = "upstream", _("something upstream")


class ClockPolicy(models.Model):
    """A version of the clocks of one pack that the authority loaded; no version is ever changed.

    The first version is the pack's own; of several the latest that has begun is in force.
    """

    pack = models.CharField(max_length=20)
    version = models.CharField(max_length=40)
    since = models.DateTimeField()
    # Whether cases that were filed before go over to it.
    running = models.BooleanField(default=True)
    # Its rules as in the [[clocks]] tables of a pack, as JSON.
    rules = models.TextField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["pack", "since", "pk"]
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="cases_policy_version")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


class Part(models.Model):
    """One desk's own part of a case's time as its clock gives it; written anew after every line, for counting.

    Working time is in minutes: `used` up to `upto`, from where a clock that runs goes on.
    """

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("state of a clock", "running")
        PAUSED = "paused", pgettext_lazy("state of a clock", "paused")
        MET = "met", pgettext_lazy("state of a clock", "met")
        MISSED = "missed", pgettext_lazy("state of a clock", "missed")

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="parts")
    # The desk in one word: region, or region/department.
    agency = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State.choices)
    # Whether the desk has done with it: it handed the case on, or solved it.
    ended = models.BooleanField(default=False)
    due = models.DateTimeField(null=True, blank=True)
    upto = models.DateTimeField()
    used = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "agency"], name="cases_part_of_desk")]
        indexes = [models.Index(fields=["agency", "state"], name="cases_parts_of_desk")]

    def __str__(self) -> str:
        return f"{self.case}: {self.agency}"


class Extension(models.Model):
    """More time that a desk asked for, and what the desk above said to it."""

    class Clock(models.TextChoices):
        RESOLUTION = "resolution", _("Solution")
        PART = "part", _("Part of the desk")

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="extensions")
    clock = models.CharField(max_length=10, choices=Clock.choices)
    # The desk that asked; its part is meant where the clock is that of a part.
    desk = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # None until somebody decided.
    granted = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            # While one waits for its answer nobody asks again.
            models.UniqueConstraint(
                fields=["case", "clock"], condition=models.Q(granted__isnull=True), name="cases_extension_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.days} days for {self.clock}"
