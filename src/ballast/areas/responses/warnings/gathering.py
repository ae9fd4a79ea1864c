"""What the forecast and the lamps say now, grouped by cause: reads only."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Q, QuerySet

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.registry.models import Link
from ballast.core.one_cause import Cause, Group, Slot, Trouble, group_by_cause

__all__ = ["Facts", "Found", "gather"]

_BATCH = 500
T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """What is kept of a member: when it stops, whether surely, what it loses; days of cover of a red input."""

    stops_on: dt.date | None = None
    certain: bool = False
    lost_output: float | None = None
    cover_days: float | None = None


@dataclass(frozen=True)
class Found:
    """Groups by cause, and the facts of each member; a stop is (site, "")."""

    groups: tuple[Group, ...]
    facts: dict[Slot, Facts] = field(default_factory=dict)


def gather(run: ForecastRun, before: Mapping[Slot, Cause]) -> Found:
    """The stops of a run and the lamps that are red now, each under its cause; `before`: the causes they had.

    A stop that neither an event brings nor is certain rests on a stock that nobody reported: that is a gap in the
    reports, which the lamps show as no data, and nobody is warned of it.
    """
    reds = _reds()
    troubles, facts = _troubles(run, {site for site, _product in reds})
    facts |= {slot: Facts(cover_days=cover) for slot, cover in reds.items()}
    return Found(group_by_cause(troubles, _suppliers(reds), before=before), facts)


def _reds() -> dict[Slot, float | None]:
    """Red inputs and their days of cover; one whose data went missing while it was red stays red."""
    red = Q(level=Level.RED) | Q(level=Level.NO_DATA, held=Level.RED)
    rows = Lamp.objects.filter(red).order_by().values_list("need__site__site_id", "need__product_id", "cover_days")
    return {(site, product): cover for site, product, cover in rows}


def _troubles(run: ForecastRun, red_sites: Collection[str]) -> tuple[list[Trouble], dict[Slot, Facts]]:
    """Sites that fall short, and the facts of those that stop."""
    fields = ("pk", "site__site_id", "causes", "slow_day", "stop_day", "certain", "lost_output")
    rows = list(SiteForecast.objects.filter(run=run).order_by().values_list(*fields))
    # Paths are large; only two kinds of sites need theirs.
    wanted = {pk for pk, site, causes, _slow, stop, *_rest in rows if site in red_sites or (not causes and stop)}
    through, roots = _from_paths(SiteForecast.objects.filter(run=run), wanted)
    troubles, facts = [], {}
    for pk, site, causes, slow, stop, certain, lost in rows:
        warned = stop is not None and (bool(causes) or certain)
        first = min(day for day in (slow, stop, run.horizon) if day is not None)
        own = through.get(pk, frozenset())
        troubles.append(Trouble(site, tuple(causes), first, stop if warned else None, own, roots.get(pk, "")))
        if warned:
            facts[site, ""] = Facts(run.day + dt.timedelta(days=stop), certain, lost)
    return troubles, facts


def _from_paths(
    rows: QuerySet[SiteForecast], wanted: Iterable[int]
) -> tuple[dict[int, frozenset[str]], dict[int, str]]:
    """By key of the row: own inputs through which the trouble comes, and the site where it begins."""
    through, roots = {}, {}
    for some in _in_batches(sorted(wanted)):
        for pk, path in rows.filter(pk__in=some).values_list("pk", "path"):
            if not path.get("nodes"):
                continue
            through[pk] = frozenset(e["product"] for e in path["edges"] if e["to"] == path["site"] and e["product"])
            sites = {node["id"] for node in path["nodes"] if node["kind"] == "site"}
            roots[pk] = next((node for node in path["path"] if node in sites), "")
    return through, roots


def _suppliers(reds: Collection[Slot]) -> dict[Slot, list[str]]:
    """Who supplies each red input."""
    found: dict[Slot, list[str]] = defaultdict(list)
    for some in _in_batches(sorted({site for site, _product in reds})):
        rows = Link.objects.filter(customer__site_id__in=some).order_by()
        for supplier, customer, product in rows.values_list("supplier__site_id", "customer__site_id", "product_id"):
            found[customer, product].append(supplier)
    return {slot: found.get(slot, []) for slot in reds}


def _in_batches(rows: list[T]) -> Iterator[list[T]]:
    return (rows[first : first + _BATCH] for first in range(0, len(rows), _BATCH))
