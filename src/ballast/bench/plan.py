"""Which cases first: the set with its bound beside the usual ranking by what each case costs alone."""

from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np

from ballast.bench.timing import Row, best, peak_mib
from ballast.bench.worlds import ESSENTIAL, essentiality, synthetic
from ballast.core.forecast import Event, forecast
from ballast.core.network import Network, build_network
from ballast.core.plan import Plan, plan

__all__ = ["closed_sites", "rows", "strict_network"]

LIMIT = 10
SECONDS = 60.0


def strict_network(sites: int, *, seed: int = 1) -> Network:
    """The synthetic trade network with its essential inputs only; stocks of about 9 days."""
    trade, rng = synthetic(sites, seed=seed, leak=0.3), np.random.default_rng(seed)
    needed = essentiality(trade.industries)[trade.industry[trade.supplier], trade.industry[trade.buyer]] == ESSENTIAL
    supplier, value = trade.supplier[needed], trade.value[needed]
    key = trade.buyer[needed].astype(np.int64) * trade.industries + trade.industry[supplier]
    slots, slot_of = np.unique(key, return_inverse=True)
    return build_network(
        site_ids=[f"s{number:07d}" for number in range(sites)],
        output_value=trade.revenue,
        slot_site=slots // trade.industries,
        slot_product=[f"p{number:03d}" for number in slots % trade.industries],
        slot_cover=rng.lognormal(np.log(9.0), 0.6, slots.size),
        link_supplier=supplier,
        link_slot=slot_of,
        link_share=value / np.bincount(slot_of, value)[slot_of],
        link_lead=rng.integers(1, 4, supplier.size),
    )


def closed_sites(network: Network, count: int, *, seed: int = 1) -> list[Event]:
    """Events that close or slow so many sites, about half of them with an end."""
    rng, events = np.random.default_rng(seed), []
    for number, site in enumerate(rng.choice(network.sites, count, replace=False)):
        start = int(rng.integers(-5, 6))
        end = None if rng.random() < 0.5 else start + int(rng.integers(7, 25))
        left = float(rng.choice([0.0, 0.0, 0.0, 0.3, 0.5]))
        events.append(Event(f"e{number:05d}", "site", network.site_ids[site], start, end, left))
    return events


def ranked_alone(network: Network, events: list[Event]) -> float:
    """Money that the cases with the largest worth alone recover together."""
    full = forecast(network, events)
    worth = full.output_at_risk({event.event_id: [event.event_id] for event in events})
    first = sorted(worth, key=lambda event: (-worth[event], event))[:LIMIT]
    return full.output_at_risk({"all": first})["all"]


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """A tenth of the sites is closed; the best ten to solve first."""
    for size in sizes:
        network = strict_network(size)
        events = closed_sites(network, size // 10)
        groups = {event.event_id: [event.event_id] for event in events}
        seconds, found = best(lambda n=network, e=events, g=groups: _timed(n, e, g), repeat)  # type: ignore[misc]
        alone, worth = best(lambda n=network, e=events: ranked_alone(n, e), repeat)  # type: ignore[misc]
        gap = found.chosen.gap
        yield Row(
            model="plan",
            question=f"best {LIMIT} of {len(events):,} cases with bound, frontier 1..{LIMIT}",
            size=f"{network.sites:,} sites / {network.links:,} links",
            seconds=seconds,
            reference="ranked by each alone",
            reference_seconds=alone,
            goal="gap <= 1 % within 60 s",
            met=gap <= 0.01 and seconds <= SECONDS,
            memory_mib=peak_mib(),
            note=f"gap {gap:.2%}; the ranking recovers {worth / found.chosen.value:.1%} of it",
        )


def _timed(network: Network, events: list[Event], groups: dict[str, list[str]]) -> Plan:
    until = perf_counter() + SECONDS
    return plan(network, events, groups, limit=LIMIT, left=lambda: until - perf_counter())
