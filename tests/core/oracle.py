"""The forecast once more, as plainly as it can be written: rates, dictionaries, day by day, no NumPy.

It is written from the definition (docs/explanation/forecast.md), not from the engine, and it works with
rates x where the engine works with shortfalls 1 - x.
"""

import math
from dataclasses import dataclass, field, replace

EPS = 1e-9


@dataclass(frozen=True)
class Site:
    id: str
    region: str = ""
    product: str = ""
    value: float | None = 1.0
    minimum: float = 0.05


@dataclass(frozen=True)
class Need:
    site: str
    product: str
    cover: float | None = None
    upper: float | None = None
    target: float | None = None
    essential: bool = True
    weight: float | None = None
    outside: float | None = None


@dataclass(frozen=True)
class Link:
    supplier: str
    customer: str
    product: str
    share: float | None = 1.0
    lead: float = 1
    inferred: bool = False


@dataclass(frozen=True)
class World:
    sites: list[Site]
    needs: list[Need]
    links: list[Link]
    events: list = field(default_factory=list)
    horizon: int = 20

    def without(self, event_ids):
        return replace(self, events=[e for e in self.events if e.event_id not in event_ids])


def inside(outer, inner):
    """Six-digit codes contain by their significant digits; ISO codes by prefix; all the rest by equality."""
    if outer == inner:
        return bool(outer)
    if len(inner) == 6 and inner.isdigit():
        if outer == "CN":
            return True
        while outer.endswith("00"):
            outer = outer[:-2]
        return len(outer) in (2, 4, 6) and outer.isdigit() and inner.startswith(outer)
    return bool(outer) and inner.startswith(outer + "-")


class Oracle:
    """One run of a world with unknown stocks empty (low) or at their upper bound (high)."""

    def __init__(self, world, *, high=False):
        self.world, self.high = world, high
        self.sites = {s.id: s for s in world.sites}
        self.needs = {(n.site, n.product): n for n in world.needs}
        self.of_site = {s.id: [k for k in sorted(self.needs) if k[0] == s.id] for s in world.sites}
        self.into = {k: [] for k in self.needs}
        for link in world.links:
            self.into[link.customer, link.product].append(link)
        self.share, self.base = self._shares()
        self.lead = {link: max(1, math.floor(link.lead + 0.5)) for link in world.links}
        self.x, self.cover, self.available, self.arrived = {}, {}, {}, {}
        self.refused = dict.fromkeys(self.needs, 0.0)
        self.used = dict.fromkeys(self.needs, 0.0)
        self._covers = {}
        self.memo, self.reruns = {}, {}
        self._run()

    def _shares(self):
        share, base = {}, {}
        for key, links in self.into.items():
            need = self.needs[key]
            known = sum(link.share for link in links if link.share is not None)
            blank = [link for link in links if link.share is None]
            for link in links:
                rest = max(0.0, 1 - known - (need.outside or 0.0))
                share[link] = rest / len(blank) if link.share is None else link.share
            total = sum(share[link] for link in links)
            base[key] = total + (max(0.0, 1 - total) if need.outside is None else need.outside)
            if abs(base[key] - 1) <= EPS:
                base[key] = 1.0
        return share, base

    def start(self, key):
        need = self.needs[key]
        if need.cover is not None:
            return need.cover
        return (math.inf if need.upper is None else need.upper) if self.high else 0.0

    def ceiling(self, key):
        target = self.needs[key].target
        return max(self.start(key), 1.0) if target is None else target

    def capacity(self, site, day):
        return min((e.capacity_left for e in self.holding(site, day)), default=1.0)

    def holding(self, site, day):
        s = self.sites[site]
        hit = {
            "site": lambda e: e.subject == s.id,
            "region": lambda e: inside(e.subject, s.region),
            "product": lambda e: e.subject == s.product,
            "lane": lambda e: False,
        }
        return [
            e for e in self.world.events if e.start <= day <= (math.inf if e.end is None else e.end) and hit[e.kind](e)
        ]

    def on_lane(self, link, day):
        found = []
        for e in self.world.events:
            if e.kind == "lane" and e.start <= day <= (math.inf if e.end is None else e.end) and day >= 0:
                ends = [part.strip() for part in e.subject.replace("->", ">").replace("→", ">").split(">")]
                places = (link.supplier, link.customer)
                if all(
                    end in ("*", place) or (end not in self.sites and inside(end, self.sites[place].region))
                    for end, place in zip(ends, places, strict=True)
                ):
                    found.append(e)
        return found

    def lane(self, link, day):
        return min((e.capacity_left for e in self.on_lane(link, day)), default=1.0)

    def rate(self, site, day):
        return 1.0 if day < 0 else self.x[site, day]

    def delivered(self, link, day):
        """Part of what the link normally brings that arrives on a day."""
        sent = day - self.lead[link]
        return self.rate(link.supplier, sent) * self.lane(link, sent)

    def _run(self):
        covers = {key: self.start(key) for key in self.needs}
        for day in range(self.world.horizon):
            for key in self.needs:
                self.cover[key, day] = covers[key]
                outside = self.base[key] - sum(self.share[link] for link in self.into[key])
                arrived = outside + sum(self.share[link] * self.delivered(link, day) for link in self.into[key])
                self.arrived[key, day] = arrived
                self.available[key, day] = covers[key] + arrived
            for site in self.sites:
                self.x[site, day] = self._rate(site, day)
            for key in self.needs:
                used = min(self.x[key[0], day], self.available[key, day])
                after = max(0.0, self.available[key, day] - used)
                self.used[key] += used
                if after > self.ceiling(key):
                    self.refused[key] += after - self.ceiling(key)
                covers[key] = min(self.ceiling(key), after)
        self._covers = covers

    def weight(self, key):
        weight = self.needs[key].weight
        return 1 / len(self.of_site[key[0]]) if weight is None else weight

    def substitution(self, site, day):
        """Generalised Leontief term of the site's non-essential slots."""
        term = 1.0
        for key in self.of_site[site]:
            if not self.needs[key].essential:
                term -= self.weight(key) * (1 - min(1.0, self.available[key, day]))
        return term

    def _rate(self, site, day):
        limits = [self.available[k, day] for k in self.of_site[site] if self.needs[k].essential]
        return max(0.0, min([1.0, self.capacity(site, day), self.substitution(site, day), *limits]))

    def first(self, condition):
        return next((day for day in range(self.world.horizon) if condition(day)), -1)

    def stop_day(self, site):
        return self.first(lambda d: self.x[site, d] < self.sites[site].minimum - EPS)

    def slow_day(self, site):
        return self.first(lambda d: self.x[site, d] < 1 - EPS)

    def recovery_day(self, site):
        short = [d for d in range(self.world.horizon) if self.x[site, d] < 1 - EPS]
        return short[-1] + 1 if short and short[-1] + 1 < self.world.horizon else -1

    def red_day(self, site):
        keys = [k for k in self.of_site[site] if self.needs[k].essential]
        return self.first(lambda d: any(self.cover[k, d] < 3 - EPS for k in keys))

    def lost_days(self, site):
        return math.fsum(1 - self.x[site, d] for d in range(self.world.horizon))

    def output(self, site, day):
        """Cumulative output up to and with a day."""
        return math.fsum(self.x[site, d] for d in range(day + 1))

    # Causes ------------------------------------------------------------------------------------

    def joint(self, site):
        """Events behind the stop (or else slow) day; re-tried without them until the site is free by that day."""
        day = self.stop_day(site) if self.stop_day(site) >= 0 else self.slow_day(site)
        stops = self.stop_day(site) >= 0
        if day < 0:
            return set()
        found = self._behind(site, day, self.sites[site].minimum if stops else 1.0)
        while found:
            rest = self._without(frozenset(found))
            still = rest.stop_day(site) if stops else rest.slow_day(site)
            if still < 0 or still > day:
                return found
            more = rest._behind(site, still, self.sites[site].minimum if stops else 1.0)
            if more <= found:
                return found
            found |= more
        return found

    def _without(self, events):
        """The same world without some events; sites that share their causes share it."""
        if events not in self.reruns:
            self.reruns[events] = Oracle(self.world.without(events), high=self.high)
        return self.reruns[events]

    def _behind(self, site, day, limit):
        """Events without which nothing of what is seen would hold the site below the limit that day."""
        if (site, day, limit) in self.memo:
            return self.memo[site, day, limit]
        found = {e.event_id for e in self.holding(site, day) if e.capacity_left < limit - EPS}
        for key in self.of_site[site]:
            if self.needs[key].essential:
                holds = self.available[key, day] < limit - EPS
            else:
                holds = self.available[key, day] < 1 - EPS and self.substitution(site, day) < limit - EPS
            if holds:
                found |= self._emptied(key, day)
        self.memo[site, day, limit] = found
        return found

    def _emptied(self, key, day):
        """Events behind every link that brought less than normal since the slot's last full day."""
        since = max((d for d in range(day + 1) if self.cover[key, d] >= self.ceiling(key) - EPS), default=0)
        found = set()
        for arrival in range(since, day + 1):
            for link in self.into[key]:
                if self.delivered(link, arrival) < 1 - EPS:
                    sent = arrival - self.lead[link]
                    found |= {e.event_id for e in self.on_lane(link, sent) if e.capacity_left < 1 - EPS}
                    if self.rate(link.supplier, sent) < 1 - EPS:
                        found |= self._behind(link.supplier, sent, 1.0)
        return found
