import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _plan(*arguments):
    return CliRunner().invoke(main, ["plan", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    """The example with a second event of the same case, and one that stands alone."""
    path = Path(shutil.copytree(EXAMPLE, tmp_path / "tables"))
    (path / "events.csv").write_text(
        "event_id,kind,subject,start,end,capacity_left,case_id\n"
        "ore-shut,site,ore,0,9,0,C-1\n"
        "part-shut,site,part,0,12,0,C-1\n"
        "car-slow,site,car,0,5,0.5,\n"
    )
    return path


def test_the_best_case_is_named_with_its_worth_and_a_proof(folder, tmp_path):
    out = tmp_path / "out"
    done = _plan(folder, "--date", "2022-04-01", "--limit", 1, "--out", out)
    assert done.exit_code == 0, done.output
    assert "Gap 0.00%: proven best" in done.output
    (row,) = pl.read_csv(out / "plan.csv").to_dicts()
    assert (row["group_id"], row["events"], row["joint_set"]) == ("C-1", "ore-shut;part-shut", 1)
    assert row["value_alone"] == row["value_in_set"] == row["set_value"]
    (size,) = pl.read_csv(out / "frontier.csv").to_dicts()
    assert (size["number"], size["groups"], size["value"], size["gap"]) == (1, "C-1", row["value_alone"], 0.0)
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (run["value"], run["bound"], run["gap"], run["out_of_time"]) == (size["value"], size["value"], 0.0, False)


def test_events_can_be_chosen_one_by_one(folder):
    found = json.loads(_plan(folder, "--date", "2022-04-01", "--limit", 3, "--by", "event", "--json").output)
    assert [row["number"] for row in found["frontier"]] == [1, 2, 3]
    assert found["run"]["value"] == found["run"]["recoverable_value"]
    joint = [row for row in found["plan"] if row["group_id"] in ("ore-shut", "part-shut")]
    assert joint[0]["joint_set"] == joint[1]["joint_set"]
    assert "together with" in joint[0]["explanation"]


def test_days_that_a_case_takes_lower_its_worth(folder):
    worth = [
        json.loads(_plan(folder, "--date", "2022-04-01", "--limit", 1, "--json", *takes).output)["run"]["value"]
        for takes in ((), ("--takes", 3), ("--takes", 3, "--takes", "C-1=5"))
    ]
    assert worth[0] > worth[1] > worth[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", 0], "limit: 0 leaves nothing to solve. Give 1 or more."),
        (["--limit", 1, "--target", 1e9], "target: 1,000,000,000.00 is out of reach"),
        (["--limit", 1, "--target", "nan"], "'--target': nan is no number"),
        (["--limit", 1, "--gap", "nan"], "'--gap': nan is no number"),
        (["--limit", 1, "--site", "cat"], "'cat' is not among the sites. Did you mean 'car'?"),
        (["--limit", 1, "--takes", "C-2=4"], "'C-2' is not among the cases. Did you mean 'C-1'?"),
        (["--limit", 1, "--takes", "soon"], "'soon' is no number of days"),
    ],
)
def test_impossible_questions_end_with_2_and_the_way_out(folder, arguments, words):
    done = _plan(folder, "--date", "2022-04-01", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_without_events_there_is_nothing_to_solve(folder):
    (folder / "events.csv").write_text("event_id,kind,subject,start\n")
    done = _plan(folder, "--date", "2022-04-01", "--limit", 2)
    assert done.exit_code == 0
    assert "0 cases of 0 recover 0.00" in done.output


def test_interventions_compete_with_cases(folder, tmp_path):
    table = tmp_path / "measures.csv"
    table.write_text(
        "intervention_id,site_id,product,stock,daily_quantity,supplier_site,lead_days,first_day,last_day\n"
        "lend,car,part,2000,,,,2022-04-03,\n"
        "truck,car,part,,100,,,5,12\n"
        "swap,part,ore,,10,car,2,0,\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    asked = (folder, "--date", "2022-04-01", "--limit", 2, "--interventions", table)
    done = _plan(*asked, "--out", out)
    assert done.exit_code == 0, done.output
    assert "2 choices of 5 recover" in done.output
    assert "Gap 0.00%: proven best" in done.output
    rows = {row["group_id"]: row for row in pl.read_csv(out / "plan.csv").to_dicts()}
    assert rows["C-1"]["kind"] == "problem"
    found = json.loads(_plan(*asked, "--by", "event", "--json").output)
    assert found["run"]["interventions"] == ["lend", "swap", "truck"]
    alone = json.loads(_plan(*asked[:3], "--limit", 1, "--interventions", table, "--by", "event", "--json").output)
    assert alone["plan"][0]["group_id"] != ""
    kinds = {row["group_id"]: (row["kind"], row["events"]) for row in found["plan"] + alone["plan"]}
    assert all(kinds[name] == ("intervention", "") for name in kinds if name in ("lend", "truck", "swap"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("lend,car,parts,10,,,,,", "parts"),
        ("lend,cat,part,10,,,,,", "car"),
        ("lend,car,part,-4,,,,,", "-4"),
        ("lend,car,part,,,,,,", "Give one of them"),
        ("C-1,car,part,10,,,,,", "named like a case"),
    ],
)
def test_bad_interventions_are_told(folder, tmp_path, row, said):
    table = tmp_path / "measures.csv"
    head = "intervention_id,site_id,product,stock,daily_quantity,supplier_site,lead_days,first_day,last_day\n"
    table.write_text(head + row + "\n", encoding="utf-8")
    done = _plan(folder, "--date", "2022-04-01", "--limit", 1, "--interventions", table)
    assert done.exit_code == 2
    assert said in done.output


def test_a_file_of_interventions_that_is_not_there_is_told(folder, tmp_path):
    done = _plan(folder, "--limit", 1, "--interventions", tmp_path / "none.csv")
    assert done.exit_code == 2
    assert "none.csv" in done.output
