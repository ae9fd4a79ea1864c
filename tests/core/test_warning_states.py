"""States of warnings: against an oracle, in any order and batch, and what always holds."""

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.warning_oracle import states as oracle

from ballast.core.warning import (
    Grade,
    Limit,
    Missing,
    NotationError,
    Rule,
    Scheme,
    States,
    Subjects,
    feed,
    latest,
    read_series,
    standing,
    step,
)

SCHEME = Scheme("ryb", tuple(Grade(name, name, name) for name in ("red", "yellow", "blue")))
_HOLDS = st.integers(0, 3)


@st.composite
def rules(draw):
    used = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=1, unique=True).map(sorted))
    limits = []
    for place in used:
        level = SCHEME.levels[place].name
        high = 20.0 - 2 * place if draw(st.booleans()) else None
        margin = draw(st.sampled_from([0.0, 1.0]))
        limits.append(
            Limit(level, below=3.0 + 3 * place, at_least=high, hold=draw(_HOLDS), keep=draw(_HOLDS), margin=margin)
        )
    missing = Missing(draw(st.integers(0, 2)), raise_to=draw(st.sampled_from(["", "yellow"])))
    return Rule("r", "1", SCHEME, Subjects("need"), "days_of_cover", tuple(limits), missing=missing)


_VALUES = st.sampled_from([float("nan"), 0.0, 2.9, 3.0, 3.5, 5.9, 6.0, 8.9, 9.5, 15.0, 16.0, 18.0, 20.0])
_TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(_VALUES, min_size=n, max_size=n), max_size=14))


def _rows(states):
    return [states.row(subject) for subject in range(len(states))]


@settings(max_examples=60, deadline=None)
@given(rules(), _TABLES.filter(bool))
def test_the_columns_agree_with_the_oracle_and_a_row_can_be_kept_and_read(rule, table):
    values = np.array(table)
    found = []
    for states in feed(rule, States.start(rule, values.shape[1]), 0, values):
        assert _rows(States.of(rule, _rows(states))) == _rows(states)
        found.append([standing(rule, states, subject) for subject in range(len(states))])
    for subject in range(values.shape[1]):
        expected = oracle(rule, [float(value) for value in values[:, subject]])
        got = [(row[subject].state, SCHEME.rank(row[subject].level)) for row in found]
        assert got == [(state, level) for state, level, _ in expected]
        assert [SCHEME.rank(row[subject].pending or "normal") for row in found] == [waits for *_, waits in expected]


@settings(max_examples=30, deadline=None)
@given(rules(), _TABLES.filter(bool), st.randoms(use_true_random=False), st.integers(1, 13))
def test_order_of_arrival_and_batches_change_nothing(rule, table, random, cut):
    values = np.array(table)
    reports = [
        (subject, period, instant, float(value) if instant else 99.0)
        for (period, subject), value in np.ndenumerate(values)
        if not np.isnan(value)
        for instant in (0, 1)  # what was corrected later counts as corrected
    ]
    random.shuffle(reports)
    columns = [np.array(column) for column in zip(*reports, strict=True)] or [np.array([], int)] * 4
    again = latest(rule, *columns, values.shape)
    assert np.array_equal(again, values, equal_nan=True)
    *_, at_once = feed(rule, States.start(rule, values.shape[1]), 0, again)
    states, cut = States.start(rule, values.shape[1]), min(cut, len(again))
    for first, batch in ((0, again[:cut]), (cut, again[cut:])):
        for after in feed(rule, states, first, batch):
            states = after
        states = States.of(rule, _rows(states))
    assert _rows(states) == _rows(at_once)


@settings(max_examples=40, deadline=None)
@given(rules(), _TABLES.filter(bool), st.integers(1, 6))
def test_missing_values_never_lower_and_never_end(rule, table, gap):
    values = np.array(table)
    *_, before = feed(rule, States.start(rule, values.shape[1]), 0, values)
    *_, after = feed(rule, before, len(values), np.full((gap, values.shape[1]), np.nan))
    assert (after.level >= before.level).all()
    assert (after.up == before.up).all()
    assert (after.down == before.down).all()
    if not rule.missing.raise_to:
        assert (after.level == before.level).all()


def test_reports_of_one_instant_count_by_the_worst():
    rule = Rule("r", "1", SCHEME, Subjects("need"), "days_of_cover", (Limit("red", below=3),))
    zeros = np.zeros(2, int)
    for values in ([2.0, 9.0], [9.0, 2.0]):
        assert latest(rule, zeros, zeros, zeros, np.array(values), (1, 1)).tolist() == [[2.0]]


def test_bad_input_is_refused_with_its_value():
    rule = Rule("r", "1", SCHEME, Subjects("need"), "days_of_cover", (Limit("red", below=3),))
    states = step(rule, States.start(rule, 1), 5, np.array([1.0]))
    with pytest.raises(ValueError, match="period 5 is not after the last"):
        step(rule, states, 5, np.array([1.0]))
    with pytest.raises(ValueError, match="values for 1 subjects"):
        step(rule, states, 6, np.array([1.0, 2.0]))
    two = dataclasses.replace(rule, scheme=Scheme("rb", SCHEME.levels[::2]))
    with pytest.raises(ValueError, match="has 2 levels; the state kept counts 3"):
        States.of(two, [states.row(0)])
    for sides, words in (
        ({}, "has no limit"),
        ({"below": 1, "at_most": 2}, "below and at_most"),
        ({"below": 5, "above": 5}, "every value is below 5 or above 5"),
    ):
        with pytest.raises(ValueError, match=words):
            Limit("red", **sides)
    with pytest.raises(ValueError, match="do not fall from worst to mildest"):
        dataclasses.replace(rule, limits=(Limit("blue", below=3), Limit("red", below=1)))
    assert read_series("2.9999999999 1-0.1x10 5x0000001") == [
        2.9999999999,
        *(k / 10 for k in range(10, -1, -1)),
        5.0,
        5.0,
    ]
    for text in ("5y", "1+2", "", "1x99999999", "1e309"):
        with pytest.raises(NotationError):
            read_series(text)


def test_200_000_inputs_are_judged_within_a_second_of_the_processor():
    rule = Rule(
        "r", "1", SCHEME, Subjects("need"), "days_of_cover",
        (Limit("red", below=3, hold=2, keep=2), Limit("yellow", below=7, keep=1), Limit("blue", below=14)),
    )  # fmt: skip
    values = np.random.default_rng(7).random((2, 200_000)) * 20
    states = step(rule, States.start(rule, 200_000), 0, values[0])
    begun = time.process_time()
    states = step(rule, states, 1, values[1])
    assert time.process_time() - begun < 1.0
    assert (states.value == values[1]).all()
