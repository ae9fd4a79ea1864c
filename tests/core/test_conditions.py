"""Conditions read from TOML: every fault with its line and key, whatever the text is."""

import datetime as dt

import pytest

from ballast.core.conditions import beyond, met, read_condition
from ballast.core.warning import FaultyFileError

HEAD = "effective_until = 2022-06-30\n[[inputs]]\n"


def read(text, known=lambda _kind, _code: True):
    return read_condition(text, "c", known)


def test_a_condition_has_its_days_and_inputs():
    found = read(
        'needs = "any"\neffective_from = 2022-04-01\n' + HEAD + 'kind = "warnings"\nat_least = 3\nopen_days = 2'
    )
    (one,) = found.inputs
    assert (found.needs, one.kind, one.limit, one.days, one.level, one.line) == ("any", "warnings", 3.0, 2, "red", 4)
    days = [dt.date(2022, 3, 31), dt.date(2022, 4, 1), dt.date(2022, 6, 30), dt.date(2022, 7, 1)]
    assert [found.in_force(day) for day in days] == [False, True, True, False]
    assert [met("any", states) for states in ([], [None], [False, True])] == [False, False, True]
    assert [met("all", states) for states in ([], [True, None], [True, True])] == [False, False, True]
    assert [beyond(side, 3, 3) for side in ("above", "at_least", "below", "at_most")] == [False, True, False, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 3000, "nested too deeply"),
        ("a = 1" + "0" * 5000, "no TOML"),
        ("inputs = 3\neffective_until = 2022-06-30", "line 1, inputs: '3': is not a list of tables"),
        ("effective_until = 2022-06-30", "inputs: '0': are too few or too many"),
        ('[[inputs]]\nkind = "warnings"\nat_least = 1', "effective_until: is missing"),
        ("effective_from = 2022-07-01\n" + HEAD + 'kind = "warnings"\nat_least = 1', "line 2, effective_until"),
        (HEAD + 'kind = "warning"', "line 3, inputs[1], kind: 'warning': is not known; did you mean 'warnings'?"),
        (HEAD + 'kind = "warnings"\nat_least = 1.5', "line 4, inputs[1], at_least: '1.5': will not do"),
        (HEAD + 'kind = "warnings"', "line 2, inputs[1], at_least: is missing"),
        (HEAD + 'kind = "lamps"\nmeasure = "share"\nat_least = 120', "line 5, inputs[1], at_least: '120'"),
        (HEAD + 'kind = "lamps"\nat_least = 1\ndays = 0', "line 5, inputs[1], days: '0': is less than 1"),
        (HEAD + 'kind = "series"\nseries = "s"\nabove = 1\nbelow = 2', "line 2, inputs[1]: has 2 limits"),
        (HEAD + 'kind = "series"\nseries = "s"\nabove = nan', "line 5, inputs[1], above: 'nan': is not a finite"),
        (HEAD + 'kind = "commodity"\nlevel = "red"', "commodity: is missing"),
        (
            HEAD + 'kind = "problems"\nproblem = "x"\nlevel = "red"\nlevels = 1',
            "line 6, inputs[1] “red”, levels: 'levels'",
        ),
    ],
)
def test_what_is_wrong_is_named_by_line_and_key(text, said):
    with pytest.raises(FaultyFileError) as error:
        read(text)
    assert said in str(error.value)


def test_a_code_that_is_not_known_is_named():
    with pytest.raises(FaultyFileError, match=r"line 4, .*commodity: 'urea': is not known here"):
        read(HEAD + 'kind = "commodity"\ncommodity = "urea"\nlevel = "red"', lambda kind, _code: kind != "commodity")
