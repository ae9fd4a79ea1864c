"""The examples of real data: the shipped folder answers, and both builders make good folders."""

import gzip
import importlib.util
import os
import sys
from pathlib import Path

import polars as pl
import pytest

from ballast.core.forecast import forecast
from ballast.tables.folder import read_folder
from ballast.tables.network import build_from_frames

EXAMPLES = Path(__file__).parents[2] / "examples"
SHARED = Path(os.environ.get("BALLAST_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


def build(example, *arguments):
    path = EXAMPLES / example / "build.py"
    spec = importlib.util.spec_from_file_location(f"build_{example.replace('-', '_')}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    before, sys.argv = sys.argv, [str(path), *map(str, arguments)]
    try:
        module.main()
    finally:
        sys.argv = before


def answered(folder, *, horizon):
    import datetime as dt

    day0 = dt.date(2013, 12, 31)
    read = read_folder(folder, day0=day0)
    assert read.problems == []
    network, events = build_from_frames(read.frames, day0=day0)
    return forecast(network, events, horizon=horizon)


def test_shipped_deliveries_say_which_programmes_may_stop():
    found = answered(EXAMPLES / "medical-deliveries" / "tables", horizon=240)
    stopped = {found.network.site_ids[i] for i, day in enumerate(found.low.stop_day) if day > 0}
    assert stopped
    assert all(site[2] == "-" for site in stopped)  # national programmes, e.g. AO-arv
    assert not found.certain[[found.network.site_index[s] for s in stopped]].all()


def test_shipped_deliveries_are_small():
    files = list((EXAMPLES / "medical-deliveries" / "tables").glob("*.csv"))
    assert sum(f.stat().st_size for f in files) < 1_000_000


def test_shipped_deliveries_are_what_the_builder_makes(tmp_path):
    source = SHARED / "medical_shipments_scms" / "scms_deliveries_2006_2013.csv.gz"
    if not source.exists():
        pytest.skip("needs the published delivery history")
    build("medical-deliveries", "--source", source, "--out", tmp_path)
    for file in tmp_path.iterdir():
        assert file.read_text() == (EXAMPLES / "medical-deliveries" / "tables" / file.name).read_text(), file.name


def test_world_builder_drops_own_use_and_keeps_units(tmp_path):
    source = world(tmp_path / "source")
    build("world-2011", "--source", source, "--out", tmp_path / "out", "--event", "JPN.c14")
    read = read_folder(tmp_path / "out")
    assert read.problems == []
    links = read.frames["links"].select("supplier_site", "customer_site", "daily_quantity", "lead_days")
    assert links.sort("supplier_site", "customer_site").rows() == [
        ("DEU.c15", "JPN.c14", 1.0, 21.0),
        ("JPN.c14", "DEU.c15", 2.0, 21.0),
    ]
    needs = dict(read.frames["needs"].select("site_id", "daily_use").iter_rows())
    # The rest of the world sells to Germany too: it is no site, so that part comes from outside.
    assert needs == {"DEU.c15": 3.0, "JPN.c14": 1.0}


def test_shipped_world_of_2011_is_what_the_builder_makes(tmp_path):
    shipped = EXAMPLES / "world-2011" / "tables"
    assert sum(file.stat().st_size for file in shipped.iterdir()) < 500_000
    source = SHARED / "wiod2013"
    if not source.exists():
        pytest.skip("needs the input-output table of 2011")
    build("world-2011", "--source", source, "--out", tmp_path)
    assert sorted(file.name for file in shipped.iterdir()) == sorted(file.name for file in tmp_path.iterdir())
    for file in tmp_path.iterdir():
        assert pl.read_parquet(file).equals(pl.read_parquet(shipped / file.name)), file.name


def test_world_of_2011_shows_who_follows_a_sector_that_stops():
    found = answered(EXAMPLES / "world-2011" / "tables", horizon=3)
    stopped = {found.network.site_ids[i] for i, day in enumerate(found.low.stop_day) if day >= 0}
    assert {"JPN.c14", "JPN.c15"} <= stopped


def world(folder):
    """Two country-sectors and the rest of the world."""
    folder.mkdir()
    pl.DataFrame(
        {
            "idx": [0, 1, 2],
            "country": ["JPN", "DEU", "RoW"],
            "sector": ["c14", "c15", "c14"],
            "output_musd": [3650, 7300, 100],
        }
    ).write_csv(folder / "X_2011.csv")
    pl.DataFrame({"sector": ["c14", "c15"], "name": ["Electrical", "Transport"]}).write_csv(folder / "sectors.csv")
    rows = [(0, 0, 900), (0, 1, 730), (1, 0, 365), (2, 1, 365)]
    text = "from,to,musd\n" + "\n".join(",".join(map(str, row)) for row in rows)
    (folder / "Z_2011.csv.gz").write_bytes(gzip.compress(text.encode()))
    return folder
