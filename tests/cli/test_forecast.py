import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _forecast(*arguments):
    return CliRunner().invoke(main, ["forecast", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "tables"))


def test_the_example_prints_what_stops_when_because_of_whom():
    done = _forecast(EXAMPLE, "--date", "2022-04-01")
    assert done.exit_code == 0
    lines = [line.split() for line in done.output.splitlines()]
    assert [
        "part",
        "day",
        "5",
        "2022-04-06",
        "certain",
        "ore-shut",
        "ore-shut",
        ">",
        "ore",
        ">",
        "part",
        "6.00",
    ] in lines
    assert ["car", "day", "10", "2022-04-11"] in [line[:4] for line in lines]
    assert "lost output 19.50" in done.output


def test_result_files_hold_every_stop_the_events_and_what_the_answer_rests_on(tmp_path):
    out = tmp_path / "out"
    assert _forecast(EXAMPLE, "--date", "2022-04-01", "--out", out).exit_code == 0
    stops = pl.read_csv(out / "stops.csv").to_dicts()
    assert [(row["site_id"], row["stop_day"], row["stop_date"]) for row in stops] == [
        ("ore", 0, "2022-04-01"), ("part", 5, "2022-04-06"), ("car", 10, "2022-04-11"),
    ]  # fmt: skip
    assert stops[2] == {
        "site_id": "car", "enterprise_id": "cars", "stop_day": 10, "stop_date": "2022-04-11", "stop_day_latest": 10,
        "certain": True, "slow_day": 9, "recovery_day": 13, "red_day": 0, "cause_event": "ore-shut",
        "cause_events": "ore-shut", "cause_path": "ore-shut > ore > part > car", "lost_output_value": 3.5,
        "lost_output_value_low": 3.5, "lost_days": 3.5,
    }  # fmt: skip
    assert pl.read_csv(out / "events.csv").to_dicts() == [
        {"event_id": "ore-shut", "output_at_risk_value": 19.5, "stops": 3}
    ]
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (run["date"], run["horizon"], run["stops"], run["stocks_unknown"]) == ("2022-04-01", 30, 3, 0)
    assert len(run["network"]) == 64


def test_parquet_holds_the_same_rows_as_json(tmp_path):
    done = _forecast(EXAMPLE, "--date", "2022-04-01", "--out", tmp_path, "--format", "parquet", "--json")
    found = json.loads(done.output)
    assert found["run"]["lost_output_value"] == 19.5
    frame = pl.read_parquet(tmp_path / "stops.parquet").with_columns(pl.col("stop_date").cast(pl.String))
    assert frame.to_dicts() == found["stops"]


def test_a_shorter_horizon_ends_the_answer_earlier():
    found = json.loads(_forecast(EXAMPLE, "--date", "2022-04-01", "--horizon", "8", "--json").output)
    assert [row["site_id"] for row in found["stops"]] == ["ore", "part"]
    assert found["stops"][0]["recovery_day"] is None


def test_without_its_event_nothing_stops():
    done = _forecast(EXAMPLE, "--date", "2022-04-01", "--without", "ore-shut")
    assert done.exit_code == 0
    assert "0 sites stop" in done.output


def test_an_unknown_stock_makes_a_stop_possible_and_an_unknown_value_stays_unknown(folder):
    needs = (folder / "needs.csv").read_text().replace("car,part,200,piece,500", "car,part,200,piece,")
    (folder / "needs.csv").write_text(needs)
    sites = (folder / "sites.csv").read_text().replace("CN-SH,car,1", "CN-SH,car,")
    (folder / "sites.csv").write_text(sites)
    done = _forecast(folder, "--date", "2022-04-01")
    assert "possible" in next(line for line in done.output.splitlines() if line.startswith("car"))
    assert "Unknown stocks: 1." in done.output
    assert "Sites that lose output of unknown value: 1." in done.output
    found = json.loads(_forecast(folder, "--date", "2022-04-01", "--json").output)
    car = next(row for row in found["stops"] if row["site_id"] == "car")
    assert (car["certain"], car["lost_output_value"], car["stop_day"]) == (False, None, 7)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--date", "2022-13-01"], "'2022-13-01' is not a date"),
        (["--date", "9999-12-31"], "9999-12-31 is outside 1990 to 2100"),
        (["--without", "ore-shu"], "Did you mean 'ore-shut'?"),
        (["--without", "zzz"], "Events here: ore-shut"),
        (["--horizon", "0"], "0 is not in the range"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(arguments, reason):
    done = _forecast(EXAMPLE, *arguments)
    assert done.exit_code == 2
    assert reason in done.output


def test_bad_tables_end_with_2_and_name_row_and_value(folder):
    with (folder / "links.csv").open("a") as file:
        file.write("nowhere,car,part,1,1\n")
    done = _forecast(folder)
    assert done.exit_code == 2
    assert "links.csv, row 4" in done.output
    assert "nowhere" in done.output
    assert "Traceback" not in done.output


def test_a_folder_that_is_not_there_ends_with_2():
    done = _forecast("/no/such/folder")
    assert done.exit_code == 2
    assert "/no/such/folder" in done.output


def test_a_scenario_replaces_and_adds_rows(folder, tmp_path):
    scenario = tmp_path / "longer"
    scenario.mkdir()
    events = (folder / "events.csv").read_text().splitlines()
    head, row = events[0].split(","), events[1].split(",")
    row[head.index("capacity_left")] = "1"
    (scenario / "events.csv").write_text(f"{events[0]}\n{','.join(row)}\n")
    found = json.loads(_forecast(folder, "--date", "2022-04-01", "--scenario", scenario, "--json").output)
    assert found["stops"] == []
    assert found["run"]["scenarios"] == ["longer"]
    assert (
        found["run"]["tables"]
        != json.loads(_forecast(folder, "--date", "2022-04-01", "--json").output)["run"]["tables"]
    )
    (scenario / "events.csv").write_text(f"{events[0]}\n{events[1].replace(row[0], 'second', 1)}\n")
    both = json.loads(_forecast(folder, "--date", "2022-04-01", "--scenario", scenario, "--json").output)
    assert {event["event_id"] for event in both["events"]} == {"ore-shut", "second"}


def test_a_bad_row_of_a_scenario_is_named(folder, tmp_path):
    scenario = tmp_path / "bad"
    scenario.mkdir()
    (scenario / "needs.csv").write_text("site_id,product,daily_use,unit\nnowhere,part,1,t\n")
    done = _forecast(folder, "--scenario", scenario)
    assert done.exit_code == 2
    assert "needs.csv, row 2" in done.output


def test_draws_give_bands_and_the_same_seed_the_same_ones(folder):
    needs = (folder / "needs.csv").read_text().splitlines()
    stock = needs[0].split(",").index("stock")
    rows = [line.split(",") for line in needs]
    rows[1][stock] = ""
    (folder / "needs.csv").write_text("\n".join(",".join(row) for row in rows) + "\n")
    asked = ("--date", "2022-04-01", "--draws", "40", "--seed", "5", "--end-days", "2", "--json")
    one, two = (json.loads(_forecast(folder, *asked).output) for _ in range(2))
    assert one["ensemble"] == two["ensemble"]
    bands = one["run"]["ensemble"]["lost_output_value_bands"]
    assert bands["p10"] < bands["p50"] < bands["p90"]
    assert one["ensemble"][0]["stop_share"] == 1.0
    assert "Of 40 draws (seed 5)" in _forecast(folder, *asked[:-1]).output
