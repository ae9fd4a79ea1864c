"""Light the lamps: apply the rule to inputs, keep history, and find each enterprise's worst."""

import datetime as dt
from collections.abc import Collection
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from ballast.areas.alerts.answers.following import answered, follow
from ballast.areas.alerts.flapping.finding import note_flapping
from ballast.areas.alerts.judging import judge_all
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.reading import read_inputs
from ballast.areas.alerts.rulebook.in_force import parts_cover_on
from ballast.areas.alerts.worst import places_of, relight_enterprises
from ballast.areas.alerts.writing import Judged
from ballast.areas.reference.selectors import authority, now

__all__ = ["relight"]

# Key of the advisory lock on PostgreSQL: all lamps are judged alone, some beside others. SQLite writers are serial.
_LOCK_KEY = 5_020_019


@transaction.atomic
def relight(needs: Collection[int] | None = None, *, at: dt.datetime | None = None) -> int:
    """Number of lamps whose level changed, after judging the given needs (primary keys; None: all) anew.

    `since` stays while the level stays. Missing data show as no data and keep the level that was last certain
    in `held`; when data return at that level, its `since` returns too. The system judges, so no person's
    permission is asked. `at` is the instant of judgement, now when left out. One need: milliseconds;
    200,000 needs: three seconds of the processor when all of them were reported, one when none was.
    """
    at = at or now()
    zone = ZoneInfo(authority().time_zone)
    today = at.astimezone(zone).date()
    rule = parts_cover_on(today)
    _wait_for_others(needs)
    answers = answered(needs)
    chosen = read_inputs(rule, needs, today, zone)
    verdicts = judge_all(rule, chosen.inputs, today, zone)
    places = places_of(None if needs is None else chosen.enterprises.tolist())
    judged = Judged(at, rule.label, chosen, verdicts, places)
    changed = judged.write()
    relight_enterprises(places, at, everyone=needs is None)
    note_flapping(needs, at, zone)
    follow(answers)
    return changed


def _wait_for_others(needs: Collection[int] | None) -> None:
    """See that nobody judges the same lamps meanwhile; what is read after this, nobody else is about to change."""
    if connection.vendor == "postgresql":
        shared = "" if needs is None else "_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s)", [_LOCK_KEY])
        if needs is not None:
            lamps = Lamp.objects.filter(need__pk__among=needs).order_by("need_id")
            list(lamps.select_for_update().values_list("pk"))
