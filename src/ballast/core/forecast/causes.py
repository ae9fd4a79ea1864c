"""Which events stand behind each short day: sets of causes, traced back through slots and links.

A slot's causes gather from its last full day on: every link that brought less than normal since then adds
the events that held its lane on the day of dispatch and those behind its supplier's short day.
Sets are integers with one bit an event, and two more for what no event explains.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ballast.core.forecast.dayloop import SLOW, Days, SiteDays
from ballast.core.forecast.events import Event, Holds, Match
from ballast.core.network.network import Floats, Network

__all__ = ["Causes", "Hit", "Site"]


@dataclass(frozen=True)
class Hit:
    """A link that brings less than normal on a day."""

    link: int
    supplier: int
    sent: int  # day of dispatch
    left: float  # what lane events leave of it
    shortfall: float  # of the supplier on that day


@dataclass
class Site:
    """What is traced of one site so far."""

    slots: list[int]
    days: SiteDays
    full: Floats  # [slots] cover from which on a slot is full
    hits: dict[tuple[int, int], list[Hit]]  # (day, position of the slot)
    last_sent: list[tuple[int, int, int]]  # (day, supplier, day of dispatch)
    gathered: list[list[int]] = field(default_factory=list)  # [day][slot] causes since the last full day
    behind: list[int] = field(default_factory=list)  # [day] causes of the site's short day


class Causes:
    """Lazy tracing of one run; what one question traced, the next one uses."""

    def __init__(self, days: Days, matches: Sequence[Match], holds: Holds) -> None:
        self.days, self.holds, self.horizon = days, holds, days.horizon
        self.network: Network = days.resting.network
        self.events: tuple[Event, ...] = tuple(match.event for match in matches)
        self.tables, self.unknown = 1 << len(matches), 1 << (len(matches) + 1)
        self.site_events: dict[int, list[int]] = {}
        self.link_events: dict[int, list[int]] = {}
        for bit, match in enumerate(matches):
            on = match.event.days(self.horizon)
            if on.start == on.stop:
                continue
            for place in match.sites.tolist():
                self.site_events.setdefault(place, []).append(bit)
            for link in match.links.tolist():
                self.link_events.setdefault(link, []).append(bit)
        self._sites: dict[int, Site] = {}

    def named(self, found: int) -> list[str]:
        """Ids of the events in a set of causes, in the order of the events; costs what the set holds."""
        ids, rest = [], found & (self.tables - 1)
        while rest:
            lowest = rest & -rest
            ids.append(self.events[lowest.bit_length() - 1].event_id)
            rest ^= lowest
        return ids

    def joint(self, site: int, day: int, limit: float) -> int:
        """Causes of the shortfall above `limit` of a site on a day, with all that stands behind them."""
        self.trace(site, day)
        found = 0
        for bit in self.direct(site, day, limit):
            found |= 1 << bit
        for position in self.binding(site, day, limit):
            found |= self._with_guess(self._sites[site], position, self._sites[site].gathered[day][position])
        return found

    def direct(self, site: int, day: int, limit: float) -> list[int]:
        """Bits of the events that by themselves hold the site below the limit that day."""
        return [
            bit
            for bit in self.site_events.get(site, ())
            if self.events[bit].holds_on(day) and 1.0 - self.events[bit].capacity_left > limit + SLOW
        ]

    def binding(self, site: int, day: int, limit: float) -> list[int]:
        """Positions of the slots that by themselves hold the site below the limit that day."""
        known = self.site(site)
        short = known.days.short[day].tolist()
        essential = [bool(self.network.slot_essential[slot]) for slot in known.slots]
        lack = sum(
            float(self.network.slot_weight[slot]) * min(1.0, gap)
            for slot, gap, must in zip(known.slots, short, essential, strict=True)
            if not must and gap > 0
        )
        bound = [gap > (limit if must else 0.0) + SLOW for gap, must in zip(short, essential, strict=True)]
        return [
            position for position, must in enumerate(essential) if bound[position] and (must or lack > limit + SLOW)
        ]

    def site(self, site: int) -> Site:
        """The site's slots and the links that brought less than normal, by day."""
        if site not in self._sites:
            self._sites[site] = self._read(site)
        return self._sites[site]

    def trace(self, site: int, day: int) -> None:
        """Follow causes back from a day of a site; days run forward, so every predecessor is ready."""
        need = {site: day}
        agenda = [site]
        while agenda:
            here = agenda.pop()
            until = need[here]
            if len(self.site(here).behind) > until:
                continue
            for arrival, supplier, sent in self.site(here).last_sent:
                if arrival <= until and need.get(supplier, -1) < sent:
                    need[supplier] = sent
                    agenda.append(supplier)
        todo = [(here, until) for here, until in need.items() if len(self._sites[here].behind) <= until]
        for today in range(max((until for _, until in todo), default=-1) + 1):
            for here, until in todo:
                if until >= today and len(self._sites[here].behind) == today:
                    self._step(here, today)

    def _read(self, site: int) -> Site:
        network, days = self.network, self.days.of_site(site)
        slots = list(range(int(network.site_slots[site]), int(network.site_slots[site + 1])))
        if days is None or not slots:
            none = np.empty((self.horizon, 0))
            return Site([], SiteDays(none, none), none[0], {}, [])
        full = self.days.resting.target[slots] - SLOW
        first, last = int(network.slot_links[slots[0]]), int(network.slot_links[slots[-1] + 1])
        hits: dict[tuple[int, int], list[Hit]] = {}
        last_sent: list[tuple[int, int, int]] = []
        for link in self._that_fell_short(first, last):
            supplier, lead = int(network.link_supplier[link]), int(network.link_lead[link])
            for day, left, shortfall in self._short_arrivals(link, supplier, lead):
                hit = Hit(link, supplier, day - lead, left, shortfall)
                hits.setdefault((day, int(network.link_slot[link]) - slots[0]), []).append(hit)
                if shortfall > SLOW:
                    last_sent.append((day, supplier, day - lead))
        return Site(slots, days, full, hits, last_sent)

    def _that_fell_short(self, first: int, last: int) -> list[int]:
        """Links first..last whose supplier was ever short or whose lane an event ever held."""
        short = np.flatnonzero(self.days.row_of[self.network.link_supplier[first:last]] > 0) + first
        a, b = np.searchsorted(self.holds.links, (first, last))
        found: list[int] = np.union1d(short, self.holds.links[a:b]).tolist()
        return found

    def _short_arrivals(self, link: int, supplier: int, lead: int) -> list[tuple[int, float, float]]:
        """(day, what the lane leaves, supplier's shortfall) of each day on which the link brings less."""
        sent = self.days.shortfall(supplier)[: max(0, self.horizon - lead)]
        if link in self.link_events:
            lane = self.holds.lane_left[: sent.size, int(np.searchsorted(self.holds.links, link))]
            gone = (1.0 - lane) + sent * lane
        else:
            lane, gone = np.ones(sent.size), sent
        days = np.flatnonzero(gone > SLOW)
        return [(int(day) + lead, float(lane[day]), float(sent[day])) for day in days]

    def _step(self, site: int, day: int) -> None:
        known = self.site(site)
        before = known.gathered[-1] if known.gathered else [0] * len(known.slots)
        gathered = [self._gather(known, position, day, before[position]) for position in range(len(known.slots))]
        known.gathered.append(gathered)
        behind = 0
        if self.days.shortfall(site)[day] > SLOW:
            for bit in self.direct(site, day, 0.0):
                behind |= 1 << bit
            for position in self.binding(site, day, 0.0):
                behind |= self._with_guess(known, position, gathered[position])
        known.behind.append(behind)

    def _gather(self, known: Site, position: int, day: int, before: int) -> int:
        found = 0 if known.days.cover[day, position] >= known.full[position] else before
        for hit in known.hits.get((day, position), ()):
            for bit in self.lanes(hit):
                found |= 1 << bit
            if hit.shortfall > SLOW:
                found |= self._sites[hit.supplier].behind[hit.sent]
        if self.network.slot_base[known.slots[position]] < 1.0 - SLOW:
            found |= self.tables
        return found

    def lanes(self, hit: Hit) -> list[int]:
        """Bits of the lane events that held the link when it dispatched."""
        return [
            bit
            for bit in self.link_events.get(hit.link, ())
            if self.events[bit].holds_on(hit.sent) and self.events[bit].capacity_left < 1.0 - SLOW
        ]

    def _with_guess(self, known: Site, position: int, found: int) -> int:
        return found | self.unknown if self.guessed(known.slots[position]) else found

    def guessed(self, slot: int) -> bool:
        """Whether the run took the slot as empty only because nobody knows its stock."""
        return bool(np.isnan(self.network.slot_cover[slot]) and self.days.resting.cover[slot] == 0.0)

    def window(self, site: int, position: int, day: int) -> range:
        """Days since the slot's last full day, that day included, up to `day`."""
        known = self.site(site)
        full = np.flatnonzero(known.days.cover[: day + 1, position] >= known.full[position])
        return range(int(full[-1]) if full.size else 0, day + 1)
