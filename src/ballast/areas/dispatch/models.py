"""What the dispatch room keeps: sheets with the cases that they counted, circulars, handover notes and promises."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ballast.areas.cases.models import Case
from ballast.areas.reference.models import Region

__all__ = ["Circular", "CircularSeries", "Handover", "Promise", "Sheet", "SheetCases"]


class Sheet(models.Model):
    """The dispatch sheet of one scope on one day; `facts` hold every figure with its link."""

    day = models.DateField()
    # A key as `papers.scopes` writes it.
    scope = models.CharField(max_length=140)
    issue = models.PositiveIntegerField()
    # What is new has come after `since`, the cut-off of the last sheet of an earlier day, and up to `cut_off_at`.
    since = models.DateTimeField()
    cut_off_at = models.DateTimeField()
    facts = models.JSONField()
    # SHA-256 over the ledger rows that were counted.
    inputs_hash = models.CharField(max_length=64)
    made_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["-day", "scope", "-issue"]
        constraints = [models.UniqueConstraint(fields=["day", "scope", "issue"], name="dispatch_day_scope_issue")]

    def __str__(self) -> str:
        return f"{self.day} {self.scope} {self.issue}"


class SheetCases(models.Model):
    """The cases that a sheet counted, apart from it because few ask for them."""

    sheet = models.OneToOneField(Sheet, on_delete=models.CASCADE, related_name="cases")
    # {"figures": {figure: [key of a case]}, "cases": {key: [kind, region, desk]}}
    counted = models.JSONField()

    def __str__(self) -> str:
        return str(self.sheet)


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


class Circular(models.Model):
    """A letter to regions with overdue cases: drafted by one person, approved by another, issued with a number."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("state of a circular", "Draft")
        ISSUED = "issued", pgettext_lazy("state of a circular", "Issued")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a circular", "Withdrawn")
        DISCARDED = "discarded", _("Discarded before it was issued")

    # A key as `papers.scopes` writes it: who issues it.
    scope = models.CharField(max_length=140)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # Given when it is issued, counted by scope and year.
    year = models.PositiveSmallIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    # The data date, and the regions with their overdue cases at that instant.
    cut_off_at = models.DateTimeField()
    facts = models.JSONField()
    regions = models.ManyToManyField(Region, related_name="+")
    reply_by = models.DateField()
    text = models.TextField(blank=True, default="")
    contact = models.CharField(max_length=200, blank=True, default="")
    copies = models.CharField(max_length=300, blank=True, default="")
    drafted_by, approved_by, withdrawn_by = _person(), _person(), _person()
    drafted_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-drafted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "year", "serial"], name="dispatch_circular_number"),
            # Nobody approves what they wrote themselves, whatever door it comes through.
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("drafted_by")),
                name="dispatch_circular_has_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "discarded"], serial=None)
                | models.Q(state__in=["issued", "withdrawn"], serial__isnull=False),
                name="dispatch_circular_is_numbered_when_issued",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.year}-{self.serial}" if self.serial else f"{self.scope} {self.pk}"


class CircularSeries(models.Model):
    """The last number given to a circular of one scope in one year."""

    scope = models.CharField(max_length=140)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "year"], name="dispatch_circular_series")]

    def __str__(self) -> str:
        return f"{self.scope} {self.year}: {self.last}"


class Promise(models.Model):
    """Something that a desk said it would do by a time; it stands in every handover note until it is kept."""

    scope = models.CharField(max_length=140)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="promises")
    text = models.CharField(max_length=500)
    due_at = models.DateTimeField()
    made_by, kept_by = _person(), _person()
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["scope", "kept_at", "due_at"])]

    def __str__(self) -> str:
        return self.text


class Handover(models.Model):
    """The note of one shift to the next: what changed, what was promised, what is due; signed by who takes over."""

    scope = models.CharField(max_length=140)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    # The end of the shift that takes over.
    next_until = models.DateTimeField()
    facts = models.JSONField()
    remarks = models.TextField(blank=True, default="")
    written_by, signed_by = _person(), _person()
    written_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-until_at", "-pk"]
        indexes = [models.Index(fields=["scope", "-until_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_by=None) | ~models.Q(signed_by=models.F("written_by")),
                name="dispatch_handover_has_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(from_at__lt=models.F("until_at"), until_at__lt=models.F("next_until")),
                name="dispatch_handover_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.until_at}"
