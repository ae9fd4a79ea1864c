"""Lamps: the parts-cover level of every site and input, with since-when and history."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ballast.areas.registry.models import Enterprise, Need

__all__ = ["EnterpriseLamp", "Lamp", "LampChange", "Level"]


class Level(models.TextChoices):
    """Levels in falling severity; `no_data` and `not_in_use` are states, not health."""

    RED = "red", _("red")
    YELLOW = "yellow", _("yellow")
    BLUE = "blue", _("blue")
    NORMAL = "normal", _("normal")
    NO_DATA = "no_data", _("no report")
    NOT_IN_USE = "not_in_use", _("not in use")


class Lamp(models.Model):
    """The present level of one need. While data are missing, `held` keeps the level that was last certain."""

    need = models.OneToOneField(Need, on_delete=models.CASCADE, related_name="lamp")
    level = models.CharField(max_length=12, choices=Level.choices)
    since = models.DateTimeField()
    held = models.CharField(max_length=12, choices=Level.choices, blank=True, default="")
    cover_days = models.FloatField(null=True, blank=True)
    reason = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["level", "since"])]


class LampChange(models.Model):
    """One change of level, with the inputs it was decided on and the rule's version."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="lamp_changes")
    at = models.DateTimeField()
    level_before = models.CharField(max_length=12, blank=True, default="")
    level = models.CharField(max_length=12, choices=Level.choices)
    cover_days = models.FloatField(null=True, blank=True)
    rule = models.CharField(max_length=64)
    inputs = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]


class EnterpriseLamp(models.Model):
    """Worst lamp of an enterprise and the part that makes it so; kept so that lists stay one query."""

    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, related_name="lamp")
    level = models.CharField(max_length=12, choices=Level.choices, db_index=True)
    since = models.DateTimeField()
    worst_need = models.ForeignKey(Need, null=True, on_delete=models.SET_NULL, related_name="+")
    cover_days = models.FloatField(null=True, blank=True)
