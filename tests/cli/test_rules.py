"""`ballast rules check` and `ballast rules test`."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ballast.areas.alerts.packs import SEQUENCES, shipped_packs
from ballast.cli import main
from ballast.core.warning import packs

_TEST = """
packs = ["rules.toml"]
[[tests]]
name = "red too early"
rule = "r"
values = "20 2 _ 2"
states = "0:normal 1:red 3:red"
"""


@pytest.fixture
def folder(tmp_path):
    text = (SEQUENCES / "rules.toml").read_text(encoding="utf-8")
    (tmp_path / "rules.toml").write_text(text.replace('"held-red"', '"r"'), encoding="utf-8")
    return tmp_path


def _run(*arguments):
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_all_shipped_packs_are_good_and_all_shipped_tests_hold():
    found = _run("rules", "check", "--json")
    assert found.exit_code == 0, found.output
    assert len(json.loads(found.output)["packs"]) == len(shipped_packs()) >= 10
    found = _run("rules", "test", "--json")
    assert found.exit_code == 0, found.output
    tests = [one for file in json.loads(found.output) for one in file["tests"]]
    assert len(tests) >= 60
    assert all(one["good"] for one in tests)


def test_a_test_that_fails_shows_expected_against_got_on_a_line_of_time(folder):
    (folder / "my_test.toml").write_text(_TEST, encoding="utf-8")
    found = _run("rules", "test", folder)
    assert found.exit_code == 1
    assert "FAILED  red too early" in found.output
    assert "line 3)" in found.output
    assert "  expected  normal  red           .             red" in found.output
    assert "  got       normal  pending(red)  pending(red)  pending(red)" in found.output
    assert "day 3: expected red, got pending(red)" in found.output
    assert "1 test, 1 failed." in found.output
    assert _run("rules", "test", folder / "my_test.toml", "--only", "nothing").exit_code == 2


def test_a_bad_test_file_is_refused_with_line_and_value(folder):
    (folder / "my_test.toml").write_text(_TEST.replace("_ 2", "2y").replace("3:red", "9:red"), encoding="utf-8")
    found = _run("rules", "test", folder / "my_test.toml")
    assert found.exit_code == 2
    assert "line 6, tests[1] “red too early”, values: '2y'" in found.output
    (folder / "my_test.toml").write_text('packs = ["none.toml"]\n[[tests]]\nname = "t"\nrule = "r"\nvalues = "1"\n')
    assert "packs: 'none.toml': cannot be read" in _run("rules", "test", folder / "my_test.toml").output


def test_a_bad_pack_is_refused_with_every_fault(folder):
    file = folder / "rules.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("below = 3", "below = nan").replace("keep = 2", "kep = 2"))
    found = _run("rules", "check", file)
    assert found.exit_code == 2
    assert "levels[1] “red”, below: 'nan': is not a finite number." in found.output
    assert "kep: 'kep': is no key here; did you mean 'keep'?" in found.output
    file.write_bytes('title = "红"'.encode("gb18030"))
    assert "is not in UTF-8" in _run("rules", "check", file).output
    file.write_text("a = 1\nb = = 2\n")
    assert "line 2: no TOML" in _run("rules", "check", file).output


def test_every_key_of_a_pack_is_described():
    reader = Path(packs.__file__).read_text(encoding="utf-8")
    keys = set(re.findall(r"\.(?:text|choice|number|whole|wholes|yes|day|texts|table|tables)\(\"(\w+)\"", reader))
    keys |= {"below", "at_most", "above", "at_least", "title_zh"}
    page = (Path(__file__).parents[2] / "docs/how-to/test-warning-rules.md").read_text(encoding="utf-8")
    assert {
        key for key in keys if f"`{key}`" not in page and f".{key}]" not in page and f"[[{key}]]" not in page
    } == set()
