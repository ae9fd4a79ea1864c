import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _restart(*arguments):
    return CliRunner().invoke(main, ["restart", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    """The example with a second parts works next door that takes no ore from the pit."""
    path = Path(shutil.copytree(EXAMPLE, tmp_path / "tables"))
    with (path / "sites.csv").open("a", encoding="utf-8") as file:
        file.write("spare,works,Spare works,备用厂,CN-SH,part,4\n")
    (path / "links.csv").write_text(
        "supplier_site,customer_site,product,daily_quantity,lead_days\n"
        "ore,part,ore,10,1\npart,car,part,150,2\nspare,car,part,50,1\n",
        encoding="utf-8",
    )
    return path


def test_a_target_that_cannot_run_says_why(tmp_path):
    done = _restart(EXAMPLE, "--date", "2022-04-01", "--site", "car", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "car cannot run, whatever restarts" in done.output
    table = pl.read_csv(tmp_path / "restart_blocked.csv").to_dicts()
    assert [(row["site_id"], row["product"], row["suppliers"], row["events"]) for row in table] == [
        ("car", "part", "part", ""),
        ("part", "ore", "ore", ""),
        ("ore", None, "", "ore-shut"),
    ]
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert (run["can_run"], run["in_set"], run["proven_smallest"]) == (False, 0, False)


def test_once_the_event_is_over_the_set_and_its_steps_are_given():
    done = _restart(EXAMPLE, "--date", "2022-04-01", "--site", "car", "--day", 10, "--json")
    found = json.loads(done.output)
    assert [(row["site_id"], row["step"], row["tier"], row["stands_still"]) for row in found["restart"]] == [
        ("ore", 1, 2, False),
        ("part", 2, 1, True),
        ("car", 3, 0, True),
    ]
    assert found["restart"][0]["supplies"] == "part / ore"
    assert (found["run"]["standing_still"], found["run"]["proven_smallest"]) == (2, True)
    inputs = {row["site_id"]: row for row in found["restart_inputs"]}
    assert (inputs["car"]["needed"], inputs["car"]["served"], inputs["car"]["suppliers"]) == (0.05, 1.0, "part")


def test_the_nearest_way_is_a_second_supplier(folder):
    done = _restart(folder, "--date", "2022-04-01", "--site", "car")
    assert "For car to run, 2 sites have to run together, of which 0 stand still" in done.output
    assert "No set has fewer sites" in done.output
    # A quarter of the parts is not enough when half of them has to come in.
    done = _restart(folder, "--date", "2022-04-01", "--site", "car", "--share", 0.5)
    assert "part: 25% of 50%" in done.output
    done = _restart(folder, "--site", "car", "--share", 0.5, "--without", "ore-shut", "--json")
    assert [row["site_id"] for row in json.loads(done.output)["restart"]] == ["ore", "part", "car"]


def test_the_least_output_need_not_be_the_fewest_sites(folder):
    found = json.loads(_restart(folder, "--site", "car", "--without", "ore-shut", "--least", "output", "--json").output)
    assert [row["site_id"] for row in found["restart"]] == ["ore", "part", "car"]
    assert found["run"]["weight"] == found["run"]["bound"] == 3.0


def test_a_site_that_needs_nobody():
    done = _restart(EXAMPLE, "--site", "ore", "--without", "ore-shut")
    assert "ore runs by itself: it needs no other site" in done.output


def test_names_that_are_not_there_are_refused_with_the_nearest():
    done = _restart(EXAMPLE, "--site", "cat")
    assert done.exit_code == 2
    assert "'cat' is not among the sites. Did you mean 'car'?" in " ".join(done.output.split())


@pytest.fixture
def ring(tmp_path):
    """Two works that feed one another, and a plant; a road shut for ten days empties them."""
    path = tmp_path / "ring"
    path.mkdir()
    for name, text in {
        "enterprises": "enterprise_id,name,region\nw,Works,CN-SH\n",
        "sites": "site_id,enterprise_id,name,region,product,daily_output_value\n"
        "a,w,A,CN-SH,x,1\nb,w,B,CN-SH,y,1\nplant,w,P,CN-SH,z,9\n",
        "needs": "site_id,product,daily_use,unit,stock\na,y,8,t,8\nb,x,4,t,4\nplant,x,4,t,4\n",
        "links": "supplier_site,customer_site,product,daily_quantity,lead_days\na,b,x,4,3\nb,a,y,8,2\na,plant,x,4,1\n",
        "events": "event_id,kind,subject,start,end\nroad,lane,a>b,0,9\n",
    }.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_a_loop_in_the_set_comes_with_its_starter_lots(ring, tmp_path):
    done = _restart(ring, "--date", "2022-04-01", "--site", "plant", "--day", 20, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "each waits for another: a, b. Least that starts them at 5% of normal: 0.25 days of use of" in done.output
    table = pl.read_csv(tmp_path / "out" / "deadlocks.csv").to_dicts()
    (lot,) = [row for row in table if row["product"]]
    # 5 days at 5 % of 8 t of y, or of 4 t of x: both fill the pipeline of 5 days.
    assert lot["lot_days"] == pytest.approx(0.25)
    assert lot["lot_quantity"] == pytest.approx({"y": 2.0, "x": 1.0}[lot["product"]])
    assert (lot["unit"], lot["first_day"], lot["last_day"]) == ("t", 21, 25)
    assert sorted(row["site_id"] for row in table) == ["a", "b"]
    assert [row["loop"] for row in pl.read_csv(tmp_path / "out" / "restart.csv").to_dicts()] == [1, 1, None]


def test_the_forecast_says_what_starts_the_loop(ring):
    done = CliRunner().invoke(main, ["forecast", str(ring), "--date", "2022-04-01"])
    assert "0.25 days of use of" in done.output
    found = json.loads(CliRunner().invoke(main, ["forecast", str(ring), "--date", "2022-04-01", "--json"]).output)
    (loop,) = found["run"]["deadlocks"]
    assert loop["sites"] == ["a", "b"]
    assert sum(loop["starter_lots"].values()) == pytest.approx(0.25)
    assert sum(row["lot_days"] or 0.0 for row in found["deadlocks"]) == pytest.approx(0.25)
