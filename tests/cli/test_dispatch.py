"""`ballast dispatch`: forms, languages, and what wrong use is told."""

import json

import pytest
from click.testing import CliRunner
from tests.areas.dispatch.conftest import room, undone  # noqa: F401 - fixtures

from ballast.areas.cases.models import Case
from ballast.areas.dispatch.models import Sheet
from ballast.cli import main

pytestmark = pytest.mark.django_db


def dispatch(*arguments):
    return CliRunner().invoke(main, ["dispatch", *arguments])


def test_forms_languages_and_the_sheet_of_an_earlier_day(undone, tmp_path):  # noqa: F811
    assert "Cases that need a decision" in dispatch().stdout
    chinese = dispatch("--language", "zh", "--address", "https://desk.example/").stdout
    assert "需决策事项" in chinese
    assert 'href="https://desk.example/dispatch/2022-04-28/cases/?figure=overdue&amp;scope=/&amp;issue=1"' in chinese
    for name, start in (("a.pdf", b"%PDF-"), ("a.docx", b"PK"), ("a.xlsx", b"PK"), ("a.json", b"{")):
        for again in "ab":
            result = dispatch("--out", str(tmp_path / name.replace("a.", f"{again}.")))
            assert result.exit_code == 0, result.output
        assert (tmp_path / name).read_bytes().startswith(start)
        assert (tmp_path / name).read_bytes() == (tmp_path / name.replace("a.", "b.")).read_bytes()
    assert json.loads(dispatch("--scope", "220000", "--format", "json").stdout)["scope"] == "/CN/220000/"
    Case.objects.filter(state="filed").first().delete()
    assert json.loads(dispatch("--format", "json").stdout)["issue"] == 1
    assert json.loads(dispatch("--format", "json", "--make").stdout)["issue"] == 2
    Sheet.objects.update(day="2022-04-27")
    assert json.loads(dispatch("--format", "json", "--date", "2022-04-27").stdout)["issue"] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scope", "777777"], "There is no region '777777'"),
        (["--date", "2022-04-01"], "No dispatch sheet was made on 2022-04-01"),
        (["--date", "2022-04-01", "--make"], "cannot be made any more"),
        (["--format", "odt"], "odt"),
    ],
)
def test_wrong_use_is_told_and_ends_with_two(undone, arguments, told):  # noqa: F811
    result = dispatch(*arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output
