"""`ballast clocks` and `ballast doctor`: calendars, policies, and whether the stored due times are right."""

import json

import pytest
from click.testing import CliRunner
from tests import factories as make
from tests.areas.cases.clocks.test_clocks import POLICY
from tests.areas.cases.conftest import build, problem
from tests.areas.reference.test_calendars import OWN

from ballast.areas.cases.models import Case
from ballast.cli import main


@pytest.fixture
def run(db, tmp_path):
    def call(*args, text=None):
        if text is not None:
            (tmp_path / "given.toml").write_text(text, encoding="utf-8")
            args = (*args, str(tmp_path / "given.toml"))
        return CliRunner().invoke(main, args)

    return call


def test_calendars_and_policies_are_loaded_once_listed_and_looked_after(run):
    world = build()
    case = problem(world)
    assert run("doctor").exit_code == 0
    result = run("clocks", "calendar", text=OWN)
    assert (result.exit_code, result.output) == (0, "Calendar port 2022-1 is loaded.\n")
    assert "Nothing new" in run("clocks", "calendar", text=OWN).output
    result = run("clocks", "policy", text=POLICY.replace("04-29", "04-28"))
    assert result.output.splitlines() == [
        "Policy problem 2022-05 is loaded, in force from 2022-04-28 00:00 CST.",
        "1 of 1 cases in hand are due at another time now.",
    ]
    listed = json.loads(run("clocks", "list", "--json").output)
    assert [one["name"] for one in listed["calendars"]] == ["cn", "plain", "port"]
    assert [one["version"] for one in listed["policies"] if one["pack"] == "problem"] == ["1", "2022-05"]
    assert "calendar plain\t1\tMonday to Friday\tknows no holidays, of the authority" in run("clocks", "list").output

    before = Case.objects.get(pk=case.pk).due_at
    Case.objects.update(due_at=case.filed_at)
    result = run("doctor", "--json")
    assert (result.exit_code, [one["number"] for one in json.loads(result.output)["differing"]]) == (1, [case.number])
    assert "Run `ballast clocks recompute`" in run("doctor").output
    assert run("clocks", "recompute").output.splitlines() == [
        "1 cases in hand, 1 due at another time now.", "0 cases that are over, 0 got other parts of desks.",
    ]  # fmt: skip
    assert Case.objects.get(pk=case.pk).due_at == before


def test_a_calendar_that_ends_too_early_and_a_file_that_cannot_stand_are_told(run):
    world = build()
    problem(world)
    make.working_calendar("plain", until="2022-05-01")
    result = run("doctor")
    assert result.exit_code == 1
    assert "1 cases in hand are due after that" in result.output
    result = run("clocks", "calendar", text="name = 1")
    assert (result.exit_code, "week: the table is missing" in result.output) == (2, True)
    assert run("clocks", "policy", text="x = 1").exit_code == 2
