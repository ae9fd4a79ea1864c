import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _exposure(*arguments):
    return CliRunner().invoke(main, ["exposure", *map(str, arguments)])


def test_each_site_alone_with_what_it_stops(tmp_path):
    done = _exposure(EXAMPLE, "--date", "2022-04-01", "--horizon", "20", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    # The pit alone: works after 1 + 4 days, plant 2 + 2.5 days later.
    lost = 20 + 15 + 10.5
    assert f"{lost:,.2f}" in done.output
    rows = pl.read_csv(tmp_path / "exposure.csv").to_dicts()
    assert [row["site_id"] for row in rows] == ["ore", "part", "car"]
    assert [row["stops"] for row in rows] == [3, 2, 1]
    assert rows[0]["lost_output_value"] == pytest.approx(lost)
    assert rows[1]["lost_output_value"] == pytest.approx(20 + 15.5)
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["measure"], run["order"], run["stops_most"]) == ("stops", 1, 3)


def test_the_worst_pairs():
    found = json.loads(_exposure(EXAMPLE, "--order", 2, "--top", 2, "--horizon", "20", "--json").output)
    assert [(row["site_id"], row["other_site_id"]) for row in found["pairs"]] == [("ore", "part"), ("ore", "car")]
    assert found["pairs"][0]["lost_output_value"] == pytest.approx(20 + 20 + 15.5)
    assert found["run"]["pairs"] == 3


def test_a_pair_is_printed_in_one_line():
    assert "ore + car" in _exposure(EXAMPLE, "--order", 2, "--horizon", "20").output


def test_systemic_risk_of_each_site():
    done = _exposure(EXAMPLE, "--date", "2022-04-01", "--measure", "esri")
    assert "of all output" in done.output
    found = json.loads(_exposure(EXAMPLE, "--measure", "esri", "--json").output)
    # A chain of three of one value each: what fails takes all its customers and all its suppliers with it.
    assert {row["site_id"]: row["esri"] for row in found["esri"]} == pytest.approx({"ore": 1, "part": 1, "car": 1})
    assert {row["site_id"]: row["downstream"] for row in found["esri"]}["part"] == pytest.approx(2 / 3)
    assert found["run"]["mode"] == "compatible"
    assert {(row["esri_lower"], row["steps"] > 0) for row in found["esri"]} == {(None, True)}


def test_systemic_risk_with_bounds(tmp_path):
    done = _exposure(EXAMPLE, "--measure", "esri", "--mode", "exact", "--accuracy", "report", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "at most" in done.output
    rows = pl.read_csv(tmp_path / "esri.csv").to_dicts()
    assert all(row["esri_lower"] - 1e-9 <= row["esri"] <= row["esri_upper"] + 1e-9 for row in rows)
    assert {row["site_id"]: row["downstream"] for row in rows} == pytest.approx({"ore": 1, "part": 2 / 3, "car": 1 / 3})
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["mode"], run["accuracy"], run["without_upper_bound"]) == ("exact", 1e-6, 0)
    assert "eps" not in run


@pytest.mark.parametrize(
    "arguments",
    [
        ("--measure", "esri", "--order", "2"),
        ("--order", "3"),
        ("--measure", "luck"),
        ("--mode", "fast"),
        ("--horizon", "0"),
    ],
)
def test_wrong_usage_ends_with_2(arguments):
    assert _exposure(EXAMPLE, *arguments).exit_code == 2


def test_bad_tables_end_with_2_and_name_row_and_value(tmp_path):
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "tables"))
    with (folder / "links.csv").open("a") as file:
        file.write("nowhere,car,part,1,1\n")
    done = _exposure(folder)
    assert done.exit_code == 2
    assert "links.csv, row 4" in done.output
