"""What enterprises file each day: stocks and operating state; corrections keep the old version."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext, gettext_noop

from ballast.areas.registry.models import Enterprise, Need

__all__ = ["OperatingReport", "Reminder", "StockReport"]


# How a report came in: the word that is stored and the one that people read.
_SOURCES = {
    "page": gettext_noop("form"),
    "upload": gettext_noop("sheet"),
    "api": "API",
    "load": gettext_noop("loaded table"),
}


class Version(models.Model):
    """Mixin: one version of a report; the newest for its subject and day counts."""

    day = models.DateField()
    version = models.PositiveIntegerField(default=1)
    reported_at = models.DateTimeField()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    source = models.CharField(max_length=16)  # page, upload, api, load
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def source_label(self) -> str:
        """How the report came in, in the language of the page."""
        return gettext(_SOURCES.get(self.source, self.source))


class StockReport(Version):
    """Stock of one input at one site on one day."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="reports")
    stock = models.FloatField()
    blocked_stock = models.FloatField(default=0)
    in_transit = models.FloatField(default=0)
    daily_use = models.FloatField()

    class Meta:
        ordering = ["-day", "-version"]
        constraints = [models.UniqueConstraint(fields=["need", "day", "version"], name="reports_stock_version")]


class OperatingReport(Version):
    """State of one enterprise on one day: does it run, with how much of its staff and capacity."""

    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, related_name="operating_reports", db_index=False
    )
    operation = models.CharField(max_length=10, choices=Enterprise.Operation.choices)
    staff_share = models.FloatField(null=True, blank=True)
    capacity_share = models.FloatField(null=True, blank=True)
    remark = models.CharField(max_length=500, blank=True, default="")
    # Wider fields, asked only while a mode asks: planned shipments that left (0 to 1), and the enterprise's own word
    # on how many days it can still work.
    shipped_share = models.FloatField(null=True, blank=True)
    own_stop_days = models.FloatField(null=True, blank=True)
    # 1 when the enterprise went to work with this report, -1 when it stopped, 0 when it went on as before.
    turn = models.SmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-day", "-version"]
        indexes = [models.Index(fields=["enterprise", "turn", "day"])]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "day", "version"], name="reports_operating_version")
        ]


class Reminder(models.Model):
    """An enterprise was asked on this day to report; once a day at most."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="reminders")
    day = models.DateField()
    at = models.DateTimeField()
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "day"], name="reports_reminder_once_a_day")]
