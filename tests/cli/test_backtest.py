"""`ballast rules backtest`: real time kept, look-ahead refused, bad input named, tables as documented."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main as ballast
from ballast.tables.results import result_schema

STUDY = Path(__file__).parents[2] / "examples/backtests"


def ask(*args):
    return CliRunner().invoke(ballast, ["rules", "backtest", *map(str, args)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three years of an index: 100, with 130 in 2021-06 and 2022-03; the value of 2021-05 was later revised to 140."""
    path = tmp_path_factory.mktemp("series")
    lines = ["series_id,period,value,published_at"]
    for k in range(36):
        year, month = 2020 + k // 12, k % 12 + 1
        value = 130 if (year, month) in {(2021, 6), (2022, 3)} else 100
        lines.append(f"ore,{year}-{month:02},{value},{year + month // 12}-{month % 12 + 1:02}-02")
    (path / "ore.csv").write_text("\n".join([*lines, "ore,2021-05,140,2022-11-20"]), encoding="utf-8")
    (path / "shocks.csv").write_text("event,onset,until,side,series\nmine,2021-07-10,,high,o*\n", encoding="utf-8")
    return path


def test_signals_and_events_are_counted_as_they_were_known(folder):
    found = ask(
        folder / "ore.csv", "--measure", "price_month_move", "--above", "20", "--events", folder / "shocks.csv",
        "--within", "2", "--json",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    said = json.loads(found.output)
    [row] = said["backtest"]
    # +30 % in 2021-06, known on 2 July, eight days before the event; the one of 2022-03 in vain. With the revision of
    # 2021-05 to 140, known in November 2022, the first signal would be gone.
    assert [a["raised"] for a in said["backtest_alerts"]] == ["2021-07-02", "2022-04-02"]
    assert [a["in_vain"] for a in said["backtest_alerts"]] == [False, True]
    assert said["backtest_events"][0]["fired"] == "2021-07-02"
    assert (row["alerts"], row["in_vain"], row["warned"], row["events"], row["lead_days"]) == (2, 1, 1, 1, 8)
    assert (row["precision"], row["recall"]) == (0.5, 0.5)
    assert said["run"]["real_time"] == "dates of publication"


def test_text_says_what_fired_when_and_files_hold_the_documented_columns(folder, tmp_path):
    found = ask(
        folder / "ore.csv", "--measure", "price_month_move", "--above", "20", "--events", folder / "shocks.csv",
        "--out", tmp_path,
    )  # fmt: skip
    assert "mine   2021-07-10  ore     price_month_move       +8" in found.output
    for name in ("backtest", "backtest_events", "backtest_alerts"):
        assert pl.read_csv(tmp_path / f"{name}.csv").columns == [c.name for c in result_schema(name).columns]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("period,value\n2020-01,5\n", [], "has no published_at. A back-test without dates of publication looks ahead"),
        (
            "period,value,published_at\n2020-01,5,2021-01-01\n2020-02,6,2021-01-01\n",
            [],
            "every value of x was published at 2021-01-01: before that nothing was known",
        ),
        (
            "period,value,published_at\n2020-01,5,2020-01-20\n2020-02,5,2020-03-02\n",
            [],
            "a value published on 2020-01-20 stands for a period that ends on 2020-01-31",
        ),
        ("period,value\n2020-13,5\n", ["--assume-lag", "1"], "x.csv, row 2: '2020-13' is not a period"),
        ("period,value\n2020-01,five\n", ["--assume-lag", "1"], "x.csv, row 2: 'five' is not a number"),
        ("period,value\n2020-01,0\n", ["--assume-lag", "1"], "price 0 at place 1 is not above 0"),
        ("period,value\n2020-01,5\n2020-01,6\n", ["--assume-lag", "1"], "row 3: x 2020-01 stands in row 2 already"),
        (
            "period;value\n２０２０－０１;５．５\n2020-1;6\n",
            ["--assume-lag", "1"],
            "row 3: x 2020-1 stands in row 2 already",
        ),
        ("period,value\n2020-01,1,234.5\n", ["--assume-lag", "1"], "row 2: the row has 3 cells; the header has 2"),
        ("period,value\n2020-01,1_000\n", ["--assume-lag", "1"], "row 2: '1_000' is not a number"),
        ("period,value\n2020-01,5\n2020-01-02,6\n", ["--assume-lag", "1"], "mixes periods of day and month"),
        ("month,value\n2020-01,5\n", ["--assume-lag", "1"], "has no column 'period'; it has month, value"),
        ("period,value\n", ["--assume-lag", "1"], "x.csv has no rows"),
        ("period,value\n2020,5\n", ["--assume-lag", "1"], "No rule takes these series (by year)"),
        ("period,value\n2020-01,5\n", ["--assume-lag", "1", "--rule", "price-ifpo"], "Did you mean 'price-ifpa'?"),
        ("period,value\n2020-01,5\n", ["--measure", "price_ifpo", "--assume-lag", "1"], "Did you mean 'price_ifpa'?"),
        ("period,value\n2020-01,5\n", ["--measure", "price", "--assume-lag", "1"], "--above or --below"),
    ],
)
def test_look_ahead_and_bad_input_are_refused_with_the_value_and_the_way_out(tmp_path, text, options, message):
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    found = ask(tmp_path / "x.csv", *options)
    assert found.exit_code == 2
    assert message in found.output
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("event,onset\n,2020-01-01\n", "row 2: the event has no name"),
        ("event,onset\nx,soon\n", "row 2: onset 'soon' is not a date"),
        ("event,onset,until\nx,2020-02-01,2020-01-01\n", "until 2020-01-01 lies before onset 2020-02-01"),
        ("event,onset,side\nx,2020-02-01,up\n", "side 'up' is not one of high, low, both"),
        ("event,start\nx,2020-02-01\n", "has a column 'start'"),
        ("event\nx\n", "has no column 'onset'"),
    ],
)
def test_faulty_events_are_named(folder, tmp_path, text, message):
    (tmp_path / "events.csv").write_text(text, encoding="utf-8")
    found = ask(folder / "ore.csv", "--events", tmp_path / "events.csv")
    assert found.exit_code == 2
    assert message in found.output


def test_the_shipped_study_gives_the_figures_of_the_page():
    found = ask(STUDY / "study.toml", "--rise", "20", "--look-ahead", "--rule", "price-alps", "--json")
    said = json.loads(found.output)
    yellow = next(r for r in said["backtest"] if r["series_id"] == "*" and r["level"] == "yellow")
    assert yellow["auroc"] == pytest.approx(0.59, abs=0.005)
    assert yellow["auroc_looking_ahead"] == pytest.approx(0.48, abs=0.005)
    assert yellow["auroc_low"] < yellow["auroc"] < yellow["auroc_high"]
    assert said["run"]["absent"] == ["china_manufacturing_pmi.csv"]
    assert said["run"]["real_time"].startswith("pseudo real time")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file = 1", "'file' is not known. Did you mean 'files'?"),
        ('[[files]]\nfile = "nothing.csv"', "nothing.csv: cannot be read"),
        ('[[files]]\nfile = "a.csv"\nassume_lag = "two"', "assume_lag = 'two' is not int"),
        ('[[files]]\nfile = "a.csv"\noptional = true', "none of its files is there"),
        ("[[files]]\nwide = 'x'", "files 1: has no file"),
        ("[[", "is not TOML"),
    ],
)
def test_faulty_studies_are_named(tmp_path, text, message):
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    found = ask(tmp_path / "study.toml")
    assert found.exit_code == 2
    assert message in found.output
