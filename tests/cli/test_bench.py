import json

import pytest
from click.testing import CliRunner

from ballast.cli import main


def _bench(*arguments):
    return CliRunner().invoke(main, ["bench", *arguments])


def test_a_fast_run_prints_ours_beside_the_reference():
    done = _bench("forecast", "stops", "--fast")
    assert done.exit_code == 0, done.output
    assert "one event, 30 days, explained" in done.output
    assert "every site alone, 90 days" in done.output
    assert " cores (" in done.output


def test_json_holds_every_line_with_its_ratio():
    found = json.loads(_bench("dependence", "--fast", "--json").output)
    assert {row["model"] for row in found["rows"]} == {"dependence"}
    for row in found["rows"]:
        if row["reference_seconds"] is not None:
            assert row["ratio"] == pytest.approx(row["reference_seconds"] / row["seconds"])


def test_a_page_names_the_machine_each_line_and_the_missed_goals():
    page = _bench("forecast", "--fast", "--markdown").output
    assert page.startswith("# Benchmarks\n\nOne run of `ballast bench --markdown` by Ballast ")
    assert " cores (" in page
    table = [line.split(" | ") for line in page.splitlines() if line.startswith("| forecast")]
    assert {len(cells) for cells in table} == {10}
    missed = page.split("## Goals missed")[1].split("## Notes")[0]
    for cells in table:
        assert (f"- forecast: {cells[1]}, {cells[2]}: goal" in missed) == (cells[8] == "MISSED")


@pytest.mark.parametrize(("arguments", "reason"), [(["luck"], "'luck' is no model"), (["--size", "3"], "3 is not in")])
def test_wrong_usage_ends_with_2_and_says_why(arguments, reason):
    done = _bench(*arguments)
    assert done.exit_code == 2
    assert reason in done.output
