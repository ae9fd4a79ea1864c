"""Dependence beside plain references: looked-through shares, what each loss cuts and stops, the world table."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ballast.bench.references.dependence import (
    foreign_by_iteration,
    foreign_value_added,
    stopped_without,
    unsupplied_without,
)
from ballast.bench.timing import Row, best, peak_mib
from ballast.bench.worlds import synthetic
from ballast.core.dependence import Chokepoints, CountryTable, country_table, foreign_shares, table_dependence
from ballast.core.network import Network, build_network

__all__ = ["bought_network", "rows", "world_table"]

COUNTRIES, SECTORS = 41, 35
SAMPLE = 8


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """Lines of the benchmark table for networks of so many sites, and one for a world table."""
    for sites in sizes:
        network = bought_network(sites)
        size = f"{network.sites:,} sites / {network.links:,} links"
        yield _foreign(network, size, repeat)
        points = Chokepoints(network, product=network.slot_product.codes)
        yield _cuts(points, size, repeat)
        yield _stops(points, size, repeat)
    yield _world(repeat)


def bought_network(sites: int, *, seed: int = 1) -> Network:
    """The synthetic network of trade as sites with one slot for each industry that they buy from; no stocks."""
    trade = synthetic(sites, seed=seed, leak=0.3)
    products = trade.industries
    key = trade.buyer.astype(np.int64) * products + trade.industry[trade.supplier]
    keys, slot = np.unique(key, return_inverse=True)
    rng = np.random.default_rng(seed)
    return build_network(
        site_ids=[f"S{i:07d}" for i in range(sites)],
        output_value=trade.revenue,
        slot_site=keys // products,
        slot_product=[f"I{k:02d}" for k in (keys % products).tolist()],
        slot_essential=rng.random(keys.size) < 0.5,
        link_supplier=trade.supplier,
        link_slot=slot,
        link_share=trade.value / np.bincount(slot, trade.value)[slot],
    )


def world_table(*, seed: int = 1, countries: int = COUNTRIES, sectors: int = SECTORS) -> CountryTable:
    """A dense seeded table of the size of the World Input-Output Database of 2013: mostly trade at home."""
    rng = np.random.default_rng(seed)
    n = countries * sectors
    country = np.repeat(np.arange(countries), sectors)
    purchases = rng.lognormal(0.0, 2.0, (n, n)) * np.where(country[:, None] == country[None, :], 30.0, 1.0)
    return country_table(
        countries=[f"K{c:02d}" for c in range(countries)],
        sectors=[f"c{s + 1}" for s in range(sectors)],
        country=country,
        sector=np.tile(np.arange(sectors), countries),
        purchases=purchases,
        output=purchases.sum(axis=0) * rng.uniform(1.2, 3.0, n),
    )


def _foreign(network: Network, size: str, repeat: int) -> Row:
    home = np.random.default_rng(2).choice(5, network.sites)
    seconds, found = best(lambda: foreign_shares(network, home=home), repeat)
    plain, expected = best(lambda: foreign_by_iteration(network, home), 1)
    return Row(
        "dependence",
        "looked-through foreign share of all sites",
        size,
        seconds,
        "SciPy sparse iteration",
        plain,
        float(np.abs(found.site_through_low - expected).max()),
        "seconds at 100,000",
        None if network.sites < 100_000 else seconds <= 5.0,
        peak_mib(),
        f"{found.sweeps} sweeps, settled to {found.settled:.0e}",
    )


def _sampled(network: Network) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, network.sites - 1, SAMPLE).astype(np.intp))


def _cuts(points: Chokepoints, size: str, repeat: int) -> Row:
    network, sample = points.network, _sampled(points.network)
    via = np.full(network.links, -1)
    via[points.live] = points.via

    def ask() -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        points.__dict__.pop("dominators", None)
        return points.dominators.pairs

    seconds, (_slot, site) = best(ask, repeat)
    whole = unsupplied_without(network, via, -1)
    plain, cut = best(lambda: [unsupplied_without(network, via, int(i)) & ~whole for i in sample], 1)
    differ = max(
        int((found & (network.slot_site != i)).sum() - (site == i).sum()) for i, found in zip(sample, cut, strict=True)
    )
    return Row(
        "dependence",
        "sites that cut a slot off, all slots",
        size,
        seconds,
        "NumPy removal, site by site",
        plain / sample.size * network.sites,
        float(abs(differ)),
        memory_mib=peak_mib(),
        note=f"reference from {sample.size} sites",
    )


def _stops(points: Chokepoints, size: str, repeat: int) -> Row:
    network, sample = points.network, _sampled(points.network)
    group = np.arange(network.sites)
    seconds, found = best(lambda: points.stopped_by(group, network.sites), repeat)
    plain, stops = best(lambda: [stopped_without(network, int(i)) for i in sample], 1)
    return Row(
        "dependence",
        "what stops with each site, all sites",
        size,
        seconds,
        "NumPy removal, site by site",
        plain / sample.size * network.sites,
        float(np.abs(found[sample, 0] - stops).max()),
        memory_mib=peak_mib(),
        note=f"reference from {sample.size} sites; mean {found[:, 0].mean():,.0f} stop",
    )


def _world(repeat: int) -> Row:
    table = world_table()
    seconds, found = best(lambda: table_dependence(table), repeat)
    plain, expected = best(lambda: foreign_value_added(table.purchases, table.output, table.country), repeat)
    return Row(
        "dependence",
        "world table: face value, looked through, value added by source",
        f"{table.output.size:,} country-sectors",
        seconds,
        "dense inverse, value added only",
        plain,
        float(np.abs(found.value_added - expected).max()),
        "< 1 s",
        seconds < 1.0,
        peak_mib(),
    )
