"""The forecast beside the dense day loop: many events, one event with its explanation, 1,000 cases ranked."""

from collections.abc import Iterator, Sequence

import numpy as np

from ballast.bench.references.forecast import dense_rates
from ballast.bench.timing import Row, best, peak_mib
from ballast.core.forecast import Event, Forecast, forecast
from ballast.core.network import Network, build_network

__all__ = ["plants", "rows", "site_events"]

HORIZON, TIERS, LINKS_PER_SITE = 30, 6, 5
CASES, ASKED = 1000, 20
RANKED_AT = 20_000


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """Lines of the benchmark table for networks of so many sites."""
    for sites in sizes:
        network = plants(sites)
        size = f"{network.sites:,} sites / {network.links:,} links"
        yield from _one_event(network, size, repeat)
        if sites <= 100_000:
            yield _many_events(network, size, repeat)
        if sites == RANKED_AT:
            yield _ranked(network, size)


def plants(sites: int, *, seed: int = 1) -> Network:
    """A seeded network in tiers with shared suppliers, some links back upstream, stocks around a week, some unknown."""
    rng = np.random.default_rng(seed)
    tier = np.sort(rng.integers(0, TIERS, sites))
    slot_count = np.where(tier == 0, 0, rng.integers(1, 5, sites))
    slot_site = np.repeat(np.arange(sites), slot_count)
    first = np.searchsorted(tier, np.arange(TIERS + 1))
    links = LINKS_PER_SITE * sites
    link_slot = np.concatenate([np.arange(slot_site.size), rng.integers(0, slot_site.size, links - slot_site.size)])
    up = np.maximum(0, tier[slot_site[link_slot]] - 1)
    back = rng.random(links) < 0.01
    low, high = first[np.where(back, TIERS - 1, up)], first[np.where(back, TIERS, up + 1)]
    supplier = low + ((high - low) * rng.random(links) ** 2).astype(int)
    loop = supplier == slot_site[link_slot]
    supplier[loop] = (supplier[loop] + 1) % sites
    weight = rng.random(links) + 0.2
    share = weight / np.bincount(link_slot, weight)[link_slot]
    cover = rng.lognormal(np.log(7), 0.6, slot_site.size)
    cover[rng.random(slot_site.size) < 0.1] = np.nan
    regions, cities = rng.integers(11, 42, sites), rng.integers(1, 10, sites)
    return build_network(
        site_ids=[f"S{i:07d}" for i in range(sites)],
        site_region=[f"{r:02d}{c:02d}00" for r, c in zip(regions.tolist(), cities.tolist(), strict=True)],
        site_product=[f"P{t}" for t in tier.tolist()],
        output_value=rng.lognormal(3, 1, sites),
        slot_site=slot_site,
        slot_product=[f"I{k}" for k in _numbers(slot_count)],
        slot_essential=rng.random(slot_site.size) < 0.8,
        slot_cover=cover,
        slot_cover_upper=np.full(slot_site.size, 20.0),
        link_supplier=supplier,
        link_slot=link_slot,
        link_share=share,
        link_lead=rng.integers(1, 6, links),
    )


def _numbers(counts: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[int]:
    """0, 1, .. for each count."""
    starts = np.cumsum(counts) - counts
    numbers: list[int] = (np.arange(int(counts.sum())) - np.repeat(starts, counts)).tolist()
    return numbers


def site_events(network: Network, count: int, *, seed: int = 5) -> list[Event]:
    """Seeded stops of single sites, three days to three weeks long."""
    rng = np.random.default_rng(seed)
    places = rng.choice(network.sites, count, replace=False)
    starts, lengths = rng.integers(0, 6, count), rng.integers(3, 20, count)
    return [
        Event(f"E{k}", "site", network.site_ids[int(place)], int(start), int(start + length))
        for k, (place, start, length) in enumerate(zip(places, starts, lengths, strict=True))
    ]


def _one_event(network: Network, size: str, repeat: int) -> Iterator[Row]:
    events = site_events(network, ASKED)

    def ask() -> list[Forecast]:
        return [_explained(forecast(network, [event], horizon=HORIZON)) for event in events]

    seconds, found = best(ask, repeat)
    dense, rates = best(lambda: dense_rates(network, events[:1], HORIZON), 1, warm=False)
    limit = 0.05 if network.sites <= RANKED_AT else 0.2
    each = seconds / ASKED
    yield Row(
        "forecast",
        "one event, 30 days, explained",
        size,
        each,
        "dense NumPy, one run",
        dense,
        float(np.abs(rates - found[0].low.rate).max()),
        f"<= {limit * 1e3:.0f} ms; >= 50x at 100,000",
        each <= limit and (network.sites != 100_000 or dense / each >= 50),
        peak_mib(),
        f"mean of {ASKED} random sites; {np.mean([f.low.days.sites.size for f in found]):,.0f} sites visited",
    )


def _explained(found: Forecast) -> Forecast:
    """The forecast, with the site that loses most explained."""
    days = found.low.days
    if days.sites.size:
        found.explain(int(days.sites[np.argmax(days.lost)]))
    return found


def _many_events(network: Network, size: str, repeat: int) -> Row:
    events = site_events(network, 95) + [Event(f"R{k}", "region", f"{11 + k}0000", k, k + 10) for k in range(5)]
    seconds, found = best(lambda: forecast(network, events, horizon=HORIZON), repeat)
    dense, rates = best(lambda: dense_rates(network, events, HORIZON), 1, warm=False)
    return Row(
        "forecast",
        "100 events, 30 days, low and high run",
        size,
        seconds,
        "dense NumPy, one run",
        dense,
        float(np.abs(rates - found.low.rate).max()),
        "<= 1 s at 20,000",
        None if network.sites != RANKED_AT else seconds <= 1.0,
        peak_mib(),
        f"{found.low.days.sites.size:,} sites visited",
    )


def _ranked(network: Network, size: str) -> Row:
    events = site_events(network, CASES)
    groups = {event.event_id: [event.event_id] for event in events}

    def rank() -> dict[str, float]:
        return forecast(network, events, horizon=HORIZON).output_at_risk(groups)

    seconds, at_risk = best(rank, 2)
    whole, found = best(lambda: forecast(network, events[1:], horizon=HORIZON), 1)
    full = forecast(network, events, horizon=HORIZON).low.total_lost_output
    return Row(
        "forecast",
        f"output at risk of {CASES:,} cases",
        size,
        seconds,
        "a whole run for each case",
        whole / 2 * CASES,
        abs(at_risk["E0"] - (full - found.low.total_lost_output)),
        "<= 1 s",
        seconds <= 1.0,
        peak_mib(),
        "low run; each case with all others still there",
    )
