import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main
from ballast.cli.inventory import _progress

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _inventory(*arguments):
    return CliRunner().invoke(main, ["inventory", *map(str, arguments)])


def test_losses_run_down_the_chain_and_it_restarts(tmp_path):
    out = tmp_path / "out"
    done = _inventory(EXAMPLE, "--date", "2022-04-01", "--days", 60, "--out", out)
    assert done.exit_code == 0, done.output
    assert "3 sites, 1 event, 2022-04-01 to 2022-05-30 (60 days)" in done.output
    assert "Lost output 19.50, 10.83% of normal output; of it 10.00 where events strike" in done.output
    assert "Links of more than a day, counted as one day: 1." in done.output
    sites = {row["site_id"]: row for row in pl.read_csv(out / "inventory_sites.csv").to_dicts()}
    # Ten days without ore; 4 days of it in the parts works and one on the way; then 2.5 + 1 of parts and one day.
    assert [sites[site]["stop_day"] for site in ("ore", "part", "car")] == [0, 5, 9]
    assert [sites[site]["lost_days"] for site in ("ore", "part", "car")] == pytest.approx([10.0, 6.0, 3.5])
    assert sites["car"]["direct_days"] == 0.0
    days = pl.read_csv(out / "inventory_days.csv")
    assert days.height == 60
    assert float((3.0 - days["output_value"]).sum()) == pytest.approx(19.5)
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["lost_output_value"] == pytest.approx(19.5)
    assert run["lowest_day"] < run["recovery_day"] == 12


def test_who_orders_only_for_what_it_makes_never_starts_again():
    found = json.loads(_inventory(EXAMPLE, "--days", 60, "--orders", "output", "--json").output)
    assert found["run"]["recovery_day"] is None
    assert found["run"]["lost_output_value"] > 150.0


def test_slow_recovery_costs_more_and_larger_stocks_less():
    def lost(*options):
        return json.loads(_inventory(EXAMPLE, "--days", 90, "--json", *options).output)["run"]["lost_output_value"]

    assert lost("--recovery-days", 10, "--curve", "convex") > lost("--recovery-days", 10) > lost()
    assert lost("--target-days", 15) < lost()
    assert lost("--without", "ore-shut") == 0.0


@pytest.fixture
def table(tmp_path):
    """Ore of r1 goes to the works of r2 and nowhere else; users buy what the works make."""
    folder = tmp_path / "table"
    folder.mkdir()

    def write(name, *lines):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    write(
        "trade_flows_Z.tsv",
        "\t\t\tr1\tr1\tr2\tr2",
        "\t\t\tore\tcars\tore\tcars",
        "r1\tore\tM\t0\t0\t0\t365",
        "r1\tcars\tM\t0\t0\t0\t0",
        "r2\tore\tM\t0\t0\t0\t0",
        "r2\tcars\tM\t0\t0\t0\t0",
    )
    users = ["r1\tore\tM\t0\t0", "r1\tcars\tM\t365\t0", "r2\tore\tM\t0\t365", "r2\tcars\tM\t730\t730"]
    write("finald_demand_Y.tsv", "\t\t\tr1\tr2", "\t\t\tusers\tusers", *users)
    write("factor_input.tsv", "\t\tr1\tr1\tr2\tr2", "\t\tore\tcars\tore\tcars", "Value Added\tM\t365\t365\t365\t1095")
    return folder


def test_a_table_of_regions_and_sectors_loses_what_is_hit(table, tmp_path):
    out = tmp_path / "out"
    done = _inventory(
        table,
        "--hit",
        "r1.ore=1@2-11",
        "--days",
        60,
        "--target-days",
        5,
        "--psi",
        1,
        "--date",
        "2022-04-01",
        "--out",
        out,
    )
    assert done.exit_code == 0, done.output
    assert "2 countries, 2 sectors, 2022-04-01 to 2022-05-30 (60 days)" in done.output
    rows = {(row["country"], row["sector"]): row for row in pl.read_csv(out / "inventory_industries.csv").to_dicts()}
    assert rows["r1", "ore"]["direct_days"] == 10.0
    assert rows["r1", "ore"]["lowest_share"] == 0.0
    # Stock covers day 3 no longer at psi 1: a fifth less each day.
    assert rows["r2", "cars"]["lost_output_value"] > rows["r1", "cars"]["lost_output_value"] == 0.0
    assert rows["r2", "cars"]["unmet_value"] == pytest.approx(rows["r2", "cars"]["lost_output_value"], rel=0.2)
    days = pl.read_csv(out / "inventory_days.csv")
    assert days["output_value"][0] == pytest.approx(7.0)
    assert days["output_share"].min() < 0.9
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (run["source"], run["psi"], run["stock_days"], run["tau"], run["hits"]) == (
        "mrio",
        1,
        5,
        60,
        ["r1.ore=1@2-11"],
    )
    assert "Nothing is hit." in _inventory(table, "--days", 5).output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hit", "r3=0.5"), "hit: 'r3' is not in the table. It has r1, r2."),
        (("--hit", "r1.wine=0.5"), "hit: 'wine' is not in the table. It has ore, cars."),
        (("--hit", "r1=1.5"), "takes 1.5 of capacity. Give a part from 0 to 1."),
        (("--hit", "r1=0.5@9-3"), "ends on day 3, before it begins."),
        (("--hit", "r1"), "is not PLACE=PART@FIRST-LAST."),
        (("--rationing", "smallest"), "--rationing: has no meaning for an input-output table."),
    ],
)
def test_wrong_use_of_a_table_is_refused(table, options, message):
    done = _inventory(table, *options)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_options_of_tables_have_no_meaning_for_sites():
    done = _inventory(EXAMPLE, "--hit", "car=0.5")
    assert done.exit_code == 2
    assert "--hit: has no meaning for tables of sites" in " ".join(done.output.split())


def test_a_list_of_firsts_needs_priority_and_known_sites():
    done = _inventory(EXAMPLE, "--first", "cat", "--rationing", "priority")
    assert done.exit_code == 2
    assert "Did you mean 'car'?" in " ".join(done.output.split())
    done = _inventory(EXAMPLE, "--first", "car")
    assert done.exit_code == 2
    assert "Take priority, or leave it out" in done.output
    assert _inventory(EXAMPLE, "--first", "car", "--rationing", "priority").exit_code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--days", 0), "0 is not in the range"),
        (("--rationing", "lottery"), "'lottery' is not one of 'proportional', 'smallest', 'priority'"),
        (("--tau", 0), "tau: 0 is less than a day or endless. Give a number of days from 1 up."),
        (("--target-days", 0.5), "target_days: 0.5 is less than the day's use or endless."),
        (("--final-share", 1), "final_share: 1 is no part of output. Give a number from 0 to below 1."),
        (("--capacity", 0.5), "capacity: 0.5 is below normal or endless."),
        (("--without", "ore-shot"), "Did you mean 'ore-shut'?"),
    ],
)
def test_wrong_use_is_refused_with_the_way_out(options, message):
    done = _inventory(EXAMPLE, *options)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_a_long_run_says_on_a_terminal_how_far_it_is(monkeypatch, capsys):
    now = iter([0.0, 1.0, 2.5, 3.0])
    monkeypatch.setattr("ballast.cli.inventory.time.monotonic", lambda: next(now))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    say = _progress(30)
    for done in (10, 20, 30):
        say(done)
    assert capsys.readouterr().err == "\rRunning: day 20 of 30\rRunning: day 30 of 30\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    assert _progress(30) is None
