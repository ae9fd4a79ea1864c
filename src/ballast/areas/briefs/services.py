"""Make and renew briefs."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from ballast.areas.accounts.access import require
from ballast.areas.audit import services as audit
from ballast.areas.briefs import selectors
from ballast.areas.briefs.facts import Frame, collect
from ballast.areas.briefs.models import Brief
from ballast.areas.papers import scopes
from ballast.areas.reference.selectors import authority, now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["PastBriefError", "current", "make_brief", "make_daily", "renew", "renew_all"]

# How often facts are found anew because something happened meanwhile.
_LOOKS = 3


class PastBriefError(ValueError):
    """A brief was asked for on another day than today; what was not issued then cannot be issued now."""

    def __init__(self, day: dt.date, now: dt.date) -> None:
        super().__init__(f"No brief was issued on {day}, and only today's ({now}) can be made.")


def _facts(day: dt.date, scope: str, cut_off: dt.datetime) -> dict[str, Any]:
    desk = authority()
    frame = Frame(day, cut_off, scopes.parse(scope), ZoneInfo(desk.time_zone))
    found: dict[str, Any] = json.loads(
        json.dumps(collect(frame, desk, scopes.label(scope)), cls=DjangoJSONEncoder, sort_keys=True)
    )
    return found


def _facts_between_writes(day: dt.date, scope: str, instant: dt.datetime) -> tuple[dict[str, int], dict[str, Any]]:
    """The facts, and the marks of what they rest on.

    The marks are read before the facts: what happens in between makes the brief stale, not silently old. Facts that
    something happened between are found anew, a few times, so that those of one brief fit together.
    """
    for _ in range(_LOOKS):
        marks = selectors.marks()
        facts = _facts(day, scope, instant)
        if selectors.marks() == marks:
            break
    return marks, facts


def make_brief(day: dt.date, scope: str, *, actor: "User | str") -> Brief:
    """Today's brief of a scope: a new issue when the facts differ from the newest, else the newest.

    `actor` is a person who may issue briefs there, or the name of a process.
    Raises PastBriefError for any day but today, NotAllowedError and DoesNotExist for who may not.
    """
    if not isinstance(actor, str):
        require(actor, "issue_brief")
        selectors.readable(actor, scope, "issue_brief")
    instant = now()
    if day != today():
        raise PastBriefError(day, today())
    # All that takes seconds comes before the transaction: on SQLite every other writer waits for its end.
    marks, facts = _facts_between_writes(day, scope, instant)
    return _issue(day, scope, instant, marks, facts, actor)


@transaction.atomic
def _issue(
    day: dt.date, scope: str, instant: dt.datetime, marks: dict[str, int], facts: dict[str, Any], actor: "User | str"
) -> Brief:
    last = selectors.newest(day, scope)
    if last is not None and last.facts == facts:
        last.marks = marks
        last.save(update_fields=["marks"])
        return last
    brief = Brief.objects.create(
        day=day,
        scope=scope,
        issue=last.issue + 1 if last else 1,
        cut_off_at=instant,
        marks=marks,
        facts=facts,
        made_by="" if isinstance(actor, str) else (actor.get_full_name() or actor.get_username()),
    )
    audit.record("brief.issued", actor, subject_type="brief", subject_id=f"{day}{scope}", detail={"issue": brief.issue})
    return brief


def renew(day: dt.date, scope: str, *, actor: "User | str") -> Brief:
    """Today's brief, made or made anew when newer data are there; raises as make_brief."""
    last = selectors.newest(day, scope)
    if last is not None and (day != today() or not selectors.brief_is_stale(last)):
        return last
    return make_brief(day, scope, actor=actor)


def current(user: "User", day: dt.date, *, scope: str | None = None) -> Brief:
    """The newest issue of a day's brief that the person may read; today's is made or renewed when it is behind.

    Making it follows from the data alone, so a reader needs no right to issue. Raises Brief.DoesNotExist for a
    scope that is not theirs, and for a past day without a brief.
    """
    key = selectors.readable(user, scope)
    brief = renew(day, key, actor="brief page") if day == today() else selectors.latest(user, day=day, scope=key)
    audit.record_read(user, selectors.enterprises_in(brief), "brief")
    return brief


def renew_all(*, actor: str) -> int:
    """Renew today's brief of every scope that has one today; returns how many there are."""
    day = today()
    keys = sorted(set(Brief.objects.filter(day=day).values_list("scope", flat=True)))
    for key in keys:
        renew(day, key, actor=actor)
    return len(keys)


def make_daily(*, actor: str) -> int:
    """Make today's brief of the whole and of every scope that a desk has; returns how many there are."""
    day = today()
    keys = {scopes.EVERYTHING, *scopes.desks()}
    for key in sorted(keys):
        make_brief(day, key, actor=actor)
    return len(keys)
