"""Lamps in the brief: how many are red and yellow, what changed in a day, and the worst."""

from typing import Any

from django.db.models import Count, F

from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.areas.briefs.facts.frame import Figure, Frame, figure, names

__all__ = ["counts", "worst"]

_SHOWN = (Level.RED, Level.YELLOW, Level.BLUE, Level.NO_DATA)


def _a_day_ago(frame: Frame, now: dict[str, int]) -> dict[str, int] | None:
    """Lamps by level a day before the cut-off; None when nothing is known from then."""
    lamps = Lamp.objects.filter(frame.of_enterprises("need__site__enterprise__"))
    changes = LampChange.objects.filter(
        frame.of_enterprises("need__site__enterprise__"), at__gt=frame.a_day_ago, at__lte=frame.cut_off
    )
    first: dict[int, str] = {}
    for need, before in changes.order_by("at", "id").values_list("need_id", "level_before"):
        first.setdefault(need, before)
    known_before = lamps.filter(since__lte=frame.a_day_ago).exists() or any(first.values())
    if not known_before:
        return None
    then = dict(now)
    for need, level in lamps.filter(need_id__in=first).values_list("need_id", "level"):
        then[level] = then.get(level, 0) - 1
        then[first[need]] = then.get(first[need], 0) + 1
    return then


def counts(frame: Frame) -> dict[str, Figure]:
    """Lamps (one an input of a site) that are red, yellow, blue, and without a report."""
    rows = Lamp.objects.filter(frame.of_enterprises("need__site__enterprise__"))
    now = dict(rows.values_list("level").annotate(n=Count("pk")).order_by())
    then = _a_day_ago(frame, now)
    return {
        f"lamps.{level}": figure(
            now.get(level, 0), "/lamps/", before=None if then is None else then.get(level, 0), level=str(level)
        )
        for level in _SHOWN
    }


def worst(frame: Frame, limit: int = 10) -> list[dict[str, Any]]:
    """Red lamps with the least cover, longest red first among equals."""
    rows = (
        Lamp.objects.filter(frame.of_enterprises("need__site__enterprise__"), level=Level.RED)
        .order_by(F("cover_days").asc(nulls_last=True), "since", "pk")
        .values(
            "pk", "cover_days", "since", "need__site__site_id", "need__site__name", "need__site__name_zh",
            "need__site__enterprise__enterprise_id", "need__product__name", "need__product__name_zh",
        )[:limit]
    )  # fmt: skip
    return [
        {
            "enterprise_id": row["need__site__enterprise__enterprise_id"],
            "site": {"id": row["need__site__site_id"], **names(row, "need__site__")},
            "product": names(row, "need__product__"),
            "cover": row["cover_days"],
            "since": row["since"].isoformat(),
            "href": f"/lamps/{row['pk']}/",
        }
        for row in rows
    ]
