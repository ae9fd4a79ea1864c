"""Building a network from Parquet, keeping it and loading it; the order of sites in memory and what it gains."""

import datetime as dt
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ballast.bench.folders import write_sites
from ballast.bench.references.network import plain_links
from ballast.bench.stops import network_of
from ballast.bench.timing import Row, best, peak_mib
from ballast.bench.worlds import synthetic
from ballast.core.network import Network, arranged, arrays_of
from ballast.core.network.locality import near_order
from ballast.tables.folder import read_folder
from ballast.tables.network import build_from_frames
from ballast.tables.store import load_network, save_network

__all__ = ["Built", "build", "rows"]

DAY0 = dt.date(2022, 4, 1)
PLAIN_UP_TO = 100_000
LARGEST = 1_000_000
WALKS, DEPTH = 2_000, 3


def rows(sizes: Sequence[int], *, repeat: int = 3) -> Iterator[Row]:
    """Lines of the benchmark table for folders of so many sites."""
    for sites in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder, file = write_sites(Path(place) / "tables", sites), Path(place) / "network"
            # A process of its own, so that its peak of memory is that of this alone.
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                built = pool.submit(build, folder, file).result()
            yield _building(built, folder)
            yield _loading(built, file, repeat)
        yield _walking(sites, repeat)


@dataclass(frozen=True)
class Built:
    """What it took to build a network."""

    sites: int
    links: int
    read: float  # seconds to read and check the folder
    build: float  # seconds from its tables to the network
    peak_mib: float  # of a process that did nothing else
    bytes_per_link: float  # of all arrays that are kept

    @property
    def size(self) -> str:
        """The size as a line of the table gives it."""
        return f"{self.sites:,} sites / {self.links:,} links"


def build(folder: Path, file: Path) -> Built:
    """Read and check a folder, build its network and save it."""
    start = time.perf_counter()
    tables = read_folder(folder, day0=DAY0)
    read = time.perf_counter()
    network, _ = build_from_frames(tables.frames, day0=DAY0)
    done = time.perf_counter()
    save_network(network, file)
    size = sum(values.nbytes for values in arrays_of(network).values())
    return Built(network.sites, network.links, read - start, done - read, peak_mib(), size / max(1, network.links))


def _building(built: Built, folder: Path) -> Row:
    seconds, plain, difference = built.read + built.build, None, None
    if built.sites <= PLAIN_UP_TO:
        plain, (_, _, share) = best(lambda: plain_links(folder), 1, warm=False)
        network, _ = build_from_frames(read_folder(folder, day0=DAY0).frames, day0=DAY0)
        difference = float(np.abs(share - network.link_share).max())
    large = built.sites >= LARGEST
    return Row(
        "network",
        "read, check and build from Parquet",
        built.size,
        seconds,
        reference="rows as dictionaries, nothing checked",
        reference_seconds=plain,
        difference=difference,
        goal="<= 60 s, <= 2,048 MiB" if large else "",
        met=seconds <= 60.0 and built.peak_mib <= 2048.0 if large else None,
        memory_mib=built.peak_mib,
        note=f"read {built.read:.1f} s, build {built.build:.1f} s; {built.bytes_per_link:.0f} bytes a link",
    )


def _loading(built: Built, file: Path, repeat: int) -> Row:
    seconds, _ = best(lambda: load_network(file), repeat)
    return Row(
        "network",
        "load a saved one",
        built.size,
        seconds,
        reference="read, check and build from Parquet",
        reference_seconds=built.read + built.build,
        goal="<= 0.5 s" if built.sites >= LARGEST else "",
        met=seconds <= 0.5 if built.sites >= LARGEST else None,
        memory_mib=peak_mib(),
        note=f"{file.stat().st_size / 2**20:,.0f} MiB on disk, mapped",
    )


def _walking(sites: int, repeat: int) -> Row:
    """Walks from the same sites, in the order of the tables and in the near order."""
    network = network_of(synthetic(sites))
    order = near_order(network)
    place = np.empty(network.sites, dtype=np.int64)
    place[order] = np.arange(network.sites)
    seeds = np.random.default_rng(3).integers(0, network.sites, WALKS)
    near, given = _walks(arranged(network, order), place[seeds]), _walks(network, seeds)
    seconds, (visits, lost) = best(near, repeat)
    as_given, (_, same) = best(given, repeat)
    return Row(
        "network",
        f"a cascade over {DEPTH} links, partners close in memory",
        f"{network.sites:,} sites / {network.links:,} links",
        seconds / WALKS,
        reference="in the order of the tables",
        reference_seconds=as_given / WALKS,
        difference=abs(lost - same) / WALKS,
        memory_mib=peak_mib(),
        note=f"{seconds / visits * 1e9:.0f} ns a link, {as_given / visits * 1e9:.0f} ns as given",
    )


def _walks(network: Network, seeds: NDArray[np.int64]) -> Callable[[], tuple[int, float]]:
    from ballast.bench.cascades import walk

    links = network.supplier_links, network.links_by_supplier, network.link_slot, network.link_share
    return lambda: walk(seeds, DEPTH, *links, network.slot_site)
