"""Time the forecast beside a plain dense NumPy reference in one run, and check that both answer the same.

    python benchmarks/forecast.py [s] [m] [l] [--repeat 5]

Sizes: s 300 sites, m 5,000 sites and 25,000 links, l 20,000 sites and 100,000 links. The network is
synthetic and seeded: tiers with shared suppliers, a few links back upstream, stocks log-normal around a
week, a tenth of them unknown; 100 events, of which 5 close regions and 5 block lanes.
"""

import argparse
import resource
import time

import numpy as np

from ballast.core.dayloop import unknown_low
from ballast.core.events import Event, match_events, resolve
from ballast.core.forecast import forecast, output_at_risk
from ballast.core.network import build_network

SIZES = {"s": (300, 1_500), "m": (5_000, 25_000), "l": (20_000, 100_000)}
HORIZON, EVENTS, TIERS = 30, 100, 6


def make(size, seed=1):
    sites, links = SIZES[size]
    rng = np.random.default_rng(seed)
    tier = np.sort(rng.integers(0, TIERS, sites))
    slot_count = np.where(tier == 0, 0, rng.integers(1, 5, sites))
    slot_site = np.repeat(np.arange(sites), slot_count)
    first = np.searchsorted(tier, np.arange(TIERS + 1))
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
    network = build_network(
        site_ids=[f"S{i:06d}" for i in range(sites)],
        site_region=[
            f"{r:02d}{c:02d}00" for r, c in zip(rng.integers(11, 42, sites), rng.integers(1, 10, sites), strict=True)
        ],
        site_product=[f"P{t}" for t in tier],
        output_value=rng.lognormal(3, 1, sites),
        slot_site=slot_site,
        slot_product=[f"I{k}" for k in range(slot_site.size)],
        slot_essential=rng.random(slot_site.size) < 0.8,
        slot_cover=cover,
        slot_cover_upper=np.full(slot_site.size, 20.0),
        link_supplier=supplier,
        link_slot=link_slot,
        link_share=share,
        link_lead=rng.integers(1, 6, links),
    )
    return network, make_events(network, rng)


def make_events(network, rng):
    events = []
    for k in range(EVENTS):
        start, length = int(rng.integers(0, 6)), int(rng.integers(3, 20))
        if k < 5:
            kind, subject = "region", f"{rng.integers(11, 42):02d}0000"
        elif k < 10:
            kind, subject = "lane", f"{rng.integers(11, 42):02d}0000>{rng.integers(11, 42):02d}0000"
        else:
            kind, subject = "site", network.site_ids[int(rng.integers(0, network.sites))]
        events.append(Event(f"E{k}", kind, subject, start, start + length, float(rng.choice([0, 0, 0.3]))))
    return events


def reference(network, events, horizon):
    """Rates day by day over every site, slot and link, as plainly as NumPy says it."""
    holds = resolve(match_events(network, events), horizon)
    x = np.ones((horizon + 366, network.sites))
    lane = np.ones((horizon + 366, network.links))
    lane[366:, holds.links] = holds.lane_left
    cover = unknown_low(network)
    target = np.maximum(cover, 1.0)
    rows = np.arange(network.links)
    for day in range(366, 366 + horizon):
        sent = day - network.link_lead
        arrivals = network.slot_outside.copy()
        np.add.at(arrivals, network.link_slot, network.link_share * x[sent, network.link_supplier] * lane[sent, rows])
        available = cover + arrivals
        rate = np.ones(network.sites)
        rate[holds.sites] = 1.0 - holds.site_loss[day - 366]
        must = network.slot_essential
        np.minimum.at(rate, network.slot_site[must], available[must])
        lack = np.zeros(network.sites)
        missing = network.slot_weight[~must] * (1.0 - np.minimum(1.0, available[~must]))
        np.add.at(lack, network.slot_site[~must], missing)
        x[day] = np.maximum(0.0, np.minimum(rate, 1.0 - lack))
        cover = np.minimum(target, np.maximum(0.0, available - x[day, network.slot_site]))
    return x[366:]


def best(call, repeat):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return min(times), result


def measure(size, repeat):
    built, (network, events) = best(lambda: make(size), 1)
    ours, found = best(lambda: forecast(network, events, horizon=HORIZON), repeat)
    plain, rates = best(lambda: reference(network, events, HORIZON), max(1, repeat // 2))
    difference = float(np.abs(rates - found.low.rate).max())
    assert difference < 1e-9, difference
    groups = {event.event_id: [event.event_id] for event in events}
    risk, _values = best(lambda: output_at_risk(network, events, groups, horizon=HORIZON), 1)
    stops = np.flatnonzero(found.low.stop_day >= 0)
    explain, paths = best(lambda: [found.explain(int(site)) for site in stops], 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    joint = sum(len(path.events) for path in paths) / max(1, len(paths))
    print(f"{size}: {network.sites:,} sites, {network.slots:,} slots, {network.links:,} links")
    print(f"   {len(events)} events, {HORIZON} days, {stops.size:,} sites stop, {joint:.1f} joint events each")
    rows = [
        ("make and build the network", built, ""),
        ("forecast, low and high run", ours, ""),
        ("dense reference, one run", plain, f"{2 * plain / ours:.1f}x per run; largest difference {difference:.0e}"),
        (f"output at risk of {len(groups)} groups", risk, f"{len(groups) * ours / 2 / risk:.1f}x against whole runs"),
        (f"explain {stops.size:,} stops, joint sets tried", explain, ""),
    ]
    for name, seconds, note in rows:
        print(f"   {name:<40} {seconds * 1e3:10.1f} ms  {note}")
    print(f"   {'peak memory of the process':<40} {peak:10.0f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", default=["s", "m", "l"])
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    for size in options.sizes:
        measure(size, options.repeat)


if __name__ == "__main__":
    main()
