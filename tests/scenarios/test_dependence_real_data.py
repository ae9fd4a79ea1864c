"""Dependence on real data, counted again from the source tables by plain Python; skipped where they are not at hand."""

import csv
import gzip
import io
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from ballast.core.dependence import table_dependence
from ballast.tables.answers.shares import share_frames
from ballast.tables.answers.world import world_frames
from ballast.tables.importers.chips import read_chips
from ballast.tables.importers.minerals import read_minerals
from ballast.tables.importers.world import read_mrio, read_world
from ballast.tables.packs import packs

SHARED = Path(os.environ.get("BALLAST_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


def source(name):
    if not (SHARED / name).exists():
        pytest.skip(f"needs the data set {name}")
    return SHARED / name


def rows(path):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    yield from csv.DictReader(io.StringIO(text, newline=""))


# The chip chain


def chip_shares():
    """Item -> {country: per cent}, and all items, from the files themselves."""
    folder = source("semiconductor_eto")
    countries = {r["provider_id"] for r in rows(folder / "providers.csv") if r["provider_type"] == "country"}
    shares = defaultdict(dict)
    for row in rows(folder / "provision.csv"):
        if row["share_provided"] and row["provider_id"] in countries:
            shares[row["provided_id"]][row["provider_name"]] = float(row["share_provided"].rstrip("%"))
    items = [r["input_id"] for r in rows(folder / "inputs.csv")] + [r["stage_id"] for r in rows(folder / "stages.csv")]
    return shares, items


def test_items_of_the_chip_chain_with_one_country_at_70_per_cent():
    shares, items = chip_shares()
    table = share_frames(read_chips(source("semiconductor_eto")), [])["concentration"]
    found = {row["product"]: row for row in table.iter_rows(named=True)}
    assert set(found) == set(items)
    assert len(items) == 82
    counted = {
        i
        for i, by in shares.items()
        if max(v for c, v in by.items() if c != "Various") / max(100, sum(by.values())) >= 0.7
    }
    assert {i for i, row in found.items() if row["largest_low"] >= 0.7} == counted
    assert counted == {
        "N8", "N9", "N10", "N11", "N12", "N20", "N22", "N29", "N30", "N32", "N38", "N40", "N42", "N43", "N44", "N45",
        "N49", "N50", "N64", "N71", "N77", "N84",
    }  # fmt: skip


def test_unknown_shares_of_the_chip_chain_stay_unknown():
    shares, items = chip_shares()
    table = share_frames(read_chips(source("semiconductor_eto")), [])["concentration"]
    found = {row["product"]: row for row in table.iter_rows(named=True)}
    unknown = [item for item in items if item not in shares]
    assert len(unknown) == 39
    assert "N31" in unknown  # photoresists: Japan, the United States and Korea are named, their shares are not
    assert found["N31"]["sources"] == 3
    for item in unknown:
        row = found[item]
        assert (row["largest_low"], row["largest_high"]) == (0.0, 1.0)
        assert (row["hhi_low"], row["hhi_high"], row["largest_source"]) == (0.0, 1.0, None)


# Minerals


def test_top_shares_of_minerals():
    folder = source("critical_minerals")
    counted = defaultdict(lambda: defaultdict(float))
    for row in rows(folder / "supply_shares_by_country.csv"):
        counted[row["product"]][row["country"]] += float(row["share"])
    table, _left_out = read_minerals(folder)
    frames = share_frames(table, list(packs().values()))
    found = {r["product"]: r for r in frames["concentration"].iter_rows(named=True) if r["year"] is None}
    assert len(found) == 84
    for product, by in counted.items():
        assert found[product]["largest_low"] == pytest.approx(max(by.values()), abs=1e-4)
        assert found[product]["hhi_low"] == pytest.approx(sum(v * v for v in by.values()), abs=1e-4)
    top = {p: (r["largest_source"], round(100 * r["largest_low"], 1)) for p, r in found.items()}
    assert top["gallium, high-grade"] == ("CN", 93.8)
    assert top["germanium, concentrate"] == ("CN", 91.5)
    assert top["neodymium oxide"] == ("CN", 84.9)
    assert top["cobalt hydroxide"] == ("CD", 73.2)
    assert top["spodumene"] == ("AU", 90.9)
    assert top["cobalt"] == ("CN", 67.9)
    assert top["chromite ore concentrate"] == ("ZA", 48.1)
    assert sum(r["largest_low"] >= 0.7 for r in found.values()) == 33


def test_production_of_a_year_is_shared_out_by_who_reports():
    folder = source("critical_minerals")
    made = {
        r["country"]: float(r["production"])
        for r in rows(folder / "bgs_production_by_country_year.csv")
        if (r["mineral"], r["year"]) == ("Gallium", "2021")
    }
    table, left_out = read_minerals(folder)
    china = table.filter((table["item"] == "Gallium") & (table["year"] == 2021) & (table["source"] == "CN"))["share"][0]
    assert china == pytest.approx(made["China"] / sum(made.values()))
    assert [line.partition(":")[0] for line in left_out] == ["Lithium, minerals", "REE minerals"]


# The world table


def column_of(year, country, sector):
    """(index, what it buys {row: musd}, output, country of each row) of one country-sector, from the files."""
    folder = source("wiod2013")
    heads = list(rows(folder / f"X_{year}.csv"))
    at = next(i for i, r in enumerate(heads) if (r["country"], r["sector"]) == (country, sector))
    bought = {int(r["from"]): float(r["musd"]) for r in rows(folder / f"Z_{year}.csv.gz") if int(r["to"]) == at}
    return at, bought, float(heads[at]["output_musd"]), [r["country"] for r in heads]


@pytest.mark.parametrize(
    ("year", "sector", "face", "through", "added"),
    [
        (2007, "c14", 23.5, 34.2, 34.7),
        (2007, "c15", 9.8, 22.9, 24.2),
        (2008, "c14", 19.0, 30.0, 31.1),
        (2008, "c15", 7.7, 20.1, 21.6),
        (2011, "c14", 15.8, 26.9, 28.9),
        (2011, "c15", 8.5, 20.6, 22.2),
    ],
)
def test_chinese_electronics_and_transport_equipment(year, sector, face, through, added):
    """Imported share of the intermediates bought, and foreign value added v_f (I - A)^-1, v = 1 - column sums of A."""
    table = read_world(source("wiod2013"), year)
    found = table_dependence(table)
    at = table.names.index(f"CN.{sector}")
    shown = [round(100 * float(values[at]), 1) for values in (found.face, found.through, found.value_added)]
    assert shown == [face, through, added]
    index, bought, output, countries = column_of(year, "CHN", sector)
    assert index == at
    imported = sum(musd for seller, musd in bought.items() if countries[seller] != "CHN")
    assert found.face[at] == pytest.approx(imported / sum(bought.values()), rel=1e-12)
    assert table.output[at] == output


def test_world_table_equals_a_dense_inverse():
    table = read_world(source("wiod2013"), 2011)
    n = table.output.size
    assert n == 1435
    made = table.output > 0
    assert (~made).sum() == 22
    a = np.divide(table.purchases, table.output, out=np.zeros((n, n)), where=made)
    inverse = np.linalg.inv(np.eye(n) - a)
    added = (1.0 - a.sum(axis=0))[:, None] * inverse
    same = table.country[:, None] == table.country[None, :]
    found = table_dependence(table)
    expected = (added * ~same).sum(axis=0)
    assert np.abs(found.value_added[made] - expected[made]).max() < 1e-12
    inputs = inverse - np.eye(n)
    bought = inputs.sum(axis=0) > 0
    through = (inputs * ~same).sum(axis=0)[bought] / inputs.sum(axis=0)[bought]
    assert np.abs(found.through[bought] - through).max() < 1e-12
    # Value added of all countries is all there is: rows of the table and their output agree.
    assert np.nanmax(np.abs(found.value_added_by_source.sum(axis=0) - 1.0)) < 1e-9


def test_rest_of_the_world_is_many_sources_and_no_one():
    table = read_world(source("wiod2013"), 2008)
    frames = world_frames({2008: table}, {"CN": ["CN"]}, list(packs().values()))
    mining = frames["indicators"].filter(
        (frames["indicators"]["product"] == "c2") & (frames["indicators"]["test"] == "imports concentrated")
    )
    # Most of China's crude oil comes from countries that the table has in one row.
    assert mining["low"][0] < 0.4 < mining["high"][0]
    assert mining["verdict"].to_list() == ["unknown"]
    assert "ROW" not in frames["dependence"]["largest_foreign"].to_list()


def test_pymrio_table_agrees_with_its_own_value_added():
    folder = source("mrio_test_small")
    table = read_mrio(folder)
    lines = (folder / "factor_input.tsv").read_text(encoding="utf-8").splitlines()
    stated = np.array([float(cell) for cell in lines[2].split("\t")[2:]])
    assert table.output - table.purchases.sum(axis=0) == pytest.approx(stated, rel=1e-9)
    found = table_dependence(table)
    assert found.value_added_by_source.sum(axis=0) == pytest.approx(1.0)
    inverse = np.linalg.inv(np.eye(48) - table.purchases / table.output)
    first = (table.country != 0) * (stated / table.output) @ inverse
    assert found.value_added[:8] == pytest.approx(first[:8], rel=1e-9)
