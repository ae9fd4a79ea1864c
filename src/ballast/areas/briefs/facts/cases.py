"""Cases in the brief: what came in, what was closed, what is in hand, and what asks for a decision."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from ballast.areas.briefs.facts.frame import Figure, Frame, figure, names
from ballast.areas.cases.machine import IN_HAND, States, telling
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.selectors import cases_in
from ballast.areas.reference.models import Region

__all__ = ["by_region", "decisions", "important", "in_scope", "overview"]

_WINDOW = "{since}", "{until}"


def in_scope(frame: Frame) -> QuerySet[Case]:
    """Cases of the scope's enterprises and desks that had been filed by the cut-off."""
    return cases_in(frame.scope).filter(filed_at__lte=frame.cut_off)


def _moved(frame: Frame, states: States, start: dt.datetime, end: dt.datetime) -> int:
    """Cases that came to one of the states from start to end; one that came twice counts once."""
    moves = CaseEntry.objects.filter(
        case__in=in_scope(frame).order_by(), type="move", state_after__in=states, at__gte=start, at__lte=end
    ).exclude(state_before__in=states)
    return moves.values("case_id").distinct().count()


def _a_day_ago(frame: Frame) -> tuple[int, int]:
    """(in hand, overdue) as they stood a day before the cut-off, from the cases' moves."""
    rows = in_scope(frame).filter(filed_at__lte=frame.a_day_ago)
    moves = CaseEntry.objects.filter(type="move", at__gt=frame.a_day_ago, at__lte=frame.cut_off, case__in=rows)
    first: dict[int, str] = {}
    for case, before in moves.order_by("at", "id").values_list("case_id", "state_before"):
        first.setdefault(case, before)
    still = rows.exclude(pk__in=first).filter(state__in=IN_HAND)
    then = rows.filter(pk__in=[case for case, state in first.items() if state in IN_HAND])
    late = Q(due_at__lt=frame.a_day_ago)
    return still.count() + then.count(), still.filter(late).count() + then.filter(late).count()


def overview(frame: Frame) -> dict[str, Figure]:
    """Received, closed by the desk, confirmed today, in hand and overdue, each with its value a day earlier."""
    since, until = _WINDOW
    rows = in_scope(frame)
    today, day_before = (frame.midnight, frame.cut_off), (frame.midnight_before, frame.a_day_ago)
    received, received_before = (rows.filter(filed_at__range=span).count() for span in (today, day_before))
    in_hand = rows.filter(state__in=IN_HAND)
    hand_before, late_before = _a_day_ago(frame)
    return {
        "cases.received": figure(
            received, "/cases/", before=received_before, filed_from=since, filed_to=until
        ),
        "cases.closed": figure(
            _moved(frame, telling("solved"), *today), "/cases/",
            before=_moved(frame, telling("solved"), *day_before), solved_from=since, solved_to=until,
        ),
        "cases.confirmed": figure(
            _moved(frame, telling("confirmed"), *today), "/cases/",
            before=_moved(frame, telling("confirmed"), *day_before), confirmed_from=since, confirmed_to=until,
        ),
        "cases.in_hand": figure(in_hand.count(), "/cases/", before=hand_before, state="open"),
        "cases.overdue": figure(
            in_hand.filter(due_at__lt=frame.cut_off).count(), "/cases/", before=late_before, overdue="1"
        ),
    }  # fmt: skip


def _listed(rows: QuerySet[Case]) -> list[dict[str, Any]]:
    found = rows.values(
        "number", "kind", "state", "blocked", "due_at", "output_at_risk", "owner__first_name", "owner__last_name",
        "owner__username", "enterprise__enterprise_id", "enterprise__name", "enterprise__name_zh",
        "lead_region__name", "lead_region__name_zh",
        "lead_region__code",
    )  # fmt: skip
    return [
        {
            "number": row["number"],
            "enterprise_id": row["enterprise__enterprise_id"],
            "kind": row["kind"],
            "state": row["state"],
            "blocked": row["blocked"],
            "due_at": row["due_at"].isoformat(),
            "at_risk": row["output_at_risk"],
            "owner": f"{row['owner__first_name'] or ''} {row['owner__last_name'] or ''}".strip()
            or row["owner__username"]
            or "",
            "enterprise": names(row, "enterprise__"),
            "lead": names(row, "lead_region__"),
            "href": f"/cases/{row['number']}/",
        }
        for row in found
    ]


def important(frame: Frame, limit: int = 10) -> list[dict[str, Any]]:
    """Cases in hand that put most output at risk, with who has them."""
    rows = in_scope(frame).filter(state__in=IN_HAND, output_at_risk__gt=0)
    return _listed(rows.order_by(F("output_at_risk").desc(), "number")[:limit])


def by_region(frame: Frame) -> list[dict[str, Any]]:
    """Cases in hand by the region of their enterprise's province and by kind; parts sum to the total."""
    counts = (
        in_scope(frame)
        .filter(state__in=IN_HAND)
        .values("enterprise__region__path", "kind")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=frame.cut_off)))
        .order_by()
    )
    kinds: dict[str, Counter[str]] = {}
    for row in counts:
        province = _province(row["enterprise__region__path"])
        kinds.setdefault(province, Counter()).update({row["kind"]: row["n"], "": row["n"], "late": row["late"]})
    labels = _labels(kinds)
    lines = [
        {
            "region": code,
            **labels.get(code, {"name": code, "name_zh": ""}),
            "kinds": {kind: n for kind, n in sorted(found.items()) if kind not in {"", "late"}},
            "total": found[""],
            "overdue": found["late"],
        }
        for code, found in kinds.items()
    ]
    return sorted(lines, key=lambda line: (-line["total"], line["region"]))


def _province(path: str) -> str:
    codes = path.strip("/").split("/")
    return codes[1] if len(codes) > 1 and not codes[0].isdigit() else codes[0]


def _labels(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    rows = Region.objects.filter(code__in=list(codes)).values("code", "name", "name_zh")
    return {row["code"]: names(row) for row in rows}


def decisions(frame: Frame, limit: int = 5) -> dict[str, Any]:
    """What asks for a decision: hand-overs that were refused, and overdue cases that nobody owns."""
    rows = in_scope(frame).filter(state__in=IN_HAND)
    refused = CaseEntry.objects.filter(type="move", move__startswith="refuse", at__gt=frame.a_day_ago)
    handed = rows.filter(pk__in=refused.values("case_id"), offered_to=None)
    ownerless = rows.filter(due_at__lt=frame.cut_off, owner=None)
    order = (F("output_at_risk").desc(nulls_last=True), "number")
    return {
        "refused": _listed(handed.order_by(*order)[:limit]),
        "ownerless": _listed(ownerless.order_by(*order)[:limit]),
        "ownerless_count": figure(ownerless.count(), "/cases/", overdue="1", owner="none"),
    }
