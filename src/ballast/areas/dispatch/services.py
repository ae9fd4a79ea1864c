"""Make dispatch sheets."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from ballast.areas.accounts.access import require
from ballast.areas.audit import services as audit
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.dispatch import ledger, selectors
from ballast.areas.dispatch.facts import collect, counted
from ballast.areas.dispatch.models import Sheet, SheetCases
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Authority, Region
from ballast.areas.reference.selectors import authority, now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["make_daily", "make_sheet", "read_sheet"]

_DAY = dt.timedelta(days=1)


def make_sheet(scope: str, *, actor: "User | str") -> Sheet:
    """Today's sheet of a scope: a new issue when the facts differ from those of the last one, else the last one.

    `actor` is a person who may issue papers there, or the name of a process. Raises NotAllowedError and
    Sheet.DoesNotExist for who may not, Region.DoesNotExist and Chain.DoesNotExist for what is no scope.
    """
    if not isinstance(actor, str):
        require(actor, "issue_brief")
        selectors.readable(actor, scope, "issue_brief")
    named = scopes.label(scope)
    desk, instant, day = authority(), now(), today()
    with ledger.one_look():
        last = selectors.last_before(day, scope)
        since = last.cut_off_at if last else _midnight(day, desk)
        found = ledger.read(scopes.parse(scope), since=since, until=instant)
        before = _before(last, scope, since)
        told = {"cut_off": since.isoformat()}
        if last:
            told |= {"day": last.day.isoformat(), "href": f"/dispatch/{last.day}/"}
        facts = _plain(collect(found, before, scope=named, authority=desk, day=day, last=told))
        cases = counted(found, before, scope)
    return _stored(facts, cases, actor, scope=scope, day=day, since=since, cut_off_at=instant, inputs_hash=found.digest)


def _midnight(day: dt.date, of: Authority) -> dt.datetime:
    """The day's first instant: from there counts a sheet that has none before it."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(of.time_zone))


def _before(last: Sheet | None, scope: str, since: dt.datetime) -> ledger.Ledger:
    """The ledger of the last sheet; without one, as the log tells that it stood when counting began."""
    if last is not None:
        return ledger.remembered(last.cases.counted["figures"])
    return ledger.read(scopes.parse(scope), since=since - _DAY, until=since)


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(facts, cls=DjangoJSONEncoder, sort_keys=True))
    return found


@transaction.atomic
def _stored(facts: dict[str, Any], cases: dict[str, Any], actor: "User | str", **values: Any) -> Sheet:  # noqa: ANN401
    """Store the sheet unless it says what the last issue says."""
    last = Sheet.objects.select_for_update().filter(day=values["day"], scope=values["scope"]).order_by("-issue").first()
    if last is not None and last.inputs_hash == values["inputs_hash"] and last.facts == facts:
        return last
    sheet = Sheet.objects.create(
        **values, facts=facts, issue=last.issue + 1 if last else 1,
        made_by="" if isinstance(actor, str) else actor.get_full_name() or actor.get_username(),
    )  # fmt: skip
    SheetCases.objects.create(sheet=sheet, counted=cases)
    audit.record(
        "dispatch.issued", actor, subject_type="dispatch sheet", subject_id=f"{sheet.day}{sheet.scope}",
        detail={"issue": sheet.issue, "inputs": sheet.inputs_hash},
    )  # fmt: skip
    return sheet


def read_sheet(user: "User", day: dt.date, *, scope: str | None = None, issue: int | None = None) -> Sheet:
    """A stored sheet that the person may read, with the note of whose data they saw; Sheet.DoesNotExist."""
    sheet = selectors.sheet_for(user, day, scope=scope, issue=issue)
    audit.record_read(user, selectors.enterprises_in(sheet), "dispatch sheet")
    return sheet


def make_daily(*, actor: str) -> int:
    """Make today's sheet of the whole, of every scope that a desk has, and of every region that leads a case in hand.

    Returns how many there are.
    """
    busy = Case.objects.filter(state__in=IN_HAND).order_by().values("lead_region").distinct()
    leading = Region.objects.filter(code__in=busy).exclude(level="nation")
    keys = {scopes.EVERYTHING, *scopes.desks(), *leading.values_list("path", flat=True)}
    for key in sorted(keys):
        make_sheet(key, actor=actor)
    return len(keys)
