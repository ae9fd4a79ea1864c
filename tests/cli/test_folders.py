import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests import factories
from tests.tables import folders
from tests.tables.folders import changed

from ballast.areas.reference.models import Industry
from ballast.areas.registry.models import Enterprise
from ballast.cli import main
from ballast.tables.folder import read_folder
from ballast.tables.schema import TABLES


def run(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def desk(db):
    factories.authority()
    for code in ("220000", "310000"):
        factories.region(code)
    for code in ("B08", "C36"):
        Industry.objects.create(code=code, scheme="GB/T 4754", name=code)


class TestCheck:
    def test_a_good_folder_prints_its_counts(self, tmp_path):
        result = run("check", folders.write(tmp_path / "a"))
        assert result.exit_code == 0
        assert "needs                3 rows  needs.csv" in result.stdout
        assert "All good." in result.stdout

    def test_a_bad_cell_is_named_with_reason_and_way_out(self, tmp_path):
        result = run("check", folders.write(tmp_path / "a", **changed("needs", ",40,5", ",-40,5")))
        assert result.exit_code == 2
        assert "needs.csv, row 2, stock: '-40': The value is negative. It must be 0 or more." in result.stderr
        assert "1 problem." in result.stderr

    def test_json_holds_counts_or_problems(self, tmp_path):
        good = run("check", folders.write(tmp_path / "a"), "--json", "--date", "2022-04-28")
        assert json.loads(good.stdout)["counts"]["events"] == 5
        bad = run("check", folders.write(tmp_path / "a", **changed("links", "verified", "sure")), "--json")
        assert bad.exit_code == 2
        problem = json.loads(bad.stdout)["problems"][0]
        assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (
            "links.csv",
            2,
            "provenance",
            "sure",
        )
        assert problem["hint"] == "Allowed: reported, verified, inferred."

    def test_a_long_list_is_cut_on_screen_and_whole_in_a_file(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        text = "series_id,period,value,unit,published_at\n" + "".join(
            f"A,2022-01,x{i},u,2022-02-{i % 28 + 1:02}T0{i % 9}:00\n" for i in range(120)
        )
        result = run("check", folders.write(tmp_path / "a", series=text))
        assert result.exit_code == 2
        assert result.stderr.count("series.csv, row") == 50
        assert "... and 70 more. All of them are in ballast-problems.csv." in result.stderr
        assert len((tmp_path / "ballast-problems.csv").read_text(encoding="utf-8-sig").splitlines()) == 121

    def test_a_folder_that_is_not_there_is_no_traceback(self, tmp_path):
        result = run("check", tmp_path / "none")
        assert result.exit_code == 2
        assert "There is no folder" in result.stderr


class TestLoad:
    def test_a_load_tells_what_is_new_and_a_second_one_that_nothing_is(self, tmp_path, desk):
        path = folders.write(tmp_path / "a")
        first, second = run("load", path), run("load", path)
        assert first.exit_code == second.exit_code == 0
        assert "27 new, 0 changed, 0 unchanged" in first.stdout
        assert "0 new, 0 changed, 27 unchanged" in second.stdout

    def test_a_dry_run_writes_nothing(self, tmp_path, desk):
        result = run("load", folders.write(tmp_path / "a"), "--dry-run")
        assert result.exit_code == 0
        assert "Dry run: nothing was written." in result.stdout
        assert not Enterprise.objects.exists()

    def test_one_bad_row_loads_nothing(self, tmp_path, desk):
        result = run("load", folders.write(tmp_path / "a", **changed("needs", ",40,5", ",-40,5")))
        assert result.exit_code == 2
        assert "needs.csv, row 2, stock: '-40'" in result.stderr
        assert "Nothing was loaded." in result.stderr
        assert not Enterprise.objects.exists()

    def test_partial_loads_the_rest_and_keeps_the_bad_row_in_a_file(self, tmp_path, desk):
        path = folders.write(tmp_path / "a", **changed("needs", ",40,5", ",-40,5"))
        result = run("load", path, "--partial", "--bad-rows", tmp_path / "bad")
        assert result.exit_code == 1
        assert Enterprise.objects.count() == 3
        lines = (tmp_path / "bad" / "needs.csv").read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].endswith("reported_at,bad_row,bad_reason")
        assert lines[1].startswith("S2,ore,10,t,-40,5,")
        assert "The value is negative." in lines[1]

    def test_the_mended_bad_rows_load_as_a_folder(self, tmp_path, desk):
        path = folders.write(tmp_path / "a", **changed("needs", ",40,5", ",-40,5"))
        run("load", path, "--partial", "--bad-rows", tmp_path / "bad")
        for file in (tmp_path / "bad").iterdir():
            file.write_text(file.read_text(encoding="utf-8-sig").replace(",-40,", ",40,"), encoding="utf-8")
        result = run("load", tmp_path / "bad")
        assert result.exit_code == 0, result.stderr
        assert "2 new, 0 changed, 0 unchanged" in result.stdout

    def test_json_gives_the_counts(self, tmp_path, desk):
        result = run("load", folders.write(tmp_path / "a"), "--json")
        assert json.loads(result.stdout)["counts"]["sites"] == {"new": 3, "changed": 0, "unchanged": 0}


class TestDump:
    @pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
    def test_a_dump_equals_the_folder_that_was_loaded(self, tmp_path, desk, format):
        path = folders.write(tmp_path / "a", "gb18030")
        run("load", path)
        result = run("dump", tmp_path / "out", "--format", format)
        assert result.exit_code == 0
        assert read_folder(tmp_path / "out").digest == read_folder(path).digest
        assert sorted(p.suffix for p in (tmp_path / "out").iterdir()) == [f".{format}"] * 10

    def test_a_folder_that_is_not_empty_is_refused_without_force(self, tmp_path, desk):
        path = folders.write(tmp_path / "a")
        run("load", path)
        refused = run("dump", path)
        assert refused.exit_code == 2
        assert "is not empty" in refused.stderr
        assert run("dump", path, "--force").exit_code == 0
        assert read_folder(path).good


class TestTemplate:
    def test_templates_are_made_once_and_not_written_over(self, tmp_path):
        assert run("template", "all", "--out", tmp_path / "t", "--language", "zh").exit_code == 0
        assert {file.stem for file in (tmp_path / "t").iterdir()} == set(TABLES)
        again = run("template", "sites", "--out", tmp_path / "t")
        assert again.exit_code == 2
        assert "is there already" in again.stderr

    def test_an_unknown_table_is_refused(self, tmp_path):
        assert run("template", "shops", "--out", tmp_path).exit_code == 2


def _python(data, code, *args):
    environment = os.environ | {"BALLAST_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "ballast.settings"}
    for name in ("BALLAST_DATABASE_URL", "BALLAST_SECRET_KEY"):
        environment.pop(name, None)
    command = [sys.executable, "-c", code, *map(str, args)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, encoding="utf-8")


def _ballast(data, *args):
    return _python(data, "from ballast.cli import main; main()", *args)


def _many(path: Path, rows: int) -> Path:
    folders.write(path, **dict.fromkeys(folders.TABLES))
    head = folders.TABLES["enterprises"].splitlines()[0]
    lines = [f"E{i},Enterprise {i},,310000,,,,,," for i in range(rows)]
    (path / "enterprises.csv").write_text("\n".join([head, *lines]) + "\n")
    head = folders.TABLES["sites"].splitlines()[0]
    lines = [f"S{i},E{i},Site {i},,310000,P{i % 50},,,,," for i in range(rows)]
    (path / "sites.csv").write_text("\n".join([head, *lines]) + "\n")
    return path


def test_without_a_database_the_way_out_is_named(tmp_path):
    process = _ballast(tmp_path / "data", "load", folders.write(tmp_path / "a"))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "ballast init" in errors
    assert "Traceback" not in errors


_LOAD = """
import sys, django; django.setup()
from ballast.areas.exchange.services import load_folder, read_for_load
load_folder(read_for_load(sys.argv[1]), actor="test", progress=lambda *step: print(*step, flush=True))
"""


def test_a_load_that_is_killed_while_it_writes_leaves_nothing(tmp_path):
    data, rows = tmp_path / "data", 6_000
    setup = _ballast(data, "init")
    setup.communicate(timeout=120)
    assert setup.returncode == 0
    path = _many(tmp_path / "a", rows)
    process = _python(data, _LOAD, path)
    assert process.stdout.readline() == "enterprises 5000 12000\n"
    assert process.stdout.readline() == "enterprises 6000 12000\n"
    process.kill()
    process.communicate(timeout=30)
    again = _ballast(data, "load", path, "--json")
    output, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert json.loads(output)["total"] == {"new": 2 * rows, "changed": 0, "unchanged": 0}
