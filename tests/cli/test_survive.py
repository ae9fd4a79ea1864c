import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from ballast.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"


def _survive(*arguments):
    return CliRunner().invoke(main, ["survive", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    """The example with recovery days of two sites."""
    path = Path(shutil.copytree(EXAMPLE, tmp_path / "tables"))
    sites = pl.read_csv(path / "sites.csv", infer_schema=False)
    days = pl.Series("recovery_days", [{"ore": "10", "part": "3"}.get(site, "") for site in sites["site_id"]])
    sites.with_columns(days).write_csv(path / "sites.csv")
    return path


def test_times_alarms_and_losses_stand_in_the_table(folder, tmp_path):
    out = tmp_path / "out"
    done = _survive(folder, "--date", "2022-04-01", "--out", out)
    assert done.exit_code == 0, done.output
    assert "3 sites stopped alone: 1 recover later than demand can be met, 0 without limit" in done.output
    table = {row["site_id"]: row for row in pl.read_csv(out / "survive.csv").to_dicts()}
    # ore: 4 days of ore + 1 on the way + 2.5 days of parts; part: 2.5 + 2 on the way.
    assert [table[site]["time_to_survive"] for site in ("ore", "part", "car")] == pytest.approx([7.5, 4.5, 0.0])
    assert [table[site]["alarm"] for site in ("ore", "part", "car")] == [True, False, False]
    assert table["ore"]["loss_at_recovery"] == pytest.approx(2.5)
    assert table["car"]["loss_at_recovery"] is None
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (run["alarms"], run["time_to_recover_unknown"], run["capacity"]) == (1, 1, 1.0)


def test_one_site_can_be_asked_for(folder):
    found = json.loads(_survive(folder, "--date", "2022-04-01", "--site", "part", "--json").output)
    assert [row["site_id"] for row in found["survive"]] == ["part"]
    assert found["survive"][0]["unlimited"] is False


def test_names_that_are_not_there_are_refused_with_the_nearest(folder):
    done = _survive(folder, "--site", "cat")
    assert done.exit_code == 2
    assert "'cat' is not among the sites. Did you mean 'car'?" in " ".join(done.output.split())


def test_only_the_top_is_printed(folder):
    done = _survive(folder, "--date", "2022-04-01", "--top", 1)
    assert "... and 2 more" in done.output
