"""ALPS, IFPA and moves: worked numbers, no look-ahead, and no number where there is no verdict."""

import numpy as np
import pytest

from ballast.core.series.prices import alps, alps_looking_ahead, ifpa, ifpa_parts, mean_distance, move, standard_move
from ballast.core.series.verdicts import Verdict


def seasonal_prices():
    """36 months from January: 100 + 2t, 10 more in December, +1 and -1 by turns with the signs turned in year two."""
    sign = [(1 if t % 2 == 0 else -1) * (-1 if 12 <= t < 24 else 1) for t in range(36)]
    return [100.0 + 2 * t + (10 if t % 12 == 11 else 0) + sign[t] for t in range(36)]


def test_alps_gives_the_worked_number():
    prices = seasonal_prices()
    assert prices[:4] == [101, 101, 105, 105]
    score, verdict = alps([*prices, 178.0], first_month=1).last
    assert verdict == Verdict.SCORED
    assert score == pytest.approx(4.80415, abs=5e-6)
    # (178 - 172.3333) / 1.179536
    assert (178 - 172 - 1 / 3) / score == pytest.approx(1.179536, abs=5e-7)


def test_alps_equals_a_regression_on_month_dummies_with_gaps():
    random = np.random.default_rng(4)
    prices = 50 + np.cumsum(random.normal(size=90)) + 5 * np.sin(np.arange(90))
    prices[[3, 40, 41, 60]] = np.nan
    found = alps(prices, first_month=5)
    for t in (70, 89):
        rows = np.flatnonzero(~np.isnan(prices[:t]) & (np.arange(t) >= t - 60))
        months = (4 + np.arange(90)) % 12
        design = np.column_stack([np.eye(12)[months[rows]], rows])
        beta = np.linalg.lstsq(design, prices[rows], rcond=None)[0]
        spread = np.sqrt(((prices[rows] - design @ beta) ** 2).sum() / (rows.size - 13))
        assert found.score[t] == pytest.approx((prices[t] - beta[months[t]] - beta[12] * t) / spread, rel=1e-9)


def test_ifpa_gives_the_worked_numbers():
    prices = [100 + (7 * t % 5) + 0.5 * (t * t % 7) for t in range(84)]
    prices[-3:] = [p * f for p, f in zip(prices[-3:], (1.05, 1.10, 1.20), strict=True)]
    quarter, year = ifpa_parts(prices)
    assert quarter.last[0] == pytest.approx(7.719352, abs=5e-7)
    assert year.last[0] == pytest.approx(5.076806, abs=5e-7)
    found = ifpa(prices)
    assert found.last[0] == pytest.approx(6.133824, abs=5e-7)
    # Two earlier years of growth are needed: defined from the 37th month on.
    assert found.verdict[35] == Verdict.TOO_SHORT
    assert found.verdict[36] == Verdict.SCORED


@pytest.mark.parametrize("measure", [lambda p: alps(p, first_month=1), ifpa, standard_move])
def test_prices_that_do_not_move_get_no_verdict_and_short_series_no_number(measure):
    still = measure([61.0] * 80)
    assert still.last[1] == Verdict.NO_VERDICT
    assert np.isnan(still.score).all()
    short = measure([61.0, 62.0, 63.0])
    assert short.last[1] == Verdict.TOO_SHORT
    assert np.isnan(short.score).all()
    gap = measure([*np.linspace(50, 60, 79), np.nan])
    assert gap.last[1] == Verdict.MISSING


def test_a_new_contract_price_after_constant_years_gets_no_verdict_either():
    assert ifpa([61.0] * 60 + [90.0]).last[1] == Verdict.NO_VERDICT
    assert alps([61.0] * 60 + [90.0], first_month=1).last[1] == Verdict.NO_VERDICT


@pytest.mark.parametrize(
    "measure",
    [
        lambda p: alps(p, first_month=3),
        lambda p: alps(p, first_month=3, window=None, logarithm=True),
        ifpa,
        standard_move,
        mean_distance,
        lambda p: move(p, periods=3, slack=2),
    ],
)
def test_a_score_stays_as_it_was_when_later_prices_come(measure):
    random = np.random.default_rng(7)
    prices = np.exp(np.cumsum(random.normal(0, 0.05, 100)))
    prices[[20, 55]] = np.nan
    whole = measure(prices)
    for t in (36, 54, 55, 77, 98):
        before = measure(prices[: t + 1])
        np.testing.assert_array_equal(before.score, whole.score[: t + 1])
        np.testing.assert_array_equal(before.verdict, whole.verdict[: t + 1])
    ahead = alps_looking_ahead(prices, first_month=3).score
    assert not np.allclose(alps_looking_ahead(prices[:78], first_month=3).score[60:70], ahead[60:70])


def test_scores_do_not_depend_on_the_currency():
    random = np.random.default_rng(2)
    prices = np.exp(np.cumsum(random.normal(0, 0.05, 90)))
    for measure in (lambda p: alps(p, first_month=1), ifpa, standard_move, mean_distance):
        np.testing.assert_allclose(measure(prices * 7.1).score, measure(prices).score, rtol=1e-8, atol=1e-10)


def test_alps_needs_three_years_with_most_months_and_a_fresh_one():
    random = np.random.default_rng(1)
    prices = 50 + random.normal(size=60)
    assert alps(prices[:36], first_month=1).last[1] == Verdict.TOO_SHORT
    assert alps(prices[:37], first_month=1).last[1] == Verdict.SCORED
    stale = prices.copy()
    stale[52:59] = np.nan
    assert alps(stale, first_month=1).last[1] == Verdict.TOO_SHORT
    sparse = prices.copy()
    sparse[np.arange(60) % 3 == 1] = np.nan
    assert alps(sparse, first_month=1).last[1] == Verdict.TOO_SHORT


def test_moves_and_the_distance_from_the_mean():
    assert move([100.0, 110.0, 120.0, 132.0], periods=3).last[0] == pytest.approx(0.32)
    assert move([100.0, 110.0], periods=3).last[1] == Verdict.TOO_SHORT
    # From a Monday back over the weekend to Friday.
    assert move([100.0, np.nan, np.nan, 105.0], periods=1, slack=2).last[0] == pytest.approx(0.05)
    assert np.isnan(move([100.0, np.nan, np.nan, 105.0], periods=1).last[0])
    assert mean_distance([100.0] * 20 + [np.nan, 120.0]).last[0] == pytest.approx(0.2)
    assert mean_distance([100.0] * 20).last[1] == Verdict.TOO_SHORT


def test_a_price_of_zero_is_refused_with_its_place():
    with pytest.raises(ValueError, match="price 0 at place 2"):
        ifpa([1.0, 0.0])
    with pytest.raises(ValueError, match=r"price -37.63 at place 2 is not above 0"):
        move([20.0, -37.63], periods=1)
    with pytest.raises(ValueError, match=r"price 1e\+200 at place 1 is more than"):
        alps([1e200], first_month=1)
    with pytest.raises(ValueError, match="first month is 13"):
        alps([1.0], first_month=13)
