"""Code lists and the authority itself: regions, industries, products, units, working calendar."""

from django.db import models
from django.utils.translation import get_language

__all__ = ["Authority", "Industry", "Product", "Region", "Schedule", "Unit", "WorkingCalendar", "in_language"]


def in_language(name: str, name_zh: str) -> str:
    """The name in the language of the page; the other one where it is missing."""
    return (name_zh or name) if (get_language() or "").startswith("zh") else (name or name_zh)


class Named(models.Model):
    """Mixin: an English name and an optional Chinese one."""

    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name, self.name_zh)


class Region(Named):
    """A place of the organisation tree. `path` is "/CN/310000/310100/", so a subtree is a prefix."""

    code = models.CharField(max_length=16, primary_key=True)
    iso = models.CharField(max_length=8, blank=True, default="")
    short = models.CharField(max_length=8, blank=True, default="")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=10)  # nation, province, city, county
    path = models.CharField(max_length=100, db_index=True)
    # Column and row of the tile map; only the regions that it draws have them.
    tile_x = models.PositiveSmallIntegerField(null=True, blank=True)
    tile_y = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["code"]


class Industry(Named):
    """A class of GB/T 4754 or ISIC."""

    code = models.CharField(max_length=16, primary_key=True)
    scheme = models.CharField(max_length=16)
    parent_code = models.CharField(max_length=16, blank=True, default="")
    # Main division of ISIC Rev. 4, many to one; only the industrial divisions have it.
    isic = models.CharField(max_length=4, blank=True, default="")

    class Meta:
        ordering = ["code"]


class Unit(Named):
    """A unit of quantity, e.g. t, piece, m3."""

    code = models.CharField(max_length=16, primary_key=True)

    class Meta:
        ordering = ["code"]


class Product(Named):
    """A product or input as sites make and need it; all quantities of one product share its unit."""

    code = models.CharField(max_length=64, primary_key=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    industry_code = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        ordering = ["code"]


class WorkingCalendar(models.Model):
    """A version of a working calendar that the authority loaded; no version is ever changed.

    Those that ship with Ballast are files, see calendars.shipped.
    """

    name = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    # From here on it is the one of its name, for cases that are not over yet.
    since = models.DateTimeField()
    # Title, source, the last date it knows, shifts of the week and of single dates, as JSON in a fixed order.
    content = models.TextField()

    class Meta:
        ordering = ["name", "since"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="reference_calendar_version")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Authority(Named):
    """Who runs this system, in one row: name, currency, calendar, and whether it is an exercise."""

    currency = models.CharField(max_length=3, default="CNY")
    calendar = models.CharField(max_length=16, default="plain")
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    is_exercise = models.BooleanField(default=False)
    # In an exercise the date stands still; the time of day runs.
    exercise_date = models.DateField(null=True, blank=True)
    report_due_time = models.TimeField(default="09:00")
    brief_time = models.TimeField(default="06:00")


class Schedule(models.Model):
    """A job that runs by the clock: each day at a local time, or every so many minutes."""

    name = models.CharField(max_length=64, unique=True)
    job = models.CharField(max_length=200)  # import path of a task
    # Local time of day; when both are empty the job does not run.
    at = models.TimeField(null=True, blank=True)
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    # Real instants, also in an exercise whose date stands still.
    next_due = models.DateTimeField(null=True, blank=True, db_index=True)
    last_run = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["name"]
