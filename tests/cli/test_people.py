"""`ballast user`: people, rights and tokens from the command line."""

import json

import pytest
from click.testing import CliRunner
from tests import factories as make

from ballast.areas.accounts.models import User
from ballast.areas.accounts.selectors import user_of_token
from ballast.cli import main

PASSWORD = "blue-horse-42-stair"


@pytest.fixture
def run(db):
    def call(*args, password=PASSWORD, given=""):
        return CliRunner().invoke(main, ["user", *args], env={"BALLAST_PASSWORD": password}, input=given)

    return call


def test_a_person_is_added_and_given_a_right_in_a_region(run):
    make.region("310000", iso="CN-SH")
    assert run("add", "wang", "--name", "Wang").exit_code == 0
    result = run("grant", "wang", "province_officer", "--region", "CN-SH", "--until", "2099-01-01")
    assert (result.exit_code, result.output) == (0, "wang is province_officer: 310000.\n")
    assert "wang\tWang\tprovince_officer 310000 until 2099-01-01" in run("list").output
    assert json.loads(run("list", "--json").output)[0]["rights"][0]["region"] == "310000"


def test_the_password_is_asked_for_twice_when_none_is_set(run):
    result = run("add", "wang", password="", given=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert User.objects.get().check_password(PASSWORD)
    assert PASSWORD not in result.output


def test_an_administrator_is_made_in_one_step_or_not_at_all(run):
    assert run("add", "root", "--admin").exit_code == 0
    assert [g.role for g in User.objects.get().grants.all()] == ["administrator"]
    result = run("add", "other", "--admin", password="short")
    assert (result.exit_code, "password" in result.output) == (2, True)
    assert not User.objects.filter(username="other").exists()


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("nobody", "analyst"), "nobody"),
        (("wang", "king"), "king"),
        (("wang", "province_officer", "--region", "999999"), "999999"),
        (("wang", "analyst", "--chain", "nothing"), "nothing"),
        (("wang", "reporter", "--enterprise", "E9"), "E9"),
        (("wang", "reporter"), "enterprise"),
    ],
)
def test_a_wrong_right_exits_2_and_names_the_value(run, args, word):
    make.user(None, username="wang")
    result = run("grant", *args)
    assert result.exit_code == 2
    assert word in result.output
    assert "Traceback" not in result.output


def test_a_token_is_printed_and_works(run):
    person = make.user(username="wang")
    assert user_of_token(run("token", "wang").output.strip()) == person
    assert run("token", "wang", "--days", "999").exit_code == 2
