"""Stop times of every single failure beside a dense day loop, the worst pairs, and restart sets."""

from collections.abc import Iterator, Sequence

import numpy as np

from ballast.bench.references.restart import plain_set, without
from ballast.bench.references.stops import dense_stop_days
from ballast.bench.timing import Row, best, peak_mib
from ballast.bench.worlds import LARGE_BUY_MORE, Trade, essentiality, synthetic
from ballast.core.network import Network, build_network
from ballast.core.stops import restart_set, single_failures, stop_times, worst_pairs

__all__ = ["network_of", "rows"]

HORIZON, COVER_MEDIAN, COVER_SPREAD = 90, 9.0, 0.6
# Up to so many sites: pairs are searched, and networks asked in which a failure stops half of them.
ASKED, PAIRS_AT, HARDER_AT = 10, 5_000, 10_000
# Up to so many sites the plain restart set is found to the end.
PLAIN_AT = 1_000
# Fewer sites are asked before a second thread has begun.
THREADED_FROM = 10_000
SHARE = 0.5


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """Lines of the benchmark table for networks of so many firms."""
    for firms in sizes:
        network = network_of(synthetic(firms))
        size = f"{network.sites:,} sites / {network.links:,} links"
        yield _sweep(network, size, repeat)
        if firms <= PAIRS_AT:
            yield _pairs(network, size)
        yield _restart(network, size, repeat)
        if firms <= HARDER_AT:
            harder = network_of(synthetic(firms, buying=LARGE_BUY_MORE))
            yield _sweep(harder, f"{harder.sites:,} sites / {harder.links:,} links, large firms buy more", repeat)


def network_of(trade: Trade, *, seed: int = 4) -> Network:
    """A trade network with stocks: one slot for each input industry of a firm, cover log-normal around 9 days."""
    essential = essentiality(trade.industries)
    key = trade.buyer.astype(np.int64) * trade.industries + trade.industry[trade.supplier]
    slots, slot = np.unique(key, return_inverse=True)
    site, industry = np.divmod(slots, trade.industries)
    total = np.bincount(slot, trade.value)
    rng = np.random.default_rng(seed)
    return build_network(
        site_ids=[f"F{i:07d}" for i in range(trade.firms)],
        output_value=trade.revenue,
        slot_site=site,
        slot_product=[f"I{k:03d}" for k in industry.tolist()],
        slot_essential=essential[industry, trade.industry[site]] == 2,
        slot_cover=rng.lognormal(np.log(COVER_MEDIAN), COVER_SPREAD, slots.size),
        link_supplier=trade.supplier,
        link_slot=slot,
        link_share=trade.value / total[slot],
    )


def _sweep(network: Network, size: str, repeat: int) -> Row:
    seconds, found = best(lambda: single_failures(network, horizon=HORIZON), repeat)
    two, again = best(lambda: single_failures(network, horizon=HORIZON, threads=2), repeat, warm=False)
    worst = np.argsort(-found.stops, kind="stable")[:ASKED].astype(int).tolist()
    dense, days = best(lambda: [dense_stop_days(network, site, HORIZON) for site in worst], 1, warm=False)
    exact = [stop_times(network, [site], horizon=HORIZON).stop_time for site in worst]
    limit = 1.0 if network.sites <= 20_000 else 2.0
    return Row(
        "stop times",
        "every site alone, 90 days",
        size,
        seconds,
        "dense NumPy day loop",
        dense / ASKED * network.sites,
        max(_apart(a, b) for a, b in zip(exact, days, strict=True)),
        f"<= {limit:.0f} s" + ("; two threads >= 1.7x" if network.sites >= THREADED_FROM else ""),
        seconds <= limit and (seconds / two >= 1.7 or network.sites < THREADED_FROM),
        peak_mib(),
        f"two threads {seconds / two:.2f}x, same bits: {bool((again.lost_output == found.lost_output).all())}; "
        f"largest cascade {found.stops.max():,}; reference from {ASKED} sites, its steps are days",
    )


def _apart(
    exact: "np.ndarray[tuple[int], np.dtype[np.float64]]", days: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> float:
    """Median difference in days of the sites that stop in both."""
    both = np.isfinite(exact) & np.isfinite(days)
    return float(np.median(np.abs(exact[both] - days[both])))


def _pairs(network: Network, size: str) -> Row:
    seconds, found = best(
        lambda: worst_pairs(network, top=20, horizon=HORIZON, threads=2), 1, warm=network.sites < PAIRS_AT
    )
    every = network.sites * (network.sites - 1) // 2
    each = best(lambda: single_failures(network, horizon=HORIZON), 1)[0] / network.sites
    return Row(
        "stop times",
        "worst 20 pairs, exact",
        size,
        seconds,
        "every pair, one after the other",
        each * 2 * every,
        None,
        f"exact at {PAIRS_AT:,}" if network.sites >= PAIRS_AT else "",
        True if network.sites >= PAIRS_AT else None,
        peak_mib(),
        f"{found.evaluated:,} of {every:,} pairs computed, two threads; reference estimated from single failures",
    )


def _restart(network: Network, size: str, repeat: int) -> Row:
    """Half of every essential input has to come in for the site with the most of them to run."""
    target = int(np.argmax(np.bincount(network.slot_site, network.slot_essential, network.sites)))
    seconds, found = best(lambda: restart_set(network, target, share=SHARE), repeat)
    minimal, everyone = restart_set(network, target, share=SHARE, seconds=0.0), np.ones(network.sites, dtype=bool)
    difference = None
    if network.sites <= PLAIN_AT:
        takes, plain = best(lambda: plain_set(found, everyone, range(network.sites)), 1, warm=False)
        difference = float(abs(int(plain.sum()) - minimal.sites.size))
    else:
        trials = minimal.sites[:: max(1, minimal.sites.size // ASKED)][:ASKED].tolist()
        one, _rest = best(lambda: [without(found, everyone, site) for site in trials], 1, warm=False)
        takes = one / len(trials) * found.candidates
    said = "proven smallest" if found.proven else "not proven smallest"
    guessed = "" if difference is not None else f", its time from {ASKED} trials"
    return Row(
        "stop times",
        "smallest restart set of one site",
        size,
        seconds,
        "NumPy, a site off at a time",
        takes,
        difference,
        memory_mib=peak_mib(),
        note=f"{found.sites.size:,} of {found.candidates:,} sites, {said}; the reference's is only minimal{guessed}",
    )
