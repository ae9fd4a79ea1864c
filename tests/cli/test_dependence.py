"""`ballast dependence` on the shipped examples: what it prints, writes and refuses."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast import tables
from ballast.cli import main
from ballast.tables.results import result_schema

EXAMPLES = Path(__file__).parents[2] / "examples"
CHAIN = str(EXAMPLES / "ore-part-car")
MEDICAL = str(EXAMPLES / "medical-deliveries" / "tables")


def run(*arguments):
    return CliRunner().invoke(main, ["dependence", *map(str, arguments)])


def test_a_chain_of_single_sources_is_seen_at_once():
    done = run(CHAIN)
    assert done.exit_code == 0
    assert "Inputs with a single source: 2 for certain, 0 more possibly" in done.stdout
    ore = next(line for line in done.stdout.splitlines() if line.startswith("ore") and "chain" in line)
    assert ore.split() == ["ore", "chain", "2", "2.00"]


def test_result_files_are_as_documented(tmp_path):
    done = run(MEDICAL, "--by", "country", "--out", tmp_path, "--format", "parquet")
    assert done.exit_code == 0
    for name in ("concentration", "dependence", "choke_points", "indicators"):
        frame = pl.read_parquet(tmp_path / f"{name}.parquet")
        assert frame.columns == [column.name for column in result_schema(name).columns]
        assert frame.height
    basis = json.loads((tmp_path / "run.json").read_text())
    assert basis["by"] == "country"
    assert basis["network"]
    assert set(basis["seconds"]) == {"read", "dependence"}
    assert basis["slots_single_source"] > 0


def test_the_shipped_deliveries_hang_on_one_country_as_counted_by_hand():
    """Of 26 programmes that take efavirenz tablets, count those whose links all come from plants in India."""
    links = pl.read_csv(Path(MEDICAL) / "links.csv")
    sites = dict(pl.read_csv(Path(MEDICAL) / "sites.csv").select("site_id", "region").iter_rows())
    taken: dict[str, set[str]] = {}
    for supplier, customer, product in links.select("supplier_site", "customer_site", "product").iter_rows():
        if product == "efavirenz-tablet":
            taken.setdefault(customer, set()).add(sites[supplier][:2])
    only_india = [customer for customer, countries in taken.items() if countries == {"IN"}]
    points = json.loads(run(MEDICAL, "--by", "country", "--json").stdout)["choke_points"]
    cut = next(p for p in points if (p["source"], p["product"]) == ("IN", "efavirenz-tablet"))
    assert cut["sites"] == len(only_india) > 0


def test_json_is_one_document_with_the_basis():
    found = json.loads(run(CHAIN, "--json", "--pack", "ballast").stdout)
    assert found["run"]["packs"] == ["ballast"]
    assert {row["pack"] for row in found["indicators"]} == {"ballast"}
    assert found["concentration"][0]["single_source"] == "certain"


def test_a_pack_of_ones_own(tmp_path):
    shipped = Path(tables.__file__).parent / "data" / "packs" / "ballast.toml"
    own = tmp_path / "ours.toml"
    own.write_text(shipped.read_text(encoding="utf-8").replace("at_least = 0.7", "at_least = 1.1"), encoding="utf-8")
    found = json.loads(run(CHAIN, "--json", "--pack", own).stdout)
    assert {(row["pack"], row["verdict"]) for row in found["indicators"] if row["limit"] == 1.1} == {("ours", "no")}
    assert "limits.toml" in run(CHAIN, "--pack", "limits.toml").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/nowhere"], "no folder /nowhere"),
        ([CHAIN, "--home", "FR"], "no site lies in FR"),
        ([CHAIN, "--home", "Frnce"], "Did they mean 'France'?"),
        ([CHAIN, "--pack", "ballst"], "Did you mean 'ballast'?"),
        ([CHAIN, "--source", "chips"], "inputs.csv: there is no such file"),
        ([CHAIN, "--by", "planet"], "planet"),
        ([CHAIN, "--year", "2011", "--source", "chips"], "--year"),
    ],
)
def test_bad_questions_end_with_exit_code_2_and_a_reason(arguments, said):
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
