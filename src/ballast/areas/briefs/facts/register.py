"""Chains, listed enterprises and who has reported, as the brief counts them."""

from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet

from ballast.areas.alerts.models import EnterpriseLamp, Lamp
from ballast.areas.briefs.facts.frame import Figure, Frame, figure
from ballast.areas.registry.models import Chain, Enterprise, Need

__all__ = ["at_work", "batches", "chains", "coverage", "panels"]

at_work = Q(operation__in=(Enterprise.Operation.RUNNING, Enterprise.Operation.RESTARTED))


def chains(frame: Frame) -> list[dict[str, Any]]:
    """Each chain: enterprises, those at work, their worst lamps, and the median days of cover of their inputs."""
    return [_chain(frame, chain) for chain in Chain.objects.order_by("code")]


def _chain(frame: Frame, chain: Chain) -> dict[str, Any]:
    members = Enterprise.objects.filter(frame.of_enterprises(), chains=chain)
    sums = members.aggregate(n=Count("pk"), working=Count("pk", filter=at_work))
    levels = dict(
        EnterpriseLamp.objects.filter(enterprise__in=members).values_list("level").annotate(n=Count("pk")).order_by()
    )
    covers = Lamp.objects.filter(enterprise__in=members, cover_days__isnull=False)
    days = [cover for cover in covers.values_list("cover_days", flat=True) if cover is not None]
    return {
        "code": chain.code,
        "name": chain.name,
        "name_zh": chain.name_zh,
        "enterprises": sums["n"],
        "at_work": sums["working"],
        "levels": {level: levels.get(level, 0) for level in ("red", "yellow", "blue", "no_data")},
        "median_cover": round(median(days), 3) if days else None,
        "href": f"/enterprises/?chain={chain.code}",
    }


def _restart(rows: QuerySet[Enterprise], **query: str) -> dict[str, Figure]:
    sums = rows.aggregate(n=Count("pk"), working=Count("pk", filter=at_work))
    return {
        "total": figure(sums["n"], "/enterprises/", before=None, **query),
        "at_work": figure(sums["working"], "/enterprises/", before=None, **query, operation="at_work"),
    }


def panels(frame: Frame) -> list[dict[str, Any]]:
    """Each panel of watched enterprises: how many belong to it and how many are at work."""
    rows = Enterprise.objects.filter(frame.of_enterprises()).exclude(panels="")
    codes = {code for text in rows.values_list("panels", flat=True).distinct() for code in text.split(";") if code}
    return [{"code": code, **_restart(rows.filter(_holds("panels", code)), panel=code)} for code in sorted(codes)]


def _holds(field: str, code: str) -> Q:
    """A ";"-separated list holds the code."""
    return (
        Q(**{field: code})
        | Q(**{f"{field}__startswith": f"{code};"})
        | Q(**{f"{field}__endswith": f";{code}"})
        | Q(**{f"{field}__contains": f";{code};"})
    )


def batches(frame: Frame) -> dict[str, Any]:
    """The key list: members, members at work, and members of each batch."""
    rows = Enterprise.objects.filter(frame.of_enterprises(), key_list=True)
    counted = rows.exclude(key_batch=None).values_list("key_batch").annotate(n=Count("pk")).order_by("key_batch")
    parts = [
        {"batch": batch, "count": figure(n, "/enterprises/", key_list="1", batch=str(batch))} for batch, n in counted
    ]
    return {**_restart(rows, key_list="1"), "batches": parts}


def coverage(frame: Frame) -> dict[str, Figure]:
    """Sites with inputs in use, those that reported on the brief's day, and those that did not."""
    used = Need.objects.filter(frame.of_enterprises("site__enterprise__"), daily_use__gt=0)
    total = used.values("site_id").distinct().count()
    fresh = used.filter(reported_at__gte=frame.midnight).values("site_id").distinct().count()
    return {
        "sites.total": figure(total, "/reports/", expected="1"),
        "sites.reported": figure(fresh, "/reports/", reported="1"),
        "sites.silent": figure(total - fresh, "/reports/", late="1"),
    }
