"""Jobs by the clock: what runs when, and the tick that hands due jobs to the workers, each once."""

import datetime as dt
import logging
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from ballast.areas.reference.models import Authority, Schedule
from ballast.areas.reference.selectors import authority

__all__ = ["next_due", "sync", "tick"]

log = logging.getLogger(__name__)
_TABLE = Path(__file__).with_name("schedule.toml")


def next_due(schedule: Schedule, *, after: dt.datetime, zone: str) -> dt.datetime | None:
    """The first instant later than `after` at which the job is due; None when it does not run by the clock.

    A daily job is due at its local time in `zone`; where the clock skips that time, at the same time after it.
    """
    if schedule.every_minutes:
        return after + dt.timedelta(minutes=schedule.every_minutes)
    if schedule.at is None:
        return None
    local = after.astimezone(ZoneInfo(zone))
    for day in (local.date(), local.date() + dt.timedelta(days=1)):
        due = dt.datetime.combine(day, schedule.at, ZoneInfo(zone)).astimezone(dt.UTC)
        if due > after:
            return due
    return None


def _wanted(of: Authority) -> list[dict[str, Any]]:
    """The shipped jobs; `at = "brief_time"` takes the authority's own time, "dispatch_time" that of the settings."""
    rows = tomllib.loads(_TABLE.read_text())["job"]
    for row in rows:
        if row.get("at") == "brief_time":
            row["at"] = of.brief_time
        elif row.get("at") == "dispatch_time":
            row["at"] = settings.DISPATCH_TIME
        elif "at" in row:
            row["at"] = dt.time.fromisoformat(row["at"])
    return list(rows)


@transaction.atomic
def sync() -> int:
    """Write the shipped jobs into the table and give new or changed ones their next time; returns their number."""
    of, instant = authority(), timezone.now()
    rows = _wanted(of)
    for row in rows:
        values = {"job": row["path"], "at": row.get("at"), "every_minutes": row.get("every_minutes")}
        found, made = Schedule.objects.get_or_create(name=row["name"], defaults=values)
        same = all(str(getattr(found, key) or "") == str(value or "") for key, value in values.items())
        if made or not same or found.next_due is None:
            for key, value in values.items():
                setattr(found, key, value)
            found.refresh_from_db(fields=["last_run"])
            found.next_due = next_due(_typed(found), after=instant, zone=of.time_zone)
            found.save()
    Schedule.objects.exclude(name__in=[row["name"] for row in rows]).update(next_due=None)
    return len(rows)


def _typed(schedule: Schedule) -> Schedule:
    """The row with its time as a time; an authority not read back from the database holds it as text."""
    if isinstance(schedule.at, str):
        schedule.at = dt.time.fromisoformat(schedule.at)
    return schedule


def tick(*, instant: dt.datetime | None = None) -> list[str]:
    """Hand every due job to the workers; returns the names of those that this call claimed.

    Claiming is one UPDATE that names the old due time, so of several ticks at once one wins each job. A job
    that was due several times while nothing ticked runs once. An error is kept in `last_error`.
    """
    instant = instant or timezone.now()
    zone = authority().time_zone
    claimed = []
    for schedule in Schedule.objects.filter(next_due__lte=instant).order_by("next_due", "name"):
        later = next_due(schedule, after=instant, zone=zone)
        won = Schedule.objects.filter(pk=schedule.pk, next_due=schedule.next_due).update(
            next_due=later, last_run=instant, last_error=""
        )
        if won and _enqueue(schedule):
            claimed.append(schedule.name)
    return claimed


def _enqueue(schedule: Schedule) -> bool:
    try:
        import_string(schedule.job).enqueue()
    except Exception as error:
        # One broken job must not keep the others from running.
        log.exception("scheduled job %s could not be queued", schedule.name)
        Schedule.objects.filter(pk=schedule.pk).update(last_error=f"{type(error).__name__}: {error}")
        return False
    return True
