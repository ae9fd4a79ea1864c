"""What a handover note states: what befell cases in a shift, what is promised, what is due in the next."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from ballast.areas.accounts.access import Scope
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case, CaseEntry, ParentLink
from ballast.areas.cases.relations.family import waiting_counts
from ballast.areas.cases.selectors import cases_in
from ballast.areas.dispatch import handover_acts, ledger
from ballast.areas.dispatch.facts import issuer, told
from ballast.areas.dispatch.models import Promise
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Authority

__all__ = ["VERSION", "collect", "enterprise_ids"]

VERSION = 1
# Cases of a list; the figure above it counts them all.
_LISTED = 40
_PARTIES = ("enterprise", "lead_region", "offered_to", "escalated_to", "owner")
# Windows of the list of cases, by the figure that they hold.
_WINDOWS = {"new": "filed", "solved": "solved", "confirmed": "confirmed"}


def collect(
    *, scope: dict[str, str], authority: Authority, since: dt.datetime, until: dt.datetime, next_until: dt.datetime
) -> dict[str, Any]:
    """Every fact of the note as plain values; the same database gives the same facts."""
    of = scopes.parse(scope["key"])
    look = ledger.read(of, since=since, until=until)
    due = cases_in(of).filter(state__in=IN_HAND, due_at__gt=until, due_at__lte=next_until).order_by()
    # The list takes both ends in; what is due at the hand-over itself was due in the shift that ends.
    first = until + dt.timedelta(microseconds=1)
    window = urlencode({"due_from": first.isoformat(), "due_to": next_until.isoformat()})
    return {
        "version": VERSION,
        "authority": issuer(authority),
        "scope": scope,
        "day": until.isoformat(),
        "figures": {
            name: {"value": len(look.figures[name]), "href": _list_of(name, since, until)}
            for name in (*ledger.FLOWS, *ledger.STOCKS, *ledger.DECISIONS)
        },
        "changed": _changed(of, since, until),
        "promises": _promises(scope["key"], until),
        "due": {"value": due.count(), "href": f"/cases/?{window}", "rows": _first(due)},
    }


def enterprise_ids(facts: dict[str, Any]) -> list[str]:
    """The enterprises that the note names with their data."""
    return sorted({row["enterprise_id"] for name in ("changed", "due") for row in facts[name]["rows"]})


def _list_of(figure: str, since: dt.datetime, until: dt.datetime) -> str:
    """The list of cases that holds a figure's; "" where there is none, for the note itself."""
    if window := _WINDOWS.get(figure):
        # The list takes both ends in; the ledger begins just after the first.
        start = since + dt.timedelta(microseconds=1)
        return "/cases/?" + urlencode({f"{window}_from": start.isoformat(), f"{window}_to": until.isoformat()})
    lists = {"in_hand": "/cases/?state=open", "overdue": "/cases/?overdue=1", "waiting": "/cases/?waiting=1"}
    return lists.get(figure, "")


def _changed(of: Scope, since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    """Cases that were moved or written to in the shift, the last one first, with what was done to each."""
    entries = CaseEntry.objects.filter(at__gt=since, at__lte=until).exclude(type=CaseEntry.Type.NOTE)
    if not of.everything:
        entries = entries.filter(case__in=cases_in(of).order_by())
    acts: dict[int, list[dict[str, Any]]] = {}
    for case, *line in entries.order_by("-at", "-pk").values_list("case_id", *handover_acts.FIELDS):
        acts.setdefault(case, []).append(handover_acts.act_of(*line))
    keys = list(acts)[:_LISTED]
    found = Case.objects.select_related(*_PARTIES).in_bulk(keys)
    rows = _families([found[pk] for pk in keys if pk in found])
    return {"value": len(acts), "rows": [row | {"acts": acts[pk][::-1]} for pk, row in rows.items()]}


def _families(cases: list[Case]) -> dict[int, dict[str, Any]]:
    """The cases as papers list them, by key, each with how many open cases it waits for, and those under one case
    with one number: not that of the case above them, which the reader of the note may not know.
    """
    keys = [case.pk for case in cases]
    above = dict(ParentLink.objects.filter(child__in=keys).order_by().values_list("child_id", "parent_id"))
    waits, families = waiting_counts(keys), dict[int, int]()
    rows = {}
    for case in cases:
        rows[case.pk] = told(case) | {"waits_for": waits.get(case.pk, 0)}
        if parent := above.get(case.pk):
            rows[case.pk]["family"] = families.setdefault(parent, len(families) + 1)
    return rows


def _promises(scope: str, until: dt.datetime) -> list[dict[str, Any]]:
    """What was promised and is not kept, the first due first."""
    rows = Promise.objects.filter(scope=scope, kept_at=None, made_at__lte=until).select_related("case", "made_by")
    return [
        {
            "id": row.pk,
            "text": row.text,
            "case": row.case.number if row.case else "",
            "due_at": row.due_at.isoformat(),
            "late": row.due_at < until,
            "by": row.made_by.get_full_name() or row.made_by.get_username() if row.made_by else "",
        }
        for row in rows
    ]


def _first(due: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a queryset of cases
    return list(_families(list(due.select_related(*_PARTIES).order_by("due_at", "number")[:_LISTED])).values())
