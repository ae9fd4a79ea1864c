"""Chains, listed enterprises and who has reported, as the brief counts them."""

from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import override

from ballast.areas.alerts.models import EnterpriseLamp, Lamp
from ballast.areas.briefs.facts.frame import Figure, Frame, figure
from ballast.areas.modes.duties import Asked, members
from ballast.areas.modes.models import Switch
from ballast.areas.registry.models import Chain, Enterprise, Site
from ballast.areas.reports.selectors import counted

__all__ = ["at_work", "batches", "chains", "coverage", "duties", "panels"]

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


def coverage(frame: Frame, asked: Asked) -> dict[str, Figure]:
    """Sites with inputs in use, those that have reported what was asked at the cut-off, and those that have not."""
    found = counted(_sites(frame), asked)
    return {
        "sites.total": figure(found.expected, "/reports/", expected="1"),
        "sites.reported": figure(found.reported, "/reports/", reported="1"),
        "sites.silent": figure(found.expected - found.reported, "/reports/", late="1"),
    }


def duties(frame: Frame, asked: Asked) -> list[dict[str, Any]]:
    """By which duties it was counted: the normal one, and those of the modes that reach a site of the scope."""
    found: list[dict[str, Any]] = [{"cadence": asked.cadence, "since": asked.since.isoformat()}]
    for row, since, _due in asked.modes:
        if _sites(frame).filter(members(row, "enterprise__")).exists():
            place = {name: _said_in(language, row) for name, language in (("name", "en"), ("name_zh", "zh-hans"))}
            since = max(since, asked.since)
            found.append({"cadence": row.cadence, "since": since.isoformat(), "mode": row.mode, "place": place})
    return found


def _said_in(language: str, row: Switch) -> str:
    with override(language):
        return row.place


def _sites(frame: Frame) -> QuerySet[Site]:
    """Sites of the scope with an input in use."""
    return Site.objects.filter(frame.of_enterprises("enterprise__"), inputs__gt=0)
