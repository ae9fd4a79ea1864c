"""The cause path of one plant as a person may see it: names in their scope, places beyond it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ballast.areas.accounts.models import User
from ballast.areas.cases.models import Case
from ballast.areas.cases.selectors import open_cases_about
from ballast.areas.chains import drawing
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.chains.selectors import current_run, event_label
from ballast.areas.reference.models import Product
from ballast.areas.registry.event_scope import openings, told_events
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import get_site, visible_sites

__all__ = ["Fact", "NodeView", "PathView", "known_names", "path_of"]


@dataclass(frozen=True)
class NodeView:
    """A box with its words; `url_id` is the id of its site or event when the person may open that."""

    box: drawing.Box
    title: str
    note: str
    url_id: str = ""


@dataclass(frozen=True)
class Fact:
    """One edge in words, for the table below the drawing."""

    source: str
    target: str
    product: str
    share: float
    cover_days: float | None
    lead_days: int
    inferred: bool
    leading: bool


@dataclass(frozen=True)
class PathView:
    """All that the page of one plant shows."""

    site: Site
    run: ForecastRun | None
    forecast: SiteForecast | None
    nodes: list[NodeView]
    picture: drawing.Picture | None
    facts: list[Fact]
    events: list[Event]  # joint set, as far as the person may see them
    hidden_events: int
    cases: list[Case]
    path: dict[str, Any]

    @property
    def needed(self) -> list[Event]:
        """Events that have to go, all together or the one alone, so that the plant does not stop; empty if not known.

        Empty too when one of them is out of the person's scope.
        """
        wanted = self.path.get("needed", [])
        found = [event for event in self.events if event.event_id in wanted]
        return found if len(found) == len(wanted) else []

    @property
    def stops_on(self) -> dt.date | None:
        """The plant's stop day as a date; None when it does not stop."""
        if self.run is None or self.forecast is None or self.forecast.stop_day is None:
            return None
        return self.run.day + dt.timedelta(days=self.forecast.stop_day)


def known_names(user: User, path: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """For every node id: title, note, and the id of its site or event when that may be opened.

    Sites in scope and those that deal directly with one have names; of others only region and product are told.
    """
    ids = [node["id"] for node in path["nodes"] if node["kind"] == "site"]
    sites = {
        s.site_id: s for s in Site.objects.filter(site_id__in=ids).select_related("enterprise", "region", "product")
    }
    own = set(visible_sites(user).filter(site_id__in=ids).values_list("site_id", flat=True))
    partners = {edge["from"] for edge in path["edges"] if edge["to"] in own}
    partners |= {edge["to"] for edge in path["edges"] if edge["from"] in own}
    names: dict[str, tuple[str, str, str]] = {}
    for site_id, site in sites.items():
        if site_id in own or site_id in partners:
            title = site.label
        else:
            title = _("a site in {region}").format(region=site.region.label)
        names[site_id] = (title, site.product.label, site_id if site_id in own else "")
    return names | _cause_names(user, path)


def _cause_names(user: User, path: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    ids = {node["id"]: node["id"].removeprefix("event:") for node in path["nodes"] if node["kind"] == "event"}
    events = {e.event_id: e for e in Event.objects.filter(event_id__in=ids.values())}
    told = openings(user, event_id__in=ids.values())
    names = {}
    for node_id, event_id in ids.items():
        event = events.get(event_id)
        lasting = _lasting(event) if event and event_id in told else ""
        names[node_id] = (event_label(event, told), lasting, event_id if told.get(event_id) else "")
    for node in path["nodes"]:
        if node["kind"] == "unknown_stock":
            names[node["id"]] = (_("stock not reported"), _("counted as empty"), "")
        elif node["kind"] == "tables":
            names[node["id"]] = (_("supply below use"), _("as the register has it"), "")
    return names


def _lasting(event: Event) -> str:
    """From when to when an event holds."""
    if event.end is None:
        return _("since {start}").format(start=event.start)
    return _("{start} to {end}").format(start=event.start, end=event.end)


def path_of(user: User, site_id: str, *, brief: bool = False) -> PathView:
    """The plant's forecast and cause path; `brief` keeps the leading path only.

    Raises Site.DoesNotExist for a site absent or out of scope.
    """
    site = get_site(user, site_id)
    run = current_run()
    forecast = SiteForecast.objects.filter(run=run, site=site).select_related("lead_event").first() if run else None
    path = forecast.path if forecast else {}
    if not path.get("nodes"):
        return PathView(site, run, forecast, [], None, [], [], 0, [], {})
    names = known_names(user, path)
    picture = drawing.tiers(drawing.small(path) if brief else path)
    nodes = [_node(box, names) for box in picture.boxes]
    joint = path["events"]
    events = list(told_events(user).filter(event_id__in=joint).order_by("event_id"))
    events.sort(key=lambda event: joint.index(event.event_id))
    cases = [] if brief else list(open_cases_about(user, events))
    facts = [] if brief else _facts(path, names)
    return PathView(site, run, forecast, nodes, picture, facts, events, len(joint) - len(events), cases, path)


def _node(box: drawing.Box, names: dict[str, tuple[str, str, str]]) -> NodeView:
    if box.kind == "folded":
        return NodeView(box, _("+{count} sites").format(count=box.count), "")
    title, note, url_id = names.get(box.id, (box.id, "", ""))
    return NodeView(box, title, note, url_id)


def _facts(path: dict[str, Any], names: dict[str, tuple[str, str, str]]) -> list[Fact]:
    """Edges from the plant back to the roots; cover only at sites that the person may open."""
    tier = {node["id"]: node["tier"] for node in path["nodes"]}
    codes = {edge["product"] for edge in path["edges"]}
    products = {p.code: p.label for p in Product.objects.filter(Q(code__in=codes))}
    unknown = ("", "", "")
    edges = sorted(path["edges"], key=lambda e: (tier.get(e["to"], 0), not e.get("leading"), e["to"], e["from"]))
    return [
        Fact(
            source=names.get(e["from"], unknown)[0] or e["from"],
            target=names.get(e["to"], unknown)[0] or e["to"],
            product=products.get(e["product"], e["product"]),
            share=e["share"],
            cover_days=e["cover_days"],
            lead_days=e["lead_days"],
            inferred=bool(e["inferred"]),
            leading=bool(e.get("leading")),
        )
        for e in edges
    ]
