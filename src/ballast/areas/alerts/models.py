"""Lamps: the parts-cover level of every site and input, with since-when and history."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _

from ballast.areas.alerts.answers.models import LampAnswer
from ballast.areas.alerts.flapping.models import Flapping
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Enterprise, Need

__all__ = ["EnterpriseLamp", "Flapping", "Lamp", "LampAnswer", "LampChange", "Level", "PackVersion", "chain_text"]


class Level(models.TextChoices):
    """Levels in falling severity; `no_data` and `not_in_use` are states, not health."""

    RED = "red", _("red")
    YELLOW = "yellow", _("yellow")
    BLUE = "blue", _("blue")
    NORMAL = "normal", _("normal")
    NO_DATA = "no_data", _("no report")
    NOT_IN_USE = "not_in_use", _("not in use")


def _severity() -> models.GeneratedField:
    """Column made by the database from `level`: 0 red to 5 not in use, so that lists sort by it."""
    ranks = [When(level=level, then=Value(rank)) for rank, level in enumerate(Level.values)]
    return models.GeneratedField(
        expression=Case(*ranks, default=Value(9)), output_field=models.SmallIntegerField(), db_persist=True
    )


def chain_text(codes: Iterable[str]) -> str:
    """Codes of chains as lamps keep them, so that one of them is found as ";code;"; "" without any."""
    joined = ";".join(sorted(codes))
    return f";{joined};" if joined else ""


class Placed(models.Model):
    """Mixin: copies of the enterprise's region and chains, so that counts by place are read from one index."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False)
    chains = models.TextField(default="", editable=False)

    class Meta:
        abstract = True

    def stand_with(self, enterprise: Enterprise) -> None:
        """Take region and chains from the enterprise."""
        self.region_id = enterprise.region_id
        self.chains = chain_text(chain.pk for chain in enterprise.chains.all())


class Lamp(Placed):
    """The present level of one need. While data are missing, `held` keeps the level that was last certain."""

    need = models.OneToOneField(Need, on_delete=models.CASCADE, related_name="lamp")
    # Of the need's site; here so that counts and lists need no join.
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, related_name="lamps", db_index=False, editable=False
    )
    level = models.CharField(max_length=12, choices=Level.choices)
    severity = _severity()
    since = models.DateTimeField()
    held = models.CharField(max_length=12, choices=Level.choices, blank=True, default="")
    # Since when the held level stood before data went missing.
    held_since = models.DateTimeField(null=True, blank=True)
    cover_days = models.FloatField(null=True, blank=True)
    # What it was lit by: the rule's name and version, and the figures; `missing` says why there are no data.
    rule = models.CharField(max_length=64, blank=True, default="", editable=False)
    stock = models.FloatField(null=True, editable=False)
    blocked_stock = models.FloatField(default=0, editable=False)
    daily_use = models.FloatField(default=0, editable=False)
    reported_at = models.DateTimeField(null=True, editable=False)
    missing = models.CharField(max_length=8, blank=True, default="", editable=False)
    # What a rule that holds and keeps has counted, packed; see judging.standing_of.
    counts = models.BinaryField(default=b"", editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["level", "since"]),
            # Not by days of cover too: a night of reports changes them all. A list sorts the worst level, then stops.
            models.Index(fields=["severity"]),
            models.Index(fields=["enterprise", "level"]),
            models.Index(fields=["region", "chains", "level"]),
        ]

    @property
    def reason(self) -> dict[str, Any]:
        """What the lamp was lit by, as plain values."""
        return {
            "rule": self.rule,
            "stock": self.stock,
            "blocked_stock": self.blocked_stock,
            "daily_use": self.daily_use,
            "reported_at": self.reported_at.isoformat() if self.reported_at else None,
            "missing": self.missing,
        }

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the enterprise and its place are always those of the need's site."""
        self.enterprise_id = self.need.site.enterprise_id
        self.stand_with(self.need.site.enterprise)
        super().save(*args, **kwargs)


class LampChange(models.Model):
    """One change of level, with the inputs it was decided on and the rule's version."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="lamp_changes", db_index=False)
    at = models.DateTimeField()
    level_before = models.CharField(max_length=12, blank=True, default="")
    level = models.CharField(max_length=12, choices=Level.choices)
    cover_days = models.FloatField(null=True, blank=True)
    rule = models.CharField(max_length=64)
    inputs = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at"]), models.Index(fields=["need", "at"])]


class EnterpriseLamp(Placed):
    """Worst lamp of an enterprise and the part that makes it so; kept so that lists stay one query.

    A level that is held while its data are missing counts as it was: a red that nobody confirms stays red.
    """

    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, related_name="lamp")
    level = models.CharField(max_length=12, choices=Level.choices, db_index=True)
    severity = _severity()
    since = models.DateTimeField()
    # Since when the level is only held, not confirmed by data.
    unconfirmed_since = models.DateTimeField(null=True, blank=True)
    # Inputs in use without present data.
    missing = models.PositiveIntegerField(default=0)
    worst_need = models.ForeignKey(Need, null=True, on_delete=models.SET_NULL, related_name="+")
    cover_days = models.FloatField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["severity"]),
            models.Index(fields=["region", "chains", "level"]),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the place is always the enterprise's."""
        self.stand_with(self.enterprise)
        super().save(*args, **kwargs)
