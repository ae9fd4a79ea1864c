"""Events: what loses capacity, where and when, brought down to sites and links day by day."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ballast.core.network.network import Floats, Ints, Network, NetworkError

__all__ = ["Event", "Holds", "Match", "lane_sides", "match_events", "region_contains", "resolve"]

Kind = Literal["site", "region", "product", "lane"]
KINDS = ("site", "region", "product", "lane")
_ARROW = re.compile(r"\s*(?:->|→|>)\s*")
_GB_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Event:
    """A loss of capacity from day `start` to day `end` inclusive; end None holds through the horizon.

    `capacity_left` 0..1 is what remains: of a site's output, or of what is dispatched over a lane.
    NetworkError when kind, days or capacity cannot be.
    """

    event_id: str
    kind: Kind
    subject: str
    start: int
    end: int | None = None
    capacity_left: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"Event {self.event_id}: kind {self.kind!r} is not one of {', '.join(KINDS)}."
            raise NetworkError(msg)
        if not 0.0 <= self.capacity_left <= 1.0 or math.isnan(self.capacity_left):
            msg = f"Event {self.event_id}: capacity_left is {self.capacity_left}; give a share from 0 to 1."
            raise NetworkError(msg)
        if self.end is not None and self.end < self.start:
            msg = f"Event {self.event_id}: it ends on day {self.end}, before it starts on day {self.start}."
            raise NetworkError(msg)
        if self.kind == "lane":
            lane_sides(self.subject)

    def holds_on(self, day: int) -> bool:
        """Whether the event holds on that day."""
        return self.start <= day and (self.end is None or day <= self.end)

    def days(self, horizon: int) -> slice:
        """The days 0..horizon-1 on which it holds, as a slice."""
        first = max(0, self.start)
        last = horizon if self.end is None else min(horizon, self.end + 1)
        return slice(first, max(first, last))


@dataclass(frozen=True, eq=False)
class Match:
    """What one event holds: sites (for a site, region or product) or links (for a lane)."""

    event: Event
    sites: NDArray[np.intp]
    links: NDArray[np.intp]

    @property
    def empty(self) -> bool:
        """Whether the event holds nothing in this network."""
        return not self.sites.size and not self.links.size


@dataclass(frozen=True, eq=False)
class Holds:
    """Capacity that events take, by day. Sites and links that are not listed lose nothing."""

    sites: NDArray[np.intp]  # [k] ascending
    site_loss: Floats  # [days, k] 1 - smallest capacity left
    links: NDArray[np.intp]  # [q] ascending
    lane_left: Floats  # [days, q] smallest capacity left of what is dispatched that day


def region_contains(outer: str, inner: str) -> bool:
    """Whether region `inner` is `outer` or lies in it, by GB/T 2260 or ISO 3166 prefix.

    >>> region_contains("310000", "310101"), region_contains("CN", "CN-SH"), region_contains("310000", "320000")
    (True, True, False)
    """
    if not outer or not inner:
        return False
    if outer == inner:
        return True
    if _GB_CODE.fullmatch(inner):
        if outer == "CN":
            return True
        if not _GB_CODE.fullmatch(outer):
            return False
        prefix = outer[:2] if outer.endswith("0000") else outer[:4] if outer.endswith("00") else outer
        return inner.startswith(prefix)
    return inner.startswith(f"{outer}-")


def lane_sides(subject: str) -> tuple[str, str]:
    """The two sides of a lane "FROM>TO"; "->" and "→" do as well. NetworkError when it is no lane.

    >>> lane_sides("310000 → *")
    ('310000', '*')
    """
    sides = _ARROW.split(subject.strip())
    if len(sides) != 2 or not all(sides):
        msg = f"{subject!r} is not a lane. Write FROM>TO, each side a site id, a region code or *."
        raise NetworkError(msg)
    return sides[0], sides[1]


def match_events(network: Network, events: Iterable[Event]) -> list[Match]:
    """What each event holds in the network; an event about something else holds nothing."""
    events = list(events)
    seen: set[str] = set()
    for event in events:
        if event.event_id in seen:
            msg = f"event: {event.event_id} stands twice. Keep one of them."
            raise NetworkError(msg)
        seen.add(event.event_id)
    places = _Places(network)
    return [places.match(event) for event in events]


def resolve(matches: Sequence[Match], horizon: int) -> Holds:
    """Capacity lost by day: of several events on one site or link the smallest capacity left holds."""
    none = np.empty(0, dtype=np.intp)
    on_days = [m for m in matches if m.event.days(horizon).start < m.event.days(horizon).stop]
    sites = np.unique(np.concatenate([none, *(m.sites for m in on_days)]))
    links = np.unique(np.concatenate([none, *(m.links for m in on_days)]))
    loss = np.zeros((horizon, sites.size))
    left = np.ones((horizon, links.size))
    for match in on_days:
        days, event = match.event.days(horizon), match.event
        columns = np.searchsorted(sites, match.sites)
        loss[days, columns] = np.maximum(loss[days, columns], 1.0 - event.capacity_left)
        columns = np.searchsorted(links, match.links)
        left[days, columns] = np.minimum(left[days, columns], event.capacity_left)
    return Holds(sites, loss, links, left)


class _Places:
    """Finds sites by id, region and product, and links by their two sides; looks at each region once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._regions: dict[str, NDArray[np.bool_]] = {}

    def match(self, event: Event) -> Match:
        none = np.empty(0, dtype=np.intp)
        if event.kind == "lane":
            return Match(event, none, self.links(*lane_sides(event.subject)))
        if event.kind == "site":
            place = self.network.site_index.get(event.subject)
            return Match(event, none if place is None else np.array([place], dtype=np.intp), none)
        if event.kind == "region":
            return Match(event, np.flatnonzero(self.in_region(event.subject)), none)
        return Match(event, np.flatnonzero(self.network.site_product.holds(event.subject)), none)

    def in_region(self, outer: str) -> NDArray[np.bool_]:
        if outer not in self._regions:
            regions = self.network.site_region
            inside = np.array([region_contains(outer, inner) for inner in regions.vocabulary], dtype=bool)
            self._regions[outer] = inside[regions.codes]
        return self._regions[outer]

    def links(self, supplier: str, customer: str) -> NDArray[np.intp]:
        """Links between the two sides of a lane, ascending. A side that is one site reads only that site's links."""
        network, index = self.network, self.network.site_index
        at = index.get(customer)
        if at is not None:
            first, last = network.slot_links[network.site_slots[[at, at + 1]]]
            links = np.arange(first, last, dtype=np.intp)
            return links[self._on_side(supplier, network.link_supplier[links])]
        at = index.get(supplier)
        if at is not None:
            first, last = network.supplier_links[[at, at + 1]]
            links = np.sort(network.links_by_supplier[first:last]).astype(np.intp)
            return links[self._on_side(customer, network.link_customer[links])]
        held = self._on_side(supplier, network.link_supplier) & self._on_side(customer, network.link_customer)
        return np.flatnonzero(held)

    def _on_side(self, side: str, sites: Ints) -> NDArray[np.bool_]:
        """Which of the sites are on the side: a site id, a region code or *."""
        if side == "*":
            return np.ones(sites.size, dtype=bool)
        place = self.network.site_index.get(side)
        return self.in_region(side)[sites] if place is None else sites == place
