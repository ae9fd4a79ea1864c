"""Certain, possible, impossible: against every completion of a grid, and what narrowing must never do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.warning import (
    Grade,
    Limit,
    Rule,
    Scheme,
    Subjects,
    ask_first,
    combined,
    range_of,
    ranks_between,
    said_of,
)

SCHEME = Scheme("ryb", tuple(Grade(name, name, name) for name in ("red", "yellow", "blue")))
LOW = (Limit("red", below=3), Limit("yellow", below=7), Limit("blue", below=14))
BOTH = (Limit("red", below=2, at_least=12), Limit("blue", below=5, above=9))
RULES = [Rule("r", "1", SCHEME, Subjects("need"), "days_of_cover", limits) for limits in (LOW, BOTH)]
_QUARTERS = st.integers(0, 64).map(lambda n: n / 4)
_PAIRS = st.tuples(_QUARTERS, _QUARTERS).map(sorted)


def _between(low, high):
    """Every quarter and what lies just beside it, within the interval."""
    points = np.arange(0, 17, 0.25)
    points = np.concatenate([points - 0.01, points, points + 0.01, [low, high]])
    return points[(low <= points) & (points <= high)]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(RULES), _PAIRS, _PAIRS)
def test_what_is_certain_is_so_for_every_completion_and_narrowing_never_contradicts_it(rule, pair, within):
    mildest, worst = (int(rank[0]) for rank in ranks_between(rule, *(np.array([end]) for end in pair)))
    ranks = rule.ranks(_between(*pair))
    assert (mildest, worst) == (ranks.min(), ranks.max())
    low, high = (min(max(end, pair[0]), pair[1]) for end in within)
    narrower = ranks_between(rule, np.array([low]), np.array([high]))
    assert mildest <= int(narrower[0][0]) <= int(narrower[1][0]) <= worst
    before, after = said_of(rule, mildest, worst), said_of(rule, int(narrower[0][0]), int(narrower[1][0]))
    assert all(after[level] == said for level, said in before.items() if said != "possible")


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(RULES), st.sampled_from(["least", "greatest", "sum"]), st.lists(_PAIRS, min_size=1, max_size=4))
def test_the_report_to_ask_for_first_settles_in_the_share_that_is_said(rule, join, pairs):
    low, high = np.array(pairs).T
    whole = range_of(join, low, high)
    asks = ask_first(rule, join, low, high)
    mildest, worst = ranks_between(rule, np.array([whole.low]), np.array([whole.high]))
    if mildest[0] == worst[0]:
        assert asks == []
        return
    assert {ask.part for ask in asks} == set(np.flatnonzero(low < high).tolist())
    assert [ask.settles for ask in asks] == sorted((ask.settles for ask in asks), reverse=True)
    ask = asks[0]
    tried = np.arange(low[ask.part], high[ask.part], 1 / 8) + 1 / 16
    settled = 0
    for value in tried:
        ends = [range_of(join, *(np.where(np.arange(len(low)) == ask.part, value, end) for end in (low, high)))]
        ranks = ranks_between(rule, np.array([ends[0].low]), np.array([ends[0].high]))
        settled += bool(ranks[0][0] == ranks[1][0])
    assert settled / len(tried) == pytest.approx(ask.settles)


def test_worked_example_of_a_plant_with_two_missing_reports():
    rule = RULES[0]
    low, high = np.array([5.0, 0.0, 0.0]), np.array([5.0, 60.0, 6.0])
    assert range_of("least", low, high) == (0.0, 5.0)
    mildest, worst = ranks_between(rule, np.array([0.0]), np.array([5.0]))
    assert said_of(rule, int(mildest[0]), int(worst[0])) == {"red": "possible", "yellow": "certain", "blue": "certain"}
    # The third settles it when it says less than 3, which is red for certain: in half of what it may say.
    assert [(ask.part, ask.settles) for ask in ask_first(rule, "least", low, high)] == [(2, 0.5), (1, 0.05)]


def test_signals_make_one_lamp_and_bad_intervals_are_refused():
    ranks = np.array([[0, 1, 2, 3, 1, 1], [0, 0, 2, 3, 1, 1], [0, 2, 0, 0, 0, 2]], np.int8)
    assert combined(ranks, 3, step_up=True).tolist() == [0, 2, 3, 3, 2, 3]
    assert combined(ranks, 3, step_up=False).tolist() == [0, 2, 2, 3, 1, 2]
    with pytest.raises(ValueError, match=r"part 1 lies between 2.0 and 1.0"):
        ranks_between(RULES[0], np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    with pytest.raises(ValueError, match="without an end"):
        ask_first(RULES[0], "least", np.array([0.0]), np.array([np.inf]))
    with pytest.raises(ValueError, match="without parts"):
        range_of("sum", np.array([]), np.array([]))
