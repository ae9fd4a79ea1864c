import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ballast.cli import exposure, main
from ballast.scale import cluster, local_workers

EXAMPLE = Path(__file__).parents[2] / "examples" / "ore-part-car"
UNCERTAIN = ("forecast", "--draws", "30", "--stock-error", "0.4")
SINGLE, PAIRS, RISK = ("exposure",), ("exposure", "--order", "2"), ("exposure", "--measure", "esri")
SETTLED = (*RISK, "--mode", "exact")


@pytest.fixture(scope="module")
def address():
    with local_workers(2) as executor:
        yield executor.client.scheduler.address


def _run(command, *more):
    name, *options = command
    return CliRunner().invoke(main, [name, str(EXAMPLE), "--date", "2022-04-01", *options, *map(str, more)])


def _answer(command, *more):
    done = _run(command, "--json", *more)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    del found["run"]["seconds"]
    return found


@pytest.mark.parametrize("command", [SINGLE, PAIRS, RISK, SETTLED, UNCERTAIN])
def test_a_cluster_gives_the_same_answer_and_keeps_it(command, address, tmp_path):
    here = _answer(command)
    assert _answer(command, "--cluster", address, "--resume", tmp_path) == here
    kept = list(tmp_path.glob("*/*-*"))
    assert kept
    assert _answer(command, "--resume", tmp_path) == here
    assert list(tmp_path.glob("*/*-*")) == kept


def test_workers_of_this_machine_give_the_same_answer():
    assert _answer(SINGLE, "--workers", 2) == _answer(SINGLE)


@pytest.mark.parametrize("command", [SINGLE, UNCERTAIN])
def test_a_cluster_that_is_not_there_ends_with_2(command, monkeypatch):
    monkeypatch.setattr(cluster, "_ANSWER", 0.5)
    done = _run(command, "--cluster", "tcp://127.0.0.1:9")
    assert done.exit_code == 2
    assert "No cluster answers at tcp://127.0.0.1:9" in done.stderr


def test_a_cluster_and_workers_at_once_are_wrong_usage():
    done = _run(SINGLE, "--cluster", "tcp://127.0.0.1:9", "--workers", 2)
    assert done.exit_code == 2
    assert "not both" in done.stderr


def test_without_dask_the_extra_to_install_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = _run(SINGLE, "--workers", 2)
    assert done.exit_code == 2
    assert "pip install 'ballast[cluster]'" in done.stderr


def test_pieces_of_other_tables_end_with_2(tmp_path):
    (tmp_path / "resume.json").write_text('{"ballast": "0.1.0", "network": "abc"}')
    done = _run(SINGLE, "--resume", tmp_path)
    assert done.exit_code == 2
    assert "holds pieces of network abc" in done.stderr


def test_a_stopped_run_says_how_it_goes_on(monkeypatch, tmp_path):
    def stopped(*_arguments, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(exposure, "single_failures", stopped)
    done = _run(SINGLE, "--resume", tmp_path)
    assert done.exit_code == 1
    assert f"the same command goes on from {tmp_path}" in done.stderr


def test_a_forecast_without_draws_needs_no_workers():
    done = _run(("forecast",), "--workers", 2)
    assert done.exit_code == 2
    assert "say how many" in done.stderr
