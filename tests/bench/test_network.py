import numpy as np
import pytest

from ballast.bench.cascades import walk
from ballast.bench.folders import write_sites
from ballast.bench.network import DAY0, build, rows
from ballast.bench.references.network import plain_links
from ballast.core.network import build_network
from ballast.tables.folder import read_folder
from ballast.tables.network import build_from_frames
from ballast.tables.store import load_network


def test_the_folder_is_good_and_its_network_that_of_plain_dictionaries(tmp_path):
    folder = write_sites(tmp_path / "tables", 200)
    tables = read_folder(folder, day0=DAY0)
    assert tables.problems == []
    network, _ = build_from_frames(tables.frames, day0=DAY0)
    assert (network.sites, network.slots, network.links) == (200, 600, 1200)
    supplier, slot, share = plain_links(folder)
    assert np.array_equal(network.link_supplier, supplier)
    assert np.array_equal(network.link_slot, slot)
    assert np.array_equal(network.link_share, share)


def test_the_same_seed_gives_the_same_folder(tmp_path):
    one, other, third = (write_sites(tmp_path / str(k), 60, seed=seed) for k, seed in enumerate((1, 1, 2)))
    assert read_folder(one).digest == read_folder(other).digest != read_folder(third).digest


def test_what_is_built_is_saved(tmp_path):
    folder = write_sites(tmp_path / "tables", 60)
    built = build(folder, tmp_path / "network")
    assert built.size == "60 sites / 360 links"
    assert built.peak_mib > 0
    network, _ = build_from_frames(read_folder(folder, day0=DAY0).frames, day0=DAY0)
    assert load_network(tmp_path / "network", verify=True).digest == network.digest


def test_a_walk_goes_downstream_from_every_seed_and_leaves_nothing_behind():
    network = build_network(
        site_ids=["a", "b", "c"],
        slot_site=[1, 2],
        slot_product=["x", "y"],
        link_supplier=[0, 1, 0],
        link_slot=[0, 1, 1],
        link_share=[1.0, 0.75, 0.25],
    )
    arrays = (network.supplier_links, network.links_by_supplier, network.link_slot, network.link_share)
    assert walk(np.array([0, 0, 1]), 3, *arrays, network.slot_site) == (3 + 3 + 1, 2.0 + 2.0 + 0.75)
    assert walk(np.array([0]), 1, *arrays, network.slot_site) == (2, 1.25)


def test_rows_name_what_was_timed():
    found = list(rows([120], repeat=1))
    assert [row.question for row in found] == [
        "read, check and build from Parquet",
        "load a saved one",
        "a cascade over 3 links, partners close in memory",
    ]
    assert found[0].difference == 0.0
    assert found[2].difference == pytest.approx(0.0, abs=1e-9)
    assert all(row.seconds > 0 and row.met is None for row in found)
