"""Prepared measures, what proposes them, and the times for which a person issued them."""

import datetime as dt
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from ballast.areas.alerts.models import Level
from ballast.areas.reference.models import Named, Product, Region, in_language
from ballast.areas.registry.models import Chain
from ballast.areas.registry.places import place_label
from ballast.core.conditions import Condition, read_condition
from ballast.core.trigger import Trigger

__all__ = ["Extension", "Issue", "PolicyOption", "Proposal"]


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")


@lru_cache(maxsize=128)
def _condition(text: str) -> Condition:
    # It was checked when it was stored; a code that is gone since has no data.
    return read_condition(text, "conditions", lambda _kind, _code: True)


class PolicyOption(Named):
    """A prepared measure of the policy reserve: what it does, on what ground, what it costs, and when it is proposed.

    It holds, and its trigger is counted, in a region with all below it, in a chain, or where both meet; without either
    in the whole authority.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("state of a measure", "Draft")
        READY = "ready", pgettext_lazy("state of a measure", "Ready")
        ENDED = "ended", pgettext_lazy("state of a measure", "Taken out")

    class Measure(models.TextChoices):
        NONE = "", pgettext_lazy("trigger of a measure", "No trigger: a person thinks of it")
        COUNT = "count", pgettext_lazy("trigger of a measure", "Number of inputs with such a lamp")
        SHARE = "share", pgettext_lazy("trigger of a measure", "Share of plants with such a lamp, %")
        SEVERAL = "several", pgettext_lazy("trigger of a measure", "Several inputs together: conditions in TOML")

    code = models.SlugField(max_length=40, unique=True)
    text = models.TextField()
    text_zh = models.TextField(blank=True, default="")
    legal_basis = models.CharField(max_length=300, blank=True, default="")
    # Who answers for the measure, in words; `issuer` is the desk that puts it in force, none: the whole authority's.
    authority = models.CharField(max_length=200)
    issuer = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chain = models.ForeignKey(Chain, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    trigger_measure = models.CharField(max_length=8, choices=Measure.choices, blank=True, default="")
    trigger_level = models.CharField(
        max_length=12, choices=[(level.value, level.label) for level in (Level.RED, Level.YELLOW, Level.BLUE)],
        default=Level.RED,
    )  # fmt: skip
    # Lamps of this input alone; none: of every input.
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    trigger_at_least = models.FloatField(null=True, blank=True)
    # Days one after the other on which it has to hold.
    trigger_days = models.PositiveIntegerField(default=1)
    # Text in TOML of the inputs that propose it together, see ballast.core.conditions; for SEVERAL alone.
    conditions = models.TextField(blank=True, default="")
    cost = models.FloatField(null=True, blank=True)
    # ISO 4217.
    currency = models.CharField(max_length=3, blank=True, default="")
    # The longest that one issue, or one extension, lasts.
    days = models.PositiveIntegerField(default=30)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)

    class Meta:
        ordering = ["code"]

    @property
    def said(self) -> str:
        """What the measure does, in the language of the page."""
        return in_language(self.text, self.text_zh)

    @property
    def place(self) -> str:
        """Where it holds, in words; "" for the whole authority. Reads region and chain."""
        return place_label(self.region, self.chain)

    @property
    def trigger(self) -> Trigger | None:
        """The count of lamps that proposes it; None when conditions do, or only a person."""
        if self.trigger_measure not in {"count", "share"} or self.trigger_at_least is None:
            return None
        return Trigger(self.trigger_measure, self.trigger_at_least, self.trigger_days)  # type: ignore[arg-type]

    @property
    def condition(self) -> Condition | None:
        """The inputs that propose it together; None when it has another trigger or none."""
        return _condition(self.conditions) if self.trigger_measure == self.Measure.SEVERAL else None


class Proposal(models.Model):
    """That a measure's trigger holds: since when, with which figures, and what a person said to it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a proposal", "Proposed")
        ISSUED = "issued", pgettext_lazy("state of a proposal", "Issued")
        DISMISSED = "dismissed", pgettext_lazy("state of a proposal", "Dismissed")

    option = models.ForeignKey(PolicyOption, on_delete=models.CASCADE, related_name="proposals")
    # The first day on which the count was at the limit; `began_at` is when the system saw that it held long enough.
    since = models.DateField()
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # The trigger holds no more, or the measure was put in force and is over.
    ended_at = models.DateTimeField(null=True, blank=True)
    # What was counted at `seen_at`, see trigger.measuring.Counted and trigger.weighing.Weighed.
    figures = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = _person()
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["option"], condition=models.Q(ended_at=None), name="one_proposal_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.option_id} {self.since}"


class Issue(models.Model):
    """A measure in force from the day of its issue to a last day; both days are included. It ends there by itself."""

    option = models.ForeignKey(PolicyOption, on_delete=models.PROTECT, related_name="issues")
    proposal = models.ForeignKey(Proposal, null=True, blank=True, on_delete=models.SET_NULL, related_name="issues")
    # As it was issued, whatever becomes of the library: titles, texts, ground, place, cost.
    content = models.JSONField(default=dict)
    starts = models.DateField()
    ends = models.DateField()
    note = models.TextField(blank=True, default="")
    issued_by = _person()
    issued_at = models.DateTimeField()
    # Before its last day, by a person.
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = _person()
    stop_reason = models.TextField(blank=True, default="")
    # When the audit was told of the end that came by itself.
    end_noted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        indexes = [models.Index(fields=["ends", "stopped_at"], name="measures_in_force")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends__gte=models.F("starts")), name="measure_has_days")
        ]

    def __str__(self) -> str:
        return f"{self.option_id} {self.starts} {self.ends}"

    def in_force(self, day: dt.date) -> bool:
        """Whether the measure holds on a day: nothing has to happen for it to end."""
        return self.stopped_at is None and self.starts <= day <= self.ends

    @property
    def title(self) -> str:
        """What it was called when it was issued, in the language of the page."""
        return in_language(self.content.get("name", ""), self.content.get("name_zh", ""))


class Extension(models.Model):
    """That a person asks for a later last day; a second person decides."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("state of an extension", "Waits for a second person")
        GRANTED = "granted", pgettext_lazy("state of an extension", "Granted")
        REFUSED = "refused", pgettext_lazy("state of an extension", "Refused")

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="extensions")
    until = models.DateField()
    reason = models.TextField()
    asked_by = _person()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    decided_by = _person()
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], condition=models.Q(state="asked"), name="one_extension_asked_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.until}"
