"""Published data sets in the form in which they are published, in small."""

import gzip

import pytest

from ballast.core.columns import NetworkError
from ballast.core.dependence import table_dependence
from ballast.tables.answers.shares import share_frames
from ballast.tables.importers import digest_of, kind_of
from ballast.tables.importers.chips import read_chips
from ballast.tables.importers.minerals import read_minerals
from ballast.tables.importers.world import read_mrio, read_world, years_of


@pytest.fixture
def chips(tmp_path):
    write(tmp_path / "inputs.csv", "input_id,input_name", "N1,Scanners", "N2,Resist", "N3,Gases", "N4,Unmade")
    write(tmp_path / "stages.csv", "stage_id,stage_name", "S1,Design")
    write(
        tmp_path / "providers.csv", "provider_id,provider_name,provider_type,country",
        "P1,NLD,country,", "P2,JPN,country,", "P3,Various,country,", "P4,ASML,organization,NLD",
        "P5,Fuji,organization,JPN",
    )  # fmt: skip
    write(
        tmp_path / "provision.csv", "provider_id,provided_id,share_provided,negligible_market_share",
        "P1,N1,91%,", "P4,N1,91%,", "P2,N1,10%,", "P5,N2,,", "P4,N2,,negligible", "P2,S1,61%,", "P3,S1,9%,", "P1,N3,,",
    )  # fmt: skip
    return tmp_path


@pytest.fixture
def world(tmp_path):
    write(tmp_path / "X_2011.csv", "idx,country,sector,output_musd", "0,CHN,c1,100", "1,JPN,c1,50", "2,RoW,c1,10")
    zipped(tmp_path / "Z_2011.csv.gz", "from,to,musd", "0,0,10", "1,0,30", "2,0,10", "0,1,5")
    zipped(tmp_path / "F_2011.csv.gz", "row,CHN.hh,CHN.gov,JPN.hh,RoW.hh", "a,60,5,20,0", "b,0,0,20,0", "c,0,0,0,-3")
    return tmp_path


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def zipped(path, *lines):
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


def test_what_a_folder_holds(chips):
    assert kind_of(chips) == "chips"
    assert kind_of(chips / "nothing") == "tables"
    before = digest_of(chips, "chips")
    write(chips / "notes.txt", "not read")
    assert digest_of(chips, "chips") == before
    write(chips / "stages.csv", "stage_id,stage_name", "S1,Design of chips")
    assert digest_of(chips, "chips") != before


def test_shares_of_countries_and_what_is_unknown(chips):
    rows = read_chips(chips)
    assert sorted(rows.filter(rows["share"].is_not_null()).select("item", "source", "share").rows(), key=str) == [
        ("N1", "JP", 0.1), ("N1", "NL", 0.91), ("S1", "JP", 0.61), ("S1", None, 0.09),
    ]  # fmt: skip
    assert rows.filter(rows["share"].is_null()).select("item", "source").rows() == [
        ("N2", "JP"), ("N3", "NL"), ("N4", None),
    ]  # fmt: skip
    table = share_frames(rows, [])["concentration"]
    by_item = {row["product"]: row for row in table.iter_rows(named=True)}
    assert by_item["N1"]["largest_low"] == pytest.approx(0.91 / 1.01)
    assert (by_item["S1"]["largest_low"], by_item["S1"]["largest_high"]) == pytest.approx((0.61, 1.0))
    for unknown in ("N2", "N3", "N4"):
        assert (by_item[unknown]["hhi_low"], by_item[unknown]["hhi_high"]) == (0.0, 1.0)
        assert by_item[unknown]["single_source"] == "possible"
        assert by_item[unknown]["largest_source"] is None
    assert by_item["N3"]["sources"] == 1


def test_an_item_or_country_that_is_not_there_is_named(chips):
    write(chips / "provision.csv", "provider_id,provided_id,share_provided,negligible_market_share", "P1,N9,50%,")
    with pytest.raises(NetworkError, match="'N9' is neither"):
        read_chips(chips)
    write(chips / "provision.csv", "provider_id,provided_id,share_provided", "P1,N1,50%")
    with pytest.raises(NetworkError, match="negligible_market_share"):
        read_chips(chips)
    (chips / "stages.csv").unlink()
    with pytest.raises(NetworkError, match=r"stages\.csv: there is no such file"):
        read_chips(chips)


def test_minerals_keep_forms_that_do_not_add_up_apart(tmp_path):
    head = "product,country,share,source_note,single_source_row"
    shares = ("Ore,China,0.7,,False", "Ore,Korea (Rep. of),0.3,,False", "Oxide,China,1,,True")
    write(tmp_path / "supply_shares_by_country.csv", head, *shares)
    made = ("Gold,USA,2020,30", "Gold,China,2020,10", "Clay,USA,2020,1", "Clay,USA,2020,2")
    write(tmp_path / "bgs_production_by_country_year.csv", "mineral,country,year,production", *made)
    rows, left_out = read_minerals(tmp_path)
    assert rows.filter(rows["item"] == "Gold").select("year", "source", "share").rows() == [
        (2020, "US", 0.75), (2020, "CN", 0.25),
    ]  # fmt: skip
    assert rows.filter(rows["item"] == "Ore")["source"].to_list() == ["CN", "KR"]
    assert "gap in reporting" in rows.filter(rows["item"] == "Oxide")["note"][0]
    assert len(left_out) == 1
    assert left_out[0].startswith("Clay: ")


def test_world_table_adds_final_demand_by_country(world):
    assert years_of(world) == [2011]
    table = read_world(world, 2011)
    assert table.countries == ("CN", "JP", "ROW")
    assert table.final.tolist() == [[65, 20, 0], [0, 20, 0], [0, 0, -3]]
    found = table_dependence(table)
    assert found.face[0] == pytest.approx(40 / 50)


def test_world_table_names_what_is_wrong(world):
    with pytest.raises(NetworkError, match=r"X_2012\.csv: there is no such file"):
        read_world(world, 2012)
    zipped(world / "Z_2011.csv.gz", "from,to,musd", "0,7,1")
    with pytest.raises(NetworkError, match="row 7 is not among the 3 rows"):
        read_world(world, 2011)
    zipped(world / "Z_2011.csv.gz", "from,to,musd", "0,1,x")
    with pytest.raises(NetworkError, match="musd: 'x' is no number"):
        read_world(world, 2011)
    zipped(world / "Z_2011.csv.gz", "from,to,musd", "0,0,1")
    write(world / "X_2011.csv", "idx,country,sector,output_musd", "0,Chna,c1,100")
    with pytest.raises(NetworkError, match="'Chna' is no country"):
        read_world(world, 2011)


def test_mrio_output_is_what_it_costs(tmp_path):
    write(tmp_path / "trade_flows_Z.tsv", "\t\t\tr1\tr2", "\t\t\tfood\tfood", "r1\tfood\tM\t1\t2", "r2\tfood\tM\t3\t4")
    write(
        tmp_path / "finald_demand_Y.tsv", "\t\t\tr1\tr1\tr2", "\t\t\thh\tgov\thh",
        "r1\tfood\tM\t5\t1\t1", "r2\tfood\tM\t0\t0\t9",
    )  # fmt: skip
    write(tmp_path / "factor_input.tsv", "\t\tr1\tr2", "\t\tfood\tfood", "Wages\tM\t5\t8", "Rents\tM\t1\t2")
    assert kind_of(tmp_path) == "mrio"
    table = read_mrio(tmp_path)
    assert table.output.tolist() == [10.0, 16.0]
    assert table.final.tolist() == [[6.0, 1.0], [0.0, 9.0]]
    for broken, said in (
        (("\t\t\tr1\tr2", "\t\t\tfood\tfood", "r1\tfood\tM\t1\t2"), "Z.tsv: 1 x 2 figures where 1 x 1 belong"),
        (("\t\t\tr1\tr2", "\t\t\tfood\tfood", "r1\tfood\tM\t1\t2", "r2\tfood\tM\t3"), "not all of one length"),
        (("\t\t\tr1\tr2", "\t\t\tfood\tfood"), "it has no rows"),
    ):
        write(tmp_path / "trade_flows_Z.tsv", *broken)
        with pytest.raises(NetworkError, match=said):
            read_mrio(tmp_path)
