"""Events as a brief may name them: those at sites outside its scope stay without name and place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ballast.areas.briefs.facts.frame import Frame, names
from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.selectors import cases_in
from ballast.areas.reference.models import Region
from ballast.areas.registry.event_scope import told_in
from ballast.areas.registry.models import Site

__all__ = ["described"]


def described(frame: Frame, events: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By event id: names, the place's names (of a site or region), and up to three open cases about it.

    Regions, products and lanes between regions are everyone's to know; what names a site only its scope's.
    """
    wanted = sorted(set(events))
    rows = list(
        told_in(frame.scope).filter(event_id__in=wanted).values("event_id", "kind", "subject", "name", "name_zh")
    )
    places = _places(rows)
    cases = _cases(frame, wanted)
    found: dict[str, dict[str, Any]] = {event: {"id": event, "hidden": True, "cases": []} for event in wanted}
    for row in rows:
        event = row["event_id"]
        place = places.get((row["kind"], row["subject"]), {"name": "", "name_zh": ""})
        found[event] = {"id": event, **names(row), "place": place, "cases": cases.get(event, [])}
    return found


def _places(rows: Sequence[Mapping[str, object]]) -> dict[tuple[str, str], dict[str, str]]:
    """Names of the sites and regions that the events hold, by (kind, subject)."""
    subjects = {kind: [str(row["subject"]) for row in rows if row["kind"] == kind] for kind in ("site", "region")}
    sites = Site.objects.filter(site_id__in=subjects["site"]).values("site_id", "name", "name_zh")
    regions = Region.objects.filter(code__in=subjects["region"]).values("code", "name", "name_zh")
    return {("site", row["site_id"]): names(row) for row in sites} | {
        ("region", row["code"]): names(row) for row in regions
    }


def _cases(frame: Frame, events: list[str]) -> dict[str, list[str]]:
    rows = cases_in(frame.scope).filter(event__event_id__in=events, state__in=OPEN)
    found: dict[str, list[str]] = {}
    for event, number in rows.order_by("number").values_list("event__event_id", "number"):
        found.setdefault(event, []).append(number)
    return {event: numbers[:3] for event, numbers in found.items()}
