"""What a circular states: the regions whose desks have overdue cases, with their figures and the cases."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from ballast.areas.cases.models import Case
from ballast.areas.dispatch.facts import both, issuer
from ballast.areas.dispatch.ledger import Ledger, Row
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Authority, Region

__all__ = ["VERSION", "collect", "narrowed"]

VERSION = 1
_AT_ONCE = 500


def collect(ledger: Ledger, *, scope: dict[str, str], authority: Authority, at: dt.datetime) -> dict[str, Any]:
    """Regions below the scope whose desks have overdue cases at an instant, the one with most first."""
    path = scope["key"].partition("#")[0]
    overdue: dict[str, list[Row]] = {}
    for pk in ledger.figures["overdue"]:
        row = ledger.rows[pk]
        overdue.setdefault(row.desk, []).append(row)
    # A desk writes to those below it; the whole authority writes to all.
    below = Region.objects.filter(code__in=list(overdue), path__startswith=path).exclude(path=path)
    found = [_region(region, overdue[region.code], ledger, at) for region in below]
    return {
        "version": VERSION,
        "authority": issuer(authority),
        "scope": scope,
        "whole": path == scopes.EVERYTHING,
        "day": _local(at, authority).isoformat(),
        "regions": sorted(found, key=lambda row: (-row["overdue"], row["id"])),
    }


def _local(at: dt.datetime, authority: Authority) -> dt.date:
    return at.astimezone(ZoneInfo(authority.time_zone)).date()


def _region(region: Region, rows: list[Row], ledger: Ledger, at: dt.datetime) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: (row.due_at, row.number))
    return {
        "id": region.code,
        "path": region.path,
        **(both(region) or {}),
        "in_hand": sum(1 for pk in ledger.figures["in_hand"] if ledger.rows[pk].desk == region.code),
        "overdue": len(rows),
        "longest": max(_days(row.due_at, at) for row in rows),
        "cases": list(_cases(ordered, at)),
    }


def _cases(rows: list[Row], at: dt.datetime) -> Iterable[dict[str, Any]]:
    """The cases by their due time. Units are named, no persons: a circular is about what a desk does."""
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        found = Case.objects.select_related("enterprise").in_bulk([row.pk for row in some])
        for row in some:
            case = found[row.pk]
            yield {
                "number": case.number,
                "enterprise_id": case.enterprise.enterprise_id,
                "enterprise": both(case.enterprise),
                "kind": case.kind,
                "blocked": case.blocked,
                "due_at": row.due_at.isoformat(),
                "late": _days(row.due_at, at),
                "href": f"/cases/{case.number}/",
            }


def _days(due: dt.datetime, at: dt.datetime) -> int:
    """Whole days since the due time."""
    return (at - due) // dt.timedelta(days=1)


def narrowed(facts: dict[str, Any], codes: Iterable[str]) -> dict[str, Any]:
    """The facts as one of the addressees may read them: of its own regions only, without a word of the others."""
    wanted = set(codes)
    return {**facts, "regions": [row for row in facts["regions"] if row["id"] in wanted], "narrowed": True}
