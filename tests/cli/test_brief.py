"""`ballast brief`: forms, languages, and what wrong use is told."""

import json

import pytest
from click.testing import CliRunner
from tests.areas.briefs.world import world

from ballast.areas.briefs.models import Brief
from ballast.cli import main

pytestmark = pytest.mark.django_db


def brief(*arguments):
    return CliRunner().invoke(main, ["brief", *arguments])


def test_html_is_the_default_in_either_language():
    world()
    assert "Car plant" in brief().stdout
    assert "整车厂" in brief("--language", "zh").stdout


def test_links_begin_with_the_address_given():
    world()
    assert 'href="https://desk.example/lamps/?level=red"' in brief("--address", "https://desk.example/").stdout


def test_file_name_chooses_the_form(tmp_path):
    world()
    for name, start in (("a.pdf", b"%PDF-"), ("a.html", b"<!doctype html>"), ("a.json", b"{")):
        result = brief("--out", str(tmp_path / name))
        assert result.exit_code == 0, result.output
        assert (tmp_path / name).read_bytes().startswith(start)


def test_same_stored_brief_gives_the_same_bytes(tmp_path):
    world()
    for form in ("pdf", "html", "json"):
        first, second = (brief("--format", form, "--out", str(tmp_path / n)) for n in "ab")
        assert first.exit_code == second.exit_code == 0
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_earlier_day_prints_as_it_was_issued():
    world()
    found = json.loads(brief("--format", "json").stdout)
    Brief.objects.update(day="2022-04-27")
    again = json.loads(brief("--format", "json", "--date", "2022-04-27").stdout)
    assert again["facts"] == found["facts"]


def test_region_limits_the_brief():
    world()
    text = brief("--scope", "310000").stdout
    assert "/sites/S310000/" in text
    assert "S220000" not in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scope", "777777"], "There is no region '777777'"),
        (["--date", "2022-04-01"], "No brief was issued on 2022-04-01"),
        (["--date", "soon"], "soon"),
        (["--format", "odt"], "odt"),
        (["--out", "/nowhere/brief.pdf"], "cannot be written"),
    ],
)
def test_wrong_use_is_told_and_ends_with_two(arguments, told):
    world()
    result = brief(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_empty_database_names_the_way_out():
    result = brief()
    assert result.exit_code == 2
    assert "ballast init" in result.stderr
