"""The authority's clock and code lists. In an exercise the date stands still and the time of day runs."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from ballast.areas.reference.models import Authority

__all__ = ["authority", "now", "today"]


def authority() -> Authority:
    """The one row that says who runs this system; an unsaved default before `ballast init`."""
    return Authority.objects.first() or Authority(name="Example authority", name_zh="示例主管部门", time_zone="UTC")


def now(of: Authority | None = None) -> dt.datetime:
    """The present instant, aware; in an exercise on the exercise's date."""
    of = of or authority()
    instant = timezone.now()
    if not (of.is_exercise and of.exercise_date):
        return instant
    local = instant.astimezone(ZoneInfo(of.time_zone))
    return dt.datetime.combine(of.exercise_date, local.timetz())


def today(of: Authority | None = None) -> dt.date:
    """The authority's local date."""
    of = of or authority()
    return now(of).astimezone(ZoneInfo(of.time_zone)).date()
