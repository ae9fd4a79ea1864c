"""Back-tests: worked numbers of skill, what was known at the time, and what counts as warned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballast.core.series.backtest import Onset, judge, named_events, rises
from ballast.core.series.prices import move
from ballast.core.series.skill import Hits, auroc, auroc_interval, brier, hits
from ballast.core.series.verdicts import only_scored
from ballast.core.series.vintages import LookAhead, Replay, replay, vintages


def test_the_table_of_hits_gives_the_worked_numbers():
    table = Hits(12, 8, 6, 94)
    assert table.noise_to_signal == pytest.approx(0.1176, abs=5e-5)
    assert table.precision == 0.6
    assert table.recall == pytest.approx(2 / 3)
    assert table.false_positive_rate == pytest.approx(0.0784, abs=5e-5)
    assert table.lift == pytest.approx(4.0)
    assert table.usefulness() == pytest.approx(0.2941, abs=5e-5)
    none = Hits(0, 0, 0, 5)
    assert (none.precision, none.recall, none.noise_to_signal, none.usefulness()) == (None,) * 4


def test_auroc_gives_the_worked_number():
    scores, events = [0.9, 0.7, 0.4, 0.8, 0.3, 0.2, 0.1], [1, 1, 1, 0, 0, 0, 0]
    assert auroc(scores, events) == pytest.approx(0.8333, abs=5e-5)
    assert auroc(scores, [1] * 7) is None
    assert brier([1.0, 0.5], [1, 0]) == 0.125
    assert hits([1, 1, 0, 0], [1, 0, 1, 0]) == Hits(1, 1, 1, 1)


@given(st.lists(st.tuples(st.sampled_from([-np.inf, 0, 1, 2, 3, np.inf]), st.booleans()), max_size=30))
def test_auroc_equals_counting_pairs(pairs):
    positives = [s for s, e in pairs if e]
    negatives = [s for s, e in pairs if not e]
    found = auroc([s for s, _ in pairs], [e for _, e in pairs])
    if not positives or not negatives:
        assert found is None
        return
    won = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    assert found == pytest.approx(won / (len(positives) * len(negatives)))


def test_the_interval_holds_its_value_and_the_same_seed_gives_the_same():
    random = np.random.default_rng(5)
    events = random.random(240) < 0.3
    scores = random.normal(size=240) + events
    years = np.repeat(np.arange(20), 12)
    low, high = auroc_interval(scores, events, years)
    assert low < auroc(scores, events) < high
    assert auroc_interval(scores, events, years) == (low, high)
    assert auroc_interval(scores, events, years // 5) is None  # four blocks say nothing


def test_a_score_uses_what_was_published_by_then():
    # Period 1 is first published as 110 and revised to 150 after period 2 came out.
    series = vintages([0, 1, 2, 1], [40, 70, 100, 120], [100.0, 110.0, 121.0, 150.0], ends=[30, 60, 90, 60])
    found = replay(series, lambda x: move(x, periods=1))
    np.testing.assert_allclose(found.scores.score, [np.nan, 0.1, 0.1])
    assert found.published.tolist() == [40, 70, 100]
    assert series.latest.tolist() == [100, 150, 121]
    assert series.known_at(69).tolist() == [100]
    assert series.known_at(39).size == 0


def test_late_values_are_not_known_early_and_order_does_not_matter():
    # Period 1 came out after period 2: the move of period 2 had no base.
    rows = [(0, 40, 100.0), (2, 100, 121.0), (1, 110, 110.0)]
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        period, time, value = zip(*(rows[k] for k in order), strict=True)
        found = replay(vintages(period, time, value, ends=[0, 0, 0]), lambda x: move(x, periods=1))
        np.testing.assert_allclose(found.scores.score, [np.nan, 0.1, np.nan])


def test_a_value_published_before_its_period_ended_is_refused():
    with pytest.raises(LookAhead, match=r"published on 1970-01-06 stands for a period that ends on 1970-01-31"):
        vintages([0], [5.0], [1.0], ends=[30])


def test_rises_look_forward_and_leave_the_end_open():
    values = np.array([100.0, 100, 130, 100, 100, 100, 100])
    outcome = rises(values, np.arange(7.0), change=0.2, within=2)
    np.testing.assert_array_equal(outcome.due, [1, 1, 0, 0, 0, np.nan, np.nan])
    assert [(one.place, one.until) for one in outcome.onsets] == [(2, 2)]
    falls = rises(values, np.arange(7.0), change=0.2, within=2, side="low")
    np.testing.assert_array_equal(falls.due, [0, 0, 1, 0, 0, np.nan, np.nan])


def test_from_nothing_no_change_is_told():
    outcome = rises(np.array([0.0, 5, 0, 1]), np.arange(4.0), change=0.2, within=1)
    np.testing.assert_array_equal(outcome.due, [np.nan, 0, np.nan, np.nan])


def test_a_history_that_was_published_at_once_is_not_judged():
    values = np.array([100.0, 100, 130, 100, 100, 100, 100])
    at_once = rises(values, np.array([9.0, 9, 9, 9, 9, 10, 11]), change=0.2, within=2)
    # The rise to 130 was known when the first two were; of the others the outcome came later.
    np.testing.assert_array_equal(at_once.due, [np.nan, np.nan, np.nan, 0, 0, np.nan, np.nan])
    assert at_once.onsets == ()


def test_lead_is_counted_from_the_run_that_stood_at_the_onset():
    times = np.arange(10.0, 20.0)
    score = np.array([0, 1, 0, 0, 1, np.nan, 1, 0, 0, 1.0])
    replayed = Replay(only_scored(score, score), times, score)
    outcome = named_events([Onset("shock", 17.0, 7, 8)], times, within=3)
    np.testing.assert_array_equal(outcome.due, [0, 0, 0, 0, 1, 1, 1, np.nan, np.nan, 0])
    found = judge(replayed, outcome, score >= 1, within=3)
    assert found.fired == (14.0,)
    assert found.hits == Hits(2, 2, 0, 3)
    assert [(a.first, a.last, a.in_vain) for a in found.alerts] == [(1, 1, True), (4, 6, False), (9, 9, True)]
    assert found.alerts_per_day == pytest.approx(3 / 9)
    assert found.in_vain == 2


def test_an_event_that_nothing_warned_of_has_fired_late_or_never():
    times = np.arange(6.0)
    score = np.array([0, 0, 0, 0, 1, 0.0])
    replayed = Replay(only_scored(score, score), times, score)
    late = judge(replayed, named_events([Onset("x", 3.0, 3, 4)], times, within=2), score >= 1, within=2)
    assert late.fired == (4.0,)
    never = judge(replayed, named_events([Onset("x", 2.0, 2, 3)], times, within=2), score >= 1, within=2)
    assert never.fired == (None,)


_ROWS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 40), st.one_of(st.just(float("nan")), st.floats(1, 200))),
    min_size=1, max_size=20, unique_by=lambda row: row[:2],
)  # fmt: skip


@given(_ROWS)
def test_a_replay_equals_asking_each_time_what_was_published(rows):
    """A plain oracle: throw away what was published later, take the last of each period, score, keep the last score."""
    period, time, value = zip(*rows, strict=True)
    series = vintages(period, time, value, ends=[-1] * len(rows))
    found = replay(series, lambda x: move(x, periods=2))
    first = min(period)
    for at in range(max(period) - first + 1):
        known = [t for p, t, v in rows if p == first + at and not np.isnan(v)]
        if not known:
            assert np.isnan(found.scores.score[at])
            continue
        then = {p: v for p, t, v in sorted(rows, key=lambda row: row[1]) if t <= min(known)}
        want = then.get(first + at, np.nan) / then.get(first + at - 2, np.nan) - 1.0
        np.testing.assert_allclose(found.scores.score[at], want)
