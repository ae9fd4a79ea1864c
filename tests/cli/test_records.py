"""`ballast audit verify` finds one altered row."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from ballast.areas.audit.services import record
from ballast.cli import main


@pytest.fixture
def run(db):
    for number in range(3):
        record("thing.done", None, subject_type="thing", subject_id=str(number))
    return lambda *args: CliRunner().invoke(main, ["audit", "verify", *args])


def test_a_whole_chain_exits_0_and_prints_its_head(run):
    result = run()
    assert (result.exit_code, result.output[:9]) == (0, "3 entries")
    assert json.loads(run("--json").output)["broken"] is None


def test_an_altered_row_exits_1_and_is_named(run):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditentry SET actor = 'somebody else' WHERE sequence = 2")
    result = run()
    assert result.exit_code == 1
    assert "Entry 2 is broken" in result.output
    assert json.loads(run("--json").output)["broken"] == 2
