"""Why a site falls short: a small graph from root events to the site, its leading path and the joint causes."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ballast.core.forecast.causes import Causes, Hit
from ballast.core.forecast.dayloop import SLOW

if TYPE_CHECKING:
    from ballast.core.forecast.runs import Forecast, Run

__all__ = ["MAX_NODES", "CausePath", "Edge", "Node", "explain"]

MAX_NODES = 40

NodeKind = Literal["site", "event", "unknown_stock", "tables"]


@dataclass(frozen=True)
class Node:
    """A site, an event, a stock nobody knows, or a shortfall of the tables themselves."""

    id: str
    kind: NodeKind
    tier: int  # links between it and the explained site
    day: int | None  # first day of the shortfall that matters; None for what has no day


@dataclass(frozen=True)
class Edge:
    """What the node `from` keeps from the node `to`."""

    source: str
    target: str
    product: str
    share: float  # of the slot's use; of the capacity lost where an event holds a site
    cover_days: float | None  # at day 0; None when unknown, or where an event holds a site
    lead_days: int
    inferred: bool
    leading: bool = False

    def to_dict(self) -> dict[str, object]:
        """JSON-able form."""
        rest = asdict(self)
        return {"from": rest.pop("source"), "to": rest.pop("target"), **rest}


@dataclass(frozen=True)
class CausePath:
    """Why `site` falls short on `day`, its stop day or else its first slow day; None when it does not."""

    site: str
    day: int | None
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    events: tuple[str, ...] = ()  # joint set: without all of them the site does not fall short by that day
    lead_event: str | None = None
    path: tuple[str, ...] = ()  # node ids from the root to the site
    folded: int = 0  # causes next to those shown that were left out
    unknown_stock: bool = False  # a stock that nobody knows has a part in it
    tables: bool = False  # the tables' own supply falls short of use

    def to_dict(self) -> dict[str, object]:
        """JSON-able form."""
        return {
            "site": self.site,
            "day": self.day,
            "nodes": [asdict(node) for node in self.nodes],
            "edges": [edge.to_dict() for edge in self.edges],
            "events": list(self.events),
            "lead_event": self.lead_event,
            "path": list(self.path),
            "folded": self.folded,
            "unknown_stock": self.unknown_stock,
            "tables": self.tables,
        }


@dataclass(frozen=True)
class _Cause:
    """One thing that holds a site back, with how much of its group's shortfall it brings."""

    kind: NodeKind
    key: str
    place: int  # site index, -1 for what is no site
    day: int | None
    rank: tuple[float, int, float, str]  # smallest leads
    edge: Edge
    event_id: str | None = None


def explain(forecast: "Forecast", site: int, *, certain: bool = False, checked: bool = True) -> CausePath:
    """Cause path of a site in the low run, or in the high run when `certain`.

    With `checked` the joint set is tried: as long as the site still falls short by that day without those
    events, what then holds it is added (a cause that another one hid).
    """
    run = forecast.high if certain else forecast.low
    name = forecast.network.site_ids[site]
    stops = int(run.stop_day[site]) >= 0
    day = int(run.stop_day[site]) if stops else int(run.slow_day[site])
    if day < 0:
        return CausePath(name, None)
    causes = forecast.causes(certain=certain)
    limit = 1.0 - float(forecast.network.minimum_rate[site]) if stops else 0.0
    joint = causes.joint(site, day, limit)
    if checked:
        joint = _complete(forecast, run, site, day, joint, certain=certain, stops=stops)
    sketch = _Sketch(causes, site, day, limit)
    sketch.draw()
    events = causes.named(joint)
    lead = sketch.lead_event
    return CausePath(
        site=name,
        day=day,
        nodes=tuple(sketch.nodes.values()),
        edges=tuple(sketch.edges.values()),
        events=tuple(sorted(events, key=lambda event: (event != lead, event))),
        lead_event=lead,
        path=tuple(sketch.path),
        folded=len(sketch.folded),
        unknown_stock=bool(joint & causes.unknown),
        tables=bool(joint & causes.tables),
    )


def _complete(forecast: "Forecast", run: "Run", site: int, day: int, joint: int, *, certain: bool, stops: bool) -> int:
    """The joint set with every cause that showed only once the others were gone."""
    events = (1 << len(forecast.events)) - 1
    while joint & events:
        gone = frozenset(forecast.causes(certain=certain).named(joint))
        stop_day, slow_day = forecast.day_without(site, gone, certain=certain)
        still = stop_day if stops else slow_day
        if still < 0 or still > day:
            return joint
        rest = forecast.causes_without(gone, certain=certain)
        limit = 1.0 - float(forecast.network.minimum_rate[site]) if stops else 0.0
        more = _renumber(rest, forecast, rest.joint(site, still, limit))
        if joint | more == joint:
            return joint
        joint |= more
    return joint


def _renumber(rest: Causes, forecast: "Forecast", found: int) -> int:
    """Bits of a run with fewer events in the numbering of the full one."""
    bit_of = {event.event_id: bit for bit, event in enumerate(forecast.events)}
    total = sum(1 << bit_of[event] for event in rest.named(found))
    total |= (1 << len(bit_of)) if found & rest.tables else 0
    return total | (1 << (len(bit_of) + 1) if found & rest.unknown else 0)


class _Sketch:
    """Draws the graph: first the leading path, then breadth first what else matters, up to 40 nodes."""

    def __init__(self, causes: Causes, site: int, day: int, limit: float) -> None:
        self.causes, self.site, self.day, self.limit = causes, site, day, limit
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str, str], Edge] = {}
        self.folded: set[str] = set()
        self.path: list[str] = []
        self.lead_event: str | None = None

    def draw(self) -> None:
        """Fill nodes, edges, path."""
        name = self.causes.network.site_ids[self.site]
        self.nodes[name] = Node(name, "site", 0, self.day)
        self._lead(name)
        agenda: list[tuple[str, int, int, int, float]] = [(name, self.site, self.day, 0, self.limit)]
        seen = {self.site}
        for target, place, day, tier, limit in agenda:
            for cause in self._causes(place, day, limit):
                if not self._add(cause, target, tier + 1) or cause.kind != "site" or cause.place in seen:
                    continue
                seen.add(cause.place)
                agenda.append((cause.key, cause.place, cause.day or 0, tier + 1, 0.0))

    def _lead(self, name: str) -> None:
        """Follow the largest cause back to its root; days only fall, so this ends. A loop is cut out of the path."""
        place, day, limit = self.site, self.day, self.limit
        trail: list[_Cause] = []
        while causes := self._causes(place, day, limit):
            cause = causes[0]
            met = [step for step, earlier in enumerate(trail) if earlier.key == cause.key]
            trail = trail[: met[0] + 1] if met else [] if cause.key == name else [*trail, cause]
            if cause.kind != "site":
                break
            place, day, limit = cause.place, cause.day or 0, 0.0
        for tier, cause in enumerate(trail, start=1):
            self._add(cause, cause.edge.target, tier, leading=True)
        if trail and trail[-1].kind == "event":
            self.lead_event = trail[-1].event_id
        self.path = [cause.key for cause in reversed(trail)] + [name]

    def _add(self, cause: _Cause, target: str, tier: int, *, leading: bool = False) -> bool:
        if cause.key not in self.nodes:
            if len(self.nodes) >= MAX_NODES:
                self.folded.add(cause.key)
                return False
            self.nodes[cause.key] = Node(cause.key, cause.kind, tier, cause.day)
        key = (cause.key, target, cause.edge.product)
        if key not in self.edges:
            self.edges[key] = replace(cause.edge, leading=leading)
        return True

    def _causes(self, place: int, day: int, limit: float) -> list[_Cause]:
        """What holds a site below the limit on a day, the largest first."""
        found = list(self._events_on_site(place, day, limit))
        known = self.causes.site(place)
        for position in self.causes.binding(place, day, limit):
            depth = float(known.days.short[day, position])
            found += self._behind_slot(place, position, day, depth)
        return sorted(found, key=lambda cause: cause.rank)

    def _events_on_site(self, place: int, day: int, limit: float) -> Iterable[_Cause]:
        target = self.causes.network.site_ids[place]
        for bit in self.causes.direct(place, day, limit):
            event = self.causes.events[bit]
            loss = 1.0 - event.capacity_left
            key = self._event_key(event.event_id)
            edge = Edge(key, target, "", loss, None, 0, inferred=False)
            yield _Cause("event", key, -1, max(0, event.start), (-loss, 0, -loss, key), edge, event.event_id)

    def _event_key(self, event_id: str) -> str:
        """Node id of an event; told apart where a site has the same id."""
        return f"event:{event_id}" if event_id in self.causes.network.site_index else event_id

    def _behind_slot(self, place: int, position: int, day: int, depth: float) -> list[_Cause]:
        causes, network = self.causes, self.causes.network
        known = causes.site(place)
        slot, target = known.slots[position], network.site_ids[place]
        product = network.slot_product[slot]
        stock = network.slot_cover[slot]
        cover = float(stock) if np.isfinite(stock) else None
        hits = [hit for d in causes.window(place, position, day) for hit in known.hits.get((d, position), ())]
        rank = (-depth, 1 if network.slot_essential[slot] else 2)
        found = self._suppliers(hits, target, product, cover, rank) + self._lanes(hits, target, product, cover, rank)
        if network.slot_base[slot] < 1.0 - SLOW:
            gap = 1.0 - float(network.slot_base[slot])
            found.append(self._note("tables", target, product, cover, gap, (*rank, -gap)))
        if causes.guessed(slot):
            found.append(self._note("unknown_stock", target, product, None, 1.0, (0.0, 9, 0.0)))
        return found

    def _suppliers(
        self, hits: list[Hit], target: str, product: str, cover: float | None, rank: tuple[float, int]
    ) -> list[_Cause]:
        network = self.causes.network
        by_link: dict[int, list[Hit]] = {}
        for hit in hits:
            if hit.shortfall > SLOW:
                by_link.setdefault(hit.link, []).append(hit)
        found = []
        for link, part in by_link.items():
            share, name = float(network.link_share[link]), network.site_ids[part[0].supplier]
            missing = sum(share * hit.left * hit.shortfall for hit in part)
            edge = Edge(
                name, target, product, share, cover, int(network.link_lead[link]), bool(network.link_inferred[link])
            )
            began = min(hit.sent for hit in part)
            found.append(_Cause("site", name, part[0].supplier, began, (*rank, -missing, name), edge))
        return found

    def _lanes(
        self, hits: list[Hit], target: str, product: str, cover: float | None, rank: tuple[float, int]
    ) -> list[_Cause]:
        network = self.causes.network
        missing: dict[int, float] = {}
        largest: dict[int, int] = {}
        for hit in hits:
            share = float(network.link_share[hit.link])
            for bit in self.causes.lanes(hit):
                missing[bit] = missing.get(bit, 0.0) + share * (1.0 - self.causes.events[bit].capacity_left)
                if bit not in largest or share > float(network.link_share[largest[bit]]):
                    largest[bit] = hit.link
        found = []
        for bit, amount in missing.items():
            event, link = self.causes.events[bit], largest[bit]
            key = self._event_key(event.event_id)
            share, lead = float(network.link_share[link]), int(network.link_lead[link])
            edge = Edge(key, target, product, share, cover, lead, bool(network.link_inferred[link]))
            found.append(_Cause("event", key, -1, max(0, event.start), (*rank, -amount, key), edge, event.event_id))
        return found

    def _note(
        self,
        kind: NodeKind,
        target: str,
        product: str,
        cover: float | None,
        share: float,
        rank: tuple[float, int, float],
    ) -> _Cause:
        key = f"{kind}:{target}/{product}"
        edge = Edge(key, target, product, share, cover, 0, inferred=False)
        return _Cause(kind, key, -1, None, (*rank, key), edge)
